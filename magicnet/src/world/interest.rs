//! Automatic interest: what a change of the zones that a connection sees shows it, and takes away from it.
//!
//! Version 3 leaves it to the client to ask. Between peers that announced it (`Extensions::INTEREST`) the server shows
//! each zone that is new to a connection, says ZONE_COMPLETE behind its last object, and ends there what is out of
//! sight; a client's own change of `vz` is answered by ZONES_SHOWN.
//!
//! **Invariant:** a connection that is shown its zones knows exactly the objects in them. Nothing is shown to it twice
//! unless it asks for that, and nothing ends that was not shown. The exception is a plain peer and the objects that it
//! made itself: they stay with it, because version 3 cannot bring them back (see [`World::keeper`]).

use super::World;
use super::connection::Connection;
use super::event::ZoneComplete;
use super::id::Repository;
use super::store::ObjectHeader;
use super::zones::read_zones;
use crate::line::{Audience, ConnectionId, Turn, ZoneId};
use crate::wire::DisconnectReason;

/// Whether a change of the zones that a connection sees shows it what is in them.
///
/// On a server, for [`NodeBuilder::interest`](crate::NodeBuilder::interest); on a client,
/// [`OnRequest`](Self::OnRequest) keeps it from announcing that it knows the other way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Interest {
    /// Never, as in version 3: clients ask by
    /// [`request_visible_objects`](crate::NodeCx::request_visible_objects), and what is out of sight stays with them as
    /// it was.
    OnRequest,
    /// For clients of this library; Python's are served as in version 3.
    #[default]
    Automatic,
    /// For plain version 3 clients too, in the words that they know: objects appear and end, and nothing says when a
    /// zone is complete.
    AutomaticForAll,
}

/// Why it is not known which zones a server shows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SeeZonesError {
    /// This node has not shaken hands with a server.
    #[error("not connected to a server")]
    NotConnected,
    /// The server shows nothing by itself: it is a plain version 3 server, or has no zones, or was told not to.
    #[error("the server does not show zones by itself: set them, and request what is visible")]
    NotShown,
    /// The zones do not fit into a frame.
    #[error("{0} zones do not fit into a frame")]
    TooMany(usize),
    /// The connection ended before the server had shown them.
    #[error("the connection ended before the zones were complete")]
    Disconnected,
    /// The node is gone.
    #[error("the node has stopped")]
    Stopped,
}

/// Told what a server shows.
pub(crate) type Shown = Box<dyn FnOnce(Result<Vec<ZoneId>, SeeZonesError>) + Send>;

/// Someone who waits for the answer to a change of zones.
pub(super) struct Asked {
    connection: ConnectionId,
    change: u32,
    shown: Shown,
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked").field("change", &self.change).finish_non_exhaustive()
    }
}

impl World {
    /// A change of zones shows a connection what is in them.
    pub(super) fn is_shown(&self, known: &Connection) -> bool {
        match self.interest {
            Interest::OnRequest => false,
            Interest::Automatic => known.shows_zones(),
            Interest::AutomaticForAll => true,
        }
    }

    /// The connection, if there is one, at which objects made by `repository` stay when they go out of its sight.
    ///
    /// To a Python client the GENERATE of an object with its own repository is the answer to a creation that it waits
    /// for. It drops any other, so what it made can be ended there and not shown again.
    pub(super) fn keeper(&self, repository: Repository) -> Option<ConnectionId> {
        let maker = self.desk.connections.owner(repository)?;
        self.desk.connections.get(maker).is_some_and(|known| !known.shows_zones()).then_some(maker)
    }

    /// Tells the connection at which an object stays out of sight that it ends.
    pub(super) fn end_at_keeper(&mut self, turn: &mut Turn, header: &ObjectHeader) {
        let keeper = self.keeper(header.id.repository()).and_then(|keeper| self.desk.connections.get(keeper));
        if let Some(keeper) = keeper.filter(|it| {
            let routes = &self.desk.routes;
            let is_told = self.desk.connections.knows(it, header.zone, header.id);
            routes.zoned && it.ready && routes.shows(header.type_number, it) && !is_told
        }) {
            let keeper = keeper.id();
            self.desk.end(turn, header.id, Audience::Connection(keeper));
        }
    }

    /// Answers a change of `vz` that the client made after its HELLO.
    pub(super) fn answer_zones(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let Some(known) = self.desk.connections.get_mut(connection) else {
            return;
        };
        if !known.ready || !known.shows_zones() {
            return;
        }
        known.zone_changes = known.zone_changes.wrapping_add(1);
        let change = known.zone_changes;
        self.answer_when_shown(turn, connection, change);
    }

    /// ZONE_COMPLETE, from a server.
    pub(super) fn zone_complete(&mut self, connection: ConnectionId, zone: ZoneId) {
        self.desk.event(ZoneComplete { connection, zone });
    }

    /// ZONES_SHOWN, from a server.
    pub(super) fn zones_shown(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        change: u32,
        zones: &[u8],
    ) {
        // The message that they came in bounds them.
        let Ok(zones) = read_zones(zones, usize::MAX) else {
            return turn.close(connection, DisconnectReason::MALFORMED, "these are no zones");
        };
        // What was asked for since is answered later.
        if let Some(known) = self.desk.connections.get_mut(connection)
            && known.zone_changes == change
        {
            known.zones.clone_from(&zones);
        }
        // One answer stands for all changes up to it.
        let is_covered = |earlier: u32| change.wrapping_sub(earlier) <= u32::MAX / 2;
        let is_answered = |asked: &mut Asked| asked.connection == connection && is_covered(asked.change);
        for asked in self.asked.extract_if(.., is_answered) {
            (asked.shown)(Ok(zones.clone()));
        }
    }

    /// Asks the server to see exactly `zones`; `shown` is told when all that is in them has come.
    pub(super) fn see_zones(&mut self, turn: &mut Turn, zones: Vec<ZoneId>, shown: Shown) {
        match self.ask_and_expect(turn, zones) {
            Ok((connection, change)) => self.asked.push(Asked { connection, change, shown }),
            Err(error) => shown(Err(error)),
        }
    }

    fn ask_and_expect(
        &mut self,
        turn: &mut Turn,
        zones: Vec<ZoneId>,
    ) -> Result<(ConnectionId, u32), SeeZonesError> {
        let (known, _) = self.server(None).ok_or(SeeZonesError::NotConnected)?;
        let connection = known.id();
        if !known.shows_zones() {
            return Err(SeeZonesError::NotShown);
        }
        let len = zones.len();
        let change = self.ask_for_zones(turn, connection, zones).ok_or(SeeZonesError::TooMany(len))?;
        Ok((connection, change))
    }

    /// A connection is over: nobody is shown anything over it.
    pub(super) fn stop_showing(&mut self, connection: ConnectionId) {
        self.forget_showing(connection);
        self.forget_behind(connection);
        for asked in self.asked.extract_if(.., |asked| asked.connection == connection) {
            (asked.shown)(Err(SeeZonesError::Disconnected));
        }
    }
}
