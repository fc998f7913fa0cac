//! The objects of a node, and the indexes that find them without a scan.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};

use super::contract::{ErasedState, Slot};
use super::id::{Authority, ObjectId, Repository};
use crate::hash::HashMap;
use crate::line::{ConnectionId, ZoneId};
use crate::schema::{ObjectDescriptor, Role};
use crate::wire::{EncodeFault, Writer};

/// What is known of an object besides its state.
#[derive(Debug)]
pub(crate) struct ObjectHeader {
    pub(crate) id: ObjectId,
    pub(crate) type_number: u16,
    pub(crate) contract: &'static ObjectDescriptor,
    pub(crate) owner: Repository,
    pub(crate) zone: ZoneId,
    pub(crate) origin: Origin,
    /// Whether this node is the owner.
    pub(crate) is_mine: bool,
}

/// Who has authority over an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This node.
    Here,
    /// The node at the other end.
    Peer(ConnectionId),
}

impl ObjectHeader {
    /// Which role's view this node has of it.
    pub(super) fn side(&self) -> Role {
        match self.origin {
            Origin::Here => Role::SERVER,
            Origin::Peer(_) => Role::CLIENT,
        }
    }
}

/// One object.
#[derive(Debug)]
pub(crate) struct ObjectEntry {
    pub(crate) header: ObjectHeader,
    pub(crate) slot: Slot,
    /// Empty where another node has authority.
    pub(crate) snapshot: Snapshot,
    /// Whether all state of the first GENERATE has come.
    pub(crate) is_complete: bool,
    /// When it came to its zone: the count of the store's placements. Written by the store.
    pub(crate) placed: u64,
}

/// All objects of a node.
#[derive(Debug, Default)]
pub(crate) struct Store {
    /// How many objects were looked at, ever: the measure of what a message costs.
    visits: Cell<u64>,
    /// How often an object was put into a zone, ever.
    placements: u64,
    objects: HashMap<ObjectId, ObjectEntry>,
    /// Ordered, so that what is walked comes in the same order on every run.
    by_zone: BTreeMap<ZoneId, BTreeSet<ObjectId>>,
    by_owner: HashMap<(Authority, Repository), BTreeSet<ObjectId>>,
    /// How many objects name a repository, as maker or as owner: it is not handed out again until none does.
    repositories: HashMap<(Authority, Repository), usize>,
}

impl Store {
    /// How many objects were looked at so far.
    pub(super) fn visits(&self) -> u64 {
        self.visits.get()
    }

    fn visit(&self) {
        self.visits.set(self.visits.get() + 1);
    }

    pub(super) fn get(&self, id: ObjectId) -> Option<&ObjectEntry> {
        self.visit();
        self.objects.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: ObjectId) -> Option<&mut ObjectEntry> {
        self.visit();
        self.objects.get_mut(&id)
    }

    pub(super) fn contains(&self, id: ObjectId) -> bool {
        self.objects.contains_key(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    /// Adds an object whose id is not taken.
    pub(super) fn insert(&mut self, mut entry: ObjectEntry) {
        let ObjectHeader { id, owner, zone, .. } = entry.header;
        self.placements += 1;
        entry.placed = self.placements;
        self.by_zone.entry(zone).or_default().insert(id);
        let authority = id.authority();
        self.by_owner.entry((authority, owner)).or_default().insert(id);
        for repository in [id.repository(), owner] {
            *self.repositories.entry((authority, repository)).or_default() += 1;
        }
        self.objects.insert(id, entry);
    }

    pub(super) fn remove(&mut self, id: ObjectId) -> Option<ObjectEntry> {
        let entry = self.objects.remove(&id)?;
        let ObjectHeader { owner, zone, .. } = entry.header;
        remove_from(self.by_zone.get_mut(&zone), id).then(|| self.by_zone.remove(&zone));
        let owner = (id.authority(), owner);
        remove_from(self.by_owner.get_mut(&owner), id).then(|| self.by_owner.remove(&owner));
        for repository in [id.repository(), owner.1].map(|repository| (id.authority(), repository)) {
            let names = self.repositories.get_mut(&repository).expect("counted when the object was inserted");
            *names -= 1;
            if *names == 0 {
                self.repositories.remove(&repository);
            }
        }
        Some(entry)
    }

    /// Moves an object to an owner, who may be this node, and a zone.
    pub(super) fn set_place(&mut self, id: ObjectId, owner: Repository, zone: ZoneId, is_mine: bool) {
        let Some(mut entry) = self.remove(id) else { return };
        entry.header = ObjectHeader { owner, zone, is_mine, ..entry.header };
        self.insert(entry);
    }

    /// Whether an object of ours names `repository`.
    pub(super) fn names(&self, repository: Repository) -> bool {
        self.repositories.contains_key(&(Authority::default(), repository))
    }

    /// How many objects of ours belong to `owner`.
    pub(super) fn count_of(&self, owner: Repository) -> usize {
        self.by_owner.get(&(Authority::default(), owner)).map_or(0, BTreeSet::len)
    }

    /// The objects of `authority` that belong to `owner`, in order.
    pub(super) fn of_owner(&self, authority: Authority, owner: Repository) -> Vec<ObjectId> {
        self.by_owner.get(&(authority, owner)).into_iter().flatten().copied().collect()
    }

    /// This moment, to compare with when objects came to their zones: none that is there came later.
    pub(super) fn placements(&self) -> u64 {
        self.placements
    }

    /// The numbers of the objects in one zone, if there are any.
    pub(super) fn ids_in(&self, zone: ZoneId) -> Option<&BTreeSet<ObjectId>> {
        self.by_zone.get(&zone)
    }

    /// The objects in one zone, in order, from the first behind `after` on.
    pub(super) fn in_zone(
        &self,
        zone: ZoneId,
        after: Option<ObjectId>,
    ) -> impl Iterator<Item = &ObjectEntry> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let ids = self.by_zone.get(&zone).map(|ids| ids.range((from, Bound::Unbounded)));
        ids.into_iter().flatten().filter_map(|id| self.get(*id))
    }

    /// All objects, by zone and then in order, from the first behind `after` on.
    pub(super) fn behind(&self, after: Option<(ZoneId, ObjectId)>) -> impl Iterator<Item = &ObjectEntry> {
        let rest = after.into_iter().flat_map(|(zone, id)| self.in_zone(zone, Some(id)));
        let zones = after.map_or(Bound::Unbounded, |(zone, _)| Bound::Excluded(zone));
        let others = self.by_zone.range((zones, Bound::Unbounded)).flat_map(|(_, ids)| ids);
        rest.chain(others.filter_map(|id| self.get(*id)))
    }

    /// All objects, by zone and then in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &ObjectEntry> {
        self.by_zone.values().flatten().filter_map(|id| self.get(*id))
    }
}

/// Takes `id` out of a set and says whether the set is empty now.
fn remove_from(set: Option<&mut BTreeSet<ObjectId>>, id: ObjectId) -> bool {
    set.is_some_and(|set| {
        set.remove(&id);
        set.is_empty()
    })
}

/// The encoded state of an object: for each property the arguments that set it, and then the last arguments of each
/// call that is kept, in the order in which they were first made.
///
/// There are no more entries than the tables of the contract have fields, and none is larger than its type allows.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    bytes: Vec<u8>,
    /// Where each entry ends.
    ends: Vec<usize>,
    /// The role and the field of each entry that is a call: they come last.
    calls: Vec<(u8, u8)>,
}

/// What a handler changed in a snapshot, to put it back.
#[derive(Debug, Default)]
pub(crate) struct Undo {
    bytes: Vec<u8>,
    changes: Vec<Change>,
}

/// One change of an entry.
#[derive(Debug)]
enum Change {
    /// It was not there.
    Added,
    /// Its old bytes are here.
    Replaced { entry: usize, bytes: Range<usize> },
}

impl Undo {
    /// The entries that were changed; one that was changed twice comes twice.
    pub(super) fn changed(&self) -> impl Iterator<Item = usize> {
        self.changes.iter().filter_map(|change| match change {
            Change::Added => None,
            Change::Replaced { entry, .. } => Some(*entry),
        })
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.changes.clear();
    }
}

impl Snapshot {
    /// The snapshot of a new object.
    pub(super) fn of(state: &dyn ErasedState, properties: usize) -> Result<Self, EncodeFault> {
        let mut snapshot = Self::default();
        for property in 0..properties {
            let mut w = Writer::new(&mut snapshot.bytes);
            state.encode_property(property, &mut w);
            w.fault().map_or(Ok(()), Err)?;
            snapshot.ends.push(snapshot.bytes.len());
        }
        Ok(snapshot)
    }

    /// How many properties it holds.
    pub(super) fn properties(&self) -> usize {
        self.ends.len() - self.calls.len()
    }

    /// The arguments that set a property.
    pub(super) fn property(&self, property: usize) -> &[u8] {
        self.entry(property)
    }

    /// The calls that are kept, with their last arguments, in the order in which they were first made.
    pub(super) fn calls(&self) -> impl Iterator<Item = ((u8, u8), &[u8])> {
        (self.properties()..).zip(&self.calls).map(|(entry, place)| (*place, self.entry(entry)))
    }

    /// Replaces a property and remembers what it was.
    pub(super) fn set(&mut self, property: usize, value: &[u8], undo: &mut Undo) {
        let start = undo.bytes.len();
        undo.bytes.extend_from_slice(self.entry(property));
        undo.changes.push(Change::Replaced { entry: property, bytes: start..undo.bytes.len() });
        self.replace(property, value);
    }

    /// Keeps a call, and remembers what was kept of it before.
    pub(super) fn keep(&mut self, place: (u8, u8), arguments: &[u8], undo: &mut Undo) {
        if let Some(call) = self.calls.iter().position(|known| *known == place) {
            return self.set(self.properties() + call, arguments, undo);
        }
        undo.changes.push(Change::Added);
        self.bytes.extend_from_slice(arguments);
        self.ends.push(self.bytes.len());
        self.calls.push(place);
    }

    /// Puts back everything that `undo` remembers, latest first.
    pub(super) fn restore(&mut self, undo: &Undo) {
        for change in undo.changes.iter().rev() {
            match change {
                Change::Added => {
                    self.calls.pop();
                    self.ends.pop();
                    self.bytes.truncate(self.start(self.ends.len()));
                }
                Change::Replaced { entry, bytes } => self.replace(*entry, &undo.bytes[bytes.clone()]),
            }
        }
    }

    fn entry(&self, entry: usize) -> &[u8] {
        &self.bytes[self.start(entry)..self.ends[entry]]
    }

    fn start(&self, entry: usize) -> usize {
        entry.checked_sub(1).map_or(0, |before| self.ends[before])
    }

    fn replace(&mut self, entry: usize, value: &[u8]) {
        let range = self.start(entry)..self.ends[entry];
        if range.len() == value.len() {
            self.bytes[range].copy_from_slice(value);
            return;
        }
        let (old, new) = (range.len(), value.len());
        self.bytes.splice(range, value.iter().copied());
        for end in &mut self.ends[entry..] {
            *end = *end + new - old;
        }
    }
}
