//! Which connections are open, and which edge has any that see a zone: so that an edge hears only what concerns it.

use slotmap::SecondaryMap;

use crate::hash::HashMap;
use crate::line::{ConnectionId, Names, Opening, ZoneId};

/// The connections of all edges as their world knows them.
#[derive(Debug)]
pub(super) struct Viewers {
    open: SecondaryMap<ConnectionId, Viewer>,
    /// For each zone that anybody sees, how many of each edge do.
    zones: HashMap<ZoneId, Box<[u32]>>,
    edges: usize,
}

#[derive(Debug)]
struct Viewer {
    opening: Opening,
    is_admitted: bool,
    /// The zones it sees, sorted.
    zones: Vec<ZoneId>,
}

impl Viewers {
    pub(super) fn new(edges: usize) -> Self {
        Self { open: SecondaryMap::new(), zones: HashMap::default(), edges }
    }

    pub(super) fn insert(&mut self, connection: ConnectionId, opening: Opening) {
        self.open.insert(connection, Viewer { opening, is_admitted: false, zones: Vec::new() });
    }

    /// Forgets a connection; says whether it was open.
    pub(super) fn remove(&mut self, connection: ConnectionId) -> bool {
        let viewer = self.open.remove(connection);
        let was_open = viewer.is_some();
        for zone in viewer.into_iter().flat_map(|viewer| viewer.zones) {
            self.count_down(connection, zone);
        }
        was_open
    }

    pub(super) fn is_open(&self, connection: ConnectionId) -> bool {
        self.open.contains_key(connection)
    }

    /// The world has admitted a connection.
    pub(super) fn admit(&mut self, connection: ConnectionId) {
        if let Some(viewer) = self.open.get_mut(connection) {
            viewer.is_admitted = true;
        }
    }

    /// Whether it has.
    pub(super) fn is_admitted(&self, connection: ConnectionId) -> bool {
        self.open.get(connection).is_some_and(|viewer| viewer.is_admitted)
    }

    /// Those that came to us, in a defined order.
    pub(super) fn accepted(&self) -> impl Iterator<Item = ConnectionId> {
        let accepted = self.open.iter().filter(|(_, viewer)| viewer.opening == Opening::Accepted);
        accepted.map(|(connection, _)| connection)
    }

    pub(super) fn subscribe(&mut self, connection: ConnectionId, zone: ZoneId) {
        let Some(viewer) = self.open.get_mut(connection) else {
            return;
        };
        if let Err(place) = viewer.zones.binary_search(&zone) {
            viewer.zones.insert(place, zone);
            let edges = self.edges;
            let counts = self.zones.entry(zone).or_insert_with(|| vec![0; edges].into());
            counts[Names::edge_of(edges, connection)] += 1;
        }
    }

    pub(super) fn unsubscribe(&mut self, connection: ConnectionId, zone: ZoneId) {
        let Some(viewer) = self.open.get_mut(connection) else {
            return;
        };
        if let Ok(place) = viewer.zones.binary_search(&zone) {
            viewer.zones.remove(place);
            self.count_down(connection, zone);
        }
    }

    /// The edges with somebody who sees a zone.
    pub(super) fn edges_of(&self, zone: ZoneId) -> impl Iterator<Item = usize> + use<> {
        let counts = self.zones.get(&zone);
        // As bits, so that nothing is borrowed while the edges are written to.
        let seen = counts.map_or(0_u64, |counts| {
            counts.iter().rev().fold(0, |bits, count| bits << 1 | u64::from(*count > 0))
        });
        (0..self.edges).filter(move |edge| seen >> edge & 1 == 1)
    }

    fn count_down(&mut self, connection: ConnectionId, zone: ZoneId) {
        let counts = self.zones.get_mut(&zone).expect("somebody was counted who saw the zone");
        counts[Names::edge_of(self.edges, connection)] -= 1;
        if counts.iter().all(|count| *count == 0) {
            self.zones.remove(&zone);
        }
    }
}
