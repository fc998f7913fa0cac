//! A network in memory over simulated time.

use std::collections::VecDeque;
use std::time::Duration;

use magicnet::{ConnectionConfig, ConnectionId, Node, NodeCx, Role, Time};

use crate::RawPeer;

/// A node of a [`Net`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host(usize);

/// Nodes and the links between them.
#[derive(Debug)]
pub struct Net {
    now: Time,
    nodes: Vec<Node>,
    links: Vec<Link>,
    latency: Duration,
    /// The most bytes that arrive at once; 0 for no bound.
    pub max_piece: usize,
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

/// A raw peer's place in a [`Net`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawLink(usize);

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
            latency: Duration::ZERO,
            max_piece: 0,
            random,
        }
    }

    /// How long bytes take from now on.
    pub fn set_latency(&mut self, latency: Duration) {
        self.latency = latency;
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

    /// Cuts the link between two nodes without a word.
    pub fn cut(&mut self, first: Host, second: Host) {
        for index in 0..self.links.len() {
            let hosts = self.links[index].ends.each_ref().map(|end| match end.at {
                Place::Node(host, _) => Some(host),
                Place::Raw(_) => None,
            });
            let is_between = hosts == [Some(first), Some(second)] || hosts == [Some(second), Some(first)];
            if is_between && self.links[index].is_open {
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
        let arrival = self.now + self.latency;
        while let Some(transmit) = self.nodes[host].poll_transmit(self.now) {
            moved = true;
            let (connection, len) = (transmit.connection, transmit.bytes.len());
            let end = far_end(&mut self.links, Host(host), connection);
            let taken = match end {
                Some(end) if end.is_stuck => 0,
                Some(end) => {
                    end.inbound.push_back((arrival, transmit.bytes.to_vec()));
                    len
                }
                None => len,
            };
            self.nodes[host].handle_written(connection, taken);
        }
        while let Some(connection) = self.nodes[host].poll_closed() {
            moved = true;
            if let Some(end) = far_end(&mut self.links, Host(host), connection) {
                end.is_lost = true;
            }
        }
        moved
    }

    fn collect_raw(&mut self) -> bool {
        let mut moved = false;
        let arrival = self.now + self.latency;
        for index in 0..self.links.len() {
            let link = &mut self.links[index];
            let Place::Raw(peer) = &mut link.ends[0].at else {
                continue;
            };
            if link.is_open && !peer.outgoing.is_empty() {
                let bytes = std::mem::take(&mut peer.outgoing);
                link.ends[1].inbound.push_back((arrival, bytes));
                moved = true;
            }
            let hangs_up = matches!(&link.ends[0].at, Place::Raw(peer) if peer.hangs_up);
            if hangs_up && link.is_open && link.ends[1].inbound.is_empty() {
                self.lose(index, "hung up");
                moved = true;
            }
        }
        moved
    }

    fn deliver(&mut self) -> bool {
        let mut moved = false;
        for index in 0..self.links.len() {
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
        let max = if self.max_piece == 0 { usize::MAX } else { 1 + self.random() % self.max_piece };
        let end = &mut self.links[index].ends[side];
        let Some((arrival, bytes)) = end.inbound.front_mut() else {
            return false;
        };
        if *arrival > self.now {
            return false;
        }
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
        let link = &mut self.links[index];
        link.is_open = false;
        for end in &mut link.ends {
            end.inbound.clear();
            match &mut end.at {
                Place::Raw(peer) => peer.is_closed = true,
                Place::Node(host, connection) => self.nodes[host.0].handle_lost(now, *connection, cause),
            }
        }
    }

    fn fire_timeouts(&mut self) {
        for node in &mut self.nodes {
            if node.poll_timeout().is_some_and(|due| due <= self.now) {
                node.handle_timeout(self.now);
            }
        }
    }

    fn next_time(&self) -> Option<Time> {
        let arrivals =
            self.links.iter().flat_map(|link| &link.ends).filter_map(|end| Some(end.inbound.front()?.0));
        let timeouts = self.nodes.iter().filter_map(Node::poll_timeout);
        arrivals.chain(timeouts).min()
    }

    fn add_link(&mut self, near: Place, far: Place) -> RawLink {
        let end = |at| End { at, inbound: VecDeque::new(), is_lost: false, is_stuck: false };
        self.links.push(Link { ends: [end(near), end(far)], is_open: true });
        RawLink(self.links.len() - 1)
    }

    /// xorshift64: enough to choose how bytes are cut.
    fn random(&mut self) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random >> 33).expect("31 bits fit")
    }
}

impl Default for Net {
    fn default() -> Self {
        Self::new()
    }
}

fn far_end(links: &mut [Link], host: Host, connection: ConnectionId) -> Option<&mut End> {
    links.iter_mut().filter(|link| link.is_open).find_map(|link| {
        let side = link
            .ends
            .iter()
            .position(|end| matches!(end.at, Place::Node(at, name) if at == host && name == connection))?;
        Some(&mut link.ends[1 - side])
    })
}
