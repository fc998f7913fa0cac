//! The driver for loops that have a rhythm of their own: a game's, or a test's.
//!
//! [`Node::tick`] does what there is to do and returns; it never waits, and it knows the time only from its caller. It
//! carries connections inside the process, and with the cargo feature `poll` those over sockets.

use std::any::Any;
use std::fmt;
#[cfg(feature = "poll")]
use std::{io, net::SocketAddr, sync::Arc};

#[cfg(not(feature = "poll"))]
use super::memory::Memory;
use super::turn;
#[cfg(feature = "poll")]
use super::{
    LocalEndpoint, StartError,
    mio::{self, Opened, Reactor},
};
#[cfg(not(feature = "poll"))]
use crate::node::{EndpointConfig, EndpointKind};
use crate::node::{Kept, Node};
use crate::time::Time;

impl Node {
    /// Takes in what has come, runs what is due and sends what that caused.
    ///
    /// One call does a bounded amount of work: what is left waits for the next one. The first call opens the node's
    /// endpoints; connections to others are made meanwhile, and one that cannot be made is lost with an event. Names of
    /// hosts are looked up in that first call, which may take its time: who cannot wait gives addresses of numbers.
    ///
    /// A node that [is finished](Self::is_finished) needs no more ticks.
    ///
    /// ```no_run
    /// # use magicnet::{Node, Time, memory};
    /// # let (_port, dial) = memory::port();
    /// # let start = std::time::Instant::now();
    /// let mut client = Node::client().connect(dial).build()?;
    /// loop {
    ///     client.tick(Time::after_start(start.elapsed()))?;
    ///     // render
    ///     # break;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When an endpoint cannot be opened. Nothing is done then, in this call and all later ones.
    pub fn tick(&mut self, now: Time) -> Result<(), TickError> {
        let mut ticks = match self.driver_slot().take() {
            Some(kept) => {
                let kept: Box<dyn Any> = kept;
                kept.downcast::<Ticks>().expect("nothing but a tick keeps something there")
            }
            None => Box::new(Ticks { opened: Transports::open(self, now) }),
        };
        let result = match &mut ticks.opened {
            Ok(transports) => {
                transports.tick(self, now);
                Ok(())
            }
            Err(error) => Err(error.clone()),
        };
        *self.driver_slot() = Some(ticks);
        result
    }

    /// Where a node that is ticked listens for other processes, in the order in which that was given; nothing before
    /// the first tick. What they are written as, others connect to.
    #[cfg(feature = "poll")]
    pub fn local_endpoints(&self) -> &[LocalEndpoint] {
        let ticks = self.kept().and_then(|kept| (kept as &dyn Any).downcast_ref::<Ticks>());
        let transports = ticks.and_then(|ticks| ticks.opened.as_ref().ok());
        transports.map_or(&[], |transports| &transports.opened.local)
    }
}

/// What is kept with the node from one tick to the next.
struct Ticks {
    opened: Result<Transports, TickError>,
}

impl fmt::Debug for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticks").field("error", &self.opened.as_ref().err()).finish_non_exhaustive()
    }
}

impl Kept for Ticks {
    fn is_finished(&self) -> bool {
        self.opened.as_ref().map_or(true, Transports::is_finished)
    }
}

/// The transports of a node.
#[cfg(not(feature = "poll"))]
struct Transports {
    memory: Memory,
}

#[cfg(not(feature = "poll"))]
impl Transports {
    fn open(node: &mut Node, now: Time) -> Result<Self, TickError> {
        let mut memory = Memory::new();
        for EndpointConfig { kind, connection, .. } in node.take_endpoints(now) {
            match kind {
                EndpointKind::MemoryListen(port) => memory.listen_at(port, connection),
                EndpointKind::MemoryConnect(dial) => {
                    let connected = memory.connect(&dial, &connection, node, now);
                    connected.map_err(|_refused| TickError::Refused)?;
                }
                EndpointKind::Listen(address) | EndpointKind::Connect(address) => {
                    return Err(TickError::Socket(address.to_string()));
                }
            }
        }
        Ok(Self { memory })
    }

    fn tick(&mut self, node: &mut Node, now: Time) {
        turn(node, &mut [&mut self.memory], now);
    }

    fn is_finished(&self) -> bool {
        true
    }
}

/// The transports of a node.
#[cfg(feature = "poll")]
struct Transports {
    opened: Opened,
    /// Nothing where there are no sockets: nodes in memory cost the system nothing.
    reactor: Option<Reactor>,
}

#[cfg(feature = "poll")]
impl Transports {
    fn open(node: &mut Node, now: Time) -> Result<Self, TickError> {
        let mut how = Impatient { reactor: None, now };
        let opened = mio::open(node, &mut how)?;
        Ok(Self { opened, reactor: how.reactor })
    }

    fn tick(&mut self, node: &mut Node, now: Time) {
        if let Some(reactor) = &mut self.reactor {
            reactor.look().expect("the system tells of the sockets it has given");
        }
        turn(node, &mut self.opened.transports(), now);
    }

    fn is_finished(&self) -> bool {
        self.opened.is_finished()
    }
}

/// Dials where nobody may wait.
#[cfg(feature = "poll")]
struct Impatient {
    reactor: Option<Reactor>,
    now: Time,
}

#[cfg(feature = "poll")]
impl mio::Dial for Impatient {
    fn now(&self) -> Time {
        self.now
    }

    fn registry(&mut self) -> io::Result<Arc<mio::Registry>> {
        let reactor = match &mut self.reactor {
            Some(reactor) => reactor,
            none => none.insert(Reactor::new()?),
        };
        Ok(Arc::clone(reactor.sockets()))
    }

    fn dial(&mut self, addresses: Vec<SocketAddr>) -> io::Result<mio::Socket> {
        mio::Socket::dial(addresses, &self.registry()?)
    }

    /// The node has the connection at once, and loses it if nobody answers.
    #[cfg(feature = "udp")]
    fn dial_udp(
        &mut self,
        opened: &mut Opened,
        to: &super::quic::Dial<'_>,
        connection: &crate::node::ConnectionConfig,
        node: &mut Node,
    ) -> io::Result<()> {
        let socket = mio::UdpSocket::towards(to.remote, &self.registry()?)?;
        let name = node.handle_opened(self.now, &connection.clone().remote(to.remote));
        opened.udp.connect(socket, to, connection.clone(), Some(name), self.now).map(drop)
    }
}

/// Why a node cannot be ticked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TickError {
    /// The node has an endpoint that needs a socket, and the library was built without the cargo feature `poll`.
    #[error(
        "a ticked node has connections inside the process alone, not {0}: sockets need the cargo feature `poll`"
    )]
    Socket(String),
    /// The node connects to a port that is gone.
    #[error("nobody listens: the port that this node connects to was dropped")]
    Refused,
    /// An endpoint cannot be opened: its address is taken, not allowed, not of this machine, or not known.
    #[error("cannot open {address}: {cause}")]
    Open {
        /// The address as it was given.
        address: String,
        /// What the system says.
        cause: String,
    },
    /// The system has no room for what it takes to look at sockets: a file descriptor.
    #[error("the system has no room for a node: {0}")]
    System(String),
}

#[cfg(feature = "poll")]
impl From<StartError> for TickError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Listen { address, source } | StartError::Connect { address, source } => {
                Self::Open { address, cause: source.to_string() }
            }
            StartError::Refused => Self::Refused,
            StartError::System(cause) => Self::System(cause.to_string()),
            StartError::Build(_) => unreachable!("it was built before"),
        }
    }
}
