//! UDP, as QUIC: a transport without a runtime, a clock or a socket of its own.
//!
//! A connection of QUIC is a connection of the node. QUIC brings what UDP lacks: nobody can connect in another's name
//! (whoever asks is first sent a token to the address it claims to have), what passes is encrypted and cannot be
//! replayed, what is lost comes again, and no more is sent than the way to the peer takes. A peer whose address changes
//! keeps its connection.
//!
//! [`Quic`] is generic over a [`DatagramSocket`], which is all that a runtime has to give; time comes by argument. An
//! [`Endpoint`] is one socket with its sessions, a [`Session`] one connection.
//!
//! **Invariant:** who has not shown that its address is its own costs no memory, and is sent less than it has sent. A
//! peer that changes its address has shown that it had another; what is sent to the new one before it has answered is
//! bounded by how often that may be.

mod config;
mod datagram;
mod endpoint;
mod session;
mod socket;
#[cfg(test)]
mod tests;
mod timers;

use std::io;
use std::net::SocketAddr;
use std::task::Waker;
use std::time::Instant;

use quinn_proto::ConnectionError;
use slotmap::{SecondaryMap, SlotMap, new_key_type};

use super::machine::Machine;
use super::ready::ReadyQueue;
use super::{BYTES_PER_TURN, Transport};
use crate::line::ConnectionId;
use crate::node::{ConnectionConfig, Datagrams, Fingerprint, Identity, Parting, Trust};
use crate::time::Time;
use endpoint::{Accepts, Endpoint, Outside};
use session::Session;
use socket::Batch;
pub(super) use socket::{DatagramSocket, MAX_SEGMENTS, SYSTEM_BUFFER, is_all};
use timers::Timers;

new_key_type! {
    /// Names a socket.
    pub(super) struct EndpointKey;
}

/// Where a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    endpoint: EndpointKey,
    session: usize,
}

/// The UDP sockets of one node, and the connections over them.
pub(super) struct Quic<S> {
    endpoints: SlotMap<EndpointKey, Endpoint<S>>,
    /// The connections that the node knows.
    places: SecondaryMap<ConnectionId, Place>,
    timers: Timers,
    ready: ReadyQueue<EndpointKey>,
    /// Why dialing came to nothing, until that was asked for.
    failed: Vec<(Place, ConnectionError)>,
    /// There once there is a socket.
    batch: Option<Batch>,
    /// Reused: packets on their way out.
    scratch: Vec<u8>,
}

impl<S: DatagramSocket> Quic<S> {
    /// `zero` is the node's time zero.
    pub(super) fn new(zero: Instant) -> Self {
        Self {
            endpoints: SlotMap::with_key(),
            places: SecondaryMap::new(),
            timers: Timers::new(zero),
            ready: ReadyQueue::new(),
            failed: Vec::new(),
            batch: None,
            scratch: Vec::new(),
        }
    }

    /// Accepts who connects to `socket` from now on. Returns the fingerprint by which the node can be known, if its
    /// certificate says nothing to others.
    pub(super) fn listen(
        &mut self,
        socket: S,
        identity: &Identity,
        connection: ConnectionConfig,
    ) -> io::Result<Option<Fingerprint>> {
        let (server, fingerprint) = config::listening(identity)?;
        self.add(socket, Some(Accepts { server, connection }));
        Ok(fingerprint)
    }

    /// Begins a connection over a socket of its own, by which nobody else can connect.
    /// [`poll_connected`](Self::poll_connected) tells what becomes of it. The node learns of it when it is open, unless
    /// it has given it a name already.
    pub(super) fn connect(
        &mut self,
        socket: S,
        dial: &Dial<'_>,
        connection: ConnectionConfig,
        opened: Option<ConnectionId>,
        now: Time,
    ) -> io::Result<Place> {
        let config = config::connecting(dial.trust, dial.named)?;
        let at = self.timers.instant(now);
        let session = |quic| Session::new(quic, connection, opened, now);
        let key = self.add(socket, None);
        let place = self.endpoints[key].connect(config, dial.remote, dial.host, at, session);
        let place = place.map_err(|error| {
            self.endpoints.remove(key);
            io::Error::new(io::ErrorKind::InvalidInput, error)
        })?;
        if let Some(connection) = opened {
            self.places.insert(connection, place);
        }
        Ok(place)
    }

    /// What has become of a connection that was begun: nothing yet, it is open, or why it is not.
    #[must_use = "why it failed is said once"]
    pub(super) fn poll_connected(&mut self, place: Place) -> Option<io::Result<()>> {
        if let Some(index) = self.failed.iter().position(|(failed, _)| *failed == place) {
            let (_, error) = self.failed.swap_remove(index);
            return Some(Err(error.into()));
        }
        let session = self.endpoints.get_mut(place.endpoint).and_then(|it| it.session(place.session));
        (!session.is_some_and(|session| session.is_handshaking())).then_some(Ok(()))
    }

    /// Gives up a connection that was begun.
    pub(super) fn abandon(&mut self, place: Place) {
        self.endpoints.remove(place.endpoint);
    }

    /// Whether every connection has ended, and has said so.
    pub(super) fn is_finished(&self) -> bool {
        self.endpoints.values().all(Endpoint::is_quiet)
    }

    /// Does something with every session.
    #[cfg(feature = "testing")]
    pub(super) fn each_session(&mut self, mut act: impl FnMut(&mut Session)) {
        self.endpoints.values_mut().for_each(|endpoint| endpoint.each_session(&mut act));
    }

    fn add(&mut self, socket: S, accepts: Option<Accepts>) -> EndpointKey {
        self.batch.get_or_insert_with(Batch::new);
        let ready = &self.ready;
        self.endpoints.insert_with_key(|key| Endpoint::new(key, socket, accepts, ready.waker(key)))
    }
}

/// Whom to connect to.
pub(super) struct Dial<'a> {
    pub(super) remote: SocketAddr,
    /// What its certificate must name, where names count.
    pub(super) host: &'a str,
    pub(super) trust: &'a Trust,
    /// The fingerprint in the address.
    pub(super) named: Option<Fingerprint>,
}

impl<S: DatagramSocket> Transport for Quic<S> {
    fn is_unused(&self) -> bool {
        self.endpoints.is_empty()
    }

    fn handle_ready(&mut self, node: &mut dyn Machine, now: Time) {
        let Some(batch) = &mut self.batch else { return };
        let at = self.timers.instant(now);
        let mut budget = BYTES_PER_TURN;
        self.ready.begin_turn();
        while budget > 0 && !node.is_full() {
            let Some(key) = self.ready.next() else { break };
            if let Some(endpoint) = self.endpoints.get_mut(key) {
                let bytes = endpoint.receive(node, batch, &mut self.scratch, (now, at), budget);
                budget = budget.saturating_sub(bytes);
            }
        }
        let (places, failed) = (&mut self.places, &mut self.failed);
        let mut outside = Outside { node, now, at, places, failed };
        for endpoint in self.endpoints.values_mut() {
            endpoint.attend(&mut outside);
        }
    }

    fn may_sleep(&self, driver: &Waker) -> bool {
        self.ready.end_turn(driver)
    }

    fn write(&mut self, connection: ConnectionId, bytes: &[u8]) -> Option<usize> {
        let place = *self.places.get(connection)?;
        let endpoint = self.endpoints.get_mut(place.endpoint)?;
        let written = endpoint.session(place.session)?.write(bytes);
        endpoint.stir(place.session);
        Some(written)
    }

    fn send(&mut self, connection: ConnectionId, datagrams: &Datagrams) {
        if let Some(place) = self.places.get(connection)
            && let Some(endpoint) = self.endpoints.get_mut(place.endpoint)
            && let Some(session) = endpoint.session(place.session)
        {
            datagrams.iter().for_each(|datagram| session.send(&datagram));
            endpoint.stir(place.session);
        }
    }

    fn flush(&mut self, now: Time) {
        let at = self.timers.instant(now);
        for endpoint in self.endpoints.values_mut() {
            endpoint.flush(&mut self.scratch, at, &mut self.timers);
        }
        self.endpoints.retain(|_, endpoint| !endpoint.is_over());
    }

    fn close(&mut self, connection: ConnectionId, _parting: Parting, now: Time) {
        let at = self.timers.instant(now);
        if let Some(place) = self.places.remove(connection)
            && let Some(endpoint) = self.endpoints.get_mut(place.endpoint)
            && let Some(session) = endpoint.session(place.session)
        {
            session.connection = None;
            session.leave(now, at);
            endpoint.stir(place.session);
        }
    }

    fn stop_listening(&mut self) {
        self.endpoints.values_mut().for_each(Endpoint::stop_listening);
    }

    fn poll_timeout(&self) -> Option<Time> {
        self.timers.next()
    }

    fn handle_timeout(&mut self, now: Time) {
        let at = self.timers.instant(now);
        while let Some(place) = self.timers.pop_due(now) {
            if let Some(endpoint) = self.endpoints.get_mut(place.endpoint) {
                endpoint.handle_timeout(place.session, at);
            }
        }
    }
}
