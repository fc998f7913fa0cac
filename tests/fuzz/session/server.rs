//! A server among hostile peers: whatever they do, two honest ones notice nothing of it but what they may.
//!
//! `witness` is a peer that only listens, `honest` a whole node. At the end a third comes late. What the three see must
//! be the same, no matter what order things happened in; what only the server or an owner may do must not have
//! happened by anyone else's will; and nothing of those who are gone may be left.

use std::collections::BTreeMap;
use std::time::Duration;

use arbitrary::Arbitrary;
use magicnet::prelude::*;
use magicnet::wire::{CarriedCalls, MAX_FRAME, ProtocolMessage, Reader, Value, Writer};
use magicnet::{AnyEvent, AnyValue, Decode, Limits, Node, NodeCx};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use super::contracts::{
    LampClient, LampServer, RelicClient, RelicServer, Said, Tally, VaultClient, VaultServer, lamp, relic,
    said, say, vault,
};
use super::mirror::{Mirror, Shown};
use super::words::{Word, Zone, hello};

/// What happens to a server, from beginning to end.
#[derive(Arbitrary, Debug)]
pub struct ServerScript {
    zones: Option<Chosen>,
    /// Whether the server bears little.
    is_strict: bool,
    /// The most bytes that arrive at once; 0 for no bound.
    max_piece: u8,
    steps: Vec<Step>,
}

/// Who decides on zones.
#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
enum Chosen {
    ByClients,
    ByServer,
}

#[derive(Arbitrary, Debug)]
enum Step {
    Arrive {
        greets: bool,
    },
    /// Messages in one datagram.
    Say {
        peer: u8,
        words: Vec<Word>,
    },
    /// Any bytes as a datagram.
    Datagram {
        peer: u8,
        bytes: Vec<u8>,
    },
    /// Any bytes where a frame should begin, or go on.
    Bytes {
        peer: u8,
        bytes: Vec<u8>,
    },
    /// It takes bytes or takes none.
    Read {
        peer: u8,
        is_stuck: bool,
    },
    HangUp {
        peer: u8,
    },
    Wait {
        milliseconds: u16,
    },
    Server(Deed),
    Honest(Act),
}

/// What the server does of its own accord.
#[derive(Arbitrary, Debug)]
enum Deed {
    Create { kind: u8, owner: Option<u8>, zone: Zone },
    Destroy(u8),
    Move { object: u8, zone: Zone },
    TurnUp { object: u8, by: i32 },
    Serve,
    Grant { connection: u8, zones: Vec<Zone> },
    Tell { connection: u8, name: u8, value: u32 },
    Shout(u8),
    Disconnect { connection: u8 },
}

/// What the honest client does.
#[derive(Arbitrary, Debug)]
enum Act {
    Create { is_relic: bool, zone: u8 },
    TurnUp { object: u8, by: i32 },
    Write { object: u8, times: u8, note: i8 },
    Lock { object: u8, key: u16 },
    Destroy(u8),
    ShowAll,
    Say(u8),
}

/// A script on its way.
struct Stage {
    net: Net,
    server: Host,
    events: Recorder<AnyEvent>,
    witness: RawLink,
    seen: Mirror,
    honest: Host,
    peers: Vec<Peer>,
    zones: Option<Chosen>,
    /// The server's own lamp, which nobody may destroy.
    anchor: Object<lamp::Contract>,
    served: u32,
}

struct Peer {
    link: RawLink,
    /// Whether it was given a repository: nothing about objects and no message comes before that.
    is_admitted: bool,
}

/// More come than a server is likely to be shown at once.
const MAX_PEERS: usize = 8;
/// The zones that honest peers look at; words name two more.
const LOOKED_AT: [u32; 4] = [0, 1, 2, 3];
/// What the witness keeps secret.
const KEY: u16 = 7;

impl ServerScript {
    /// Lets it happen.
    ///
    /// # Panics
    ///
    /// If anything comes of it that must not.
    pub fn play(&self) {
        let mut stage = Stage::new(self);
        for step in &self.steps {
            stage.step(step);
            stage.listen();
        }
        stage.finish();
    }
}

impl Stage {
    fn new(script: &ServerScript) -> Self {
        let mut net = Net::new();
        net.set_max_piece(script.max_piece.into());
        let events = Recorder::new();
        let log = events.clone();
        let mut node = Node::server()
            .view::<LampServer>()
            .view::<RelicServer>()
            .view::<VaultServer>()
            .handler::<say>()
            .message::<Said>()
            .on_any(move |_, event| log.push(event.clone()));
        if script.is_strict {
            node = node.limits(strict());
        }
        node = match script.zones {
            None => node,
            Some(Chosen::ByClients) => node.zones(Zones::ClientChosen),
            Some(Chosen::ByServer) => node.zones(Zones::Granted),
        };
        let server = net.add(node.build().expect("the server is of sound build"));
        let anchor =
            net.run(server, |n| n.create::<lamp::Contract>().send()).expect("it is the server's to make");
        let honest = net.add(honest_client().build().expect("the client is of sound build"));
        let (_, connection) = net.connect(honest, server);
        let witness = net.raw_client(server);
        let mut stage = Self {
            net,
            server,
            events,
            witness,
            seen: Mirror::default(),
            honest,
            peers: Vec::new(),
            zones: script.zones,
            anchor,
            served: 0,
        };
        if stage.zones == Some(Chosen::ByServer) {
            stage.net.run(server, |n| n.grant_zones(connection, LOOKED_AT));
        } else {
            stage.net.run(honest, |n| n.set_zones(LOOKED_AT));
        }
        stage.net.run(honest, |n| n.request_visible_objects());
        stage.look(witness);
        stage.make_secret();
        stage.listen();
        assert!(stage.seen.get(stage.anchor.id().to_u64()).is_some());
        stage
    }

    /// A peer shakes hands and asks for all that there is to see.
    fn look(&mut self, link: RawLink) {
        self.net.raw(link).hello();
        self.net.settle();
        if self.zones == Some(Chosen::ByServer) {
            let connection = self.net.connection_of(link);
            self.net.run(self.server, |n| n.grant_zones(connection, LOOKED_AT));
        }
        let mut zones = Vec::new();
        List::<u32, 4>::from(LOOKED_AT).encode(&mut Writer::new(&mut zones));
        self.net.raw(link).send(&[
            ProtocolMessage::SharedParameter { name: "vz", value: &zones },
            ProtocolMessage::RequestVisibleObjects,
        ]);
        self.net.settle();
    }

    /// The witness has a lamp with a key, number 129:1.
    fn make_secret(&mut self) {
        // One call: role 1, field 0, [KEY].
        let calls = [0x91, 0x93, 1, 0, 0x91, 7];
        let calls = CarriedCalls::read(&mut Reader::new(&calls)).expect("it is one call");
        let create = ProtocolMessage::CreateObject { local_id: 1, type_number: 0, owner: 0, zone: 0, calls };
        self.net.raw(self.witness).send(&[create]);
        self.net.settle();
        assert_eq!(self.secret_key(), Some(Some(KEY)));
    }

    fn secret_key(&mut self) -> Option<Option<u16>> {
        self.net.run(self.server, |n| {
            let lamps = n.objects::<lamp::Contract>();
            let secret = lamps.into_iter().find(|lamp| lamp.id() == SECRET)?;
            Some(n.state(secret)?.key)
        })
    }

    /// What the witness and the others have heard.
    fn listen(&mut self) {
        let messages = self.net.raw(self.witness).messages();
        self.seen.learn(&messages);
        assert!(!self.net.raw(self.witness).is_closed(), "the witness stays");
        for peer in &mut self.peers {
            for (id, bytes) in self.net.raw(peer.link).messages() {
                peer.is_admitted |= bytes.starts_with(b"\x92\x05\x92\xa2rp");
                assert!(peer.is_admitted || id <= 5, "message {id} came to a peer that is not admitted");
            }
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Arrive { greets } => self.arrive(*greets),
            Step::Say { peer, words } => {
                let mut datagram = Vec::new();
                words.iter().for_each(|word| word.encode(&mut datagram));
                self.send(*peer, |peer| {
                    if datagram.len() <= MAX_FRAME {
                        peer.send_datagram(&datagram);
                    }
                });
            }
            Step::Datagram { peer, bytes } => self.send(*peer, |peer| peer.send_datagram(bytes)),
            Step::Bytes { peer, bytes } => self.send(*peer, |peer| peer.send_bytes(bytes)),
            Step::Read { peer, is_stuck } => {
                if let Some(link) = self.peer(*peer) {
                    self.net.set_stuck(link, *is_stuck);
                    self.net.settle();
                }
            }
            Step::HangUp { peer } => self.send(*peer, |peer| peer.hang_up()),
            Step::Wait { milliseconds } => self.net.advance(Duration::from_millis((*milliseconds).into())),
            Step::Server(deed) => self.serve(deed),
            Step::Honest(act) => self.act(act),
        }
    }

    fn arrive(&mut self, greets: bool) {
        if self.peers.len() == MAX_PEERS {
            return;
        }
        let link = self.net.raw_client(self.server);
        if greets {
            self.net.raw(link).send(&[hello()]);
            self.net.settle();
        }
        self.peers.push(Peer { link, is_admitted: false });
    }

    fn peer(&self, number: u8) -> Option<RawLink> {
        pick(&self.peers, number).map(|peer| peer.link)
    }

    fn send(&mut self, peer: u8, send: impl FnOnce(&mut magicnet_tests::RawPeer)) {
        if let Some(link) = self.peer(peer) {
            send(self.net.raw(link));
            self.net.settle();
        }
    }

    fn serve(&mut self, deed: &Deed) {
        let (anchor, mut served) = (self.anchor, 0);
        let peers: Vec<_> = self.peers.iter().map(|peer| self.net.connection_of(peer.link)).collect();
        self.net.run(self.server, |n| match deed {
            Deed::Create { kind, owner, zone } => create(n, *kind, *owner, zone.number()),
            Deed::Destroy(object) => {
                if let Some(lamp) = lamp_of(n, *object).filter(|lamp| *lamp != anchor && lamp.id() != SECRET)
                {
                    n.destroy(lamp);
                }
            }
            Deed::Move { object, zone } => {
                if let Some(lamp) = lamp_of(n, *object).filter(|lamp| *lamp != anchor) {
                    n.set_zone(lamp, zone.number());
                }
            }
            Deed::TurnUp { object, by } => {
                if let Some(lamp) = lamp_of(n, *object) {
                    n.object(lamp).server().turn_up(*by);
                }
            }
            Deed::Serve => {
                serve(n, anchor);
                served += 1;
            }
            Deed::Grant { connection, zones } => {
                if let Some(connection) = pick(&peers, *connection) {
                    n.grant_zones(*connection, zones.iter().map(|zone| zone.number()));
                }
            }
            Deed::Tell { connection, name, value } => {
                if let Some(connection) = pick(&peers, *connection) {
                    n.set_parameter(*connection, &format!("x{name}"), value);
                }
            }
            Deed::Shout(letter) => n.send_to_all(Said { text: Str::truncated(&letter.to_string()) }),
            Deed::Disconnect { connection } => {
                if let Some(connection) = pick(&peers, *connection) {
                    n.disconnect(*connection, Disconnect::new(50, "go"));
                }
            }
        });
        self.served += served;
    }

    fn act(&mut self, act: &Act) {
        self.net.run(self.honest, |n| match act {
            Act::Create { is_relic: true, zone } => {
                drop(
                    n.create::<relic::Contract>().zone(u32::from(zone % 4)).call(|s| s.carve(1, None)).send(),
                );
            }
            Act::Create { is_relic: false, zone } => {
                drop(n.create::<lamp::Contract>().zone(u32::from(zone % 4)).call(|s| s.turn_up(5)).send());
            }
            Act::TurnUp { object, by } => {
                if let Some(lamp) = lamp_of(n, *object) {
                    n.object(lamp).server().turn_up(*by);
                }
            }
            Act::Write { object, times, note } => {
                if let Some(lamp) = lamp_of(n, *object) {
                    let note = Value::try_from(AnyValue::Integer((*note).into())).expect("it is small");
                    n.object(lamp).server().write("wrote".try_into().expect("short"), *times, [note].into());
                }
            }
            Act::Lock { object, key } => {
                if let Some(lamp) = lamp_of(n, *object)
                    && let Some(mine) = n.object(lamp).owned()
                {
                    mine.server().lock(*key);
                }
            }
            Act::Destroy(object) => {
                if let Some(lamp) = lamp_of(n, *object) {
                    n.destroy(lamp);
                }
            }
            Act::ShowAll => n.request_visible_objects(),
            Act::Say(letter) => {
                n.send_to_all(super::contracts::Say { text: Str::truncated(&format!("{letter}!")) });
            }
        });
    }

    /// All hostile peers leave; what is left is as it should be.
    fn finish(&mut self) {
        for index in 0..self.peers.len() {
            let link = self.peers[index].link;
            self.net.set_stuck(link, false);
            self.net.raw(link).hang_up();
        }
        self.net.settle();
        self.net.advance(Duration::from_secs(60));
        self.listen();
        assert_eq!(self.net.run(self.server, |n| n.connections().count()), 2, "who hung up is gone");
        self.objects_have_owners();
        self.what_is_not_for_peers_did_not_happen();
        self.all_see_the_same();
        self.nothing_panicked();
    }

    fn objects_have_owners(&self) {
        for (object, shown) in self.seen.objects() {
            let is_relic = shown.kind == 1;
            let is_present = [0, 1, HONEST, WITNESS].contains(&shown.owner);
            assert!(is_relic || is_present, "object {object:x} of {} outlives it", shown.owner);
        }
    }

    fn what_is_not_for_peers_did_not_happen(&mut self) {
        assert_eq!(self.secret_key(), Some(Some(KEY)), "a lamp of another's is locked as it was");
        let anchor = self.anchor;
        let served = self.net.run(self.server, |n| n.state(anchor).map(|state| state.served));
        assert_eq!(served, Some(self.served), "nobody but the server serves");
        self.net.run(self.server, |n| serve(n, anchor));
        self.listen();
        let mut expected = Vec::new();
        (self.served + 1).encode(&mut Writer::new(&mut expected));
        let shown = self.seen.get(anchor.id().to_u64()).and_then(|shown| shown.state.get(&2));
        assert_eq!(shown, Some(&expected), "the witness still hears of what happens");
    }

    fn all_see_the_same(&mut self) {
        let late = self.net.raw_client(self.server);
        self.look(late);
        let messages = self.net.raw(late).messages();
        let mut seen_late = Mirror::default();
        seen_late.learn(&messages);
        let not_its_own = |maker: u32| maker != WITNESS;
        assert_eq!(
            self.seen.made_by(not_its_own),
            seen_late.made_by(not_its_own),
            "who was there and who comes late see the same"
        );
        // What a peer made itself stays with it when it goes out of its sight, as it was then.
        for (object, shown) in seen_late.objects() {
            assert_eq!(self.seen.get(object), Some(shown), "{object:x}");
        }
        let lamps = self.net.run(self.honest, |n| {
            let glow = |lamp: &Object<lamp::Contract>| n.state(*lamp).expect("it is there").glow;
            n.objects::<lamp::Contract>()
                .iter()
                .map(|lamp| (lamp.id(), glow(lamp)))
                .collect::<BTreeMap<_, _>>()
        });
        let lamps: Vec<_> =
            lamps.into_iter().filter(|(id, _)| id.repository() != Repository(HONEST)).collect();
        let shown: Vec<_> = seen_late
            .made_by(|repository| repository != HONEST)
            .into_iter()
            .filter(|(_, shown)| shown.kind == 0)
            .map(|(object, shown)| (ObjectId::from_u64(object), glow_of(shown)))
            .collect();
        assert_eq!(lamps, shown, "a node has what a peer sees");
    }

    fn nothing_panicked(&self) {
        for event in self.events.take() {
            let text = format!("{event:?}");
            assert!(!text.contains("panicked") && !text.contains("Panicked"), "{text}");
        }
    }
}

/// The repositories that a server gives first.
const HONEST: u32 = 128;
const WITNESS: u32 = 129;
const SECRET: ObjectId = ObjectId::new(Repository(WITNESS), 1);

/// Limits that a script of a few hundred bytes runs into.
fn strict() -> Limits {
    let mut limits = Limits::default();
    limits.depth = 6;
    limits.elements = 48;
    limits.parameters = 4;
    limits.parameter_size = 24;
    limits.kept_output = 256;
    limits.zones_per_connection = 5;
    limits.objects_per_connection = 3;
    limits.caused_bytes = 1_000;
    limits
}

fn honest_client() -> magicnet::NodeBuilder {
    Node::client()
        .view::<LampClient>()
        .view::<RelicClient>()
        .view::<VaultClient>()
        .handler::<said>()
        .message::<super::contracts::Say>()
        .announce(false)
        .with(Tally::default())
}

fn create(n: &mut NodeCx<'_>, kind: u8, owner: Option<u8>, zone: u32) {
    let present: Vec<_> = n.connections().filter_map(|known| known.repository()).collect();
    let owner = owner.and_then(|owner| pick(&present, owner).copied()).unwrap_or(Repository(1));
    match kind % 3 {
        0 => drop(n.create::<lamp::Contract>().zone(zone).owner(owner).send()),
        1 => drop(n.create::<relic::Contract>().zone(zone).owner(owner).send()),
        _ => drop(n.create::<vault::Contract>().zone(zone).send()),
    }
}

fn serve(n: &mut NodeCx<'_>, lamp: Object<lamp::Contract>) {
    use lamp::Server as _;
    let serve = |view: &mut LampServer, cx: &mut lamp::ServerCx<'_, LampServer>| view.serve(cx);
    n.with(lamp, serve).expect("the lamp is the server's");
}

fn glow_of(shown: &Shown) -> i32 {
    i32::decode(&mut Reader::new(&shown.state[&0])).expect("it glows by a number")
}

/// One of the lamps that a node has.
fn lamp_of(n: &NodeCx<'_>, number: u8) -> Option<Object<lamp::Contract>> {
    pick(&n.objects::<lamp::Contract>(), number).copied()
}

fn pick<T>(things: &[T], number: u8) -> Option<&T> {
    things.get(usize::from(number).checked_rem(things.len())?)
}
