//! What connections are called where a world has several edges.
//!
//! Each edge numbers its connections by itself. Outside of it, the numbers of all edges are dealt out in turn, so that
//! no two are alike and none is left out: tables over connections stay dense. Where there is one edge, both are the
//! same.

use slotmap::{Key, KeyData};

use super::{Audience, Command, ConnectionId, Recipients};

/// Translates between the names of one edge and those that its world knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    edge: u32,
    edges: u32,
}

impl Names {
    /// Those of each of `edges` edges.
    pub(crate) fn of_each(edges: u32) -> impl Iterator<Item = Self> {
        (0..edges).map(move |edge| Self { edge, edges })
    }

    /// Which of `edges` edges has a connection, by the name that its world knows.
    pub(crate) fn edge_of(edges: usize, name: ConnectionId) -> usize {
        halves(name).1 as usize % edges
    }

    /// How many edges its world has.
    pub(crate) fn edges(self) -> usize {
        self.edges as usize
    }

    /// Whether its world has other edges, so that none of them is at hand.
    pub(crate) fn are_of_several(self) -> bool {
        self.edges > 1
    }

    /// What the world calls a connection of this edge.
    pub(crate) fn outside(self, connection: ConnectionId) -> ConnectionId {
        let (uses, place) = halves(connection);
        let place = place.checked_mul(self.edges).and_then(|place| place.checked_add(self.edge));
        from_halves(uses, place.expect("there is no memory for 2^32 connections"))
    }

    /// What this edge calls a connection, if it is one of its own.
    pub(crate) fn inside(self, name: ConnectionId) -> Option<ConnectionId> {
        let (uses, place) = halves(name);
        (place % self.edges == self.edge).then(|| from_halves(uses, place / self.edges))
    }

    /// A command of the world's in the words of this edge.
    pub(crate) fn command_inside(self, command: Command) -> Command {
        let inside =
            |name| self.inside(name).expect("a world's edges get commands for their own connections");
        match command {
            Command::Send(Recipients { audience, groups, via }) => {
                Command::Send(Recipients { audience: self.audience_inside(audience), groups, via })
            }
            Command::Admit(connection, group) => Command::Admit(inside(connection), group),
            Command::Extend(connection, extensions) => Command::Extend(inside(connection), extensions),
            Command::Subscribe(connection, zone) => Command::Subscribe(inside(connection), zone),
            Command::Unsubscribe(connection, zone) => Command::Unsubscribe(inside(connection), zone),
            Command::Suspend(connection) => Command::Suspend(inside(connection)),
            Command::Resume(connection) => Command::Resume(inside(connection)),
            Command::Await(connection) => Command::Await(inside(connection)),
            Command::Close(connection, reason) => Command::Close(inside(connection), reason),
            Command::Shutdown(reason) => Command::Shutdown(reason),
        }
    }

    fn audience_inside(self, audience: Audience) -> Audience {
        // Who is left out may be elsewhere: then nobody here is.
        let inside = |except: Option<ConnectionId>| except.and_then(|name| self.inside(name));
        match audience {
            Audience::Connection(name) => Audience::Connection(
                self.inside(name).expect("a world's edges get messages for their own connections"),
            ),
            Audience::Zone { zone, except } => Audience::Zone { zone, except: inside(except) },
            Audience::ZoneUnless { zone, unless, except } => {
                Audience::ZoneUnless { zone, unless, except: inside(except) }
            }
            Audience::ZoneAnd { zone, and, knows } => Audience::ZoneAnd { zone, and, knows },
            Audience::Everyone { except } => Audience::Everyone { except: inside(except) },
        }
    }
}

impl Default for Names {
    /// Those of a world's only edge.
    fn default() -> Self {
        Self { edge: 0, edges: 1 }
    }
}

/// How often the place of a connection was used, and the place.
fn halves(connection: ConnectionId) -> (u64, u32) {
    let raw = connection.data().as_ffi();
    let place = u32::try_from(raw & 0xffff_ffff).expect("32 bits are masked out");
    (raw >> 32, place)
}

fn from_halves(uses: u64, place: u32) -> ConnectionId {
    KeyData::from_ffi(uses << 32 | u64::from(place)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    use slotmap::SlotMap;

    #[test]
    fn names_of_all_edges_are_dense_and_lead_back() {
        let mut all = HashSet::new();
        for names in Names::of_each(3) {
            let mut links = SlotMap::<ConnectionId, ()>::with_key();
            let first = links.insert(());
            links.remove(first);
            // A place that is used again is another connection.
            for connection in [first, links.insert(()), links.insert(())] {
                let name = names.outside(connection);
                assert!(all.insert(name));
                assert_eq!(Names::edge_of(3, name), names.edge as usize);
                let inside = Names::of_each(3).map(|names| names.inside(name));
                assert_eq!(inside.flatten().collect::<Vec<_>>(), [connection]);
            }
        }
        let mut places: Vec<u32> = all.iter().map(|name| halves(*name).1).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places, [3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn the_only_edge_changes_nothing() {
        let mut links = SlotMap::<ConnectionId, ()>::with_key();
        let connection = links.insert(());
        assert_eq!(Names::default().outside(connection), connection);
        assert_eq!(Names::default().inside(connection), Some(connection));
    }
}
