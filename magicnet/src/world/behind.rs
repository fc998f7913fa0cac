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
//! **Invariant:** there is no more in here than there are objects, for each connection that is behind, and none of it
//! is older than the time that it may take.

use std::collections::BTreeMap;

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
    /// Who is behind.
    connections: Vec<ConnectionId>,
    /// How many changes there were, ever.
    clock: u64,
    changes: BTreeMap<u64, Property>,
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
        self.changes.insert(self.clock, (object, property));
        if let Some(before) = self.latest.insert((object, property), self.clock) {
            self.changes.remove(&before);
        }
    }

    /// An object is over.
    fn forget(&mut self, object: ObjectId, properties: usize) {
        for property in 0..properties {
            if let Some(change) = self.latest.remove(&(object, property)) {
                self.changes.remove(&change);
            }
        }
    }

    /// Forgets what everyone who is behind has been told: all up to `change`.
    fn trim(&mut self, change: u64) {
        while let Some(entry) = self.changes.first_entry().filter(|entry| *entry.key() <= change) {
            self.latest.remove(&entry.remove());
        }
    }
}

/// What one connection has missed.
#[derive(Debug)]
pub(super) struct Behind {
    /// Up to which change of a property it knows everything.
    since: u64,
    /// Whether what comes into its sight is new to it. Who is not shown its zones may know that.
    is_shown: bool,
    /// Objects that have begun or ended meanwhile.
    lives: BTreeMap<ObjectId, Life>,
}

/// What a connection that is behind knows of an object by one name, and should.
#[derive(Debug)]
struct Life {
    /// Up to which change it knows an object of that name, if it knows one.
    known: Option<u64>,
    /// That one is over for it.
    has_ended: bool,
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
    /// A turning of an object's life is not told to the connection.
    fn miss(&mut self, object: ObjectId, turning: Turning) {
        let is_new = turning == Turning::Begins || turning == Turning::Enters && self.is_shown;
        let known = (!is_new).then_some(self.since);
        let new = Life { known, has_ended: false, has_begun: false, moved_from: None };
        let life = self.lives.entry(object).or_insert(new);
        match turning {
            Turning::Begins | Turning::Enters | Turning::Repeats => life.has_begun = true,
            Turning::Moves(from) => {
                life.moved_from.get_or_insert(from);
            }
            Turning::Ends => {
                life.has_begun = false;
                life.has_ended = life.known.is_some();
            }
        }
        if life.known.is_none() && !life.has_begun {
            self.lives.remove(&object);
        }
    }

    /// Objects are out of the connection's sight that it was to be shown: it never will.
    pub(super) fn give_up(&mut self, is_meant: impl Fn(ObjectId) -> bool) -> Vec<ObjectId> {
        let lives = self.lives.iter().filter(|(object, life)| life.has_begun && is_meant(**object));
        let objects: Vec<ObjectId> = lives.map(|(object, _)| *object).collect();
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
        for at in 0..self.journal.connections.len() {
            let connection = self.journal.connections[at];
            let is_one = to.audience == Audience::Connection(connection);
            let is_meant = |known: &Connection| {
                is_one || self.is_in(to.audience, known) && to.groups.contains(known.group)
            };
            if self.connections.get(connection).is_some_and(is_meant) {
                let known = self.connections.get_mut(connection);
                let behind = known.and_then(|known| known.behind.as_mut());
                behind.expect("who is in the journal has it").miss(object, turning);
                if is_one {
                    return false;
                }
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
        if let Some(known) = connections.get_mut(connection) {
            let behind = Behind { since: journal.clock, is_shown, lives: BTreeMap::new() };
            known.behind = Some(Box::new(behind));
            journal.connections.push(connection);
            turn.command(Command::Suspend(connection));
            turn.command(Command::Await(connection));
        }
    }

    /// A connection is not behind any more, or over.
    pub(super) fn forget_behind(&mut self, connection: ConnectionId) {
        let Desk { connections, journal, .. } = &mut self.desk;
        if let Some(known) = connections.get_mut(connection) {
            known.behind = None;
        }
        journal.connections.retain(|one| *one != connection);
        let still = journal.connections.iter().filter_map(|one| connections.get(*one)?.behind.as_ref());
        let told = still.map(|behind| behind.since).min().unwrap_or(journal.clock);
        journal.trim(told);
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
        if is_done {
            turn.command(Command::Resume(connection));
            self.forget_behind(connection);
        } else {
            turn.command(Command::Await(connection));
            if let Some(known) = self.desk.connections.get_mut(connection) {
                known.behind = Some(behind);
            }
        }
        is_done
    }

    /// What has ended and begun; says whether that is all of it.
    fn tell_lives(
        &self,
        turn: &mut Turn,
        connection: ConnectionId,
        Behind { lives, .. }: &mut Behind,
        piece: &mut Piece,
    ) -> bool {
        let audience = Audience::Connection(connection);
        for (object, life) in lives.iter_mut().filter(|(_, life)| life.has_ended) {
            if !piece.take(turn) {
                return false;
            }
            send_end(turn, connection, *object);
            (life.has_ended, life.known) = (false, None);
        }
        for (object, life) in lives.iter_mut().filter(|(_, life)| life.has_begun || life.moved_from.is_some())
        {
            if !piece.take(turn) {
                return false;
            }
            let entry = self.objects.get(*object);
            match entry {
                Some(entry) if life.has_begun => {
                    self.desk.generate(turn, entry, audience);
                    life.known = Some(self.desk.journal.clock);
                }
                Some(entry) if life.known.is_some() && life.moved_from != Some(entry.header.zone) => {
                    turn.send_message(audience, Topic::Lifecycle(object.to_u64()), |out| {
                        generation(entry).encode(out);
                    });
                }
                _ => {}
            }
            (life.has_begun, life.moved_from) = (false, None);
        }
        lives.retain(|_, life| life.known.is_some());
        true
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
        for (&change, &(object, property)) in self.desk.journal.changes.range(*since + 1..) {
            if !piece.take(turn) {
                return false;
            }
            *since = change;
            let is_news = lives.get(&object).is_none_or(|life| life.known < Some(change));
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
