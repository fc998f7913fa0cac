//! A client of hostile servers: it bears what they say, and of a server that is gone nothing is left.

use std::time::Duration;

use arbitrary::Arbitrary;
use magicnet::wire::MAX_FRAME;
use magicnet::{AnyEvent, Limits, Node, NodeCx, Str};
use magicnet_tests::{Host, Net, RawLink, RawPeer, Recorder};

use super::contracts::{LampClient, RelicClient, Say, Tally, VaultClient, lamp, relic, said};
use super::words::{Word, Zone};

/// What happens to a client, from beginning to end.
#[derive(Arbitrary, Debug)]
pub struct ClientScript {
    is_strict: bool,
    /// The most bytes that arrive at once; 0 for no bound.
    max_piece: u8,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
enum Step {
    /// Another server, once the one before is gone. It greets and gives a repository, or leaves that to the words.
    Connect {
        greets: bool,
    },
    Say(Vec<Word>),
    Datagram(Vec<u8>),
    Bytes(Vec<u8>),
    Read {
        is_stuck: bool,
    },
    HangUp,
    Wait {
        milliseconds: u16,
    },
    Client(Act),
}

/// What the client does.
#[derive(Arbitrary, Debug)]
enum Act {
    Create { is_relic: bool, zone: Zone },
    TurnUp { object: u8, by: i32 },
    Destroy(u8),
    Look(Vec<Zone>),
    ShowAll,
    Say(u8),
}

struct Stage {
    net: Net,
    client: Host,
    events: Recorder<AnyEvent>,
    server: Option<RawLink>,
    limit: usize,
}

impl ClientScript {
    /// Lets it happen.
    ///
    /// # Panics
    ///
    /// If anything comes of it that must not.
    pub fn play(&self) {
        let mut stage = Stage::new(self);
        for step in &self.steps {
            stage.step(step);
            let count = stage.net.run(stage.client, |n| n.object_count());
            assert!(count <= stage.limit, "{count} objects are more than a client wants to hold");
        }
        stage.finish();
    }
}

impl Stage {
    fn new(script: &ClientScript) -> Self {
        let mut net = Net::new();
        net.set_max_piece(script.max_piece.into());
        let events = Recorder::new();
        let log = events.clone();
        let limits = if script.is_strict { strict() } else { Limits::default() };
        let limit = limits.objects_shown;
        let node = Node::client()
            .view::<LampClient>()
            .view::<RelicClient>()
            .view::<VaultClient>()
            .handler::<said>()
            .message::<Say>()
            .with(Tally::default())
            .limits(limits)
            .on_any(move |_, event| log.push(event.clone()));
        let client = net.add(node.build().expect("the client is of sound build"));
        Self { net, client, events, server: None, limit }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Connect { greets } => self.connect(*greets),
            Step::Say(words) => {
                let mut datagram = Vec::new();
                words.iter().for_each(|word| word.encode(&mut datagram));
                self.send(|server| {
                    if datagram.len() <= MAX_FRAME {
                        server.send_datagram(&datagram);
                    }
                });
            }
            Step::Datagram(bytes) => self.send(|server| server.send_datagram(bytes)),
            Step::Bytes(bytes) => self.send(|server| server.send_bytes(bytes)),
            Step::Read { is_stuck } => {
                if let Some(server) = self.server {
                    self.net.set_stuck(server, *is_stuck);
                    self.net.settle();
                }
            }
            Step::HangUp => self.send(RawPeer::hang_up),
            Step::Wait { milliseconds } => self.net.advance(Duration::from_millis((*milliseconds).into())),
            Step::Client(act) => self.net.run(self.client, |n| perform(n, act)),
        }
    }

    fn connect(&mut self, greets: bool) {
        if self.server.is_some_and(|server| !self.net.raw(server).is_closed()) {
            return;
        }
        let server = self.net.raw_server(self.client);
        self.server = Some(server);
        if greets {
            // MOTD [""], then `rp` 128.
            self.send(|server| server.send_datagram(b"\x92\x01\x91\xa0"));
            self.send(|server| server.send_datagram(b"\x92\x05\x92\xa2rp\xcc\x80"));
            assert!(self.net.run(self.client, |n| n.server()).is_some(), "the client is connected");
        }
    }

    fn send(&mut self, send: impl FnOnce(&mut RawPeer)) {
        if let Some(server) = self.server {
            send(self.net.raw(server));
            self.net.settle();
            for (id, bytes) in self.net.raw(server).messages() {
                let is_for_servers = matches!(id, 2..=6 | 8 | 10 | 12 | 65);
                assert!(is_for_servers, "a client says nothing like {bytes:02x?}");
            }
        }
    }

    fn finish(&mut self) {
        if let Some(server) = self.server {
            self.net.set_stuck(server, false);
        }
        self.send(RawPeer::hang_up);
        self.net.advance(Duration::from_secs(60));
        let (connections, objects) =
            self.net.run(self.client, |n| (n.connections().count(), n.object_count()));
        assert_eq!((connections, objects), (0, 0), "of a server that is gone nothing is left");
        let (begun, ended) = self.net.run(self.client, |n| {
            let tally = n.app::<Tally>();
            (tally.begun, tally.ended)
        });
        assert_eq!(begun, ended, "what has begun for a view has ended for it");
        for event in self.events.take() {
            let text = format!("{event:?}");
            assert!(!text.contains("panicked") && !text.contains("Panicked"), "{text}");
        }
    }
}

/// Limits that a script of a few hundred bytes runs into.
fn strict() -> Limits {
    let mut limits = Limits::default();
    limits.depth = 6;
    limits.elements = 48;
    limits.parameters = 4;
    limits.parameter_size = 24;
    limits.kept_output = 64;
    limits.objects_shown = 3;
    limits
}

fn perform(n: &mut NodeCx<'_>, act: &Act) {
    let lamps = n.objects::<lamp::Contract>();
    let lamp = |number: u8| Some(lamps[usize::from(number).checked_rem(lamps.len())?]);
    match act {
        Act::Create { is_relic: true, zone } => {
            let create = n.create::<relic::Contract>().zone(zone.number());
            drop(create.call(|s| s.carve(1, Some(2))).send());
        }
        Act::Create { is_relic: false, zone } => {
            drop(n.create::<lamp::Contract>().zone(zone.number()).call(|s| s.turn_up(5)).send());
        }
        Act::TurnUp { object, by } => {
            if let Some(lamp) = lamp(*object) {
                n.object(lamp).server().turn_up(*by);
            }
        }
        Act::Destroy(object) => {
            if let Some(lamp) = lamp(*object) {
                n.destroy(lamp);
            }
        }
        Act::Look(zones) => n.set_zones(zones.iter().map(|zone| zone.number())),
        Act::ShowAll => n.request_visible_objects(),
        Act::Say(letter) => n.send_to_all(Say { text: Str::truncated(&format!("{letter}!")) }),
    }
}
