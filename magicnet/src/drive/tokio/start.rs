//! Opens a node's endpoints: binds, dials, and says what did not work.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{Instant, timeout};

use super::sockets::{Listener, Socket, Sockets};
#[cfg(feature = "udp")]
use super::udp::{self, Udp};
use crate::drive::machine::Machine;
use crate::drive::memory::Memory;
use crate::drive::stream::Layers;
#[cfg(unix)]
use crate::drive::stream::unix;
use crate::drive::{CONNECT_TIMEOUT, LocalEndpoint, StartError};
#[cfg(any(unix, feature = "udp"))]
use crate::node::Scheme;
use crate::node::{Address, EndpointConfig, EndpointKind};
use crate::time::Time;

/// The transports of a node with all of its endpoints open, and where those are that listen.
pub(super) struct Opened {
    pub(super) memory: Memory,
    pub(super) sockets: Sockets,
    #[cfg(feature = "udp")]
    pub(super) udp: Udp,
    pub(super) local: Vec<LocalEndpoint>,
}

impl Opened {
    /// None yet. The node's time began at `start`.
    fn new(start: Instant) -> Self {
        #[cfg(not(feature = "udp"))]
        let _ = start;
        Self {
            memory: Memory::new(),
            sockets: Sockets::new(),
            #[cfg(feature = "udp")]
            udp: Udp::new(start.into_std()),
            local: Vec::new(),
        }
    }
}

/// Opens the endpoints of a node whose time began at `start`. Connections are handed to the node in the order in which
/// it names them.
pub(super) async fn open(
    node: &mut dyn Machine,
    endpoints: Vec<EndpointConfig>,
    start: Instant,
) -> Result<Opened, StartError> {
    let mut opened = Opened::new(start);
    let now = || Time::after_start(start.elapsed());
    for EndpointConfig { kind, connection, around } in endpoints {
        match kind {
            EndpointKind::MemoryListen(port) => opened.memory.listen_at(port, connection),
            EndpointKind::MemoryConnect(dial) => {
                let connected = opened.memory.connect(&dial, &connection, node, now());
                connected.map_err(|_refused| StartError::Refused)?;
            }
            #[cfg(feature = "udp")]
            EndpointKind::Listen(address) if address.scheme == Scheme::Udp => {
                let refused = |source| StartError::Listen { address: address.to_string(), source };
                let listening = udp::listen(&mut opened.udp, &address, &around, connection).await;
                let (socket, fragment) = listening.map_err(refused)?;
                opened.local.push(LocalEndpoint::new(address, Some(socket), fragment));
            }
            #[cfg(feature = "udp")]
            EndpointKind::Connect(address) if address.scheme == Scheme::Udp => {
                let failed = |source| StartError::Connect { address: address.to_string(), source };
                let connecting = udp::connect(&mut opened, &address, &around, &connection, node, start);
                let connected = timeout(CONNECT_TIMEOUT, connecting).await;
                connected.unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into())).map_err(failed)?;
            }
            EndpointKind::Listen(address) => {
                let refused = |source| StartError::Listen { address: address.to_string(), source };
                let layers = Layers::accepting(&address, &around, &connection).map_err(refused)?;
                let (listener, socket) = bind(&address).await.map_err(refused)?;
                let endpoint = LocalEndpoint::new(address, socket, layers.fragment());
                opened.sockets.listen(listener, endpoint.to_string(), layers, connection);
                opened.local.push(endpoint);
            }
            EndpointKind::Connect(address) => {
                let failed = |source| StartError::Connect { address: address.to_string(), source };
                let layers = Layers::connecting(&address, &around, &connection).map_err(failed)?;
                let socket = timeout(CONNECT_TIMEOUT, dial(&address)).await;
                let socket = socket.unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into()));
                let channel = socket.and_then(|socket| layers.wrap(socket)).map_err(failed)?;
                opened.sockets.open(channel, &connection, node, now());
            }
        }
    }
    Ok(opened)
}

async fn bind(address: &Address) -> io::Result<(Listener, Option<SocketAddr>)> {
    #[cfg(unix)]
    if address.scheme == Scheme::Unix {
        let (listener, file) = unix::bind(address.place.as_ref())?;
        return Ok((Listener::Unix(UnixListener::from_std(listener)?, file), None));
    }
    let listener = TcpListener::bind(address.authority()).await?;
    let local = listener.local_addr()?;
    Ok((Listener::Tcp(listener), Some(local)))
}

/// Looks the name up and tries each of its addresses.
async fn dial(address: &Address) -> io::Result<Socket> {
    #[cfg(unix)]
    if address.scheme == Scheme::Unix {
        return UnixStream::connect(&address.place).await.map(Socket::Unix);
    }
    TcpStream::connect(address.authority()).await.map(Socket::tcp)
}
