//! When which session is to be looked at, and the two clocks: the node's, and QUIC's.

use std::collections::BTreeSet;
use std::time::Instant;

use super::Place;
use crate::time::Time;

pub(super) struct Timers {
    /// The node's time zero.
    zero: Instant,
    due: BTreeSet<(Time, Place)>,
}

impl Timers {
    pub(super) fn new(zero: Instant) -> Self {
        Self { zero, due: BTreeSet::new() }
    }

    /// A moment as QUIC knows it.
    pub(super) fn instant(&self, time: Time) -> Instant {
        self.zero + time.since_start()
    }

    /// A moment of QUIC's.
    pub(super) fn time(&self, instant: Instant) -> Time {
        Time::after_start(instant.saturating_duration_since(self.zero))
    }

    /// Changes when a session is to be looked at; `known` is when it was.
    pub(super) fn set(&mut self, place: Place, known: &mut Option<Time>, due: Option<Time>) {
        if *known == due {
            return;
        }
        if let Some(time) = known.take() {
            self.due.remove(&(time, place));
        }
        if let Some(time) = due {
            self.due.insert((time, place));
        }
        *known = due;
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.due.first().map(|(time, _)| *time)
    }

    /// The next session whose time has come; it has no time any more.
    pub(super) fn pop_due(&mut self, now: Time) -> Option<Place> {
        let (time, place) = *self.due.first().filter(|(time, _)| *time <= now)?;
        self.due.remove(&(time, place));
        Some(place)
    }
}
