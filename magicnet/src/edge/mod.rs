//! Owns connections: handshake, parameters, limits, subscriptions, fan-out and output.
//!
//! An edge turns bytes into news for a world ([`Upstream`]) and a world's turn into bytes for connections. It knows
//! what may be said when and by whom; what it means is the world's business.
//!
//! **Invariant:** what passes up the line is whole, within limits, of the right direction and at the right time. What
//! a connection makes an edge hold is bounded by [`Limits`].

mod admission;
mod census;
mod config;
mod datagrams;
mod ending;
mod fault;
mod flush;
mod incoming;
mod limits;
mod link;
mod log;
mod meter;
mod middleware;
mod newest;
mod output;
mod passage;
mod pulse;
mod stack;
mod view;

use std::collections::{HashSet, VecDeque};

use slotmap::SlotMap;

pub use config::ConnectionConfig;
pub use datagrams::{Datagram, Datagrams};
pub use flush::Flush;
pub use limits::Limits;
pub use middleware::{BytesMiddleware, MessageMiddleware, PassingMessage, Verdict};
pub use output::Transmit;

use crate::line::{
    Audience, Command, ConnectionId, Ending, Group, HandleUpstream, Names, Opening, Segment, Topic, Turn,
    Upstream,
};
use crate::time::{Time, earlier};
use crate::wire::{MessageId, ProtocolMessage};
use census::Pending;
pub(crate) use census::{Census, Reserved};
pub(crate) use ending::Parting;
use ending::goodbye;
use fault::Fault;
use flush::Ticks;
use link::{Link, Stage};
use log::Log;
use output::Source;
use passage::Received;
use pulse::Pulses;

/// How an edge is to be.
#[derive(Clone, Debug)]
pub(crate) struct EdgeConfig {
    /// What clients are greeted with.
    pub(crate) motd: String,
    /// What both sides must have in common.
    pub(crate) hash: Vec<u8>,
    /// The value of the parameter `mn` that goes before our HELLO, if we announce ourselves.
    pub(crate) announcement: Option<Vec<u8>>,
    /// The messages that may come before the handshake is finished.
    pub(crate) before_handshake: HashSet<MessageId>,
    pub(crate) limits: Limits,
    /// What its connections are called outside of it.
    pub(crate) names: Names,
    /// When output is written.
    pub(crate) flush: Flush,
    /// Who is there, on all edges of the node.
    pub(crate) census: Census,
}

/// The half of a node that owns connections.
#[derive(Debug)]
pub(crate) struct Edge {
    config: EdgeConfig,
    links: SlotMap<ConnectionId, Link>,
    log: Log,
    /// Connections that may have something to send now.
    queue: VecDeque<ConnectionId>,
    /// Under a tick: the others, who wait for their phase.
    ticks: Option<Ticks>,
    /// Whether the log's receivers stand in the queue.
    is_collected: bool,
    /// What was gathered last and not written yet.
    current: Option<(ConnectionId, Source)>,
    closed: VecDeque<(ConnectionId, Parting)>,
    /// Connections that have taken everything, for which the world waits.
    drained: VecDeque<ConnectionId>,
    /// Deadlines in order: the list has one fixed delay, so its end is always the latest.
    handshakes: VecDeque<(Time, ConnectionId)>,
    /// The same, but for those that [`check_frame`](Self::check_frame) has put back.
    frames: VecDeque<(Time, ConnectionId)>,
    /// The same as `handshakes`.
    closings: VecDeque<(Time, ConnectionId)>,
    /// The same, for those who fell behind.
    laggards: VecDeque<(Time, ConnectionId)>,
    /// When whose pulse is felt.
    pulses: Pulses,
    /// How many that have come have not shaken hands.
    pending: Pending,
    /// No connection is accepted any more: what those that come are told.
    shut: Option<Ending>,
    /// Reused: a datagram that came in pieces.
    scratch: Vec<u8>,
    /// Reused: a datagram as it is after middleware and decoder.
    received: Received,
    /// Reused: a message that a middleware has replaced.
    changed: Vec<u8>,
    /// How many connections were looked at for output, ever.
    visits: u64,
}

impl Edge {
    pub(crate) fn new(config: EdgeConfig) -> Self {
        let ticks = Ticks::new(config.flush);
        Self {
            config,
            links: SlotMap::with_key(),
            log: Log::new(ticks.is_some()),
            queue: VecDeque::new(),
            ticks,
            is_collected: false,
            current: None,
            closed: VecDeque::new(),
            drained: VecDeque::new(),
            handshakes: VecDeque::new(),
            frames: VecDeque::new(),
            closings: VecDeque::new(),
            laggards: VecDeque::new(),
            pulses: Pulses::default(),
            pending: Pending::default(),
            shut: None,
            scratch: Vec::new(),
            received: Received::default(),
            changed: Vec::new(),
            visits: 0,
        }
    }

    /// A connection exists. Who accepts one greets.
    pub(crate) fn handle_opened(
        &mut self,
        now: Time,
        config: &ConnectionConfig,
        world: &mut impl HandleUpstream,
    ) -> ConnectionId {
        let &ConnectionConfig { opening, role, peer, remote, ref stack, datagrams } = config;
        let counted = match self.enter(config) {
            Ok(counted) => counted,
            Err(fault) => return self.turn_away(now, config, &fault, world),
        };
        let greets = opening == Opening::Accepted;
        let stage = if greets { Stage::AwaitHello } else { Stage::AwaitMotd };
        let connection = self.links.insert(Link::new(opening, stage));
        self.links[connection].counted = counted;
        self.links[connection].is_judged_later = self.config.names.are_of_several();
        let name = self.name(connection);
        let passage = stack.as_ref().map(|stack| self.log.open_passage(name, opening, stack));
        let (passage, fault) = passage.transpose().map_or_else(|fault| (None, Some(fault)), |it| (it, None));
        let link = &mut self.links[connection];
        link.passage = passage.map(Box::new);
        link.beside = (datagrams && link.passage.is_none()).then(Box::default);
        self.handshakes.push_back((now + self.config.limits.handshake_timeout, connection));
        self.tell(world, Upstream::Opened { connection, opening, role, peer, remote });
        if let Some(fault) = fault {
            // Not a word: it could not pass as the other side expects it.
            let ending = Ending::ByUs { reason: fault.reason(), detail: fault.detail() };
            self.end(now, connection, None, &ending, world);
        } else if let Some(ending) = self.shut.clone() {
            self.end(now, connection, Some(&goodbye(&ending)), &ending, world);
        } else if greets {
            // An empty text where there is none: Python 0.0.3 never answers a MOTD of nil.
            let motd = ProtocolMessage::Motd { text: Some(&self.config.motd) };
            self.log
                .turn
                .send_message(Audience::Connection(connection), Topic::Other, |out| motd.encode(out));
        }
        self.apply(now, world);
        self.bound_handshakes(now, world);
        self.apply(now, world);
        connection
    }

    /// Bytes of a stream, cut anywhere.
    pub(crate) fn handle_bytes(
        &mut self,
        now: Time,
        connection: ConnectionId,
        mut bytes: &[u8],
        world: &mut impl HandleUpstream,
    ) {
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        if let Some(ticks) = &mut self.ticks {
            ticks.hear();
        }
        link.pulse.heard = now;
        if link.is_metered()
            && let Err(fault) = link.meter.bytes(now, &self.config.limits, bytes.len())
        {
            self.fail(now, connection, &fault, world);
            return self.apply(now, world);
        }
        let mut reader = std::mem::take(&mut link.reader);
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut has_datagram = false;
        while let Some(datagram) = reader.next_datagram(&mut bytes, &mut scratch) {
            has_datagram = true;
            if self.links.get(connection).is_some_and(|link| link.passage.is_some()) {
                self.encoded_datagram(now, connection, datagram, world);
            } else {
                self.datagram(now, connection, datagram, world);
            }
        }
        self.scratch = scratch;
        self.bound_admissions(now, world);
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        let is_inside = reader.is_inside_frame();
        link.reader = reader;
        link.frame_since = match link.frame_since {
            _ if !is_inside => None,
            Some(since) if !has_datagram => Some(since),
            _ => Some(now),
        };
        if is_inside && !std::mem::replace(&mut link.is_frame_timed, true) {
            self.frames.push_back((now + self.config.limits.frame_timeout, connection));
        }
    }

    /// Bytes that are in no frame: they count for how fast a connection may send, and for nothing else.
    pub(crate) fn handle_overhead(
        &mut self,
        now: Time,
        connection: ConnectionId,
        len: usize,
        world: &mut impl HandleUpstream,
    ) {
        if let Some(link) = self.links.get_mut(connection)
            && link.is_metered()
            && let Err(fault) = link.meter.bytes(now, &self.config.limits, len)
        {
            self.fail(now, connection, &fault, world);
            self.apply(now, world);
        }
    }

    /// The transport ended without a word.
    pub(crate) fn handle_lost(
        &mut self,
        now: Time,
        connection: ConnectionId,
        cause: &str,
        world: &mut impl HandleUpstream,
    ) {
        let is_leaving = self.links.get(connection).is_some_and(|link| link.stage == Stage::Leaving);
        let ending = match &self.shut {
            Some(ending) if is_leaving => ending.clone(),
            _ => Ending::Lost { cause: cause.to_owned() },
        };
        self.end(now, connection, None, &ending, world);
        self.forget(connection);
        self.apply(now, world);
    }

    /// Time has passed.
    pub(crate) fn handle_timeout(&mut self, now: Time, world: &mut impl HandleUpstream) {
        while let Some(connection) = pop_due(&mut self.handshakes, now) {
            if self.links.get(connection).is_some_and(Link::is_unfinished) {
                self.fail(now, connection, &Fault::HandshakeTimeout, world);
            }
        }
        while let Some(connection) = pop_due(&mut self.frames, now) {
            self.check_frame(now, connection, world);
        }
        while let Some(connection) = pop_due(&mut self.laggards, now) {
            self.check_laggard(now, connection, world);
        }
        self.feel_due(now, world);
        while let Some(connection) = pop_due(&mut self.closings, now) {
            let ending = self.shut.clone().unwrap_or(Ending::Shutdown);
            self.end(now, connection, None, &ending, world);
            self.remove(connection);
        }
        self.tell_drained(world);
        self.apply(now, world);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        if !self.drained.is_empty() {
            return Some(Time::ZERO);
        }
        let flush = self.ticks.as_ref().and_then(|ticks| ticks.poll_timeout(self.log.applied()));
        let queues = [&self.handshakes, &self.frames, &self.closings, &self.laggards];
        queues.into_iter().fold(earlier(flush, self.pulses.poll_timeout()), |first, queue| {
            earlier(first, queue.front().map(|(due, _)| *due))
        })
    }

    /// The place where the world's own turns go; [`apply`](Self::apply) then does what they say.
    pub(crate) fn turn(&mut self) -> &mut Turn {
        &mut self.log.turn
    }

    /// Does what the world has said since the last time, and what follows from it, until nothing does.
    pub(crate) fn apply(&mut self, now: Time, world: &mut impl HandleUpstream) {
        loop {
            while let Some((number, segment)) = self.log.next_segment() {
                // Who has gathered already may have to gather again.
                self.is_collected = false;
                self.apply_segment(now, number, segment, world);
            }
            if let Some((connection, fault)) = self.log.take_failed() {
                self.fail(now, connection, &fault, world);
            } else if !world.handle_applied(&mut self.log.turn) {
                return;
            }
        }
    }

    fn apply_segment(&mut self, now: Time, number: u64, segment: Segment, world: &mut impl HandleUpstream) {
        match segment.command {
            Command::Send(recipients) => {
                self.log.supersede(number, recipients, segment.topic);
                match recipients.audience {
                    Audience::Connection(connection) => {
                        self.address_one(now, number, &segment, connection, world);
                    }
                    _ => self.log.address(number, recipients),
                }
            }
            Command::Admit(connection, group) => {
                self.admit(connection, group);
                self.feel(now, connection);
            }
            Command::Extend(connection, extensions) => {
                self.catch_up(connection);
                if let Some(link) = self.links.get_mut(connection) {
                    link.extensions = extensions;
                }
                self.feel(now, connection);
            }
            Command::Subscribe(connection, zone) => {
                self.catch_up(connection);
                let Some(link) = self.links.get_mut(connection) else {
                    return;
                };
                if link.stage != Stage::Closing && link.add_zone(zone) {
                    self.log.subscribe(connection, zone);
                    self.stand_in_line(connection);
                }
            }
            Command::Unsubscribe(connection, zone) => {
                self.catch_up(connection);
                let Some(link) = self.links.get_mut(connection) else {
                    return;
                };
                link.remove_zone(zone);
                self.log.unsubscribe(connection, zone);
            }
            Command::Await(connection) => {
                if let Some(link) = self.links.get_mut(connection) {
                    link.is_awaited = true;
                    // At the pace of the reader, also under a tick.
                    self.enqueue_now(connection);
                }
            }
            Command::Suspend(connection) => self.suspend(connection),
            Command::Resume(connection) => self.resume(connection),
            Command::Close(connection, reason) => {
                let detail = self.text(&segment);
                self.disconnect(now, connection, reason, detail, world);
            }
            Command::Shutdown(reason) => {
                let detail = self.text(&segment);
                let by_us = |reason| Ending::ByUs { reason, detail };
                self.shutdown(now, reason.map_or(Ending::Shutdown, by_us), world);
            }
        }
    }

    /// What a command says besides itself.
    fn text(&self, segment: &Segment) -> Option<String> {
        let bytes = self.log.turn.bytes(&segment.range);
        (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
    }

    /// Takes up a segment for one connection, within the limit of what one may ask for at once.
    fn address_one(
        &mut self,
        now: Time,
        number: u64,
        segment: &Segment,
        connection: ConnectionId,
        world: &mut impl HandleUpstream,
    ) {
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        if matches!(link.stage, Stage::Leaving | Stage::Closing) {
            return;
        }
        link.direct.push(number);
        link.direct_bytes += segment.range.len();
        let limit = self.config.limits.direct_output;
        if link.direct_bytes > limit {
            link.forget_direct();
            self.fail(now, connection, &Fault::TooMuchAsked(limit), world);
        }
        self.enqueue(connection);
    }

    fn admit(&mut self, connection: ConnectionId, group: Group) {
        self.catch_up(connection);
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        if link.is_handshaking() {
            link.stage = Stage::Active;
            link.group = group;
            self.pending.settle(&mut link.counted);
            self.log.admit(connection, group);
            if let Some(ticks) = &mut self.ticks {
                link.phase = ticks.deal();
                // What ends the handshake does not wait.
                self.enqueue_now(connection);
                self.stand_in_line(connection);
            }
        }
    }

    /// Lets a connection gather what is for it so far, because what it belongs to is about to change.
    fn catch_up(&mut self, connection: ConnectionId) {
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        if self.log.has_news(link) {
            self.log.gather_kept(connection, link);
            self.enqueue(connection);
        }
        // Whatever there is of this log was emitted before the connection belonged to it.
        self.log.pass(&mut self.links[connection]);
    }

    /// Sees to it that a connection gathers what is for it, when it is its time.
    fn enqueue(&mut self, connection: ConnectionId) {
        // A join goes in pieces, at the speed of who joins and not at that of the tick.
        let is_in_rhythm =
            |link: &Link| link.stage == Stage::Active && !link.is_awaited && !link.is_unfinished();
        if self.ticks.is_some() && self.links.get(connection).is_some_and(is_in_rhythm) {
            self.stand_in_line(connection);
        } else {
            self.enqueue_now(connection);
        }
    }

    fn enqueue_now(&mut self, connection: ConnectionId) {
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        if !std::mem::replace(&mut link.is_queued, true) {
            self.queue.push_back(connection);
        }
    }

    /// Puts a connection that has shaken hands in the line of its phase, under a tick.
    fn stand_in_line(&mut self, connection: ConnectionId) {
        let (Some(ticks), Some(link)) = (&mut self.ticks, self.links.get_mut(connection)) else {
            return;
        };
        if link.stage == Stage::Active && !std::mem::replace(&mut link.is_in_line, true) {
            ticks.push(link.phase, connection);
        }
    }

    /// The next connection whose transport is to be dropped.
    pub(crate) fn poll_closed(&mut self) -> Option<(ConnectionId, Parting)> {
        self.closed.pop_front()
    }

    /// Whether so much waits to be sent that it is better sent before more is read.
    pub(crate) fn is_full(&self) -> bool {
        match self.config.flush {
            Flush::AtOnce => !self.log.is_empty(),
            Flush::Natural | Flush::Every(_) => self.log.turn.weight() >= FULL_TURN,
        }
    }

    /// Until when input is better left alone.
    pub(crate) fn poll_pause(&self) -> Option<Time> {
        self.ticks.as_ref().and_then(Ticks::poll_pause)
    }

    /// How many connections were looked at for output so far.
    pub(crate) fn visits(&self) -> u64 {
        self.visits
    }

    /// Whether no connection is accepted any more.
    pub(crate) fn is_shutting_down(&self) -> bool {
        self.shut.is_some()
    }

    /// Whether the edge was shut down and all connections are gone.
    pub(crate) fn is_finished(&self) -> bool {
        self.shut.is_some() && self.links.is_empty() && self.closed.is_empty()
    }

    fn check_frame(&mut self, now: Time, connection: ConnectionId, world: &mut impl HandleUpstream) {
        let Some(link) = self.links.get_mut(connection) else {
            return;
        };
        let due = link.frame_since.map(|since| since + self.config.limits.frame_timeout);
        match due {
            None => link.is_frame_timed = false,
            Some(due) if due <= now => self.fail(now, connection, &Fault::FrameTimeout, world),
            // Another frame has begun since. It stands behind frames that may be due after it, so it may be found late,
            // by less than one timeout.
            Some(due) => self.frames.push_back((due, connection)),
        }
    }

    /// Whether there is such a connection.
    pub(crate) fn has(&self, connection: ConnectionId) -> bool {
        self.links.contains_key(connection)
    }

    /// What a connection is called outside of the edge.
    pub(crate) fn name(&self, connection: ConnectionId) -> ConnectionId {
        self.config.names.outside(connection)
    }

    /// What the edge was made of.
    pub(crate) fn config(&self) -> &EdgeConfig {
        &self.config
    }

    fn tell(&mut self, world: &mut impl HandleUpstream, news: Upstream<'_>) {
        world.handle_upstream(news, &mut self.log.turn);
    }
}

/// How many bytes wait in a log that is better flushed before more is read: answers to a few bytes may be large, and
/// many connections may ask at once. It is far more than what a turn's input usually causes.
const FULL_TURN: usize = 4 * 1024 * 1024;

fn pop_due(queue: &mut VecDeque<(Time, ConnectionId)>, now: Time) -> Option<ConnectionId> {
    let (due, connection) = *queue.front()?;
    (due <= now).then(|| {
        queue.pop_front();
        connection
    })
}
