//! What connections are still to be shown: in pieces, each of which waits until the one before it was taken.
//!
//! Whatever shows or ends many objects at once is put in line for its connection ([`Showing`]) and goes out a piece at
//! a time. So a joiner goes at its own speed, holds nobody up, and costs the world a cursor and its edge a piece. What
//! fits into one piece is there at once.
//!
//! An object begins for a connection when it is shown. As long as a zone is shown to it, or ended, only in part, the
//! connection is not of the zone's audience: what is said of the objects that it knows by then goes to it by name, what
//! is said of the others is in their snapshots when it comes to them, and calls to those are not for it. Who asks for
//! all objects ([`Request`]) is of its audiences already and hears of them as before.
//!
//! **Invariant:** what came to a zone since is not shown by a cursor to whom it was told then, and nothing ends that
//! was not shown. An object that moves between zones of which a connection has been shown one in part ends there, and
//! begins again with its new zone.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use indexmap::IndexSet;

use super::connection::{Connection, Connections};
use super::id::ObjectId;
use super::route::Routes;
use super::snapshot::send_end;
use super::store::{ObjectEntry, ObjectHeader};
use super::zones::write_zones;
use super::{VISIBLE_ZONES, World, send};
use crate::hash::HashMap;
use crate::line::{Audience, Command, ConnectionId, Turn, ZoneId};
use crate::wire::{ProtocolMessage, Writer};

/// How many objects are looked at for a piece: those that a connection may not be shown take time and no bytes.
const OBJECTS: usize = 1_024;

/// What one connection is still to be shown, in order. None that is empty is kept.
///
/// However often it changes its mind, each zone is in line to be joined once and to be left once: what was not begun is
/// taken out again.
#[derive(Debug, Default)]
pub(super) struct Showing {
    steps: VecDeque<Queued>,
    /// How far the zones are that are in line to be joined: each has its step. Only that of the first one has begun.
    joins: HashMap<ZoneId, Join>,
    /// The same for those to be left.
    leaves: HashMap<ZoneId, Leave>,
    /// A piece is on its way: the edge says when it was taken.
    is_awaited: bool,
}

#[derive(Debug)]
struct Queued {
    step: Step,
    /// The connection has asked for it, and is charged.
    is_asked: bool,
}

/// One thing that is done in pieces. Only the first in line may have begun.
#[derive(Debug)]
enum Step {
    Join(ZoneId),
    Leave(ZoneId),
    Request(Request),
    /// Answers all changes of zones up to this one.
    Answer(u32),
    /// Says by `vz` which zones it sees: it could not be told at once.
    Tell,
}

/// Shows what is in a zone that is new to the connection, which is of its audience from then on.
#[derive(Debug, Default)]
struct Join {
    /// Up to where.
    shown: Option<ObjectId>,
    /// Objects behind that which were shown all the same: whoever makes one waits for it.
    ahead: BTreeSet<ObjectId>,
}

/// Ends what the connection knows of a zone that is out of its sight.
#[derive(Debug)]
struct Leave {
    /// Up to where.
    ended: Option<ObjectId>,
    /// How far it had joined the zone, if it was not of its audience.
    joined: Option<Join>,
    /// When it left: what came to the zone later is not known,
    since: u64,
    /// and what came while the connection was behind is not either; sorted.
    missed: Vec<ObjectId>,
    /// What it has made in the zone since, when it was in line to join it again, and when that was over.
    made: BTreeMap<ObjectId, u64>,
}

/// Shows all that was there and that the connection may see, whether it knows it or not.
#[derive(Debug)]
struct Request {
    /// Up to where.
    shown: Option<(ZoneId, ObjectId)>,
    /// The zones that it saw then, sorted; `None` on a node without zones.
    zones: Option<Vec<ZoneId>>,
    /// When it asked: of what came later it was told then.
    since: u64,
}

impl Step {
    fn zone(&self) -> Option<ZoneId> {
        match self {
            Self::Join(zone) | Self::Leave(zone) => Some(*zone),
            Self::Request(_) | Self::Answer(_) | Self::Tell => None,
        }
    }

    fn is_request(&self) -> bool {
        matches!(self, Self::Request(_))
    }
}

impl Join {
    fn has_shown(&self, id: ObjectId) -> bool {
        self.shown >= Some(id) || self.ahead.contains(&id)
    }

    /// Whether the connection knows anything by it.
    fn has_begun(&self) -> bool {
        self.shown.is_some() || !self.ahead.is_empty()
    }
}

impl Leave {
    /// Whether an object in the zone is known and has not been ended. What a plain peer made itself stays with it.
    fn is_to_end(&self, entry: &ObjectEntry, known: &Connection) -> bool {
        let id = entry.header.id;
        let ends = known.shows_zones() || known.repository() != Some(id.repository());
        ends && (self.has_made(entry) || self.was_known(entry) && self.ended < Some(id))
    }

    /// Whether it was known when the connection left.
    fn was_known(&self, entry: &ObjectEntry) -> bool {
        let id = entry.header.id;
        let was_shown = self.joined.as_ref().is_none_or(|join| join.has_shown(id));
        was_shown && entry.placed <= self.since && self.missed.binary_search(&id).is_err()
    }

    /// Whether the connection has made it since.
    fn has_made(&self, entry: &ObjectEntry) -> bool {
        self.made.get(&entry.header.id).is_some_and(|until| entry.placed <= *until)
    }
}

impl Request {
    /// Whether an object is still to be shown.
    fn is_to_show(&self, entry: &ObjectEntry) -> bool {
        let ObjectHeader { id, zone, .. } = entry.header;
        let is_meant = self.zones.as_ref().is_none_or(|zones| zones.binary_search(&zone).is_ok());
        is_meant && entry.placed <= self.since && self.shown < Some((zone, id))
    }
}

/// Who is in line, by what for: who is not told by audience.
#[derive(Debug, Default)]
pub(super) struct Partly {
    /// Those that join or leave a zone.
    zones: HashMap<ZoneId, IndexSet<ConnectionId>>,
    /// Those that have asked for all objects.
    requests: IndexSet<ConnectionId>,
}

impl Partly {
    fn has(&self, zone: ZoneId, connection: ConnectionId) -> bool {
        !self.zones.is_empty() && self.zones.get(&zone).is_some_and(|all| all.contains(&connection))
    }

    /// Whether somebody joins or leaves a zone.
    pub(super) fn is_partly_shown(&self, zone: ZoneId) -> bool {
        self.zones.contains_key(&zone)
    }

    fn add(&mut self, step: &Step, connection: ConnectionId) {
        if let Some(zone) = step.zone() {
            self.zones.entry(zone).or_default().insert(connection);
        } else if step.is_request() {
            self.requests.insert(connection);
        }
    }

    fn remove(&mut self, step: &Step, connection: ConnectionId) {
        if let Some(zone) = step.zone() {
            if let Some(all) = self.zones.get_mut(&zone) {
                all.swap_remove(&connection);
                if all.is_empty() {
                    self.zones.remove(&zone);
                }
            }
        } else if step.is_request() {
            self.requests.swap_remove(&connection);
        }
    }
}

impl Connection {
    /// Whether an object in a zone that it joins has been shown to it.
    fn has_joined(&self, zone: ZoneId, id: ObjectId) -> bool {
        let join = self.showing.as_ref().and_then(|showing| showing.joins.get(&zone));
        join.is_some_and(|join| join.has_shown(id))
    }

    /// Whether an object in a zone that it leaves has yet to end for it.
    fn is_leaving(&self, entry: &ObjectEntry) -> bool {
        let leave = self.showing.as_ref().and_then(|showing| showing.leaves.get(&entry.header.zone));
        leave.is_some_and(|leave| leave.is_to_end(entry, self))
    }

    /// Whether it has asked for all objects and is yet to be shown this one.
    fn is_requesting(&self, entry: &ObjectEntry) -> bool {
        let steps = self.showing.iter().flat_map(|showing| &showing.steps);
        steps.into_iter().any(|Queued { step, .. }| match step {
            Step::Request(request) => request.is_to_show(entry),
            _ => false,
        })
    }
}

impl Connections {
    /// Whether a connection belongs to the audience of a zone.
    pub(super) fn is_member(&self, known: &Connection, zone: ZoneId) -> bool {
        known.sees(zone) && !self.partly.has(zone, known.id())
    }

    /// Whether an object in a zone that a connection sees has begun for it.
    pub(super) fn knows(&self, known: &Connection, zone: ZoneId, id: ObjectId) -> bool {
        known.sees(zone) && (!self.partly.has(zone, known.id()) || known.has_joined(zone, id))
    }

    /// Whether anybody is being shown a zone: hardly ever.
    #[inline]
    pub(super) fn are_joining(&self) -> bool {
        !self.partly.zones.is_empty()
    }

    /// Those who know an object and are not of its zone's audience yet.
    pub(super) fn joiners(
        &self,
        routes: &Routes,
        header: &ObjectHeader,
    ) -> impl Iterator<Item = &Connection> {
        let ObjectHeader { id, type_number, zone, .. } = *header;
        let some = self.partly.zones.get(&zone);
        some.into_iter().flatten().filter_map(|one| self.get(*one)).filter(move |known| {
            known.sees(zone) && known.has_joined(zone, id) && routes.shows(type_number, known)
        })
    }

    /// The same, and those who have left the zone and not been told of the object's end.
    pub(super) fn witnesses(&self, routes: &Routes, entry: &ObjectEntry) -> Vec<ConnectionId> {
        let ObjectHeader { type_number, zone, .. } = entry.header;
        let leaves = |known: &&Connection| routes.shows(type_number, known) && known.is_leaving(entry);
        let some = self.partly.zones.get(&zone).into_iter().flatten();
        let leavers = some.filter_map(|one| self.get(*one)).filter(leaves);
        self.joiners(routes, &entry.header).chain(leavers).map(Connection::id).collect()
    }

    /// Those who have asked for all objects and are still to be shown this one.
    pub(super) fn requesters(&self, routes: &Routes, entry: &ObjectEntry) -> Vec<ConnectionId> {
        let is_to_show =
            |known: &&Connection| routes.shows(entry.header.type_number, known) && known.is_requesting(entry);
        let some = self.partly.requests.iter().filter_map(|one| self.get(*one));
        some.filter(is_to_show).map(Connection::id).collect()
    }

    /// Puts something in line.
    fn queue(&mut self, connection: ConnectionId, step: Step, is_asked: bool) {
        if self.get(connection).is_some() {
            self.partly.add(&step, connection);
        }
        if let Some(known) = self.get_mut(connection) {
            known.showing.get_or_insert_default().push(Queued { step, is_asked });
        }
    }

    /// Puts a zone in line to be joined.
    fn queue_join(&mut self, connection: ConnectionId, zone: ZoneId, is_asked: bool) {
        self.queue(connection, Step::Join(zone), is_asked);
        if let Some(showing) = self.get_mut(connection).and_then(|known| known.showing.as_mut()) {
            showing.joins.insert(zone, Join::default());
        }
    }

    /// Puts a zone in line to be left. If it is already, the connection was not of its audience since.
    fn queue_leave(&mut self, connection: ConnectionId, zone: ZoneId, leave: Leave, is_asked: bool) {
        let Some(known) = self.get_mut(connection) else { return };
        match known.showing.get_or_insert_default().leaves.entry(zone) {
            Entry::Occupied(mut before) => {
                let made = leave.joined.into_iter().flat_map(|join| join.ahead);
                before.get_mut().made.extend(made.map(|object| (object, leave.since)));
            }
            Entry::Vacant(place) => {
                place.insert(leave);
                self.queue(connection, Step::Leave(zone), is_asked);
            }
        }
    }

    /// A step of a connection is done, or not to be done any more.
    fn release(&mut self, connection: ConnectionId, step: &Step) {
        let is_in_line = |showing: &Showing| match step.zone() {
            // It may have left the zone and be in line to join it again.
            Some(zone) => showing.joins.contains_key(&zone) || showing.leaves.contains_key(&zone),
            None => showing.steps.iter().any(|queued| queued.step.is_request()),
        };
        let showing = self.get(connection).and_then(|known| known.showing.as_ref());
        if !showing.is_some_and(|showing| is_in_line(showing)) {
            self.partly.remove(step, connection);
        }
    }

    /// Takes those of some zones, which are sorted, out of the line that are in it to be joined.
    fn take_joins(&mut self, connection: ConnectionId, zones: &[ZoneId]) -> HashMap<ZoneId, Join> {
        let Some(showing) = self.get_mut(connection).and_then(|known| known.showing.as_mut()) else {
            return HashMap::default();
        };
        let taken: HashMap<ZoneId, Join> =
            zones.iter().filter_map(|zone| showing.joins.remove_entry(zone)).collect();
        if !taken.is_empty() {
            self.take_steps(connection, |step| matches!(step, Step::Join(zone) if taken.contains_key(zone)));
        }
        taken
    }

    /// Takes the steps of a connection out of the line for which `is_meant` holds.
    fn take_steps(&mut self, connection: ConnectionId, is_meant: impl Fn(&Step) -> bool) {
        let Some(showing) = self.get_mut(connection).and_then(|known| known.showing.as_mut()) else {
            return;
        };
        let mut taken = Vec::new();
        for queued in std::mem::take(&mut showing.steps) {
            if is_meant(&queued.step) {
                taken.push(queued.step);
            } else {
                showing.push(queued);
            }
        }
        taken.iter().for_each(|step| self.release(connection, step));
    }
}

impl Showing {
    fn push(&mut self, queued: Queued) {
        match (self.steps.back_mut(), &queued.step) {
            // Whoever waits for the one is answered with the other.
            (Some(Queued { step: Step::Answer(last), .. }), Step::Answer(change)) => *last = *change,
            _ => self.steps.push_back(queued),
        }
    }

    /// The first step is done.
    fn pop(&mut self) -> Option<Step> {
        let Queued { step, .. } = self.steps.pop_front()?;
        match step {
            Step::Join(zone) => drop(self.joins.remove(&zone)),
            Step::Leave(zone) => drop(self.leaves.remove(&zone)),
            _ => {}
        }
        Some(step)
    }
}

/// How much of a piece is left.
pub(super) struct Piece {
    /// The size of the turn at which it is full.
    end: usize,
    /// How many objects may still be looked at.
    objects: usize,
}

impl Piece {
    /// A piece of about so many bytes.
    pub(super) fn new(turn: &Turn, bytes: usize) -> Self {
        Self { end: turn.size() + bytes.max(1), objects: OBJECTS }
    }

    /// Whether there is room for one more object.
    pub(super) fn take(&mut self, turn: &Turn) -> bool {
        let has_room = turn.size() < self.end && self.objects > 0;
        self.objects -= usize::from(has_room);
        has_room
    }
}

impl World {
    /// The zones that a connection sees have changed: ends there what is out of sight and shows what is new, if that
    /// goes without saying for it.
    pub(super) fn change_sight(
        &mut self,
        turn: &mut Turn,
        connection: ConnectionId,
        (lost, gained): (&[ZoneId], &[ZoneId]),
        is_asked: bool,
    ) {
        let is_shown = self.desk.connections.get(connection).is_some_and(|known| self.is_shown(known));
        let mut joins = self.desk.connections.take_joins(connection, lost);
        for &zone in lost {
            let joined = joins.remove(&zone);
            if joined.is_none() {
                turn.command(Command::Unsubscribe(connection, zone));
            }
            // Where it was in line and no more, there is nothing to end.
            if is_shown && joined.as_ref().is_none_or(Join::has_begun) {
                let since = self.objects.placements();
                let missed = self.give_up_missed(connection, zone);
                let leave = Leave { ended: None, joined, since, missed, made: BTreeMap::new() };
                self.desk.connections.queue_leave(connection, zone, leave, is_asked);
            }
        }
        for &zone in gained {
            if is_shown {
                self.desk.connections.queue_join(connection, zone, is_asked);
            } else {
                turn.command(Command::Subscribe(connection, zone));
            }
        }
        self.go_on(turn, connection);
    }

    /// What has begun in a zone for a connection that is behind and will not see it.
    fn give_up_missed(&mut self, connection: ConnectionId, zone: ZoneId) -> Vec<ObjectId> {
        let Self { objects, desk, .. } = self;
        let Some(known) = desk.connections.get_mut(connection) else {
            return Vec::new();
        };
        // What it made itself it waits for, wherever it looks by then.
        let maker = known.repository();
        let is_there = |object: ObjectId| {
            let is_in_zone = objects.get(object).is_some_and(|entry| entry.header.zone == zone);
            is_in_zone && Some(object.repository()) != maker
        };
        known.behind.as_mut().map(|behind| behind.give_up(is_there)).unwrap_or_default()
    }

    /// Tells a connection by `vz` which zones it sees, when it has caught up.
    pub(super) fn tell_zones_later(&mut self, connection: ConnectionId) {
        self.desk.connections.take_steps(connection, |step| matches!(step, Step::Tell));
        self.desk.connections.queue(connection, Step::Tell, false);
    }

    /// Shows a connection all that it may see, because it has asked for that.
    pub(super) fn show_all(&mut self, turn: &mut Turn, connection: ConnectionId) {
        // One that has not begun shows all that this one would.
        let waits = |step: &Step| matches!(step, Step::Request(request) if request.shown.is_none());
        self.desk.connections.take_steps(connection, waits);
        let known = self.desk.connections.get(connection).filter(|_| self.desk.routes.zoned);
        let zones = known.map(|known| known.zones.clone());
        let request = Request { shown: None, zones, since: self.objects.placements() };
        self.desk.connections.queue(connection, Step::Request(request), true);
        self.go_on(turn, connection);
    }

    /// Whoever makes an object waits for it, and may not have been shown its zone that far.
    pub(super) fn show_to_maker(&mut self, turn: &mut Turn, object: ObjectId, maker: ConnectionId) {
        let Some(entry) = self.objects.get(object) else {
            return;
        };
        let showing = self.desk.connections.get_mut(maker).and_then(|known| known.showing.as_mut());
        let join = showing.and_then(|showing| showing.joins.get_mut(&entry.header.zone));
        if let Some(join) = join.filter(|join| !join.has_shown(object)) {
            join.ahead.insert(object);
            self.desk.begin(turn, entry, Audience::Connection(maker));
        }
    }

    /// Answers a change of zones when what is in line before is shown.
    pub(super) fn answer_when_shown(&mut self, turn: &mut Turn, connection: ConnectionId, change: u32) {
        self.desk.connections.queue(connection, Step::Answer(change), false);
        self.go_on(turn, connection);
    }

    /// A connection has taken all that was sent to it.
    pub(super) fn drained(&mut self, turn: &mut Turn, connection: ConnectionId) {
        if !self.catch_up(turn, connection) {
            return;
        }
        if let Some(showing) =
            self.desk.connections.get_mut(connection).and_then(|known| known.showing.as_mut())
        {
            showing.is_awaited = false;
            self.go_on(turn, connection);
        }
    }

    /// A connection is over: nothing more is shown to it.
    pub(super) fn forget_showing(&mut self, connection: ConnectionId) {
        let known = self.desk.connections.get_mut(connection);
        let showing = known.and_then(|known| known.showing.take());
        for Queued { step, .. } in showing.into_iter().flat_map(|showing| showing.steps) {
            self.desk.connections.release(connection, &step);
        }
    }

    /// Sends the next piece, unless the one before it is on its way.
    fn go_on(&mut self, turn: &mut Turn, connection: ConnectionId) {
        let is_idle = |showing: &mut Box<Showing>| !showing.is_awaited;
        let known = self.desk.connections.get_mut(connection).filter(|known| !known.is_behind());
        let Some(mut showing) = known.and_then(|known| known.showing.take_if(is_idle)) else {
            return;
        };
        let mut piece = Piece::new(turn, self.limits.shown_at_once);
        let (mut done, mut asked) = (Vec::new(), 0);
        let begin = turn.mark();
        while let Some(first) = showing.steps.front() {
            let (before, is_asked) = (turn.size(), first.is_asked);
            let is_done = self.perform(turn, connection, &mut showing, &mut piece);
            asked += if is_asked { turn.size() - before } else { 0 };
            if !is_done {
                break;
            }
            done.extend(showing.pop());
        }
        let end = turn.mark();
        for step in &done {
            if let Step::Join(zone) = step {
                turn.command(Command::Subscribe(connection, *zone));
            }
        }
        // Nothing has happened meanwhile, and who joins gets the piece in one.
        turn.move_before(begin, end);
        if !showing.steps.is_empty() {
            turn.command(Command::Await(connection));
            showing.is_awaited = true;
        }
        if let Some(known) = self.desk.connections.get_mut(connection) {
            known.showing = Some(showing).filter(|showing| !showing.steps.is_empty());
        }
        done.iter().for_each(|step| self.desk.connections.release(connection, step));
        self.charge(connection, asked);
    }

    /// Does as much of the first step as there is room for; says whether that is all of it.
    fn perform(
        &self,
        turn: &mut Turn,
        connection: ConnectionId,
        Showing { steps, joins, leaves, .. }: &mut Showing,
        piece: &mut Piece,
    ) -> bool {
        let (Some(known), Some(first)) = (self.desk.connections.get(connection), steps.front_mut()) else {
            return true;
        };
        match &mut first.step {
            Step::Join(zone) => {
                joins.get_mut(zone).is_none_or(|join| self.join(turn, known, (*zone, join), piece))
            }
            Step::Leave(zone) => {
                leaves.get_mut(zone).is_none_or(|leave| self.leave(turn, known, (*zone, leave), piece))
            }
            Step::Request(request) => self.request(turn, known, request, piece),
            Step::Answer(change) => {
                let mut zones = Vec::new();
                write_zones(&known.zones, &mut Writer::new(&mut zones));
                send(turn, connection, &ProtocolMessage::ZonesShown { change: *change, zones: &zones });
                true
            }
            Step::Tell => {
                let value = known.raw_parameter(VISIBLE_ZONES).unwrap_or_default();
                send(turn, connection, &ProtocolMessage::SharedParameter { name: VISIBLE_ZONES, value });
                true
            }
        }
    }

    fn join(
        &self,
        turn: &mut Turn,
        known: &Connection,
        (zone, join): (ZoneId, &mut Join),
        piece: &mut Piece,
    ) -> bool {
        for entry in self.objects.in_zone(zone, join.shown) {
            if !piece.take(turn) {
                return false;
            }
            if self.may_show(entry, known) && !join.has_shown(entry.header.id) {
                self.desk.generate(turn, entry, Audience::Connection(known.id()));
            }
            join.shown = Some(entry.header.id);
        }
        if known.shows_zones() {
            send(turn, known.id(), &ProtocolMessage::ZoneComplete { zone: zone.0 });
        }
        true
    }

    fn leave(
        &self,
        turn: &mut Turn,
        known: &Connection,
        (zone, leave): (ZoneId, &mut Leave),
        piece: &mut Piece,
    ) -> bool {
        for entry in self.objects.in_zone(zone, leave.ended) {
            if !piece.take(turn) {
                return false;
            }
            let id = entry.header.id;
            // What it has made since ends below, once.
            if self.may_show(entry, known) && leave.is_to_end(entry, known) && !leave.has_made(entry) {
                send_end(turn, known.id(), id);
            }
            leave.ended = Some(id);
        }
        while let Some((&id, _)) = leave.made.first_key_value() {
            if !piece.take(turn) {
                return false;
            }
            let entry = self.objects.get(id).filter(|entry| entry.header.zone == zone);
            if entry.is_some_and(|entry| self.may_show(entry, known) && leave.is_to_end(entry, known)) {
                send_end(turn, known.id(), id);
            }
            leave.made.pop_first();
        }
        true
    }

    fn request(&self, turn: &mut Turn, known: &Connection, request: &mut Request, piece: &mut Piece) -> bool {
        let Request { shown, zones, since } = request;
        for entry in self.requested(*shown, zones.as_deref(), known) {
            if !piece.take(turn) {
                return false;
            }
            if self.may_show(entry, known) && entry.placed <= *since {
                self.desk.generate(turn, entry, Audience::Connection(known.id()));
            }
            *shown = Some((entry.header.zone, entry.header.id));
        }
        true
    }

    /// The objects that a request is about, from the first behind `after` on: all, or those in `zones` that the
    /// connection sees still.
    fn requested(
        &self,
        after: Option<(ZoneId, ObjectId)>,
        zones: Option<&[ZoneId]>,
        known: &Connection,
    ) -> impl Iterator<Item = &ObjectEntry> {
        let all = zones.is_none().then(|| self.objects.behind(after));
        let begins = move |zone: ZoneId| after.and_then(|(last, id)| (last == zone).then_some(id));
        let left = move |zone: &&ZoneId| after.is_none_or(|(last, _)| last <= **zone) && known.sees(**zone);
        let zones = zones.unwrap_or_default().iter().filter(left);
        let of_zones = zones.flat_map(move |zone| self.objects.in_zone(*zone, begins(*zone)));
        all.into_iter().flatten().chain(of_zones)
    }
}
