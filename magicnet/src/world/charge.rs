//! What a connection's own requests cost: the bytes that they cause, and the bound on them.
//!
//! A few bytes may ask for all that a world holds. Who asks is charged for the answer, and who has caused too much is
//! refused the next request before anything of it is done. Only answers to the asking connection are counted. That
//! something is refused takes words too, and who has them said again and again is ended.
//!
//! What its other messages make this node queue, for whomever, has a rate; who goes beyond it is ended.

use std::time::Duration;

use super::World;
use super::event::{Rejection, Request, RequestRejected};
use crate::line::{ConnectionId, Turn, Upstream};
use crate::time::Time;
use crate::wire::DisconnectReason;

/// What a connection's own requests have made this node send it: answers to REQUEST_VISIBLE_OBJECTS and to its changes
/// of zones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caused {
    /// In bytes, since it was opened.
    pub total: u64,
    /// In bytes, in the current [period](crate::Limits::caused_period).
    pub recent: usize,
    /// In bytes, in that period: what it was told instead of what it asked for.
    refused: usize,
    /// When that began.
    since: Time,
}

impl Caused {
    /// Begins a new period, if the current one is over.
    fn advance(&mut self, now: Time, period: Duration) {
        if now.since(self.since) >= period {
            *self = Self { total: self.total, since: now, ..Self::default() };
        }
    }
}

/// Who has caused what happens at the moment, and what of it is charged otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Causing {
    connection: Option<ConnectionId>,
    exempt: usize,
}

impl Causing {
    pub(super) fn of(news: &Upstream<'_>) -> Self {
        let connection = match news {
            Upstream::Message { connection, .. } | Upstream::Parameter { connection, .. } => {
                Some(*connection)
            }
            _ => None,
        };
        Self { connection, exempt: 0 }
    }
}

impl World {
    /// Charges a client for what its message has made this node queue since the turn had this weight, for whomever;
    /// ends it if that is too much.
    pub(super) fn charge_queued(&mut self, turn: &mut Turn, before: usize) {
        let Some(connection) = self.causing.connection else { return };
        let exempt = std::mem::take(&mut self.causing.exempt);
        let queued = turn.weight().saturating_sub(before).saturating_sub(exempt);
        if queued == 0 {
            return;
        }
        let Some(known) = self.desk.connections.get_mut(connection) else { return };
        let rate = self.limits.queued_bytes;
        if !known.is_server() && !known.queued.charge(self.desk.now, rate, queued) {
            let detail = format!("more than {rate} bytes queued");
            turn.close(connection, DisconnectReason::LIMIT, &detail);
        }
    }

    /// Whether a connection may ask for something that makes this node send; if not, an event says so.
    pub(super) fn may_cause(&mut self, connection: ConnectionId, request: Request) -> bool {
        let (limit, period) = (self.limits.caused_bytes, self.limits.caused_period);
        let now = self.desk.now;
        let Some(known) = self.desk.connections.get_mut(connection) else {
            return false;
        };
        known.caused.advance(now, period);
        let may_cause = known.caused.recent < limit;
        if !may_cause {
            let reason = Rejection::Limit { limit, of: "bytes caused" };
            self.desk.event(RequestRejected { connection, request, reason });
        }
        may_cause
    }

    /// Does what a connection has asked for, at its expense. What is shown to it in pieces is charged as it goes out.
    pub(super) fn charged(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        act: impl FnOnce(&mut Self, &mut Turn),
    ) {
        let total =
            |world: &Self| world.desk.connections.get(connection).map_or(0, |known| known.caused.total);
        let (before, weight) = ((turn.size(), total(self)), turn.weight());
        act(self, turn);
        self.causing.exempt += turn.weight() - weight;
        let shown = usize::try_from(total(self) - before.1).unwrap_or(usize::MAX);
        let caused = (turn.size() - before.0).saturating_sub(shown);
        self.charge(connection, caused);
    }

    /// Counts what a connection has caused.
    pub(super) fn charge(&mut self, connection: ConnectionId, bytes: usize) {
        let now = self.desk.now;
        if let Some(known) = self.desk.connections.get_mut(connection) {
            known.caused.advance(now, self.limits.caused_period);
            known.caused.recent = known.caused.recent.saturating_add(bytes);
            known.caused.total = known.caused.total.saturating_add(bytes as u64);
        }
    }

    /// Tells a connection what it gets instead of what it has asked for; ends it if that was said too often.
    pub(super) fn refused(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        tell: impl FnOnce(&mut Self, &mut Turn),
    ) {
        let (limit, period) = (self.limits.caused_bytes, self.limits.caused_period);
        let before = turn.size();
        tell(self, turn);
        let said = turn.size() - before;
        let now = self.desk.now;
        let Some(known) = self.desk.connections.get_mut(connection) else {
            return;
        };
        known.caused.advance(now, period);
        known.caused.refused = known.caused.refused.saturating_add(said);
        if known.caused.refused > limit {
            let detail = format!("more than {limit} bytes of refusals");
            turn.close(connection, DisconnectReason::LIMIT, &detail);
        }
    }
}
