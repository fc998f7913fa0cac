//! Opens a node's endpoints: binds, dials, and says what did not work.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
#[cfg(feature = "udp")]
use std::time::Instant;

use mio::net::TcpListener;
#[cfg(unix)]
use mio::net::{UnixListener, UnixStream};

use super::reactor;
use super::sockets::{Listener, Socket, Sockets};
#[cfg(feature = "udp")]
use super::udp::{self, Udp};
use crate::drive::memory::Memory;
#[cfg(feature = "udp")]
use crate::drive::quic;
use crate::drive::stream::Layers;
#[cfg(unix)]
use crate::drive::stream::unix;
#[cfg(feature = "udp")]
use crate::drive::tls;
use crate::drive::{LocalEndpoint, StartError, Transport};
#[cfg(any(unix, feature = "udp"))]
use crate::node::Scheme;
use crate::node::{Address, EndpointConfig, EndpointKind, Node};
#[cfg(feature = "udp")]
use crate::node::{Around, ConnectionConfig};
use crate::time::Time;

/// The transports of a node with all of its endpoints open, and where those are that listen.
pub(in crate::drive) struct Opened {
    pub(in crate::drive) memory: Memory,
    pub(in crate::drive) sockets: Sockets,
    #[cfg(feature = "udp")]
    pub(in crate::drive) udp: Udp,
    pub(in crate::drive) local: Vec<LocalEndpoint>,
}

impl Opened {
    /// None yet, at this time of the node's.
    fn new(now: Time) -> Self {
        #[cfg(not(feature = "udp"))]
        let _ = now;
        Self {
            memory: Memory::new(),
            sockets: Sockets::new(),
            #[cfg(feature = "udp")]
            udp: Udp::new(zero(now)),
            local: Vec::new(),
        }
    }

    /// All transports.
    pub(in crate::drive) fn transports(
        &mut self,
    ) -> [&mut dyn Transport; if cfg!(feature = "udp") { 3 } else { 2 }] {
        [
            &mut self.memory,
            &mut self.sockets,
            #[cfg(feature = "udp")]
            &mut self.udp,
        ]
    }

    /// Whether every connection over a socket has ended, and has said so.
    pub(in crate::drive) fn is_finished(&self) -> bool {
        #[cfg(feature = "udp")]
        if !self.udp.is_finished() {
            return false;
        }
        self.sockets.is_finished()
    }
}

/// How connections are made: whether somebody waits for them.
pub(in crate::drive) trait Dial {
    fn now(&self) -> Time;

    /// Where sockets register; asked for only if there are any.
    fn registry(&mut self) -> io::Result<Arc<reactor::Sockets>>;

    /// Connects to one of some addresses by TCP.
    fn dial(&mut self, addresses: Vec<SocketAddr>) -> io::Result<Socket>;

    /// Connects by UDP.
    #[cfg(feature = "udp")]
    fn dial_udp(
        &mut self,
        opened: &mut Opened,
        to: &quic::Dial<'_>,
        connection: &ConnectionConfig,
        node: &mut Node,
    ) -> io::Result<()>;
}

/// Opens the endpoints of a node; connections are handed to it in the order in which it names them.
pub(in crate::drive) fn open(node: &mut Node, how: &mut impl Dial) -> Result<Opened, StartError> {
    let mut opened = Opened::new(how.now());
    for EndpointConfig { kind, connection, around } in node.take_endpoints(how.now()) {
        match kind {
            EndpointKind::MemoryListen(port) => opened.memory.listen_at(port, connection),
            EndpointKind::MemoryConnect(dial) => {
                let connected = opened.memory.connect(&dial, &connection, node, how.now());
                connected.map_err(|_refused| StartError::Refused)?;
            }
            #[cfg(feature = "udp")]
            EndpointKind::Listen(address) if address.scheme == Scheme::Udp => {
                let registry = how.registry().map_err(StartError::System)?;
                let refused = |source| StartError::Listen { address: address.to_string(), source };
                let listening = udp::listen(&mut opened.udp, &address, &around, connection, &registry);
                let (socket, fragment) = listening.map_err(refused)?;
                opened.local.push(LocalEndpoint::new(address, Some(socket), fragment));
            }
            #[cfg(feature = "udp")]
            EndpointKind::Connect(address) if address.scheme == Scheme::Udp => {
                let failed = |source| StartError::Connect { address: address.to_string(), source };
                connect_udp(&mut opened, &address, &around, &connection, node, how).map_err(failed)?;
            }
            EndpointKind::Listen(address) => {
                let registry = how.registry().map_err(StartError::System)?;
                let refused = |source| StartError::Listen { address: address.to_string(), source };
                let layers = Layers::accepting(&address, &around, &connection).map_err(refused)?;
                let (listener, socket) = bind(&address, &registry).map_err(refused)?;
                let endpoint = LocalEndpoint::new(address, socket, layers.fragment());
                opened.sockets.listen(listener, endpoint.to_string(), layers, connection);
                opened.local.push(endpoint);
            }
            EndpointKind::Connect(address) => {
                let failed = |source| StartError::Connect { address: address.to_string(), source };
                let layers = Layers::connecting(&address, &around, &connection).map_err(failed)?;
                let socket = connect(&address, how).map_err(failed)?;
                opened.sockets.open(layers.wrap(socket).map_err(failed)?, &connection, node, how.now());
            }
        }
    }
    Ok(opened)
}

/// The node's time zero, as QUIC knows it.
#[cfg(feature = "udp")]
fn zero(now: Time) -> Instant {
    let here = Instant::now();
    here.checked_sub(now.since_start()).unwrap_or(here)
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

fn connect(address: &Address, how: &mut impl Dial) -> io::Result<Socket> {
    #[cfg(unix)]
    if address.scheme == Scheme::Unix {
        return Socket::unix(UnixStream::connect(&address.place)?, &how.registry()?);
    }
    how.dial(address.authority().to_socket_addrs()?.collect())
}

/// Tries each address of the host until one answers, if somebody waits for that.
#[cfg(feature = "udp")]
fn connect_udp(
    opened: &mut Opened,
    address: &Address,
    around: &Around,
    connection: &ConnectionConfig,
    node: &mut Node,
    how: &mut impl Dial,
) -> io::Result<()> {
    let (_, named) = tls::split_fingerprint(&address.place)?;
    let trust = around.trust.clone().unwrap_or_default();
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for remote in address.authority().to_socket_addrs()? {
        let to = quic::Dial { remote, host: address.host(), trust: &trust, named };
        match how.dial_udp(opened, &to, connection, node) {
            Ok(()) => return Ok(()),
            Err(error) => last = error,
        }
    }
    Err(last)
}
