//! Connections that do not keep up: what they have missed, and how they catch up.
//!
//! An edge keeps a bounded number of bytes for who does not read. Beyond that it says that the connection is behind,
//! and the world suspends it: what lasts does not go to it from that place in the turn on, until it has taken what was
//! kept. Then it is told what is different by now, from the objects themselves: ends first, then beginnings, then the
//! newest value of each property that has changed. That goes out in pieces too, and the connection is back when it is
//! told everything. Who misses what happens once, a call or a message, is ended by the edge.
//!
//! What changes is written down once for all who are behind ([`Journal`]), and only while somebody is. What begins and
//! ends is written down for each of them ([`Behind`]), exactly where it is not sent to it.
//!
//! **Invariant:** there is no more in here than about two entries for each property there is, and one for each object
//! and connection that is behind; none of it is older than the time that a connection may be behind.

use std::collections::{BTreeSet, VecDeque};

use super::World;
use super::connection::Connection;
use super::id::ObjectId;
use super::piece::Piece;
use super::post::is_receiver;
use super::scene::Desk;
use super::snapshot::{generation, send_end};
use super::store::{ObjectEntry, ObjectHeader};
use crate::hash::HashMap;
use crate::line::{Audience, Command, ConnectionId, Recipients, Topic, Turn, ZoneId};
use crate::schema::FieldKind;
use crate::wire::{ProtocolMessage, Writer, encode_call};

/// A property of an object.
type Property = (ObjectId, usize);

/// Which properties have changed since somebody fell behind, in order of their last change.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// Who is behind, with the change from which on it was, in that order.
    connections: BTreeSet<(u64, ConnectionId)>,
    /// How many changes there were, ever.
    clock: u64,
    /// In order. Those that are not the latest of their property are worth nothing; they go when they are too many.
    changes: VecDeque<(u64, Property)>,
    latest: HashMap<Property, u64>,
}

impl Journal {
    /// Whether nobody is behind, so that nothing need be written down.
    pub(super) fn is_idle(&self) -> bool {
        self.connections.is_empty()
    }

    /// A property has changed.
    pub(super) fn changed(&mut self, object: ObjectId, property: usize) {
        self.clock += 1;
        self.changes.push_back((self.clock, (object, property)));
        self.latest.insert((object, property), self.clock);
        self.tidy_up();
    }

    /// An object is over.
    fn forget(&mut self, object: ObjectId, properties: usize) {
        for property in 0..properties {
            self.latest.remove(&(object, property));
        }
        self.tidy_up();
    }

    /// Whether nothing has happened to its property since this change.
    fn is_latest(&self, change: u64, property: Property) -> bool {
        self.latest.get(&property) == Some(&change)
    }

    /// What has changed after `change`, in order; some of it has changed again.
    fn changes_after(&self, change: u64) -> impl Iterator<Item = (u64, Property)> {
        self.changes.range(self.changes.partition_point(|(known, _)| *known <= change)..).copied()
    }

    /// Drops what is worth nothing if it is more than the rest. So a change costs the same however many there are.
    fn tidy_up(&mut self) {
        if self.changes.len() > 2 * self.latest.len() + FEW_CHANGES {
            let latest = &self.latest;
            self.changes.retain(|(change, property)| latest.get(property) == Some(change));
        }
    }

    /// A connection is not behind any more, which it was from `change` on: forgets what nobody needs who still is.
    fn leave(&mut self, connection: ConnectionId, change: u64) {
        self.connections.remove(&(change, connection));
        let needed = self.connections.first().map_or(self.clock, |(first, _)| *first);
        while let Some((change, property)) = self.changes.pop_front_if(|(change, _)| *change <= needed) {
            if self.is_latest(change, property) {
                self.latest.remove(&property);
            }
        }
    }
}

/// So many changes are not worth tidying up.
const FEW_CHANGES: usize = 64;

/// What one connection has missed.
#[derive(Debug)]
pub(super) struct Behind {
    /// Which change of a property was the last before it fell behind.
    fell_at: u64,
    /// Up to which change it knows everything.
    since: u64,
    /// Whether what comes into its sight is new to it. Who is not shown its zones may know that.
    is_shown: bool,
    /// Objects that have begun, moved or ended meanwhile.
    lives: HashMap<ObjectId, Life>,
    /// Those of them that are over for it and that it has yet to be told of,
    to_end: BTreeSet<ObjectId>,
    /// and those that are not and have begun or moved.
    to_show: BTreeSet<ObjectId>,
}

/// What a connection that is behind knows of an object by one name, and should.
#[derive(Debug)]
struct Life {
    /// Up to which change it knows an object of that name, if it knows one.
    known: Option<u64>,
    /// There is one that it is to be shown.
    has_begun: bool,
    /// The one it knows may have left this zone, where it was.
    moved_from: Option<ZoneId>,
}

/// How an object's life goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turning {
    /// It was nowhere before.
    Begins,
    /// It comes into sight.
    Enters,
    /// It is shown again, perhaps.
    Repeats,
    /// It leaves this zone for another that is in sight too.
    Moves(ZoneId),
    Ends,
}

impl Behind {
    /// What a connection has missed that falls behind after `change`: nothing yet.
    fn new(change: u64, is_shown: bool) -> Self {
        let (to_end, to_show) = (BTreeSet::new(), BTreeSet::new());
        Self { fell_at: change, since: change, is_shown, lives: HashMap::default(), to_end, to_show }
    }

    /// A turning of an object's life is not told to the connection.
    fn miss(&mut self, object: ObjectId, turning: Turning) {
        let is_new = turning == Turning::Begins || turning == Turning::Enters && self.is_shown;
        let known = (!is_new).then_some(self.since);
        let new = Life { known, has_begun: false, moved_from: None };
        let life = self.lives.entry(object).or_insert(new);
        match turning {
            Turning::Begins | Turning::Enters | Turning::Repeats => {
                life.has_begun = true;
                self.to_show.insert(object);
            }
            Turning::Moves(from) => {
                life.moved_from.get_or_insert(from);
                self.to_show.insert(object);
            }
            Turning::Ends => {
                (life.has_begun, life.moved_from) = (false, None);
                self.to_show.remove(&object);
                if life.known.is_some() {
                    self.to_end.insert(object);
                }
            }
        }
        self.forget_unknown(object);
    }

    /// Of an object that the connection does not know and is not to be shown nothing is kept.
    fn forget_unknown(&mut self, object: ObjectId) {
        if self.lives.get(&object).is_some_and(|life| life.known.is_none() && !life.has_begun) {
            self.lives.remove(&object);
        }
    }

    /// Whether the connection is to be shown an object that has begun.
    fn has_begun(&self, object: ObjectId) -> bool {
        self.lives.get(&object).is_some_and(|life| life.has_begun)
    }

    /// Some objects are out of the connection's sight: of those that it was to be shown and that are meant, it never
    /// will be. Says which they are, in order.
    pub(super) fn give_up(
        &mut self,
        there: &BTreeSet<ObjectId>,
        is_meant: impl Fn(ObjectId) -> bool,
    ) -> Vec<ObjectId> {
        // Either may be many, and who makes a connection look here and there may do so over and over.
        let is_less = there.len() < self.to_show.len();
        let (few, many) = if is_less { (there, &self.to_show) } else { (&self.to_show, there) };
        let waits = |object: &ObjectId| many.contains(object) && self.has_begun(*object) && is_meant(*object);
        let objects: Vec<ObjectId> = few.iter().copied().filter(waits).collect();
        objects.iter().for_each(|object| self.miss(*object, Turning::Ends));
        objects
    }
}

impl Connection {
    /// Whether it has not taken what was kept for it, and is not told what happens.
    pub(super) fn is_behind(&self) -> bool {
        self.behind.is_some()
    }
}

impl Desk {
    /// GENERATE, all state, DONE.
    pub(super) fn begin(&mut self, turn: &mut Turn, entry: &ObjectEntry, to: impl Into<Recipients>) {
        let to = to.into();
        if self.is_told(to, entry.header.id, Turning::Begins) {
            self.generate(turn, entry, to);
        }
    }

    /// The same, for those into whose sight the object comes.
    pub(super) fn enter(&mut self, turn: &mut Turn, entry: &ObjectEntry, to: Recipients) {
        if self.is_told(to, entry.header.id, Turning::Enters) {
            self.generate(turn, entry, to);
        }
    }

    /// The same, for one that may have been shown it before.
    pub(super) fn repeat(&mut self, turn: &mut Turn, entry: &ObjectEntry, connection: ConnectionId) {
        let to = Audience::Connection(connection).into();
        if self.is_told(to, entry.header.id, Turning::Repeats) {
            self.generate(turn, entry, to);
        }
    }

    /// The same, for all who see the object.
    pub(super) fn begin_for_viewers(&mut self, turn: &mut Turn, entry: &ObjectEntry) {
        self.begin(turn, entry, self.viewers(&entry.header));
        self.begin_for_joiners(turn, entry);
    }

    /// The same, for those who have been shown the object's zone that far.
    pub(super) fn begin_for_joiners(&mut self, turn: &mut Turn, entry: &ObjectEntry) {
        let joiners = self.connections.joiners(&self.routes, &entry.header).map(Connection::id);
        for joiner in joiners.collect::<Vec<ConnectionId>>() {
            self.begin(turn, entry, Audience::Connection(joiner));
        }
    }

    /// GENERATE, for those who know an object in the zone that it has left.
    pub(super) fn announce_move(
        &mut self,
        turn: &mut Turn,
        entry: &ObjectEntry,
        from: ZoneId,
        to: Recipients,
    ) {
        let object = entry.header.id;
        if self.is_told(to, object, Turning::Moves(from)) {
            turn.send_message(to, Topic::Lifecycle(object.to_u64()), |out| generation(entry).encode(out));
        }
    }

    /// DESTROY.
    pub(super) fn end(&mut self, turn: &mut Turn, object: ObjectId, to: impl Into<Recipients>) {
        let to = to.into();
        if self.is_told(to, object, Turning::Ends) {
            let message = ProtocolMessage::DestroyObject { object: object.to_u64() };
            turn.send_message(to, Topic::Lifecycle(object.to_u64()), |out| message.encode(out));
        }
    }

    /// Writes a turning of an object's life down for those of an audience who are behind. Says whether anybody else may
    /// be in it.
    fn is_told(&mut self, to: Recipients, object: ObjectId, turning: Turning) -> bool {
        let Self { connections, journal, .. } = self;
        if journal.is_idle() {
            return true;
        }
        if let Audience::Connection(one) = to.audience {
            let behind = connections.get_mut(one).and_then(|known| known.behind.as_mut());
            return behind.map(|behind| behind.miss(object, turning)).is_none();
        }
        for &(_, connection) in &journal.connections {
            let is_meant =
                |known: &Connection| connections.is_in(to.audience, known) && to.groups.contains(known.group);
            if connections.get(connection).is_some_and(is_meant) {
                let known = connections.get_mut(connection);
                let behind = known.and_then(|known| known.behind.as_mut());
                behind.expect("who is in the journal has it").miss(object, turning);
            }
        }
        true
    }
}

impl World {
    /// An object of ours is over.
    pub(super) fn forget_changes(&mut self, entry: &ObjectEntry) {
        if !self.desk.journal.is_idle() {
            self.desk.journal.forget(entry.header.id, entry.snapshot.properties());
        }
    }

    /// A connection does not keep up: what lasts does not go to it from now on, and what it misses is written down.
    pub(super) fn fell_behind(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let known = self.desk.connections.get(connection);
        let is_shown = !self.desk.routes.zoned || known.is_some_and(|known| self.is_shown(known));
        let Desk { connections, journal, .. } = &mut self.desk;
        if let Some(known) = connections.get_mut(connection).filter(|known| !known.is_behind()) {
            known.behind = Some(Box::new(Behind::new(journal.clock, is_shown)));
            journal.connections.insert((journal.clock, connection));
            turn.command(Command::Suspend(connection));
            turn.command(Command::Await(connection));
        }
    }

    /// A connection is not behind any more, or over.
    pub(super) fn forget_behind(&mut self, connection: ConnectionId) {
        let Desk { connections, journal, .. } = &mut self.desk;
        if let Some(behind) = connections.get_mut(connection).and_then(|known| known.behind.take()) {
            journal.leave(connection, behind.fell_at);
        }
    }

    /// A connection has taken everything: tells it some of what it has missed, and says whether it is up to date.
    pub(super) fn catch_up(&mut self, turn: &mut Turn, connection: ConnectionId) -> bool {
        let known = self.desk.connections.get_mut(connection);
        let Some(mut behind) = known.and_then(|known| known.behind.take()) else {
            return true;
        };
        let mut piece = Piece::new(turn, self.limits.shown_at_once);
        let is_done = self.tell_lives(turn, connection, &mut behind, &mut piece)
            && self.tell_changes(turn, connection, &mut behind, &mut piece);
        if let Some(known) = self.desk.connections.get_mut(connection) {
            known.behind = Some(behind);
        }
        if is_done {
            turn.command(Command::Resume(connection));
            self.forget_behind(connection);
        } else {
            turn.command(Command::Await(connection));
        }
        is_done
    }

    /// What has ended and begun; says whether that is all of it.
    fn tell_lives(
        &self,
        turn: &mut Turn,
        connection: ConnectionId,
        behind: &mut Behind,
        piece: &mut Piece,
    ) -> bool {
        while let Some(&object) = behind.to_end.first() {
            if !piece.take(turn) {
                return false;
            }
            behind.to_end.pop_first();
            send_end(turn, connection, object);
            if let Some(life) = behind.lives.get_mut(&object) {
                life.known = None;
            }
            behind.forget_unknown(object);
        }
        while let Some(&object) = behind.to_show.first() {
            if !piece.take(turn) {
                return false;
            }
            behind.to_show.pop_first();
            if let Some(life) = behind.lives.get_mut(&object) {
                self.tell_life(turn, connection, object, life);
            }
            behind.forget_unknown(object);
        }
        true
    }

    /// That an object has begun, or where it has moved.
    fn tell_life(&self, turn: &mut Turn, connection: ConnectionId, object: ObjectId, life: &mut Life) {
        let audience = Audience::Connection(connection);
        let (has_begun, moved_from) = (std::mem::take(&mut life.has_begun), life.moved_from.take());
        let Some(entry) = self.objects.get(object) else { return };
        if has_begun {
            self.desk.generate(turn, entry, audience);
            life.known = Some(self.desk.journal.clock);
        } else if life.known.is_some() && moved_from != Some(entry.header.zone) {
            turn.send_message(audience, Topic::Lifecycle(object.to_u64()), |out| {
                generation(entry).encode(out);
            });
        }
    }

    /// What has changed of objects that were known already; says whether that is all of it.
    fn tell_changes(
        &self,
        turn: &mut Turn,
        connection: ConnectionId,
        Behind { since, lives, .. }: &mut Behind,
        piece: &mut Piece,
    ) -> bool {
        let Some(known) = self.desk.connections.get(connection) else {
            return true;
        };
        let journal = &self.desk.journal;
        for (change, changed @ (object, property)) in journal.changes_after(*since) {
            if !piece.take(turn) {
                return false;
            }
            *since = change;
            let is_unknown = || lives.get(&object).is_none_or(|life| life.known < Some(change));
            let is_news = journal.is_latest(change, changed) && is_unknown();
            if let Some(entry) = self.objects.get(object).filter(|_| is_news) {
                self.tell_change(turn, known, entry, property);
            }
        }
        *since = self.desk.journal.clock;
        true
    }

    /// The value of a property, if the connection receives it.
    fn tell_change(&self, turn: &mut Turn, known: &Connection, entry: &ObjectEntry, property: usize) {
        let Desk { connections, routes, .. } = &self.desk;
        let ObjectHeader { id, zone, type_number, contract, .. } = entry.header;
        let Some((role, field, descriptor)) = contract.property(property) else { return };
        let FieldKind::Property { to, .. } = descriptor.kind else { return };
        let is_in_sight = !routes.zoned || connections.knows(known, zone, id);
        if is_in_sight
            && routes.shows(type_number, known)
            && is_receiver(connections, &entry.header, to, known)
        {
            let object = id.to_u64();
            let topic = Topic::State { object, role, field };
            turn.send_message(Audience::Connection(known.id()), topic, |out| {
                let value = entry.snapshot.property(property);
                encode_call(&mut Writer::new(out), object, role, field, |w| w.raw(value));
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(journal: &Journal, after: u64) -> Vec<Property> {
        let latest =
            journal.changes_after(after).filter(|(change, property)| journal.is_latest(*change, *property));
        latest.map(|(_, property)| property).collect()
    }

    #[test]
    fn what_changes_all_the_time_takes_little_room_and_is_told_once() {
        let mut journal = Journal::default();
        let [first, second] = [1, 2].map(ObjectId::from_u64);
        let ids: [ConnectionId; 2] = {
            let mut names = slotmap::SlotMap::with_key();
            [(); 2].map(|()| names.insert(()))
        };
        journal.connections.insert((0, ids[0]));
        journal.changed(second, 0);
        for _ in 0..10_000 {
            journal.changed(first, 0);
            journal.changed(first, 1);
        }
        assert!(journal.changes.len() <= 2 * 3 + FEW_CHANGES, "{}", journal.changes.len());
        assert_eq!(changes(&journal, 0), [(second, 0), (first, 0), (first, 1)]);
        assert_eq!(changes(&journal, 1), [(first, 0), (first, 1)]);
        journal.connections.insert((journal.clock, ids[1]));
        journal.changed(first, 0);
        journal.forget(second, 1);
        assert_eq!(changes(&journal, 0), [(first, 1), (first, 0)]);
        journal.leave(ids[0], 0);
        assert_eq!(changes(&journal, 0), [(first, 0)], "the other one needs no more");
        journal.leave(ids[1], 20_001);
        assert!(journal.is_idle() && journal.changes.is_empty() && journal.latest.is_empty());
    }
}
