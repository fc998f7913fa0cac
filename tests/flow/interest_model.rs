//! Random changes of zones, moves, creations and ends among raw peers, against a model written from the rules of
//! automatic interest.
//!
//! The model knows where every object is and which zones every peer sees. From that alone follows what a peer that is
//! shown its zones must know; what it really knows is put together from the messages that it gets, none of which may
//! repeat or contradict another. A failure prints its seed; `SEED=... cargo test --test flow interest_model` runs that
//! one alone.
//!
//! In a slow world pieces are a few objects at most, and peers stop to read and go on: all of the above happens while
//! they are shown their zones. What they know is compared when they have read everything.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use magicnet::prelude::*;
use magicnet::schema::Schema;
use magicnet::wire::{CarriedCalls, ProtocolMessage, RawMessage, Reader, Writer};
use magicnet::{ConnectionId, Contract, Interest, Limits, Node, NodeCx};
use magicnet_tests::{Host, Net, RawLink};

use crate::fanout_model::{Random, Seed, seeds};
use crate::interest::announcement;

#[network_object(name = "lamp", create = anyone)]
mod lamp {
    struct State {
        #[network_field(to = viewers)]
        pub light: u32,
    }
    trait Server {
        fn nudge(&mut self);
    }
}

#[derive(Default)]
struct LampServer;

#[network_object]
impl lamp::Server for LampServer {
    fn nudge(&mut self, _cx: &mut lamp::ServerCx<'_, Self>) {}
}

type Zone = u32;

/// Zones are 1 to this; the last is one that the rule of [`Policy::Ruled`] does not allow.
const ZONES: Zone = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    Granted,
    Chosen,
    Ruled,
}

struct Lamp {
    zone: Zone,
    light: u32,
    /// The repository that made it.
    maker: u32,
}

/// A lamp as a peer knows it.
#[derive(Debug, PartialEq)]
struct Known {
    zone: Zone,
    light: Option<u32>,
    is_done: bool,
}

struct Peer {
    raw: RawLink,
    connection: ConnectionId,
    repository: u32,
    next_local: u32,
    /// It and the server have both announced that they know.
    knows: bool,
    /// Changes of zones show it what is in them.
    is_shown: bool,
    zones: BTreeSet<Zone>,
    changes: u32,
    known: BTreeMap<u64, Known>,
    /// What it must know, if it is not shown its zones: that depends on what has happened.
    remembered: BTreeSet<u64>,
    /// Zones that must be said to be complete, and what was in them then.
    complete: VecDeque<(Zone, BTreeSet<u64>)>,
    /// How many were said to be.
    completed: usize,
    /// Answers to its changes of zones: which change, what it sees then, how many zones are complete by then.
    answers: VecDeque<(u32, Vec<Zone>, usize)>,
    /// How often an object may be shown again, because it has asked for that.
    again: BTreeMap<u64, usize>,
    /// It may be given a few objects at a time.
    is_slow: bool,
    /// It takes nothing at the moment.
    is_stuck: bool,
}

struct Model {
    random: Random,
    interest: Interest,
    policy: Policy,
    is_slow: bool,
    peers: Vec<Peer>,
    lamps: BTreeMap<u64, Lamp>,
}

impl Peer {
    fn remembers(&self, object: u64) -> bool {
        self.remembered.contains(&object)
    }

    /// It sees exactly `zones` from now on.
    fn change(&mut self, lamps: &BTreeMap<u64, Lamp>, zones: BTreeSet<Zone>) {
        if self.knows {
            for zone in zones.difference(&self.zones) {
                let inside = lamps.iter().filter(|(_, lamp)| lamp.zone == *zone).map(|(id, _)| *id);
                self.complete.push_back((*zone, inside.collect()));
            }
        }
        if self.is_shown {
            for (id, lamp) in lamps {
                let was_seen = self.zones.contains(&lamp.zone);
                match zones.contains(&lamp.zone) {
                    true => drop(self.remembered.insert(*id)),
                    // What a plain peer made itself stays.
                    false if was_seen && (self.knows || lamp.maker != self.repository) => {
                        self.remembered.remove(id);
                    }
                    false => {}
                }
            }
        }
        self.zones = zones;
    }

    fn receive(&mut self, bytes: &[u8], lights: u8) {
        let raw = RawMessage::parse(bytes).unwrap();
        let message = ProtocolMessage::decode(&raw).expect("applications say nothing here").unwrap();
        match message {
            ProtocolMessage::GenerateObject { object, zone, .. } => self.generate(object, zone),
            ProtocolMessage::ObjectGenerateDone { object } => {
                let known = self.known.get_mut(&object).expect("what is done was generated");
                assert!(known.light.is_some(), "{object} has all its state");
                known.is_done = true;
            }
            ProtocolMessage::DestroyObject { object } => {
                let known = self.known.remove(&object);
                assert!(known.is_some() || !self.is_shown, "{object} ends, which was never shown");
            }
            ProtocolMessage::SetObjectField { object, role, field: 0, mut arguments } if role == lights => {
                match self.known.get_mut(&object) {
                    Some(known) => known.light = Some(arguments.next("light").unwrap()),
                    None => assert!(!self.is_shown, "{object} changes, which was never shown"),
                }
            }
            ProtocolMessage::ZoneComplete { zone } => {
                self.completed += 1;
                assert!(self.known.values().all(|known| known.is_done));
                if self.is_slow {
                    return assert!(self.complete.iter().any(|(new, _)| *new == zone), "it was new to it");
                }
                let (expected, inside) = self.complete.pop_front().expect("a zone that is new to it");
                let of_zone = |(id, known): (&u64, &Known)| (known.zone == zone).then_some(*id);
                let found: BTreeSet<u64> = self.known.iter().filter_map(of_zone).collect();
                assert_eq!((zone, found), (expected, inside), "all of the zone, no more");
            }
            ProtocolMessage::ZonesShown { change, zones } => {
                let expected = self.answers.pop_front().expect("it has asked");
                if self.is_slow {
                    // One answer may stand for several changes, and says what it sees by then.
                    return self.answers.retain(|(later, ..)| *later > change);
                }
                assert_eq!((change, read(zones), self.completed), expected);
            }
            ProtocolMessage::SharedParameter { .. } | ProtocolMessage::Motd { .. } => {}
            other => panic!("{other:?} is not for it"),
        }
    }

    fn generate(&mut self, object: u64, zone: Zone) {
        let is_own = object >> 32 == u64::from(self.repository);
        match self.known.get_mut(&object) {
            None => {
                self.known.insert(object, Known { zone, light: None, is_done: false });
            }
            Some(known) => {
                let was_asked = self.again.get_mut(&object).filter(|left| **left > 0);
                let has_moved = self.knows && known.zone != zone;
                if let Some(left) = was_asked.filter(|_| !has_moved) {
                    *left -= 1;
                } else {
                    assert!(has_moved || !self.is_shown || is_own && !self.knows, "{object} is shown again");
                }
                known.zone = zone;
            }
        }
    }
}

fn read(zones: &[u8]) -> Vec<Zone> {
    let mut reader = Reader::new(zones);
    let len = reader.array(100).unwrap();
    (0..len).map(|_| reader.integer(0, 100).unwrap().try_into().unwrap()).collect()
}

impl Model {
    fn zone(&mut self) -> Zone {
        1 + Zone::try_from(self.random.below(5)).expect("few zones")
    }

    /// Some zones, in any order, some of them twice.
    fn zones(&mut self) -> Vec<Zone> {
        (0..self.random.below(5)).map(|_| self.zone()).collect()
    }

    fn lamp(&mut self) -> Option<u64> {
        let index = self.random.below(self.lamps.len().max(1));
        self.lamps.keys().nth(index).copied()
    }

    fn made(&mut self, id: u64, zone: Zone, maker: u32) {
        self.lamps.insert(id, Lamp { zone, light: 0, maker });
        for peer in self.peers.iter_mut().filter(|peer| peer.zones.contains(&zone)) {
            peer.remembered.insert(id);
        }
    }

    fn moved(&mut self, id: u64, zone: Zone) {
        let lamp = self.lamps.get_mut(&id).expect("it was chosen among them");
        let before = std::mem::replace(&mut lamp.zone, zone);
        for peer in &mut self.peers {
            let (saw, sees) = (peer.zones.contains(&before), peer.zones.contains(&zone));
            if sees && !saw {
                peer.remembered.insert(id);
            } else if saw && !sees && (peer.knows || lamp.maker != peer.repository) {
                peer.remembered.remove(&id);
            }
        }
    }

    fn ended(&mut self, id: u64) {
        let lamp = self.lamps.remove(&id).expect("it was chosen among them");
        for peer in &mut self.peers {
            let keeps = !peer.knows && lamp.maker == peer.repository;
            if peer.zones.contains(&lamp.zone) || keeps {
                peer.remembered.remove(&id);
            }
        }
    }

    /// One thing that the server does, done to the node and to the model.
    fn act(&mut self, n: &mut NodeCx<'_>) {
        let lamp = self.lamp();
        let zone = self.zone();
        match (self.random.below(10), lamp) {
            (0..=2, Some(id)) => {
                n.set_zone(object(n, id), zone);
                self.moved(id, zone);
            }
            (3 | 4, Some(id)) => {
                let light = 1 + u32::try_from(self.random.below(1_000)).expect("it is small");
                let shine = |_: &mut LampServer, cx: &mut lamp::ServerCx<'_, LampServer>| {
                    cx.state_mut().light = light;
                };
                n.with(object(n, id), shine).expect("it is there");
                self.lamps.get_mut(&id).expect("it was chosen among them").light = light;
            }
            (5, Some(id)) => {
                n.destroy(object(n, id));
                self.ended(id);
            }
            (6 | 7, _) if !self.peers.is_empty() => {
                let index = self.random.below(self.peers.len());
                let zones = self.zones();
                n.grant_zones(self.peers[index].connection, zones.iter().copied());
                self.peers[index].change(&self.lamps, zones.into_iter().collect());
            }
            _ => {
                let made = n.create::<lamp::Contract>().zone(zone).send().expect("it has authority");
                self.made(made.id().to_u64(), zone, 1);
            }
        }
    }

    /// One message of a peer's, appended to `datagram` and done to the model.
    fn ask(&mut self, index: usize, datagram: &mut Vec<u8>) {
        let (zone, zones, lamp) = (self.zone(), self.zones(), self.lamp());
        let Self { random, policy, peers, lamps, .. } = self;
        let peer = &mut peers[index];
        match random.below(8) {
            0..=3 => {
                let mut value = Vec::new();
                let mut w = Writer::new(&mut value);
                w.array(zones.len());
                zones.iter().for_each(|zone| w.unsigned((*zone).into()));
                ProtocolMessage::SharedParameter { name: "vz", value: &value }.encode(datagram);
                let allowed = |zone: &Zone| *policy == Policy::Chosen || *zone != ZONES;
                if *policy != Policy::Granted {
                    peer.change(lamps, zones.into_iter().filter(allowed).collect());
                }
                if peer.knows {
                    peer.changes += 1;
                    let complete = peer.completed + peer.complete.len();
                    let zones = peer.zones.iter().copied().collect();
                    peer.answers.push_back((peer.changes, zones, complete));
                }
            }
            4 => {
                ProtocolMessage::RequestVisibleObjects.encode(datagram);
                for (id, _) in lamps.iter().filter(|(_, lamp)| peer.zones.contains(&lamp.zone)) {
                    peer.remembered.insert(*id);
                    *peer.again.entry(*id).or_default() += 1;
                }
            }
            5 => {
                let Some(id) = lamp else { return };
                ProtocolMessage::RequestDeleteObject { object: id }.encode(datagram);
                if lamps[&id].maker == peer.repository {
                    self.ended(id);
                }
            }
            _ => {
                let local_id = peer.next_local;
                let calls = CarriedCalls::read(&mut Reader::new(&[0x90])).unwrap();
                let create =
                    ProtocolMessage::CreateObject { local_id, type_number: 0, owner: 0, zone, calls };
                create.encode(datagram);
                if peer.zones.contains(&zone) {
                    peer.next_local += 1;
                    let repository = peer.repository;
                    self.made(u64::from(repository) << 32 | u64::from(local_id), zone, repository);
                }
            }
        }
    }
}

fn object(n: &NodeCx<'_>, id: u64) -> Object<lamp::Contract> {
    let lamps = n.objects::<lamp::Contract>();
    lamps.into_iter().find(|lamp| lamp.id().to_u64() == id).expect("the model has it, so the node must")
}

struct Stage {
    net: Net,
    server: Host,
    model: Model,
    last_repository: u32,
}

impl Stage {
    fn new(seed: u64, is_slow: bool) -> Self {
        let mut random = Random::new(seed);
        let interest = [Interest::Automatic, Interest::AutomaticForAll, Interest::OnRequest][random.below(3)];
        let policy = [Policy::Granted, Policy::Chosen, Policy::Ruled][random.below(3)];
        let zones = match policy {
            Policy::Granted => Zones::Granted,
            Policy::Chosen => Zones::ClientChosen,
            Policy::Ruled => Zones::chosen_if(|ask| ask.zone() != ZoneId(ZONES)),
        };
        let mut limits = Limits::default();
        if is_slow {
            limits.shown_at_once = 1 + random.below(60);
            // Half of the time they fall behind, too.
            limits.kept_output = if random.one_in(2) { 1 + random.below(200) } else { usize::MAX };
        }
        let node = Node::server().view::<LampServer>().zones(zones).interest(interest).limits(limits);
        let mut net = Net::with_seed(seed);
        let server = net.add(node.build().unwrap());
        let (peers, lamps) = (Vec::new(), BTreeMap::new());
        let model = Model { random, interest, policy, is_slow, peers, lamps };
        Self { net, server, model, last_repository: 127 }
    }

    fn step(&mut self) {
        let count = self.model.peers.len();
        match self.model.random.below(12) {
            _ if count == 0 => self.join(),
            0 if count < 6 => self.join(),
            1 if self.model.random.one_in(8) => self.leave(),
            1 if self.model.is_slow => {
                let index = self.model.random.below(count);
                let is_stuck = !self.model.peers[index].is_stuck;
                self.set_stuck(index, is_stuck);
            }
            2..=5 => {
                let index = self.model.random.below(count);
                let mut datagram = Vec::new();
                for _ in 0..=self.model.random.below(4) {
                    self.model.ask(index, &mut datagram);
                }
                self.net.raw(self.model.peers[index].raw).send_datagram(&datagram);
                self.net.settle();
            }
            _ => {
                let acts = 1 + self.model.random.below(6);
                let Self { net, model, server, .. } = self;
                net.run(*server, |n| (0..acts).for_each(|_| model.act(n)));
            }
        }
        self.compare();
    }

    fn join(&mut self) {
        let raw = self.net.raw_client(self.server);
        let is_announced = self.model.random.one_in(2);
        let value = announcement(&Schema::new(vec![lamp::Contract::OBJECT], Vec::new()));
        let mn = ProtocolMessage::SharedParameter { name: "mn", value: &value };
        let hello = ProtocolMessage::Hello { version: 3, hash: &[0x12, 0x34, 0x56, 0x78] };
        self.net.raw(raw).send(&if is_announced { vec![mn, hello] } else { vec![hello] });
        self.net.settle();
        self.last_repository += 1;
        let interest = self.model.interest;
        let knows = is_announced && interest != Interest::OnRequest;
        self.model.peers.push(Peer {
            raw,
            connection: self.net.connection_of(raw),
            repository: self.last_repository,
            next_local: 1,
            knows,
            is_shown: knows || interest == Interest::AutomaticForAll,
            zones: BTreeSet::new(),
            changes: 0,
            known: BTreeMap::new(),
            remembered: BTreeSet::new(),
            complete: VecDeque::new(),
            completed: 0,
            answers: VecDeque::new(),
            again: BTreeMap::new(),
            is_slow: self.model.is_slow,
            is_stuck: false,
        });
    }

    fn set_stuck(&mut self, index: usize, is_stuck: bool) {
        let peer = &mut self.model.peers[index];
        peer.is_stuck = is_stuck;
        self.net.set_stuck(peer.raw, is_stuck);
        self.net.settle();
    }

    /// Everyone reads on.
    fn finish(&mut self) {
        (0..self.model.peers.len()).for_each(|index| self.set_stuck(index, false));
        self.compare();
    }

    fn leave(&mut self) {
        let index = self.model.random.below(self.model.peers.len());
        let gone = self.model.peers.swap_remove(index);
        self.net.raw(gone.raw).hang_up();
        self.net.settle();
        let own: Vec<u64> = self
            .model
            .lamps
            .iter()
            .filter(|(_, it)| it.maker == gone.repository)
            .map(|(id, _)| *id)
            .collect();
        own.into_iter().for_each(|id| self.model.ended(id));
    }

    /// Every peer knows what it must, and nothing else.
    fn compare(&mut self) {
        let Self { net, model, .. } = self;
        for peer in model.peers.iter_mut().filter(|peer| !peer.is_stuck) {
            for (_, bytes) in net.raw(peer.raw).messages() {
                // The client role's number, whose field 0 is the light.
                peer.receive(&bytes, 0);
            }
            if peer.is_slow {
                peer.complete.clear();
            }
            assert!(peer.complete.is_empty() && peer.answers.is_empty(), "{} was told all", peer.connection);
            let extra: Vec<_> = peer.known.keys().filter(|id| !peer.remembers(**id)).collect();
            assert!(
                extra.is_empty(),
                "{} knows too much: {extra:?}, {} {} {}",
                peer.connection,
                peer.knows,
                peer.is_shown,
                peer.repository
            );
            // Who asked for what it did not see any more when its turn came was not shown it.
            if peer.is_shown || !peer.is_slow {
                assert_eq!(peer.known.len(), peer.remembered.len(), "{} knows too little", peer.connection);
            }
            peer.again.clear();
            let lamps = model.lamps.iter().filter(|(_, lamp)| peer.zones.contains(&lamp.zone));
            for (id, lamp) in lamps.filter(|_| peer.is_shown) {
                let known = &peer.known[id];
                assert_eq!((known.light, known.is_done), (Some(lamp.light), true), "{id}");
                assert!(!peer.knows || known.zone == lamp.zone, "{id} is in {} by now", lamp.zone);
            }
            let is_seen = |id: &u64| model.lamps.get(id).is_some_and(|lamp| peer.zones.contains(&lamp.zone));
            assert!(!peer.knows || peer.known.keys().all(is_seen), "it knows what it sees");
        }
    }
}

fn run(is_slow: bool) {
    for seed in seeds(120) {
        let _seed = Seed(seed);
        let mut stage = Stage::new(seed, is_slow);
        (0..150).for_each(|_| stage.step());
        stage.finish();
    }
}

#[test]
fn every_peer_of_the_model_knows_what_is_in_its_zones() {
    run(false);
}

#[test]
fn peers_of_the_model_that_are_shown_their_zones_slowly_know_them_too() {
    run(true);
}
