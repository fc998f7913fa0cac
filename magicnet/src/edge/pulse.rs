//! Whether the other side is still there: heartbeats, where the peer knows them, and how long silence may last.
//!
//! Each connection whose peer has announced it is asked once in a while, and answers. So a peer that has gone without
//! a word is found out, and how long a round trip takes is known. A plain version 3 peer cannot be asked, and has
//! nothing to say while nothing happens: its silence is no sign, unless the operator says so.

use std::collections::VecDeque;
use std::time::Duration;

use super::fault::Fault;
use super::link::{Link, Stage};
use super::{Edge, pop_due};
use crate::line::{Audience, ConnectionId, HandleUpstream, Topic, Upstream};
use crate::time::{Time, earlier};
use crate::wire::{Extensions, ProtocolMessage};

/// When whose pulse is felt.
#[derive(Debug, Default)]
pub(super) struct Pulses {
    /// Of those who are asked. In order: all are asked at one interval.
    asked: VecDeque<(Time, ConnectionId)>,
    /// Of plain peers, whose silence has a bound. All have the same, so it is in order but for those who were put back.
    plain: VecDeque<(Time, ConnectionId)>,
}

/// What is known of one connection.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pulse {
    /// When something came last.
    pub(super) heard: Time,
    /// When the question was asked that is not answered yet.
    asked_at: Option<Time>,
    /// The number of the last question.
    asked: u32,
    is_asked: bool,
    is_plain: bool,
}

impl Pulses {
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let first = |queue: &VecDeque<(Time, ConnectionId)>| queue.front().map(|(due, _)| *due);
        earlier(first(&self.asked), first(&self.plain))
    }
}

impl Edge {
    /// A connection has shaken hands, or has announced what it knows: from now on its pulse is felt.
    pub(super) fn feel(&mut self, now: Time, connection: ConnectionId) {
        let limits = &self.config.limits;
        let Some(link) = self.links.get_mut(connection).filter(|link| link.stage == Stage::Active) else {
            return;
        };
        if !link.pulse.is_asked && !link.pulse.is_plain {
            link.pulse.heard = now;
        }
        if knows(link) {
            let interval = limits.heartbeat.map(at_least);
            if let Some(interval) = interval.filter(|_| !std::mem::replace(&mut link.pulse.is_asked, true)) {
                self.pulses.asked.push_back((now + interval, connection));
            }
        } else if let Some(timeout) = limits.plain_idle_timeout.map(at_least)
            && !std::mem::replace(&mut link.pulse.is_plain, true)
        {
            self.pulses.plain.push_back((now + timeout, connection));
        }
    }

    /// Asks those who are due, and ends those who have not been heard for too long.
    pub(super) fn feel_due(&mut self, now: Time, world: &mut impl HandleUpstream) {
        // Then what they have said meanwhile may be unread: all are asked, or looked at, once more.
        let was_away = self.pulses.poll_timeout().is_some_and(|due| now.since(due) >= AWAY);
        while let Some(connection) = pop_due(&mut self.pulses.asked, now) {
            self.ask(now, connection, was_away, world);
        }
        while let Some(connection) = pop_due(&mut self.pulses.plain, now) {
            self.look_at_plain(now, connection, was_away, world);
        }
    }

    fn ask(&mut self, now: Time, connection: ConnectionId, was_away: bool, world: &mut impl HandleUpstream) {
        let limits = &self.config.limits;
        let Some(interval) = limits.heartbeat.map(at_least) else { return };
        let Some(link) = self.links.get_mut(connection).filter(|link| link.stage == Stage::Active) else {
            return;
        };
        let pulse = &mut link.pulse;
        let is_silent = pulse.asked_at.is_some() && now.since(pulse.heard) >= limits.idle_timeout;
        if is_silent && !was_away {
            return self.fail(now, connection, &Fault::Silent, world);
        }
        pulse.asked = pulse.asked.wrapping_add(1);
        let number = pulse.asked;
        pulse.asked_at = Some(now);
        self.pulses.asked.push_back((now + interval, connection));
        self.beat(connection, number, false);
    }

    fn look_at_plain(
        &mut self,
        now: Time,
        connection: ConnectionId,
        was_away: bool,
        world: &mut impl HandleUpstream,
    ) {
        let Some(timeout) = self.config.limits.plain_idle_timeout.map(at_least) else { return };
        let Some(link) = self.links.get(connection) else { return };
        // It may have announced itself since; then it is asked instead.
        if link.stage != Stage::Active || knows(link) {
            return;
        }
        let due = link.pulse.heard + timeout;
        if due <= now && !was_away {
            self.fail(now, connection, &Fault::Silent, world);
        } else {
            self.pulses.plain.push_back((due.max(now + timeout.min(AWAY)), connection));
        }
    }

    /// HEARTBEAT: a question, or the answer to one.
    pub(super) fn heartbeat(
        &mut self,
        now: Time,
        connection: ConnectionId,
        (number, is_answer): (u32, bool),
        world: &mut impl HandleUpstream,
    ) {
        if !is_answer {
            // Who does not read is not answered: what is kept for it has a bound, and its questions have none.
            return if !self.links[connection].is_behind() {
                self.beat(connection, number, true);
            };
        }
        let pulse = &mut self.links[connection].pulse;
        // An answer to anything else measures nothing.
        if pulse.asked == number
            && let Some(at) = pulse.asked_at.take()
        {
            let time = now.since(at);
            self.tell(world, Upstream::RoundTrip { connection, time });
        }
    }

    fn beat(&mut self, connection: ConnectionId, number: u32, is_answer: bool) {
        let beat = ProtocolMessage::Heartbeat { number, is_answer };
        // Whoever is behind is asked all the same, and misses nothing by it.
        self.log.turn.send_message(Audience::Connection(connection), Topic::Several, |out| beat.encode(out));
    }
}

fn knows(link: &Link) -> bool {
    link.extensions.contains(Extensions::HEARTBEAT)
}

/// How late this node looks after those who may be silent, if it was away itself: its machine slept, or its process was
/// stopped.
const AWAY: Duration = Duration::from_secs(1);

/// Nobody is asked all the time.
fn at_least(interval: Duration) -> Duration {
    interval.max(Duration::from_millis(1))
}
