//! One UDP socket with the QUIC connections over it: packets in, packets out, and what they mean.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use bytes::BytesMut;
use quinn_proto::{
    ClientConfig, ConnectError, Connection, ConnectionError, ConnectionHandle, DatagramEvent, Dir, Event,
    Incoming, ServerConfig, StreamEvent, Transmit,
};
use quinn_udp::RecvMeta;
use slotmap::SecondaryMap;
use tracing::debug;

use super::session::{Read, Session, Stage, cause};
use super::socket::{Batch, DatagramSocket};
use super::timers::Timers;
use super::{EndpointKey, Place, config};
use crate::drive::machine::Machine;
use crate::line::ConnectionId;
use crate::node::ConnectionConfig;
use crate::time::{Time, earlier};

pub(super) struct Endpoint<S> {
    key: EndpointKey,
    socket: S,
    quic: quinn_proto::Endpoint,
    /// By the number of QUIC's handle.
    sessions: Vec<Option<Box<Session>>>,
    /// Those that may have something to tell or to send.
    stirred: VecDeque<usize>,
    /// Those with more to read than was read in this turn, or with an end that was not told.
    unread: Vec<usize>,
    /// How those are treated who connect; nothing if nobody may.
    accepts: Option<ConnectionConfig>,
    /// How many of those who connect have not finished their handshake.
    handshakes: usize,
    /// Which these are, in the order in which they came; some may be through by now.
    shaking: VecDeque<usize>,
    pub(super) max_handshakes: usize,
    /// What the socket did not take.
    unsent: Option<(Transmit, Vec<u8>)>,
    waker: Waker,
}

/// What is needed of the outside while sessions are looked at.
pub(super) struct Outside<'a> {
    pub(super) node: &'a mut dyn Machine,
    pub(super) now: Time,
    /// The same moment, as QUIC knows it.
    pub(super) at: Instant,
    pub(super) places: &'a mut SecondaryMap<ConnectionId, Place>,
    /// Why dialing came to nothing.
    pub(super) failed: &'a mut Vec<(Place, ConnectionError)>,
}

impl<S: DatagramSocket> Endpoint<S> {
    pub(super) fn new(key: EndpointKey, socket: S, accepts: Option<Accepts>, waker: Waker) -> Self {
        let (server, accepts) = accepts.map(|accepts| (accepts.server, accepts.connection)).unzip();
        let quic = quinn_proto::Endpoint::new(config::endpoint(), server, !socket.may_fragment(), None);
        waker.wake_by_ref();
        Self {
            key,
            socket,
            quic,
            sessions: Vec::new(),
            stirred: VecDeque::new(),
            unread: Vec::new(),
            accepts,
            handshakes: 0,
            shaking: VecDeque::new(),
            max_handshakes: MAX_HANDSHAKES,
            unsent: None,
            waker,
        }
    }

    /// Begins a connection to `remote`; what it is to the node is written into the session.
    pub(super) fn connect(
        &mut self,
        config: ClientConfig,
        remote: SocketAddr,
        host: &str,
        at: Instant,
        session: impl FnOnce(Connection) -> Box<Session>,
    ) -> Result<Place, ConnectError> {
        let (ConnectionHandle(index), quic) = self.quic.connect(at, config, remote, host)?;
        self.insert(index, session(quic));
        Ok(self.place(index))
    }

    fn place(&self, index: usize) -> Place {
        Place { endpoint: self.key, session: index }
    }

    fn insert(&mut self, index: usize, session: Box<Session>) {
        if self.sessions.len() <= index {
            self.sessions.resize_with(index + 1, || None);
        }
        self.sessions[index] = Some(session);
        self.stir(index);
    }

    pub(super) fn session(&mut self, index: usize) -> Option<&mut Session> {
        self.sessions.get_mut(index)?.as_deref_mut()
    }

    /// Puts a session in the line of those that are looked at and may send.
    pub(super) fn stir(&mut self, index: usize) {
        if let Some(session) = self.session(index)
            && !std::mem::replace(&mut session.is_stirred, true)
        {
            self.stirred.push_back(index);
        }
    }

    /// Accepts nobody any more. Those who are about to come are turned away.
    pub(super) fn stop_listening(&mut self) {
        if self.accepts.take().is_some() {
            self.quic.set_server_config(None);
            (0..self.sessions.len()).for_each(|index| self.stir(index));
        }
    }

    /// Whether nothing of it is left: nobody may come, and all who came are gone and forgotten.
    pub(super) fn is_over(&self) -> bool {
        self.accepts.is_none() && self.sessions.iter().all(Option::is_none)
    }

    #[cfg(test)]
    pub(super) fn session_count(&self) -> usize {
        self.sessions.iter().flatten().count()
    }

    #[cfg(feature = "testing")]
    pub(super) fn each_session(&mut self, act: &mut impl FnMut(&mut Session)) {
        for index in 0..self.sessions.len() {
            if let Some(session) = self.session(index) {
                act(session);
                self.stir(index);
            }
        }
    }

    /// Whether all sessions have ended and have said so.
    pub(super) fn is_quiet(&self) -> bool {
        let is_closed = |session: &Option<Box<Session>>| {
            session.as_ref().is_none_or(|session| session.stage == Stage::Closed)
        };
        self.stirred.is_empty() && self.unsent.is_none() && self.sessions.iter().all(is_closed)
    }

    // ---- packets in

    /// Receives datagrams of up to so much [weight](Batch::weight), and says how much it was.
    pub(super) fn receive(
        &mut self,
        node: &mut dyn Machine,
        batch: &mut Batch,
        scratch: &mut Vec<u8>,
        (now, at): (Time, Instant),
        budget: usize,
    ) -> usize {
        let mut bytes = 0;
        let waker = self.waker.clone();
        while bytes < budget {
            match batch.fill(&mut self.socket, &mut Context::from_waker(&waker)) {
                Poll::Ready(Ok(())) => {}
                // What the network says of datagrams that were sent can be forged, and QUIC finds out by itself.
                Poll::Ready(Err(error)) => {
                    debug!(%error, "receiving");
                    bytes += ERROR_COSTS;
                    continue;
                }
                Poll::Pending => return bytes,
            }
            bytes += batch.weight();
            for (about, datagram) in batch.datagrams() {
                self.handle_datagram(node, about, datagram, scratch, (now, at));
            }
        }
        self.waker.wake_by_ref();
        bytes
    }

    fn handle_datagram(
        &mut self,
        node: &mut dyn Machine,
        about: &RecvMeta,
        datagram: &[u8],
        scratch: &mut Vec<u8>,
        (now, at): (Time, Instant),
    ) {
        let ecn = about.ecn.and_then(|ecn| quinn_proto::EcnCodepoint::from_bits(ecn as u8));
        scratch.clear();
        let event = self.quic.handle(at, about.addr, about.dst_ip, ecn, BytesMut::from(datagram), scratch);
        match event {
            Some(DatagramEvent::ConnectionEvent(handle, event)) => {
                if let Some(session) = self.session(handle.0)
                    && session.handle_packet(about.addr, datagram.len(), event, now)
                {
                    self.stir(handle.0);
                }
            }
            Some(DatagramEvent::NewConnection(incoming)) => {
                self.handle_incoming(node, incoming, scratch, (now, at))
            }
            Some(DatagramEvent::Response(answer)) => self.answer(&answer, scratch),
            None => {}
        }
    }

    /// Somebody wants to connect. Until it has shown that it receives what is sent to its address, it costs an answer
    /// that is smaller than its question, and no memory. From then on it counts where it comes from as those do who
    /// are connected, until it is one of them or is forgotten: no address has more handshakes than it may have
    /// connections. Where there are too many in all, the one that has waited longest gives way: a few who go no
    /// further keep nobody out.
    fn handle_incoming(
        &mut self,
        node: &mut dyn Machine,
        incoming: Incoming,
        scratch: &mut Vec<u8>,
        (now, at): (Time, Instant),
    ) {
        scratch.clear();
        let Some(config) = self.accepts.clone() else {
            return self.quic.ignore(incoming);
        };
        if !incoming.remote_address_validated() {
            if let Ok(answer) = self.quic.retry(incoming, scratch) {
                self.answer(&answer, scratch);
            }
            return;
        }
        let Some(reserved) = node.reserve(now, &config.clone().remote(incoming.remote_address())) else {
            let answer = self.quic.refuse(incoming, scratch);
            return self.answer(&answer, scratch);
        };
        if self.handshakes >= self.max_handshakes {
            self.end_oldest_handshake(at);
        }
        match self.quic.accept(incoming, at, scratch, None) {
            Ok((handle, quic)) => {
                self.handshakes += 1;
                self.shaking.push_back(handle.0);
                let mut session = Session::new(quic, config, None, now);
                session.reserved = Some(reserved);
                self.insert(handle.0, session);
            }
            Err(error) => {
                debug!(cause = %error.cause, "not accepted");
                if let Some(answer) = error.response {
                    self.answer(&answer, scratch);
                }
            }
        }
    }

    fn end_oldest_handshake(&mut self, at: Instant) {
        while let Some(index) = self.shaking.pop_front() {
            if self.is_shaking(index)
                && let Some(session) = self.session(index)
            {
                session.close(at);
                self.handshakes -= 1;
                return self.stir(index);
            }
        }
    }

    /// Whether this is somebody who connects and has not finished the handshake.
    fn is_shaking(&self, index: usize) -> bool {
        let session = self.sessions.get(index).and_then(Option::as_deref);
        session.is_some_and(|session| session.is_handshaking() && !session.is_dialed())
    }

    /// Answers without a connection. If there is no room, it is lost like any packet.
    fn answer(&mut self, answer: &Transmit, bytes: &[u8]) {
        let _ = send(&mut self.socket, &self.waker, answer, bytes);
    }

    // ---- what sessions have to tell

    /// Tells the node what the sessions have to tell, and those in handshake what follows from it.
    pub(super) fn attend(&mut self, outside: &mut Outside<'_>) {
        for index in std::mem::take(&mut self.unread) {
            self.stir(index);
        }
        while self.shaking.front().is_some_and(|index| !self.is_shaking(*index)) {
            self.shaking.pop_front();
        }
        for place in 0..self.stirred.len() {
            let index = self.stirred[place];
            self.handle_events(index, outside);
            self.check_stage(index, outside);
            self.read(index, outside);
            self.charge(index, outside);
        }
    }

    /// Lets the node know what a peer has sent besides.
    fn charge(&mut self, index: usize, outside: &mut Outside<'_>) {
        if let Some(session) = self.session(index)
            && let Some(connection) = session.connection
            && let overhead @ 1.. = session.take_overhead()
        {
            outside.node.handle_overhead(outside.now, connection, overhead);
        }
    }

    fn handle_events(&mut self, index: usize, outside: &mut Outside<'_>) {
        while let Some(event) = self.session(index).and_then(|session| session.quic.poll()) {
            match event {
                Event::Connected => self.handle_connected(index, outside),
                Event::ConnectionLost { reason } => self.handle_lost(index, &reason, outside),
                Event::Stream(event) => self.handle_stream(index, &event, outside),
                Event::DatagramReceived => self.handle_datagrams(index, outside),
                Event::HandshakeDataReady | Event::DatagramsUnblocked => {}
            }
        }
    }

    fn handle_connected(&mut self, index: usize, outside: &mut Outside<'_>) {
        let is_listening = self.accepts.is_some();
        let place = self.place(index);
        // Who has given way to others may have finished at the same moment.
        let Some(session) = self.session(index).filter(|session| session.is_handshaking()) else { return };
        let is_dialed = session.is_dialed();
        // Or nobody may come any more, or nobody can be talked to.
        if session.open() && (is_dialed || is_listening) {
            let takes_datagrams = session.takes_datagrams();
            let remote = session.quic.remote_address();
            let config = session.config.clone().datagrams(takes_datagrams).remote(remote);
            // It enters by its own name now.
            session.reserved = None;
            let open = || outside.node.handle_opened(outside.now, &config);
            let connection = session.connection.unwrap_or_else(open);
            session.connection = Some(connection);
            outside.places.insert(connection, place);
        } else {
            session.close(outside.at);
        }
        self.handshakes -= usize::from(!is_dialed);
    }

    fn handle_datagrams(&mut self, index: usize, outside: &mut Outside<'_>) {
        let Some(session) = self.session(index) else { return };
        let connection = session.connection;
        session.receive(|number, messages| {
            // Nobody knows it before it is open, or when it is over.
            if let Some(connection) = connection {
                outside.node.handle_datagram(outside.now, connection, number, messages);
            }
        });
    }

    fn handle_stream(&mut self, index: usize, event: &StreamEvent, outside: &mut Outside<'_>) {
        let Some(session) = self.session(index) else { return };
        match event {
            StreamEvent::Opened { dir: Dir::Bi } => session.accept_stream(),
            StreamEvent::Readable { .. } => session.is_readable = true,
            StreamEvent::Writable { .. } => {
                if session.unblock()
                    && let Some(connection) = session.connection
                {
                    outside.node.handle_writable(connection);
                }
            }
            StreamEvent::Finished { .. } if matches!(session.stage, Stage::Leaving(_)) => {
                session.close(outside.at);
            }
            // It reads no more, so there is no use in going on.
            StreamEvent::Stopped { .. } => self.end(index, crate::drive::CLOSED, outside),
            StreamEvent::Finished { .. } | StreamEvent::Opened { .. } | StreamEvent::Available { .. } => {}
        }
    }

    /// The peer or the way to it is gone. What it said before counts.
    fn handle_lost(&mut self, index: usize, reason: &ConnectionError, outside: &mut Outside<'_>) {
        let place = self.place(index);
        let Some(session) = self.session(index) else { return };
        let (is_handshaking, is_dialed) = (session.is_handshaking(), session.is_dialed());
        session.stage = Stage::Closed;
        match (is_handshaking, is_dialed) {
            (true, true) => outside.failed.push((place, reason.clone())),
            (true, false) => self.handshakes -= 1,
            (false, _) => {}
        }
        if let Some(session) = self.session(index)
            && let Some(connection) = session.connection.take()
        {
            // What flow control let through, and no more.
            let read = session.read(|read| {
                outside.node.handle_bytes(outside.now, connection, read);
                true
            });
            let cause = if let Read::End(cause) = read { cause.to_owned() } else { cause(reason) };
            outside.places.remove(connection);
            outside.node.handle_lost(outside.now, connection, &cause);
        }
    }

    /// Hands over what a session has to read, as far as one may go in a turn.
    fn read(&mut self, index: usize, outside: &mut Outside<'_>) {
        let Some(session) = self.session(index).filter(|session| session.is_readable) else {
            return;
        };
        let Some(connection) = session.connection else { return };
        let mut bytes = 0;
        let read = if outside.node.is_full() {
            Read::More
        } else {
            session.read(|read| {
                bytes += read.len();
                outside.node.handle_bytes(outside.now, connection, read);
                bytes < READ_PER_TURN && !outside.node.is_full()
            })
        };
        match read {
            Read::Nothing => session.is_readable = false,
            Read::End(cause) if bytes == 0 => self.end(index, cause, outside),
            // What it said last is answered before its end is looked at, in the next turn.
            Read::More | Read::End(_) => {
                self.unread.push(index);
                self.waker.wake_by_ref();
            }
        }
    }

    /// The peer has said all: so do we, behind what was said.
    fn end(&mut self, index: usize, cause: &str, outside: &mut Outside<'_>) {
        let Some(session) = self.session(index) else { return };
        if let Some(connection) = session.connection.take() {
            session.leave(outside.now, outside.at);
            outside.places.remove(connection);
            outside.node.handle_lost(outside.now, connection, cause);
        }
    }

    /// Goes on if a stage has taken too long.
    fn check_stage(&mut self, index: usize, outside: &mut Outside<'_>) {
        let accepts = self.accepts.is_some();
        let Some(session) = self.session(index) else { return };
        let is_late = session.stage_ends().is_some_and(|end| end <= outside.now);
        let is_unwanted = !accepts && session.is_handshaking() && !session.is_dialed();
        if !is_late && !is_unwanted {
            return;
        }
        if session.is_handshaking() {
            self.handle_lost(index, &ConnectionError::TimedOut, outside);
        }
        if let Some(session) = self.session(index) {
            session.close(outside.at);
        }
    }

    /// A session's time has come.
    pub(super) fn handle_timeout(&mut self, index: usize, at: Instant) {
        if let Some(session) = self.session(index) {
            session.due = None;
            session.quic.handle_timeout(at);
            self.stir(index);
        }
    }

    // ---- packets out

    /// Sends what the sessions in line have to send.
    pub(super) fn flush(&mut self, scratch: &mut Vec<u8>, at: Instant, timers: &mut Timers) {
        if let Some((transmit, bytes)) = self.unsent.take()
            && send(&mut self.socket, &self.waker, &transmit, &bytes).is_pending()
        {
            self.unsent = Some((transmit, bytes));
            return;
        }
        while let Some(index) = self.stirred.pop_front() {
            let Some(session) = self.session(index) else { continue };
            session.is_stirred = false;
            let is_sent = self.transmit(index, scratch, at);
            self.settle(index, at, timers);
            if !is_sent {
                self.stir(index);
                return;
            }
        }
    }

    /// Sends what a session has to send; says whether the socket took it all.
    fn transmit(&mut self, index: usize, scratch: &mut Vec<u8>, at: Instant) -> bool {
        let segments = self.socket.max_segments();
        let Some(session) = self.sessions.get_mut(index).and_then(Option::as_deref_mut) else {
            return true;
        };
        loop {
            scratch.clear();
            let Some(transmit) = session.quic.poll_transmit(at, segments, scratch) else {
                return true;
            };
            if send(&mut self.socket, &self.waker, &transmit, &scratch[..transmit.size]).is_pending() {
                scratch.truncate(transmit.size);
                self.unsent = Some((transmit, std::mem::take(scratch)));
                return false;
            }
        }
    }

    /// Passes on what a session and its endpoint have to tell each other, and sets its timer.
    fn settle(&mut self, index: usize, at: Instant, timers: &mut Timers) {
        let place = self.place(index);
        let Some(session) = self.sessions.get_mut(index).and_then(Option::as_deref_mut) else {
            return;
        };
        // While nothing is read, nobody hears of its end. Until then its number is not another's.
        if session.quic.is_drained() && session.stage != Stage::Closed {
            timers.set(place, &mut session.due, None);
            self.unread.push(index);
            return self.waker.wake_by_ref();
        }
        while let Some(event) = session.quic.poll_endpoint_events() {
            let is_drained = event.is_drained();
            if let Some(answer) = self.quic.handle_event(ConnectionHandle(index), event) {
                session.quic.handle_event(answer);
            }
            if is_drained {
                timers.set(place, &mut session.due, None);
                self.sessions[index] = None;
                return;
            }
        }
        let of_quic = session.quic.poll_timeout().map(|due| timers.time(due));
        let stage_ends = session.stage_ends();
        if stage_ends.is_some_and(|end| end <= timers.time(at)) {
            // The same: it is over when somebody reads again, and the time that it took is no news until then.
            timers.set(place, &mut session.due, of_quic);
            self.unread.push(index);
            return self.waker.wake_by_ref();
        }
        timers.set(place, &mut session.due, earlier(of_quic, stage_ends));
    }
}

/// How a listener accepts.
pub(super) struct Accepts {
    pub(super) server: Arc<ServerConfig>,
    pub(super) connection: ConnectionConfig,
}

/// Sends packets. What the network does not take is lost, and QUIC is used to that; only a socket that is full is
/// waited for.
fn send(socket: &mut impl DatagramSocket, waker: &Waker, transmit: &Transmit, bytes: &[u8]) -> Poll<()> {
    let transmit = quinn_udp::Transmit {
        destination: transmit.destination,
        ecn: transmit.ecn.and_then(|ecn| quinn_udp::EcnCodepoint::from_bits(ecn as u8)),
        contents: bytes,
        segment_size: transmit.segment_size,
        src_ip: transmit.src_ip,
    };
    socket.poll_send(&mut Context::from_waker(waker), &transmit).map(|sent| {
        if let Err(error) = sent {
            debug!(%error, to = %transmit.destination, "not sent");
        }
    })
}

/// How many of those who connect may be in their handshake at once, over one socket. Each costs some 10 KB, and the
/// processor a millisecond; all have shown that their addresses are theirs.
const MAX_HANDSHAKES: usize = 1_024;

/// How many bytes of one session are handed over in a turn: the others come first then.
const READ_PER_TURN: usize = 128 * 1024;

/// What an error counts for when bytes are counted: a socket that has nothing else to say does not hold up a turn.
const ERROR_COSTS: usize = 16 * 1024;
