//! Who is there: connections that were accepted, in all and from one address, and how many have not shaken hands.
//!
//! Who comes when all places are taken is told so and let go, before anything was made for it. Of those who have not
//! greeted the one that has waited longest gives way: a greeting takes a round trip, so it is the one least likely to
//! come. Were the newcomer refused instead, a few who never speak could keep everybody out.
//!
//! Who has greeted may wait for the application, which takes its time however serious the client is. So those who wait
//! have a share of their own, and take no place from those who come. When there are too many of them, one gives way
//! from where most of them come from: a crowd from one address crowds out itself.

use core::net::{IpAddr, SocketAddr};
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Edge;
use super::config::ConnectionConfig;
use super::ending::{Parting, goodbye};
use super::fault::Fault;
use super::limits::Limits;
use super::link::{Link, Stage};
use crate::hash::HashMap;
use crate::line::{ConnectionId, Ending, HandleUpstream, Opening, Upstream};
use crate::time::Time;

/// The connections that were accepted and are still open, of all the edges of a node: clones count together. It is
/// asked when a connection comes, has shaken hands and goes, never in between.
#[derive(Clone, Debug, Default)]
pub(crate) struct Census {
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_address: HashMap<Address, usize>,
}

/// Whom connections are counted under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Address {
    V4([u8; 4]),
    /// The network of 64 bits, which is the least that anyone is given.
    V6([u8; 8]),
}

/// What a link counts as.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    is_counted: bool,
    address: Option<Address>,
    pending: Option<Awaits>,
}

/// A place that is kept for one that is about to come, and free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Reserved {
    census: Census,
    counted: Counted,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.census.leave(&mut self.counted);
    }
}

/// What a connection in its handshake waits for, or is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaits {
    Greeting,
    Admission,
}

/// How many of those that have come to an edge have not shaken hands.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// They have not greeted.
    silent: usize,
    /// They have, and wait to be let in; each counts for where it comes from.
    waiting: usize,
    waiting_by_address: HashMap<Option<Address>, usize>,
}

impl Pending {
    fn come(&mut self) -> Option<Awaits> {
        self.silent += 1;
        Some(Awaits::Greeting)
    }

    /// It has greeted.
    pub(super) fn greet(&mut self, counted: &mut Counted) {
        if counted.pending == Some(Awaits::Greeting) {
            counted.pending = Some(Awaits::Admission);
            self.silent -= 1;
            self.waiting += 1;
            *self.waiting_by_address.entry(counted.address).or_default() += 1;
        }
    }

    /// It has shaken hands, or will not any more.
    pub(super) fn settle(&mut self, counted: &mut Counted) {
        match counted.pending.take() {
            None => {}
            Some(Awaits::Greeting) => self.silent -= 1,
            Some(Awaits::Admission) => {
                self.waiting -= 1;
                if let Entry::Occupied(mut count) = self.waiting_by_address.entry(counted.address) {
                    *count.get_mut() -= 1;
                    if *count.get() == 0 {
                        count.remove();
                    }
                }
            }
        }
    }

    /// How many wait who have come from where most of them come from.
    fn largest_crowd(&self) -> usize {
        self.waiting_by_address.values().copied().max().unwrap_or(0)
    }
}

impl Address {
    /// Nothing for this machine itself: those who come from there are proxies, tools and tests, and many.
    fn of(remote: SocketAddr) -> Option<Self> {
        match remote.ip().to_canonical() {
            ip if ip.is_loopback() => None,
            IpAddr::V4(ip) => Some(Self::V4(ip.octets())),
            IpAddr::V6(ip) => {
                let mut network = [0; 8];
                network.copy_from_slice(&ip.octets()[..8]);
                Some(Self::V6(network))
            }
        }
    }
}

impl Census {
    /// Nothing panics while it counts, so whatever became of another edge, the counts hold.
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts one that has come, unless there are too many.
    fn enter(&self, limits: &Limits, remote: Option<SocketAddr>) -> Result<Counted, Fault> {
        self.counts().enter(limits, remote.and_then(Address::of))
    }

    /// One of them is gone.
    pub(super) fn leave(&self, counted: &mut Counted) {
        self.counts().leave(counted);
    }
}

impl Counts {
    fn enter(&mut self, limits: &Limits, address: Option<Address>) -> Result<Counted, Fault> {
        if self.total >= limits.connections {
            return Err(Fault::TooManyConnections(limits.connections));
        }
        if let Some(address) = address {
            let count = self.by_address.entry(address).or_default();
            if *count >= limits.connections_per_address {
                return Err(Fault::TooManyFromThere(limits.connections_per_address));
            }
            *count += 1;
        }
        self.total += 1;
        Ok(Counted { is_counted: true, address, pending: None })
    }

    fn leave(&mut self, counted: &mut Counted) {
        if !std::mem::take(&mut counted.is_counted) {
            return;
        }
        self.total -= 1;
        if let Some(address) = counted.address
            && let Some(count) = self.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

impl Edge {
    /// Counts a connection that has come; those that this node makes are its own affair.
    pub(super) fn enter(&mut self, config: &ConnectionConfig) -> Result<Counted, Fault> {
        match config.opening {
            // Whoever comes while the node ends is told that, and goes.
            Opening::Accepted if self.shut.is_none() => {
                let counted = self.config.census.enter(&self.config.limits, config.remote)?;
                Ok(Counted { pending: self.pending.come(), ..counted })
            }
            _ => Ok(Counted::default()),
        }
    }

    /// Keeps a place for a connection that is about to come, for who has work with it before: whoever comes has to
    /// enter all the same. If there is none, the world hears of it.
    pub(crate) fn reserve(
        &mut self,
        now: Time,
        config: &ConnectionConfig,
        world: &mut impl HandleUpstream,
    ) -> Option<Reserved> {
        match self.config.census.enter(&self.config.limits, config.remote) {
            Ok(counted) => Some(Reserved { census: self.config.census.clone(), counted }),
            Err(fault) => {
                self.tell(world, Upstream::TurnedAway { remote: config.remote, why: &fault.to_string() });
                self.apply(now, world);
                None
            }
        }
    }

    /// Lets a connection go that there is no place for. The world hears of it, and nothing was made for it there.
    pub(super) fn turn_away(
        &mut self,
        now: Time,
        config: &ConnectionConfig,
        fault: &Fault,
        world: &mut impl HandleUpstream,
    ) -> ConnectionId {
        let connection = self.links.insert(Link::new(config.opening, Stage::Closing));
        self.links[connection].parting = Parting::TurnedAway(fault.reason());
        // Where bytes pass through middleware a word would take a passage of its own.
        if config.stack.is_none() {
            let ending = Ending::ByUs { reason: fault.reason(), detail: fault.detail() };
            self.say_goodbye(connection, &goodbye(&ending));
        }
        self.closings.push_back((now + self.config.limits.closing_timeout, connection));
        self.enqueue(connection);
        self.tell(world, Upstream::TurnedAway { remote: config.remote, why: &fault.to_string() });
        self.apply(now, world);
        connection
    }

    /// Ends handshakes while there are more than may be: each edge has its share of them, for no edge sees who waits on
    /// another.
    pub(super) fn bound_handshakes(&mut self, now: Time, world: &mut impl HandleUpstream) {
        let limit = self.config.limits.handshakes;
        while self.pending.silent > self.share_of(limit) {
            let Some(longest) = self.first_pending(|it| it.pending == Some(Awaits::Greeting)) else { return };
            self.fail(now, longest, &Fault::TooManyHandshakes(limit), world);
        }
    }

    /// Ends the wait of some who have greeted, while there are more of them than may be. Asked when the application
    /// has had its chance to answer at once.
    pub(super) fn bound_admissions(&mut self, now: Time, world: &mut impl HandleUpstream) {
        let limit = self.config.limits.admissions;
        while self.pending.waiting > self.share_of(limit) {
            let crowd = self.pending.largest_crowd();
            let by_address = std::mem::take(&mut self.pending.waiting_by_address);
            let is_of_crowd = |it: &Counted| {
                it.pending == Some(Awaits::Admission) && by_address.get(&it.address) == Some(&crowd)
            };
            let first = self.first_pending(is_of_crowd);
            self.pending.waiting_by_address = by_address;
            let Some(first) = first else { return };
            self.fail(now, first, &Fault::TooManyWait(limit), world);
            self.apply(now, world);
        }
    }

    fn share_of(&self, limit: usize) -> usize {
        (limit / self.config.names.edges()).max(1)
    }

    /// Of those whose handshake is not finished the first that is such a one, in the order in which they came.
    fn first_pending(&mut self, is_such: impl Fn(&Counted) -> bool) -> Option<ConnectionId> {
        while let Some((_, first)) = self.handshakes.front()
            && !self.links.get(*first).is_some_and(Link::is_unfinished)
        {
            self.handshakes.pop_front();
        }
        let is_such = |name: &ConnectionId| self.links.get(*name).is_some_and(|link| is_such(&link.counted));
        self.handshakes.iter().map(|(_, name)| *name).find(is_such)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(remote: &str) -> Option<SocketAddr> {
        Some(remote.parse().unwrap())
    }

    #[test]
    fn a_place_is_free_again_when_its_owner_has_gone() {
        let limits = Limits { connections: 2, connections_per_address: 1, ..Limits::default() };
        let census = Census::default();
        let mut first = census.enter(&limits, from("1.2.3.4:5")).unwrap();
        assert_eq!(census.enter(&limits, from("1.2.3.4:6")).unwrap_err(), Fault::TooManyFromThere(1));
        let mut second = census.enter(&limits, None).unwrap();
        assert_eq!(census.enter(&limits, from("4.3.2.1:5")).unwrap_err(), Fault::TooManyConnections(2));
        for _ in 0..2 {
            census.leave(&mut first);
        }
        let counts = |census: &Census| {
            let counts = census.counts();
            (counts.total, counts.by_address.len())
        };
        assert_eq!(counts(&census), (1, 0));
        assert!(census.enter(&limits, from("1.2.3.4:7")).is_ok());
        census.leave(&mut second);
        assert_eq!(counts(&census), (1, 1));
    }

    #[test]
    fn an_address_is_that_of_a_network_where_everyone_has_one() {
        let of = |remote| Address::of(from(remote).unwrap());
        assert_eq!(of("[2001:db8:1:2::1]:5"), of("[2001:db8:1:2:ffff::9]:6"));
        assert_ne!(of("[2001:db8:1:2::1]:5"), of("[2001:db8:1:3::1]:5"));
        assert_eq!(of("[::ffff:9.8.7.6]:5"), of("9.8.7.6:1"));
        assert_eq!((of("127.0.0.1:5"), of("[::1]:5"), of("[::ffff:127.0.0.1]:5")), (None, None, None));
    }
}
