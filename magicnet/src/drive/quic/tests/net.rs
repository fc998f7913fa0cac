//! A network in simulated time that loses, repeats, delays and forges datagrams as a seed says, and nodes over it.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use quinn_udp::{RecvMeta, Transmit};

use super::super::{DatagramSocket, Dial, Place, Quic};
use crate::drive::{Transport, turn};
use crate::node::{ConnectionConfig, Fingerprint, Identity, Node, Trust};
use crate::time::Time;

/// What befalls datagrams; of a hundred each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weather {
    pub(super) lost: u64,
    pub(super) repeated: u64,
    /// Up to this much later than others, so that they arrive in another order.
    pub(super) late: Duration,
}

#[derive(Default)]
pub(super) struct Net {
    now: Time,
    random: u64,
    pub(super) weather: Weather,
    sockets: HashMap<SocketAddr, Inbox>,
    flying: BTreeMap<(Time, u64), Datagram>,
    count: u64,
    /// Where what an address sends seems to come from, if that is not the truth.
    pub(super) forged: HashMap<SocketAddr, SocketAddr>,
    /// Everything that was sent, in order.
    pub(super) seen: Vec<Datagram>,
}

#[derive(Default)]
struct Inbox {
    waiting: VecDeque<Datagram>,
    reader: Option<Waker>,
}

#[derive(Clone, Debug)]
pub(super) struct Datagram {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) bytes: Vec<u8>,
}

impl Net {
    fn next_random(&mut self, below: u64) -> u64 {
        // splitmix64
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }

    pub(super) fn send(&mut self, mut datagram: Datagram) {
        if let Some(forged) = self.forged.get(&datagram.from) {
            datagram.from = *forged;
        }
        self.seen.push(datagram.clone());
        if self.next_random(100) < self.weather.lost {
            return;
        }
        let copies = 1 + u64::from(self.next_random(100) < self.weather.repeated);
        for _ in 0..copies {
            let late = self.next_random(1 + u64::from(self.weather.late.subsec_micros()));
            self.count += 1;
            let arrives = self.now + LATENCY + Duration::from_micros(late);
            self.flying.insert((arrives, self.count), datagram.clone());
        }
    }

    /// Delivers what arrives now.
    fn deliver(&mut self) {
        while let Some(entry) = self.flying.first_entry().filter(|entry| entry.key().0 <= self.now) {
            let datagram = entry.remove();
            if let Some(inbox) = self.sockets.get_mut(&datagram.to) {
                inbox.waiting.push_back(datagram);
                if let Some(reader) = inbox.reader.take() {
                    reader.wake();
                }
            }
        }
    }

    /// How many bytes were sent to an address.
    pub(super) fn sent_to(&self, address: SocketAddr) -> usize {
        self.seen.iter().filter(|datagram| datagram.to == address).map(|datagram| datagram.bytes.len()).sum()
    }
}

pub(super) struct Socket {
    net: Rc<RefCell<Net>>,
    /// Shared, so that a test may change it.
    pub(super) address: Rc<RefCell<SocketAddr>>,
}

impl DatagramSocket for Socket {
    fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        about: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let mut net = self.net.borrow_mut();
        let inbox = net.sockets.entry(*self.address.borrow()).or_default();
        let mut count = 0;
        for (buffer, about) in buffers.iter_mut().zip(about) {
            let Some(datagram) = inbox.waiting.pop_front() else { break };
            let len = datagram.bytes.len();
            buffer[..len].copy_from_slice(&datagram.bytes);
            *about = RecvMeta { addr: datagram.from, len, stride: len, ..RecvMeta::default() };
            count += 1;
        }
        if count > 0 {
            return Poll::Ready(Ok(count));
        }
        inbox.reader = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_send(&mut self, _: &mut Context<'_>, datagrams: &Transmit<'_>) -> Poll<io::Result<()>> {
        let size = datagrams.segment_size.unwrap_or(datagrams.contents.len());
        for bytes in datagrams.contents.chunks(size) {
            let (from, to) = (*self.address.borrow(), datagrams.destination);
            self.net.borrow_mut().send(Datagram { from, to, bytes: bytes.to_vec() });
        }
        Poll::Ready(Ok(()))
    }

    fn max_segments(&self) -> usize {
        4
    }

    fn may_fragment(&self) -> bool {
        false
    }
}

/// A node with its sockets.
pub(super) struct Party {
    pub(super) node: Node,
    pub(super) quic: Quic<Socket>,
    /// Where its socket is.
    pub(super) address: Rc<RefCell<SocketAddr>>,
}

/// Nodes over one network, driven in turn.
pub(super) struct Stage {
    pub(super) net: Rc<RefCell<Net>>,
    pub(super) now: Time,
    pub(super) parties: Vec<Party>,
    pub(super) fingerprint: Option<Fingerprint>,
}

pub(super) const SERVER: usize = 0;

impl Stage {
    pub(super) fn new(seed: u64, weather: Weather, server: Node) -> Self {
        let net = Rc::new(RefCell::new(Net { random: seed, weather, ..Net::default() }));
        let mut stage = Self { net, now: Time::ZERO, parties: Vec::new(), fingerprint: None };
        let (mut party, socket) = stage.party(server);
        let config = ConnectionConfig::accepted();
        stage.fingerprint = party.quic.listen(socket, &Identity::generated(), config).unwrap();
        stage.parties.push(party);
        stage
    }

    fn party(&self, node: Node) -> (Party, Socket) {
        let address = Rc::new(RefCell::new(address(self.parties.len())));
        let socket = Socket { net: Rc::clone(&self.net), address: Rc::clone(&address) };
        (Party { node, quic: Quic::new(Instant::now()), address }, socket)
    }

    /// Lets a client begin to connect, and says which party it is.
    pub(super) fn join(&mut self, client: Node) -> (usize, Place) {
        self.join_as(client, self.fingerprint)
    }

    pub(super) fn join_as(&mut self, client: Node, named: Option<Fingerprint>) -> (usize, Place) {
        self.dial(client, named, false)
    }

    /// The same, and the client has a name for the connection at once.
    pub(super) fn join_at_once(&mut self, client: Node) -> usize {
        self.dial(client, self.fingerprint, true).0
    }

    fn dial(&mut self, client: Node, named: Option<Fingerprint>, at_once: bool) -> (usize, Place) {
        let (mut party, socket) = self.party(client);
        let trust = Trust::default();
        let dial = Dial { remote: address(SERVER), host: "server", trust: &trust, named };
        let config = ConnectionConfig::dialed();
        let opened = at_once.then(|| party.node.handle_opened(self.now, &config));
        let place = party.quic.connect(socket, &dial, config, opened, self.now).unwrap();
        self.parties.push(party);
        (self.parties.len() - 1, place)
    }

    /// Time passes, and datagrams arrive, while nobody does anything.
    pub(super) fn advance(&mut self, duration: Duration) {
        self.now = self.now + duration;
        self.net.borrow_mut().now = self.now;
        self.net.borrow_mut().deliver();
    }

    /// How many datagrams have arrived and are not received.
    pub(super) fn waiting(&self, party: usize) -> usize {
        let net = self.net.borrow();
        net.sockets.get(&address(party)).map_or(0, |inbox| inbox.waiting.len())
    }

    /// Everything that happens at this moment, then on to the next at which something does, or to `end`.
    fn step(&mut self, end: Option<Time>) {
        self.net.borrow_mut().now = self.now;
        self.net.borrow_mut().deliver();
        for party in &mut self.parties {
            let mut turns = 0;
            loop {
                turn(&mut party.node, &mut [&mut party.quic], self.now);
                let is_due = |due: Option<Time>| due.is_some_and(|due| due <= self.now);
                let is_idle = party.quic.may_sleep(Waker::noop())
                    && !is_due(party.quic.poll_timeout())
                    && !is_due(party.node.poll_timeout());
                if is_idle {
                    break;
                }
                turns += 1;
                assert!(turns < 10_000, "a moment ends");
            }
        }
        let timers =
            self.parties.iter().flat_map(|party| [party.quic.poll_timeout(), party.node.poll_timeout()]);
        let next = timers.flatten().chain(self.net.borrow().flying.keys().next().map(|key| key.0)).min();
        let next = next.unwrap_or(self.now + Duration::from_secs(1)).max(self.now);
        self.now = end.map_or(next, |end| end.min(next));
    }

    /// Goes on until something is so.
    #[track_caller]
    pub(super) fn run_until(&mut self, mut done: impl FnMut(&mut Self) -> bool) {
        for _ in 0..200_000 {
            if done(self) {
                return;
            }
            self.step(None);
        }
        panic!("it never happens");
    }

    /// Goes on for a while.
    pub(super) fn run_for(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            self.step(Some(end));
        }
    }
}

pub(super) fn address(party: usize) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, u8::try_from(party).unwrap()], 5001))
}

const LATENCY: Duration = Duration::from_millis(20);
