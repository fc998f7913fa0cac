//! A network in memory over simulated time.

use std::collections::VecDeque;
use std::time::Duration;

use super::RawPeer;
use crate::hash::HashMap;
use crate::line::ConnectionId;
use crate::node::{ConnectionConfig, Node};
use crate::schema::Role;
use crate::time::Time;
use crate::world::NodeCx;

/// A node of a [`Net`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host(usize);

/// A raw peer's place in a [`Net`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawLink(usize);

/// Nodes and the connections between them, over simulated time.
///
/// Time stands still until [`advance`](Self::advance). Nothing happens to a node but by a call of the test's: what a
/// node was asked to do by its [handle](Node::handle) is done at the next one. Endpoints that a node was built with
/// are not opened; [`connect`](Self::connect) takes their place.
#[derive(Debug)]
pub struct Net {
    now: Time,
    nodes: Vec<Node>,
    links: Vec<Link>,
    /// Those that are open, in order.
    open: Vec<usize>,
    /// The link and the side of each node's connections, as long as they are open.
    ends: HashMap<(usize, ConnectionId), (usize, usize)>,
    latency: Duration,
    jitter: Duration,
    max_piece: usize,
    /// One delivery in so many breaks its connection; none if it is 0.
    breaks: u32,
    /// Pairs of nodes between which nothing passes.
    partitions: Vec<[Host; 2]>,
    random: u64,
}

/// A stream between two ends. An end that is not at a node belongs to the test.
#[derive(Debug)]
struct Link {
    ends: [End; 2],
    is_open: bool,
}

#[derive(Debug)]
struct End {
    at: Place,
    /// Bytes on their way to this end, with the time of their arrival.
    inbound: VecDeque<(Time, Vec<u8>)>,
    is_lost: bool,
    /// It takes no bytes.
    is_stuck: bool,
}

#[derive(Debug)]
enum Place {
    Node(Host, ConnectionId),
    Raw(Box<RawPeer>),
}

/// More steps than any test needs to settle.
const MANY_STEPS: usize = 1_000_000;

impl Net {
    /// An empty network whose bytes arrive at once.
    pub fn new() -> Self {
        Self::with_seed(1)
    }

    /// An empty network whose choices follow from `seed`.
    pub fn with_seed(seed: u64) -> Self {
        let random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Self {
            now: Time::ZERO,
            nodes: Vec::new(),
            links: Vec::new(),
            open: Vec::new(),
            ends: HashMap::default(),
            latency: Duration::ZERO,
            jitter: Duration::ZERO,
            max_piece: 0,
            breaks: 0,
            partitions: Vec::new(),
            random,
        }
    }

    /// How long bytes take that are sent from now on; no time if nothing is said.
    pub fn set_latency(&mut self, latency: Duration) {
        self.latency = latency;
    }

    /// How much longer than the [latency](Self::set_latency) bytes may take, by chance. Those of one connection stay
    /// in order; those of several overtake each other.
    pub fn set_jitter(&mut self, jitter: Duration) {
        self.jitter = jitter;
    }

    /// The most bytes that arrive at once, cut anywhere, as streams are: each piece has by chance from one byte to so
    /// many. 0, which is how it begins, is no bound.
    pub fn set_max_piece(&mut self, bytes: usize) {
        self.max_piece = bytes;
    }

    /// Lets connections break: by chance one delivery in so many ends the connection that it came over, on both sides
    /// and without a word. 0, which is how it begins, breaks none.
    pub fn set_breaks(&mut self, one_in: u32) {
        self.breaks = one_in;
    }

    /// Lets nothing pass between two nodes until they [heal](Self::heal): no side hears of it. What is sent meanwhile
    /// arrives afterwards, unless somebody has lost patience before.
    pub fn partition(&mut self, first: Host, second: Host) {
        if !self.is_between([first, second]) {
            self.partitions.push([first, second]);
        }
    }

    /// Ends a [partition](Self::partition); what has waited arrives.
    pub fn heal(&mut self, first: Host, second: Host) {
        self.partitions.retain(|pair| !is_pair(*pair, [first, second]));
        self.settle();
    }

    /// Ends all partitions.
    pub fn heal_all(&mut self) {
        self.partitions.clear();
        self.settle();
    }

    /// The simulated time.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Adds a node.
    pub fn add(&mut self, node: Node) -> Host {
        self.nodes.push(node);
        Host(self.nodes.len() - 1)
    }

    /// A node.
    pub fn node(&mut self, host: Host) -> &mut Node {
        &mut self.nodes[host.0]
    }

    /// Does something with a node, and lets what follows happen.
    pub fn run<R>(&mut self, host: Host, act: impl FnOnce(&mut NodeCx<'_>) -> R) -> R {
        let outcome = self.nodes[host.0].run(self.now, act);
        self.settle();
        outcome
    }

    /// Connects a client to a server, and lets the handshake happen.
    pub fn connect(&mut self, client: Host, server: Host) -> (ConnectionId, ConnectionId) {
        self.connect_by(client, &ConnectionConfig::dialed(), server, &ConnectionConfig::accepted())
    }

    /// Connects two nodes whose endpoints are configured so, and lets the handshake happen.
    pub fn connect_by(
        &mut self,
        client: Host,
        dialed: &ConnectionConfig,
        server: Host,
        accepted: &ConnectionConfig,
    ) -> (ConnectionId, ConnectionId) {
        let near = self.nodes[client.0].handle_opened(self.now, dialed);
        let far = self.nodes[server.0].handle_opened(self.now, accepted);
        self.add_link(Place::Node(client, near), Place::Node(server, far));
        self.settle();
        (near, far)
    }

    /// Connects a peer that the test plays to a server.
    pub fn raw_client(&mut self, server: Host) -> RawLink {
        self.raw_client_by(server, &ConnectionConfig::accepted())
    }

    /// Connects a peer that the test plays to a server whose endpoint is configured so.
    pub fn raw_client_by(&mut self, server: Host, accepted: &ConnectionConfig) -> RawLink {
        let far = self.nodes[server.0].handle_opened(self.now, accepted);
        let link = self.add_link(Place::Raw(Box::default()), Place::Node(server, far));
        self.settle();
        link
    }

    /// Connects a peer that the test plays to a server, for which it has another role than that of a client.
    pub fn raw_client_as(&mut self, role: Role, server: Host) -> RawLink {
        let config = ConnectionConfig::accepted().peer_role(role);
        let far = self.nodes[server.0].handle_opened(self.now, &config);
        let link = self.add_link(Place::Raw(Box::default()), Place::Node(server, far));
        self.settle();
        link
    }

    /// Connects a client to a server that the test plays.
    pub fn raw_server(&mut self, client: Host) -> RawLink {
        let near = self.nodes[client.0].handle_opened(self.now, &ConnectionConfig::dialed());
        let link = self.add_link(Place::Raw(Box::default()), Place::Node(client, near));
        self.settle();
        link
    }

    /// A peer that the test plays.
    pub fn raw(&mut self, link: RawLink) -> &mut RawPeer {
        match &mut self.links[link.0].ends[0].at {
            Place::Raw(peer) => peer,
            Place::Node(..) => unreachable!("a RawLink is made for a raw peer"),
        }
    }

    /// The node's name for a raw peer's connection.
    pub fn connection_of(&self, link: RawLink) -> ConnectionId {
        match self.links[link.0].ends[1].at {
            Place::Node(_, connection) => connection,
            Place::Raw(_) => unreachable!("the far end of a raw peer is a node"),
        }
    }

    /// Lets a raw peer stop (or begin again) to take bytes.
    pub fn set_stuck(&mut self, link: RawLink, is_stuck: bool) {
        self.links[link.0].ends[0].is_stuck = is_stuck;
        if let (false, Place::Node(host, connection)) = (is_stuck, &self.links[link.0].ends[1].at) {
            self.nodes[host.0].handle_writable(*connection);
        }
    }

    /// Ends the connections between two nodes without a word. Both sides notice at once; what was on its way is lost.
    pub fn cut(&mut self, first: Host, second: Host) {
        for index in self.open.clone() {
            if self.hosts(index).is_some_and(|hosts| is_pair(hosts, [first, second])) {
                self.lose(index, "cut");
            }
        }
        self.settle();
    }

    /// Lets time pass, and everything that happens in it.
    pub fn advance(&mut self, by: Duration) {
        let end = self.now + by;
        self.settle();
        while let Some(next) = self.next_time().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.fire_timeouts();
            self.settle();
        }
        self.now = end;
        self.fire_timeouts();
        self.settle();
    }

    /// Moves bytes until nothing more happens now; with latency, [`advance`](Self::advance) moves the rest.
    pub fn settle(&mut self) {
        for _ in 0..MANY_STEPS {
            if !self.step() {
                return;
            }
        }
        panic!("the network does not come to rest");
    }

    /// One step: what nodes and raw peers have to say goes on its way, and one piece of what has arrived on each
    /// connection is taken in.
    fn step(&mut self) -> bool {
        let mut moved = self.collect_raw();
        for host in 0..self.nodes.len() {
            self.nodes[host].handle_commands(self.now);
            if self.nodes[host].poll_timeout().is_some_and(|due| due <= self.now) {
                self.nodes[host].handle_timeout(self.now);
                moved = true;
            }
            moved |= self.collect(host);
        }
        moved | self.deliver()
    }

    /// Takes the output of a node.
    fn collect(&mut self, host: usize) -> bool {
        let mut moved = false;
        while let Some((connection, bytes)) = self.transmit(host) {
            moved = true;
            let len = bytes.len();
            let taken = match self.far_end(host, connection) {
                Some((link, side)) if self.links[link].ends[side].is_stuck => 0,
                Some((link, side)) => {
                    self.send(link, side, bytes);
                    len
                }
                None => len,
            };
            self.nodes[host].handle_written(connection, taken);
        }
        while let Some(connection) = self.nodes[host].poll_closed() {
            moved = true;
            if let Some((link, side)) = self.far_end(host, connection) {
                self.links[link].ends[side].is_lost = true;
            }
        }
        moved
    }

    fn transmit(&mut self, host: usize) -> Option<(ConnectionId, Vec<u8>)> {
        let transmit = self.nodes[host].poll_transmit(self.now)?;
        Some((transmit.connection, transmit.bytes.to_vec()))
    }

    /// Puts bytes on their way to one end of a link, behind those that are.
    fn send(&mut self, link: usize, side: usize, bytes: Vec<u8>) {
        let earliest = self.now + self.latency + self.random_part(self.jitter);
        let inbound = &mut self.links[link].ends[side].inbound;
        let arrival = inbound.back().map_or(earliest, |(last, _)| earliest.max(*last));
        inbound.push_back((arrival, bytes));
    }

    fn collect_raw(&mut self) -> bool {
        let mut moved = false;
        for index in self.open.clone() {
            let Place::Raw(peer) = &mut self.links[index].ends[0].at else {
                continue;
            };
            let hangs_up = peer.hangs_up;
            if !peer.outgoing.is_empty() {
                let bytes = std::mem::take(&mut peer.outgoing);
                self.send(index, 1, bytes);
                moved = true;
            }
            if hangs_up && self.links[index].ends[1].inbound.is_empty() {
                self.lose(index, "hung up");
                moved = true;
            }
        }
        moved
    }

    fn deliver(&mut self) -> bool {
        let mut moved = false;
        for index in self.open.clone() {
            if self.is_held(index) {
                continue;
            }
            for side in 0..2 {
                moved |= self.deliver_to(index, side);
            }
            let link = &self.links[index];
            let is_lost = link.is_open && link.ends.iter().any(|end| end.is_lost && end.inbound.is_empty());
            if is_lost {
                self.lose(index, "closed by the other side");
                moved = true;
            }
        }
        moved
    }

    fn deliver_to(&mut self, index: usize, side: usize) -> bool {
        let has_arrived = |(arrival, _): &(Time, Vec<u8>)| *arrival <= self.now;
        if !self.links[index].ends[side].inbound.front().is_some_and(has_arrived) {
            return false;
        }
        if self.breaks > 0 && self.random().is_multiple_of(u64::from(self.breaks)) {
            self.lose(index, "broken");
            return true;
        }
        let max = match self.max_piece {
            0 => usize::MAX,
            most => 1 + usize::try_from(self.random() % most as u64).expect("less than a usize"),
        };
        let end = &mut self.links[index].ends[side];
        let (_, bytes) = end.inbound.front_mut().expect("it was looked at above");
        let piece: Vec<u8> = bytes.drain(..bytes.len().min(max)).collect();
        if bytes.is_empty() {
            end.inbound.pop_front();
        }
        match &mut end.at {
            Place::Raw(peer) => peer.receive(&piece),
            Place::Node(host, connection) => {
                self.nodes[host.0].handle_bytes(self.now, *connection, &piece);
            }
        }
        true
    }

    /// Ends a link for both sides.
    fn lose(&mut self, index: usize, cause: &str) {
        let now = self.now;
        self.open.retain(|open| *open != index);
        let link = &mut self.links[index];
        link.is_open = false;
        for end in &mut link.ends {
            end.inbound = VecDeque::new();
            match &mut end.at {
                Place::Raw(peer) => peer.is_closed = true,
                Place::Node(host, connection) => {
                    self.ends.remove(&(host.0, *connection));
                    self.nodes[host.0].handle_lost(now, *connection, cause);
                }
            }
        }
    }

    /// The nodes at both ends of a link, unless the test plays one of them.
    fn hosts(&self, index: usize) -> Option<[Host; 2]> {
        match &self.links[index].ends {
            [End { at: Place::Node(near, _), .. }, End { at: Place::Node(far, _), .. }] => {
                Some([*near, *far])
            }
            _ => None,
        }
    }

    fn is_between(&self, hosts: [Host; 2]) -> bool {
        self.partitions.iter().any(|pair| is_pair(*pair, hosts))
    }

    /// Whether a partition holds back what is on its way over a link.
    fn is_held(&self, index: usize) -> bool {
        !self.partitions.is_empty() && self.hosts(index).is_some_and(|hosts| self.is_between(hosts))
    }

    /// Where the bytes of a node's connection go: the link, and the other side of it.
    fn far_end(&self, host: usize, connection: ConnectionId) -> Option<(usize, usize)> {
        self.ends.get(&(host, connection)).map(|(link, side)| (*link, 1 - side))
    }

    fn fire_timeouts(&mut self) {
        for node in &mut self.nodes {
            if node.poll_timeout().is_some_and(|due| due <= self.now) {
                node.handle_timeout(self.now);
            }
        }
    }

    fn next_time(&self) -> Option<Time> {
        let moving = self.open.iter().filter(|index| !self.is_held(**index));
        let ends = moving.flat_map(|index| &self.links[*index].ends);
        let arrivals = ends.filter_map(|end| Some(end.inbound.front()?.0));
        let timeouts = self.nodes.iter().filter_map(Node::poll_timeout);
        arrivals.chain(timeouts).min()
    }

    fn add_link(&mut self, near: Place, far: Place) -> RawLink {
        let index = self.links.len();
        for (side, place) in [&near, &far].into_iter().enumerate() {
            if let Place::Node(host, connection) = place {
                self.ends.insert((host.0, *connection), (index, side));
            }
        }
        let end = |at| End { at, inbound: VecDeque::new(), is_lost: false, is_stuck: false };
        self.links.push(Link { ends: [end(near), end(far)], is_open: true });
        self.open.push(index);
        RawLink(index)
    }

    /// Some part of a time, by chance.
    fn random_part(&mut self, whole: Duration) -> Duration {
        match whole.as_nanos() {
            0 => Duration::ZERO,
            nanos => {
                let most = u64::try_from(nanos).unwrap_or(u64::MAX);
                Duration::from_nanos(self.random() % most.saturating_add(1).max(1))
            }
        }
    }

    /// xorshift64: enough to choose how bytes are cut.
    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random >> 16
    }
}

impl Default for Net {
    fn default() -> Self {
        Self::new()
    }
}

fn is_pair(pair: [Host; 2], hosts: [Host; 2]) -> bool {
    pair == hosts || pair == [hosts[1], hosts[0]]
}
