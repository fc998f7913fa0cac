//! A server over UDP and a peer that may do anything: its packets are lost, repeated, changed on their way or made up,
//! and what it says inside of its connection is what no node would.
//!
//! Whatever comes, nobody is sent much more than three times what came from there, nothing is left of those who are
//! gone, and whoever comes then is served.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use arbitrary::Arbitrary;
use magicnet::__private::probe::PacketProbe;
use magicnet::{Fingerprint, Identity, Node};

use super::contracts::{Place, Said, moved, said, say};

/// What happens to a server's socket, from beginning to end.
#[derive(Arbitrary, Debug)]
pub struct PacketScript {
    /// Whether the handshake passes untouched.
    is_let_in: bool,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
enum Step {
    /// What is on its way arrives, and so does what it causes.
    Arrive,
    /// The next packet each way has this fate.
    Next(Fate),
    /// An old packet of the peer's comes again, from somewhere else or not.
    Replay {
        packet: u8,
        from: u8,
    },
    /// A packet of the peer's, with another end, from somewhere.
    Forge {
        packet: u8,
        keep: u8,
        end: Vec<u8>,
        from: u8,
    },
    /// Any bytes, from somewhere.
    Noise {
        from: u8,
        bytes: Vec<u8>,
    },
    /// Inside of the peer's connection: where frames should be.
    Stream(Vec<u8>),
    /// Inside of a frame.
    Frame(Vec<u8>),
    /// Beside the stream.
    Beside(Vec<u8>),
    /// Beside the stream, in the right form.
    Move {
        after: u32,
        number: u32,
    },
    Wait {
        milliseconds: u16,
    },
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Fate {
    Passes,
    IsLost,
    ComesTwice,
    IsChanged { place: u16, by: u8 },
    IsCut { to: u16 },
}

const SERVER: SocketAddr = address(1);
const PEER: SocketAddr = address(2);
const LATE: SocketAddr = address(3);

const fn address(host: u8) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, host)), 5001)
}

impl PacketScript {
    /// Lets it happen.
    ///
    /// # Panics
    ///
    /// If anything comes of it that must not.
    pub fn play(&self) {
        let mut stage = Stage::new();
        if self.is_let_in {
            stage.arrive();
            assert!(is_ready(&mut stage.peer), "nothing stood in its way");
        }
        for step in &self.steps {
            stage.step(step);
        }
        stage.end();
    }
}

struct Stage {
    server: PacketProbe,
    fingerprint: Fingerprint,
    peer: PacketProbe,
    /// Packets of the peer's, as they were sent.
    said: Vec<Vec<u8>>,
    /// Bytes that came from an address, and went there.
    traffic: HashMap<SocketAddr, (usize, usize)>,
}

fn client() -> Node {
    let node = Node::client().handler::<said>().handler::<moved>().with(Place::default());
    node.build().expect("it is well described")
}

/// Whether it has shaken hands.
fn is_ready(client: &mut PacketProbe) -> bool {
    let (node, now) = client.node();
    node.run(now, |cx| cx.connections().any(|it| it.is_ready()))
}

impl Stage {
    fn new() -> Self {
        let node = Node::server().motd("welcome").handler::<say>().message::<Said>().handler::<moved>();
        let node = node.with(Place::default()).build().expect("it is well described");
        let (server, fingerprint) =
            PacketProbe::listening(node, &Identity::generated()).expect("a certificate can be made");
        let fingerprint = fingerprint.expect("nobody else vouches for it");
        let peer = PacketProbe::connecting(client(), SERVER, fingerprint).expect("the address is one");
        Self { server, fingerprint, peer, said: Vec::new(), traffic: HashMap::new() }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Arrive => self.arrive(),
            Step::Next(fate) => self.exchange(*fate),
            Step::Replay { packet, from } => {
                if let Some(packet) = self.old(*packet).cloned() {
                    self.hand_in(address(*from), &packet);
                }
            }
            Step::Forge { packet, keep, end, from } => {
                if let Some(packet) = self.old(*packet) {
                    let keep = usize::from(*keep) * packet.len() / 256;
                    let forged = [&packet[..keep], end].concat();
                    self.hand_in(address(*from), &forged);
                }
            }
            Step::Noise { from, bytes } => self.hand_in(address(*from), bytes),
            Step::Stream(bytes) => self.peer.write(bytes),
            Step::Frame(bytes) => {
                let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
                self.peer.write(&[&len.to_be_bytes()[..], &bytes[..usize::from(len)]].concat());
            }
            Step::Beside(bytes) => self.peer.send(bytes),
            Step::Move { after, number } => {
                let [head, number] = [after.to_be_bytes(), number.to_be_bytes()];
                self.peer.send(&[&[1][..], &head, &[0x92, 67, 0x91, 0xce], &number].concat());
            }
            Step::Wait { milliseconds } => self.wait(Duration::from_millis((*milliseconds).into())),
        }
    }

    /// A packet of the peer's, one of those that were sent by now.
    fn old(&self, packet: u8) -> Option<&Vec<u8>> {
        self.said.get(usize::from(packet) % self.said.len().max(1))
    }

    /// A packet comes to the server.
    fn hand_in(&mut self, from: SocketAddr, packet: &[u8]) {
        if from == SERVER || packet.is_empty() {
            return;
        }
        self.traffic.entry(from).or_default().0 += packet.len();
        self.server.receive(from, packet);
        self.count();
    }

    /// What the server has sent to others than the peer goes nowhere.
    fn count(&mut self) {
        let mut for_peer = Vec::new();
        while let Some((to, packet)) = self.server.poll_sent() {
            self.traffic.entry(to).or_default().1 += packet.len();
            if to == PEER {
                for_peer.push(packet);
            }
        }
        for packet in for_peer {
            self.peer.receive(SERVER, &packet);
        }
    }

    fn exchange(&mut self, fate: Fate) {
        if let Some((_, packet)) = self.peer.poll_sent() {
            self.said.push(packet.clone());
            match fate {
                Fate::Passes => self.hand_in(PEER, &packet),
                Fate::IsLost => {}
                Fate::ComesTwice => (0..2).for_each(|_| self.hand_in(PEER, &packet)),
                Fate::IsChanged { place, by } => {
                    let mut changed = packet;
                    let place = usize::from(place) % changed.len();
                    changed[place] ^= by.max(1);
                    self.hand_in(PEER, &changed);
                }
                Fate::IsCut { to } => {
                    let to = usize::from(to) % packet.len();
                    self.hand_in(PEER, &packet[..to]);
                }
            }
        }
    }

    fn arrive(&mut self) {
        for _ in 0..MANY {
            let Some((_, packet)) = self.peer.poll_sent() else { return };
            self.said.push(packet.clone());
            self.hand_in(PEER, &packet);
        }
    }

    fn wait(&mut self, time: Duration) {
        self.server.advance(time);
        self.peer.advance(time);
        self.count();
    }

    /// The peer says no more and goes, and somebody else comes.
    fn end(mut self) {
        for _ in 0..MANY {
            self.server.advance(Duration::from_secs(1));
            self.count();
            if self.server.sessions() == 0 {
                break;
            }
        }
        assert_eq!(self.server.sessions(), 0, "who is silent is forgotten");
        for (address, (came, went)) in &self.traffic {
            assert!(
                *address == PEER || went <= &(3 * came + UNASKED),
                "{address} was sent {went} bytes, and {came} came from there"
            );
        }
        let mut late =
            PacketProbe::connecting(client(), SERVER, self.fingerprint).expect("the address is one");
        for _ in 0..MANY {
            if is_ready(&mut late) {
                return;
            }
            while let Some((_, packet)) = late.poll_sent() {
                self.server.receive(LATE, &packet);
            }
            while let Some((to, packet)) = self.server.poll_sent() {
                if to == LATE {
                    late.receive(SERVER, &packet);
                }
            }
            late.advance(Duration::from_millis(100));
            self.server.advance(Duration::from_millis(100));
        }
        panic!("nobody is served any more");
    }
}

/// What an address may be sent beside, because the peer seems to have moved there: a packet each time.
const UNASKED: usize = 4 * 1_500;

/// More than any script needs.
const MANY: usize = 1_000;
