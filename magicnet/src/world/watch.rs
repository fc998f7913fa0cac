//! Objects over which another node has authority: they appear, change and disappear as it says.

use super::World;
use super::create::{CreateError, Pending};
use super::id::{ObjectId, Repository};
use super::store::{ObjectEntry, ObjectHeader, Origin, Snapshot};
use crate::line::{ConnectionId, Turn, ZoneId};
use crate::schema::Role;
use crate::wire::DisconnectReason;

/// What GENERATE_OBJECT says of an object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) type_number: u16,
    pub(super) owner: Repository,
    pub(super) zone: ZoneId,
}

impl World {
    /// GENERATE_OBJECT: a new object, or one that is known already and keeps its view.
    pub(super) fn appears(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        object: ObjectId,
        place: Place,
    ) {
        let Some(known) = self.registry.contract(place.type_number) else {
            let detail = format!("Unknown object: {}", object.to_u64());
            turn.close(connection, DisconnectReason::UNKNOWN_OBJECT_TYPE, &detail);
            return;
        };
        let contract = known.object;
        let is_mine = self.repository_of(connection) == Some(place.owner);
        match self.objects.get(object).map(|entry| (entry.header.origin, entry.header.type_number)) {
            Some((origin, number)) if origin == Origin::Peer(connection) && number == place.type_number => {
                return self.objects.set_place(object, place.owner, place.zone, is_mine);
            }
            // Another object with the same name: that the first has ended was not said, because it was out of sight.
            Some((origin, _)) if origin == Origin::Peer(connection) => self.forget(turn, object),
            Some(_) => {
                return self.desk.warn(Some(connection), format!("{object} is there already"));
            }
            None if self.objects.len() >= self.limits.objects_shown => {
                let limit = self.limits.objects_shown;
                return self.desk.warn(Some(connection), format!("{object} is not shown: {limit} are"));
            }
            None => {}
        }
        let slot = match self.new_slot(place.type_number, Role::CLIENT) {
            Ok(slot) => slot,
            Err(error) => {
                return self.desk.warn(Some(connection), format!("{object} is not shown: {error}"));
            }
        };
        let Place { type_number, owner, zone } = place;
        let origin = Origin::Peer(connection);
        let header = ObjectHeader { id: object, type_number, contract, owner, zone, origin, is_mine };
        let snapshot = Snapshot::default();
        self.objects.insert(ObjectEntry { header, slot, snapshot, is_complete: false, placed: 0 });
    }

    /// OBJECT_GENERATE_DONE: all state has come.
    pub(super) fn is_done(&mut self, turn: &mut Turn, connection: ConnectionId, object: ObjectId) {
        let Some(entry) = self.watched(connection, object) else {
            return;
        };
        // A repeated GENERATE of a complete object tells its view nothing new.
        if !std::mem::replace(&mut entry.is_complete, true) {
            self.run_own(turn, object, |slot, scene| slot.on_generate(scene));
        }
        let is_asked = |pending: &Pending| pending.connection == connection;
        if self.repository_of(connection) == Some(object.repository())
            && self.pending.get(&object.local()).is_some_and(is_asked)
        {
            self.finish_creation(object.local(), Ok(object));
        }
    }

    /// DESTROY_OBJECT.
    pub(super) fn disappears(&mut self, turn: &mut Turn, connection: ConnectionId, object: ObjectId) {
        if self.watched(connection, object).is_some() {
            self.forget(turn, object);
        }
    }

    /// The node with authority is gone, and with it all that it showed.
    pub(super) fn authority_left(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let of_peer = |entry: &&ObjectEntry| entry.header.origin == Origin::Peer(connection);
        let objects: Vec<ObjectId> =
            self.objects.iter().filter(of_peer).map(|entry| entry.header.id).collect();
        for object in objects {
            self.forget(turn, object);
        }
        let asked: Vec<u32> = self
            .pending
            .iter()
            .filter(|(_, pending)| pending.connection == connection)
            .map(|(local, _)| *local)
            .collect();
        for local in asked {
            self.finish_creation(local, Err(CreateError::Disconnected));
        }
    }

    /// The node with authority gives this one a repository; the objects that it shows may change hands by that.
    pub(super) fn take_repository(&mut self, connection: ConnectionId, repository: Repository) {
        self.mark_own_objects(connection, false);
        if let Some(known) = self.desk.connections.get_mut(connection) {
            known.repository = Some(repository);
        }
        self.mark_own_objects(connection, true);
    }

    /// Marks the objects that `connection` shows and that belong to the repository which it gave us.
    fn mark_own_objects(&mut self, connection: ConnectionId, is_mine: bool) {
        let Some(known) = self.desk.connections.get(connection) else {
            return;
        };
        let shown = known.repository().map(|owner| self.objects.of_owner(known.authority, owner));
        for object in shown.unwrap_or_default() {
            if let Some(entry) = self.objects.get_mut(object)
                && entry.header.origin == Origin::Peer(connection)
            {
                entry.header.is_mine = is_mine;
            }
        }
    }

    pub(super) fn finish_creation(&mut self, local: u32, outcome: Result<ObjectId, CreateError>) {
        if let Some(done) = self.pending.remove(&local).and_then(|pending| pending.done) {
            done(outcome);
        }
    }

    fn forget(&mut self, turn: &mut Turn, object: ObjectId) {
        // Whose view was not told of its beginning is not told of its end.
        if self.objects.get(object).is_some_and(|entry| entry.is_complete) {
            self.run_own(turn, object, |slot, scene| slot.on_destroy(scene));
        }
        self.objects.remove(object);
    }

    /// The object, if `connection` is the one that shows it.
    fn watched(&mut self, connection: ConnectionId, object: ObjectId) -> Option<&mut ObjectEntry> {
        let is_shown =
            self.objects.get(object).is_some_and(|entry| entry.header.origin == Origin::Peer(connection));
        if !is_shown {
            self.desk.warn(Some(connection), format!("{object} is not one that this peer shows"));
            return None;
        }
        self.objects.get_mut(object)
    }

    fn repository_of(&self, connection: ConnectionId) -> Option<Repository> {
        self.desk.connections.get(connection).and_then(|known| known.repository())
    }
}
