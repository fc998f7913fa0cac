//! What a connection's own requests cost: the bytes that they cause, and the bound on them.
//!
//! A few bytes may ask for all that a world holds. Who asks is charged for the answer, and who has caused too much is
//! refused the next request before anything of it is done. Only answers to the asking connection are counted: what goes
//! to others is another matter.

use super::World;
use super::event::{Rejection, Request, RequestRejected};
use crate::line::{ConnectionId, Turn};
use crate::time::Time;

/// What a connection's own requests have made this node send it: answers to REQUEST_VISIBLE_OBJECTS and to its changes
/// of zones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caused {
    /// In bytes, since it was opened.
    pub total: u64,
    /// In bytes, in the current [period](crate::Limits::caused_period).
    pub recent: usize,
    /// When that began.
    since: Time,
}

impl World {
    /// Whether a connection may ask for something that makes this node send; if not, an event says so.
    pub(super) fn may_cause(&mut self, connection: ConnectionId, request: Request) -> bool {
        let (limit, period) = (self.limits.caused_bytes, self.limits.caused_period);
        let now = self.desk.now;
        let Some(known) = self.desk.connections.get_mut(connection) else {
            return false;
        };
        if now.since(known.caused.since) >= period {
            known.caused.since = now;
            known.caused.recent = 0;
        }
        let may_cause = known.caused.recent < limit;
        if !may_cause {
            let reason = Rejection::Limit { limit, of: "bytes caused" };
            self.desk.event(RequestRejected { connection, request, reason });
        }
        may_cause
    }

    /// Does what a connection has asked for, at its expense.
    pub(super) fn charged(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        act: impl FnOnce(&mut Self, &mut Turn),
    ) {
        let before = turn.size();
        act(self, turn);
        let caused = turn.size() - before;
        if let Some(known) = self.desk.connections.get_mut(connection) {
            known.caused.recent = known.caused.recent.saturating_add(caused);
            known.caused.total = known.caused.total.saturating_add(caused as u64);
        }
    }
}
