//! What is in line for connections: which zones each has to join and to leave, how far it is with that, and who is
//! found by which zone.
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
use super::store::{ObjectEntry, ObjectHeader};
use crate::hash::HashMap;
use crate::line::{Audience, ConnectionId, ZoneId};

/// What one connection is still to be shown, in order. None that is empty is kept.
///
/// However often it changes its mind, each zone is in line to be joined once and to be left once: what was not begun is
/// taken out again.
#[derive(Debug, Default)]
pub(super) struct Showing {
    pub(super) steps: VecDeque<Queued>,
    /// How far the zones are that are in line to be joined: each has its step. Only that of the first one has begun.
    pub(super) joins: HashMap<ZoneId, Join>,
    /// The same for those to be left.
    pub(super) leaves: HashMap<ZoneId, Leave>,
    /// A piece is on its way: the edge says when it was taken.
    pub(super) is_awaited: bool,
}

#[derive(Debug)]
pub(super) struct Queued {
    pub(super) step: Step,
    /// The connection has asked for it, and is charged.
    pub(super) is_asked: bool,
}

/// One thing that is done in pieces. Only the first in line may have begun.
#[derive(Debug)]
pub(super) enum Step {
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
pub(super) struct Join {
    /// Up to where.
    pub(super) shown: Option<ObjectId>,
    /// Objects behind that which were shown all the same: whoever makes one waits for it.
    pub(super) ahead: BTreeSet<ObjectId>,
}

/// Ends what the connection knows of a zone that is out of its sight.
#[derive(Debug)]
pub(super) struct Leave {
    /// Up to where.
    pub(super) ended: Option<ObjectId>,
    /// How far it had joined the zone, if it was not of its audience.
    pub(super) joined: Option<Join>,
    /// When it left: what came to the zone later is not known,
    pub(super) since: u64,
    /// and what came while the connection was behind is not either; sorted.
    pub(super) missed: Vec<ObjectId>,
    /// What it has made in the zone since, when it was in line to join it again, and when that was over.
    pub(super) made: BTreeMap<ObjectId, u64>,
}

/// Shows all that was there and that the connection may see, whether it knows it or not.
#[derive(Debug)]
pub(super) struct Request {
    /// Up to where.
    pub(super) shown: Option<(ZoneId, ObjectId)>,
    /// The zones that it saw then, sorted; `None` on a node without zones.
    pub(super) zones: Option<Vec<ZoneId>>,
    /// When it asked: of what came later it was told then.
    pub(super) since: u64,
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
    pub(super) fn has_shown(&self, id: ObjectId) -> bool {
        self.shown >= Some(id) || self.ahead.contains(&id)
    }

    /// Whether the connection knows anything by it.
    pub(super) fn has_begun(&self) -> bool {
        self.shown.is_some() || !self.ahead.is_empty()
    }
}

impl Leave {
    /// Whether an object in the zone is known and has not been ended. What a plain peer made itself stays with it.
    pub(super) fn is_to_end(&self, entry: &ObjectEntry, known: &Connection) -> bool {
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
    pub(super) fn has_made(&self, entry: &ObjectEntry) -> bool {
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

    /// Whether an audience has a connection in it.
    pub(super) fn is_in(&self, audience: Audience, known: &Connection) -> bool {
        let id = known.id();
        let is_ready = known.is_ready();
        let sees = |zone| self.is_member(known, zone);
        match audience {
            Audience::Connection(one) => one == id,
            Audience::Zone { zone, except } => is_ready && sees(zone) && except != Some(id),
            Audience::ZoneUnless { zone, unless, except } => {
                is_ready && sees(zone) && !sees(unless) && except != Some(id)
            }
            Audience::ZoneAnd { zone, and, knows } => {
                is_ready && sees(zone) && sees(and) && known.extensions.contains(knows)
            }
            Audience::Everyone { except } => is_ready && except != Some(id),
        }
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
    pub(super) fn queue(&mut self, connection: ConnectionId, step: Step, is_asked: bool) {
        if self.get(connection).is_some() {
            self.partly.add(&step, connection);
        }
        if let Some(known) = self.get_mut(connection) {
            known.showing.get_or_insert_default().push(Queued { step, is_asked });
        }
    }

    /// Puts a zone in line to be joined.
    pub(super) fn queue_join(&mut self, connection: ConnectionId, zone: ZoneId, is_asked: bool) {
        self.queue(connection, Step::Join(zone), is_asked);
        if let Some(showing) = self.get_mut(connection).and_then(|known| known.showing.as_mut()) {
            showing.joins.insert(zone, Join::default());
        }
    }

    /// Puts a zone in line to be left. If it is already, the connection was not of its audience since.
    pub(super) fn queue_leave(
        &mut self,
        connection: ConnectionId,
        zone: ZoneId,
        leave: Leave,
        is_asked: bool,
    ) {
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
    pub(super) fn release(&mut self, connection: ConnectionId, step: &Step) {
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
    pub(super) fn take_joins(&mut self, connection: ConnectionId, zones: &[ZoneId]) -> HashMap<ZoneId, Join> {
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
    pub(super) fn take_steps(&mut self, connection: ConnectionId, is_meant: impl Fn(&Step) -> bool) {
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
    pub(super) fn pop(&mut self) -> Option<Step> {
        let Queued { step, .. } = self.steps.pop_front()?;
        match step {
            Step::Join(zone) => drop(self.joins.remove(&zone)),
            Step::Leave(zone) => drop(self.leaves.remove(&zone)),
            _ => {}
        }
        Some(step)
    }
}
