//! Opens a node's endpoints: binds, dials, and says what did not work.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use mio::net::TcpListener;
#[cfg(unix)]
use mio::net::{UnixListener, UnixStream};

use super::reactor;
use super::sockets::{Listener, Socket, Sockets};
use crate::drive::memory::Memory;
use crate::drive::stream::Layers;
#[cfg(unix)]
use crate::drive::stream::unix;
use crate::drive::{LocalEndpoint, StartError};
#[cfg(any(unix, feature = "udp"))]
use crate::node::Scheme;
use crate::node::{Address, EndpointConfig, EndpointKind, Node};
use crate::time::Time;

/// The transports of a node with all of its endpoints open, and where those are that listen.
pub(in crate::drive) struct Opened {
    pub(in crate::drive) memory: Memory,
    pub(in crate::drive) sockets: Sockets,
    pub(in crate::drive) local: Vec<LocalEndpoint>,
}

/// Makes a connection of TCP to one of some addresses.
pub(in crate::drive) type Dial = fn(Vec<SocketAddr>, &Arc<reactor::Sockets>) -> io::Result<Socket>;

/// Opens the endpoints of a node; connections are handed to it in the order in which it names them. `registry` is asked
/// where sockets register if there are any.
pub(in crate::drive) fn open(
    node: &mut Node,
    now: Time,
    mut registry: impl FnMut() -> io::Result<Arc<reactor::Sockets>>,
    dial: Dial,
) -> Result<Opened, StartError> {
    let (mut memory, mut sockets, mut local) = (Memory::new(), Sockets::new(), Vec::new());
    for EndpointConfig { kind, connection, around } in node.take_endpoints(now) {
        match kind {
            EndpointKind::MemoryListen(port) => memory.listen_at(port, connection),
            EndpointKind::MemoryConnect(dial) => {
                memory.connect(&dial, &connection, node, now).map_err(|_refused| StartError::Refused)?;
            }
            #[cfg(feature = "udp")]
            EndpointKind::Listen(address) if address.scheme == Scheme::Udp => {
                return Err(StartError::Listen { address: address.to_string(), source: no_udp() });
            }
            #[cfg(feature = "udp")]
            EndpointKind::Connect(address) if address.scheme == Scheme::Udp => {
                return Err(StartError::Connect { address: address.to_string(), source: no_udp() });
            }
            EndpointKind::Listen(address) => {
                let refused = |source| StartError::Listen { address: address.to_string(), source };
                let layers = Layers::accepting(&address, &around, &connection).map_err(refused)?;
                let (listener, socket) =
                    bind(&address, &registry().map_err(StartError::System)?).map_err(refused)?;
                let endpoint = LocalEndpoint::new(address, socket, layers.fragment());
                sockets.listen(listener, endpoint.to_string(), layers, connection);
                local.push(endpoint);
            }
            EndpointKind::Connect(address) => {
                let failed = |source| StartError::Connect { address: address.to_string(), source };
                let layers = Layers::connecting(&address, &around, &connection).map_err(failed)?;
                let socket =
                    connect(&address, &registry().map_err(StartError::System)?, dial).map_err(failed)?;
                sockets.open(layers.wrap(socket).map_err(failed)?, &connection, node, now);
            }
        }
    }
    Ok(Opened { memory, sockets, local })
}

#[cfg(feature = "udp")]
fn no_udp() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "UDP needs the tokio driver")
}

fn bind(address: &Address, registry: &Arc<reactor::Sockets>) -> io::Result<(Listener, Option<SocketAddr>)> {
    #[cfg(unix)]
    if address.scheme == Scheme::Unix {
        let (listener, file) = unix::bind(address.place.as_ref())?;
        return Ok((Listener::unix(UnixListener::from_std(listener), file, registry)?, None));
    }
    let listener = std::net::TcpListener::bind(address.authority())?;
    listener.set_nonblocking(true)?;
    let local = listener.local_addr()?;
    Ok((Listener::tcp(TcpListener::from_std(listener), registry)?, Some(local)))
}

fn connect(address: &Address, registry: &Arc<reactor::Sockets>, dial: Dial) -> io::Result<Socket> {
    #[cfg(unix)]
    if address.scheme == Scheme::Unix {
        return Socket::unix(UnixStream::connect(&address.place)?, registry);
    }
    dial(address.authority().to_socket_addrs()?.collect(), registry)
}

/// Waits until one of the addresses answers.
#[cfg(feature = "threads")]
pub(in crate::drive) fn dial_and_wait(
    addresses: Vec<SocketAddr>,
    registry: &Arc<reactor::Sockets>,
) -> io::Result<Socket> {
    let mut outcome = Err(io::ErrorKind::AddrNotAvailable.into());
    for address in addresses {
        outcome = std::net::TcpStream::connect_timeout(&address, crate::drive::CONNECT_TIMEOUT);
        if outcome.is_ok() {
            break;
        }
    }
    let stream = outcome?;
    stream.set_nonblocking(true)?;
    Socket::tcp(mio::net::TcpStream::from_std(stream), registry)
}
