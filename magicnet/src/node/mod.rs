//! A node: an edge and a world as one machine, without a clock, a socket, a task or a thread.
//!
//! Input goes in by `handle_*`, output comes out by `poll_*`; a driver is one short loop around that. After any input:
//! [`poll_transmit`](Node::poll_transmit) until it returns `None` (saying [`handle_written`](Node::handle_written)
//! after each), [`poll_closed`](Node::poll_closed) until `None`, then wait for input, writability, a command, or
//! [`poll_timeout`](Node::poll_timeout).

#[cfg_attr(
    not(any(feature = "tokio", feature = "threads", feature = "poll")),
    allow(dead_code, reason = "without a driver there is memory alone")
)]
mod address;
mod builder;
#[cfg_attr(
    not(any(feature = "tokio", feature = "threads", feature = "poll")),
    allow(dead_code, reason = "without a driver there is memory alone")
)]
mod endpoint;
mod handle;
mod inbox;
mod inner;
pub mod memory;
#[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "a ticked node is in one piece"))]
mod parts;
#[cfg(feature = "tls")]
mod security;

pub(crate) use address::Address;
pub use address::AddressError;
#[cfg(any(feature = "tokio", feature = "threads", feature = "poll", feature = "tls"))]
pub(crate) use address::Scheme;
pub use builder::{BuildError, NodeBuilder};
#[cfg(feature = "tls")]
pub use endpoint::Tls;
#[cfg(feature = "udp")]
pub use endpoint::Udp;
#[cfg(unix)]
pub use endpoint::Unix;
#[cfg(feature = "websocket")]
pub use endpoint::Ws;
#[cfg(all(feature = "tls", feature = "websocket"))]
pub use endpoint::Wss;
pub(crate) use endpoint::{Around, EndpointConfig, EndpointKind};
pub use endpoint::{Connect, Connecting, Endpoint, IntoEndpoint, Listen, Listening, Tcp};
pub use handle::{ConnectError, NodeHandle, Stopped};
#[cfg(feature = "tokio")]
pub(crate) use inbox::Inbox;
#[cfg(feature = "tokio")]
pub(crate) use parts::{Hub, Load, Part};
#[cfg(feature = "tls")]
pub(crate) use security::{Belief, Proof};
#[cfg(feature = "tls")]
pub use security::{Fingerprint, FingerprintError, Identity, Trust};

use crate::edge::Edge;
pub use crate::edge::{
    BytesMiddleware, ConnectionConfig, Datagram, Datagrams, Flush, Limits, MessageMiddleware, PassingMessage,
    Transmit, Verdict,
};
pub(crate) use crate::edge::{Parting, Reserved};
use crate::line::ConnectionId;
use crate::time::{Time, earlier};
use crate::world::{NodeCx, World};
use inner::Inner;

/// One participant of a network: a role, a registry, objects and connections.
#[derive(Debug)]
pub struct Node {
    inner: Inner<Edge>,
    /// How many edges a driver with threads gives it.
    edges: usize,
    /// What a driver keeps with a node that its user owns.
    driver: Option<Box<dyn Kept>>,
}

impl Node {
    fn new(edge: Edge, edges: usize, world: World, endpoints: Vec<EndpointConfig>) -> Self {
        Self { inner: Inner::new(edge, world, endpoints), edges, driver: None }
    }

    /// A way into the node from other threads and tasks.
    pub fn handle(&self) -> NodeHandle {
        self.inner.handle()
    }

    /// Does something with the node between its turns.
    pub fn run<R>(&mut self, now: Time, act: impl FnOnce(&mut NodeCx<'_>) -> R) -> R {
        self.inner.run(now, act)
    }

    /// The node begins: those who listen to [`BeforeLaunch`](crate::BeforeLaunch) are told, once. A driver of one's own
    /// says so before it opens anything; the first connection says so too.
    pub fn launch(&mut self, now: Time) {
        self.inner.launch(now);
    }

    /// Launches the node and takes over the endpoints that it was built with, to open them.
    pub(crate) fn take_endpoints(&mut self, now: Time) -> Vec<EndpointConfig> {
        self.inner.take_endpoints(now)
    }

    /// Who is woken when a handle asks for something: a driver of one's own that waits. Then it is time for
    /// [`handle_commands`](Self::handle_commands).
    pub fn set_waker(&self, driver: &std::task::Waker) {
        self.inner.inbox().set_waker(driver);
    }

    /// How many edges a driver that has threads gives the node.
    #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "a ticked node has one"))]
    pub(crate) fn edges(&self) -> usize {
        self.edges
    }

    /// Room for what a driver keeps with the node.
    pub(crate) fn driver_slot(&mut self) -> &mut Option<Box<dyn Kept>> {
        &mut self.driver
    }

    /// What a driver keeps there.
    #[cfg(feature = "poll")]
    pub(crate) fn kept(&self) -> Option<&dyn Kept> {
        self.driver.as_deref()
    }

    /// Keeps a place for a connection that is about to come, if there is one.
    pub(crate) fn reserve(&mut self, now: Time, config: &ConnectionConfig) -> Option<Reserved> {
        self.inner.launch(now);
        self.inner.world.set_time(now);
        let reserved = self.inner.edges.reserve(now, config, &mut self.inner.world);
        self.inner.finish(now);
        reserved
    }

    /// A transport is connected. Its name from now on is returned.
    #[must_use = "whatever comes over the transport is handled under this name"]
    pub fn handle_opened(&mut self, now: Time, config: &ConnectionConfig) -> ConnectionId {
        self.inner.launch(now);
        self.inner.world.set_time(now);
        let connection = self.inner.edges.handle_opened(now, config, &mut self.inner.world);
        self.inner.finish(now);
        connection
    }

    /// Bytes came, cut anywhere: frames are `u16 big-endian length`, then a datagram.
    pub fn handle_bytes(&mut self, now: Time, connection: ConnectionId, bytes: &[u8]) {
        let _span = tracing::debug_span!("received", %connection, bytes = bytes.len()).entered();
        self.inner.world.set_time(now);
        self.inner.edges.handle_bytes(now, connection, bytes, &mut self.inner.world);
        self.inner.finish(now);
    }

    /// So many bytes came besides, which a layer below has kept to itself.
    pub(crate) fn handle_overhead(&mut self, now: Time, connection: ConnectionId, len: usize) {
        self.inner.world.set_time(now);
        self.inner.edges.handle_overhead(now, connection, len, &mut self.inner.world);
        self.inner.finish(now);
    }

    /// A datagram came beside the stream, with its number if it was [sequenced](Datagram): whole messages, as
    /// [`Transmit::datagrams`] gave them at the other end. Numbers go up by one with each that is sequenced, and begin
    /// again behind the largest.
    pub fn handle_datagram(
        &mut self,
        now: Time,
        connection: ConnectionId,
        number: Option<u32>,
        messages: &[u8],
    ) {
        let _span = tracing::debug_span!("received beside", %connection, bytes = messages.len()).entered();
        self.inner.world.set_time(now);
        self.inner.edges.handle_datagram(now, connection, number, messages, &mut self.inner.world);
        self.inner.finish(now);
    }

    /// The transport ended by itself; `cause` is what it says of it. The name is dead from now on.
    pub fn handle_lost(&mut self, now: Time, connection: ConnectionId, cause: &str) {
        self.inner.world.set_time(now);
        self.inner.edges.handle_lost(now, connection, cause, &mut self.inner.world);
        self.inner.finish(now);
    }

    /// The time of [`poll_timeout`](Self::poll_timeout) has come.
    pub fn handle_timeout(&mut self, now: Time) {
        self.inner.world.set_time(now);
        self.inner.world.handle_timeout();
        self.inner.edges.handle_timeout(now, &mut self.inner.world);
        self.inner.finish(now);
    }

    /// Does what handles have asked for.
    pub fn handle_commands(&mut self, now: Time) {
        self.inner.handle_commands(now);
    }

    /// A connection that had not taken all its bytes takes bytes again.
    pub fn handle_writable(&mut self, connection: ConnectionId) {
        self.inner.edges.handle_writable(connection);
    }

    /// The next bytes for a connection; say [`handle_written`](Self::handle_written) before anything else.
    #[must_use = "the bytes are not handed out again"]
    pub fn poll_transmit(&mut self, now: Time) -> Option<Transmit<'_>> {
        self.inner.world.set_time(now);
        // Someone may be found too slow, and what follows from the end of that connection is output too.
        let is_prepared = self.inner.edges.prepare_transmit(now, &mut self.inner.world);
        self.inner.conclude();
        if is_prepared { self.inner.edges.transmit() } else { None }
    }

    /// The connection took `len` bytes of the last [`Transmit`]. If that is not all of them, the rest is kept until
    /// [`handle_writable`](Self::handle_writable).
    pub fn handle_written(&mut self, connection: ConnectionId, len: usize) {
        self.inner.edges.handle_written(connection, len);
    }

    /// The next connection whose transport is to be dropped; its name is dead from now on.
    #[must_use = "the transport stays open otherwise"]
    pub fn poll_closed(&mut self) -> Option<ConnectionId> {
        self.poll_parting().map(|(connection, _)| connection)
    }

    /// The same, with how it ends.
    pub(crate) fn poll_parting(&mut self) -> Option<(ConnectionId, Parting)> {
        self.inner.edges.poll_closed()
    }

    /// Whether so much waits to be sent that a driver does well to send it before it reads on: a few bytes may ask for
    /// all that a world holds, and many connections may ask at once.
    pub fn is_full(&self) -> bool {
        self.inner.edges.is_full()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        earlier(self.inner.edges.poll_timeout(), self.inner.world.poll_timeout())
    }

    /// Until when a driver does well to leave alone what comes, if that is so: under a [tick](crate::Flush::Every) and
    /// much input, nothing is answered before the next phase anyway, and what is handled together costs less. It is no
    /// later than a phase, a few milliseconds; who does not ask is none the worse for it.
    pub fn poll_pause(&self) -> Option<Time> {
        self.inner.edges.poll_pause()
    }

    /// What the node has looked at so far: the measure of what a message costs, in steps rather than in time.
    pub fn work(&self) -> Work {
        Work { objects: self.inner.world.visits(), connections: self.inner.edges.visits() }
    }

    /// Whether the node was asked to shut down.
    pub fn is_shutting_down(&self) -> bool {
        self.inner.edges.is_shutting_down()
    }

    /// Whether the node was shut down and all its connections are gone.
    pub fn is_finished(&self) -> bool {
        self.inner.edges.is_finished() && self.driver.as_ref().is_none_or(|kept| kept.is_finished())
    }
}

/// What a driver keeps with a node that its user owns.
pub(crate) trait Kept: std::any::Any + Send + std::fmt::Debug {
    /// Whether nothing of it is on its way out any more.
    fn is_finished(&self) -> bool;
}

/// How often a node has looked at something, since it was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Work {
    /// Objects looked at: to dispatch to them, to show them, to list them.
    pub objects: u64,
    /// Connections looked at: to send to them.
    pub connections: u64,
}
