//! Random turns of a server among raw peers, against a naive model of what each of them must receive.
//!
//! The model knows no audiences, logs or shared buffers: it has a list of messages for each peer and appends to it. A
//! peer comes over one of several endpoints, with middleware and encoders or without; what it receives is the same. A
//! failure prints its seed; `SEED=... cargo test --test flow model` runs that one alone.

use std::collections::BTreeSet;
use std::time::Duration;

use magicnet::prelude::*;
use magicnet::wire::{
    FrameReader, MAX_FRAME, ProtocolMessage, RawMessage, ScanLimits, Writer, encode_call, encode_custom,
    frame_header,
};
use magicnet::{
    BytesMiddleware, ConnectionConfig, ConnectionId, Decoder, DisconnectReason, Disconnected, Encoder,
    Ending, Flush, Json, Limits, MessageId, MessageMiddleware, Node, NodeCx, Time, Verdict,
};
use magicnet_tests::Recorder;

#[network_object(name = "beacon")]
mod beacon {
    pub trait Server {
        fn nudge(&mut self);
    }
    pub trait Client {
        fn blink(&mut self, number: u32);
    }
}

#[derive(Default)]
struct BeaconServer;

#[network_object]
impl beacon::Server for BeaconServer {
    fn nudge(&mut self, _cx: &mut beacon::ServerCx<'_, Self>) {}
}

/// Up to more than half a frame, so that frames must be split.
#[message(id = 90, from = server)]
struct Word {
    number: u32,
    filler: Bytes<40_000>,
}

/// What a peer wants the others to hear.
#[message(id = 91, from = client)]
struct Shout {
    number: u32,
    len: u16,
}

#[message_handler]
fn shout(cx: &mut MessageCx<'_>, message: Shout) {
    cx.to_all_except_sender(word(message.number, message.len));
}

fn word(number: u32, len: u16) -> Word {
    Word { number, filler: vec![7; len.into()].try_into().expect("the model asks for no more than fits") }
}

/// xorshift64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits fit") % bound
    }

    pub(crate) fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn len(&mut self) -> u16 {
        let bound = if self.one_in(8) { 40_000 } else { 30 };
        u16::try_from(self.below(bound)).expect("the bounds are those of u16")
    }

    fn zones(&mut self) -> Vec<u32> {
        (1..=4).filter(|_| self.one_in(2)).collect()
    }
}

/// How much a peer's transport takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Everything,
    Pieces,
    Nothing,
}

/// Turns bytes by a number that moves on with each, and puts how many they were in front: one datagram that is missing
/// or out of order spoils all that follow.
#[derive(Default)]
struct Rotor {
    sent: u8,
    received: u8,
}

impl BytesMiddleware for Rotor {
    fn overhead(&self) -> usize {
        4
    }

    fn send(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        let len = u32::try_from(datagram.len()).expect("no more than a frame");
        datagram.splice(0..0, len.to_be_bytes());
        for byte in datagram {
            *byte = byte.wrapping_add(self.sent);
            self.sent = self.sent.wrapping_add(1);
        }
        Ok(Verdict::Pass)
    }

    fn receive(&mut self, datagram: &mut Vec<u8>) -> Result<Verdict, Disconnect> {
        for byte in datagram.iter_mut() {
            *byte = byte.wrapping_sub(self.received);
            self.received = self.received.wrapping_add(1);
        }
        let len: Vec<u8> = datagram.drain(..4).collect();
        assert_eq!(len, u32::try_from(datagram.len()).unwrap().to_be_bytes(), "out of step");
        Ok(Verdict::Pass)
    }
}

/// Lets everything pass: once for all, or for each.
struct Window(bool);

impl MessageMiddleware for Window {
    fn is_per_recipient(&self) -> bool {
        self.0
    }
}

/// How a peer's endpoint treats it.
#[derive(Clone, Copy)]
struct Way {
    json: bool,
    rotor: bool,
}

const SCAN: ScanLimits = ScanLimits { depth: 64, elements: 65_535 };

/// The endpoints that peers come over.
fn endpoints() -> Vec<(ConnectionConfig, Way)> {
    let plain = ConnectionConfig::accepted;
    let way = |json, rotor| Way { json, rotor };
    vec![
        (plain(), way(false, false)),
        (plain().middleware(Rotor::default), way(false, true)),
        (plain().encoder(Json), way(true, false)),
        (plain().message_middleware(|| Window(false)).encoder(Json), way(true, false)),
        (plain().message_middleware(|| Window(false)).message_middleware(|| Window(true)), way(false, false)),
        (
            plain().message_middleware(|| Window(true)).encoder(Json).middleware(Rotor::default),
            way(true, true),
        ),
    ]
}

struct Peer {
    connection: ConnectionId,
    way: Way,
    rotor: Rotor,
    takes: Takes,
    is_blocked: bool,
    is_active: bool,
    /// The server has ended it, or was told that it ended.
    is_over: bool,
    was_too_slow: bool,
    zones: BTreeSet<u32>,
    /// The messages that it must receive, in order, and that were not compared yet.
    expected: Vec<Vec<u8>>,
    received: Vec<u8>,
    /// Its output may take several frames: what it belongs to has changed, or it did not take everything at once.
    is_mixed: bool,
}

struct Model {
    random: Random,
    number: u32,
    repository: u32,
    peers: Vec<Peer>,
    beacons: Vec<(Object<beacon::Contract>, u32)>,
}

fn message(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut Writer::new(&mut bytes));
    bytes
}

fn protocol(message: &ProtocolMessage<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.encode(&mut bytes);
    bytes
}

fn words(number: u32, len: u16) -> Vec<u8> {
    message(|w| {
        encode_custom(w, MessageId(90), |w| {
            w.array(2);
            w.unsigned(number.into());
            w.bytes(&vec![7; len.into()]);
        });
    })
}

fn zone_list(zones: &[u32]) -> Vec<u8> {
    message(|w| {
        w.array(zones.len());
        zones.iter().for_each(|zone| w.unsigned((*zone).into()));
    })
}

impl Model {
    fn next_number(&mut self) -> u32 {
        self.number += 1;
        self.number
    }

    fn everyone(&mut self, except: Option<usize>, bytes: &[u8]) {
        for (index, peer) in self.peers.iter_mut().enumerate() {
            if peer.is_active && !peer.is_over && Some(index) != except {
                peer.expected.push(bytes.to_vec());
            }
        }
    }

    fn zone(&mut self, zone: u32, bytes: &[u8]) {
        for peer in &mut self.peers {
            if peer.is_active && !peer.is_over && peer.zones.contains(&zone) {
                peer.expected.push(bytes.to_vec());
            }
        }
    }

    fn direct(&mut self, index: usize, bytes: Vec<u8>) {
        let peer = &mut self.peers[index];
        if !peer.is_over {
            peer.expected.push(bytes);
        }
    }

    /// One thing that an application does in a turn, done to the node and to the model.
    fn act(&mut self, n: &mut NodeCx<'_>) {
        let index = self.random.below(self.peers.len());
        let connection = self.peers[index].connection;
        match self.random.below(12) {
            0..=2 => {
                let (number, len) = (self.next_number(), self.random.len());
                n.send_to_all(word(number, len));
                self.everyone(None, &words(number, len));
            }
            3 | 4 => {
                let (number, len) = (self.next_number(), self.random.len());
                n.send(connection, word(number, len));
                self.direct(index, words(number, len));
            }
            5..=7 if !self.beacons.is_empty() => {
                let (object, zone) = self.beacons[self.random.below(self.beacons.len())];
                let number = self.next_number();
                n.object(object).clients().blink(number);
                let arguments = |w: &mut Writer<'_>| {
                    w.array(1);
                    w.unsigned(number.into());
                };
                self.zone(zone, &message(|w| encode_call(w, object.id().to_u64(), 0, 0, arguments)));
            }
            8 | 9 => {
                let zones = self.random.zones();
                n.grant_zones(connection, zones.iter().copied());
                let value = zone_list(&zones);
                let seen = zones.into_iter().collect();
                // Who sees exactly these already is told nothing.
                if !self.peers[index].is_over && self.peers[index].zones != seen {
                    let told = ProtocolMessage::SharedParameter { name: "vz", value: &value };
                    self.direct(index, protocol(&told));
                    self.peers[index].is_mixed = true;
                    self.peers[index].zones = seen;
                }
            }
            10 if self.random.one_in(3) => {
                n.disconnect(connection, Disconnect::new(20, "enough"));
                let goodbye = ProtocolMessage::Disconnect { reason: 20, detail: Some("enough") };
                self.direct(index, protocol(&goodbye));
                self.peers[index].is_over = true;
                self.peers[index].is_mixed = true;
            }
            11 if self.beacons.len() > 3 => {
                let (object, zone) = self.beacons.swap_remove(self.random.below(self.beacons.len()));
                n.destroy(object);
                self.zone(zone, &protocol(&ProtocolMessage::DestroyObject { object: object.id().to_u64() }));
            }
            _ => {
                let zone = 1 + u32::try_from(self.random.below(4)).expect("four zones");
                let beacon =
                    n.create::<beacon::Contract>().zone(zone).send().expect("the server has authority");
                let object = beacon.id().to_u64();
                self.beacons.push((beacon, zone));
                let generate = ProtocolMessage::GenerateObject { object, type_number: 0, owner: 1, zone };
                self.zone(zone, &protocol(&generate));
                self.zone(zone, &protocol(&ProtocolMessage::ObjectGenerateDone { object }));
            }
        }
    }
}

struct Stage {
    node: Node,
    endpoints: Vec<(ConnectionConfig, Way)>,
    model: Model,
    too_slow: Recorder<ConnectionId>,
    kept_output: usize,
    now: Time,
    /// How long output may wait.
    period: Option<Duration>,
    closed: Vec<ConnectionId>,
}

impl Stage {
    fn new(seed: u64, kept_output: usize, flush: Flush) -> Self {
        let mut limits = Limits::default();
        limits.kept_output = kept_output;
        // What it is told when it catches up is another model's.
        limits.behind_timeout = Duration::ZERO;
        let too_slow = Recorder::new();
        let record = too_slow.clone();
        let node = Node::server()
            .announce(false)
            .zones(Zones::Granted)
            .limits(limits)
            .flush(flush)
            .view::<BeaconServer>()
            .message::<Word>()
            .handler::<shout>()
            .on(move |_, event: Disconnected| {
                if matches!(event.ending, Ending::ByUs { reason: DisconnectReason::TOO_SLOW, .. }) {
                    record.push(event.connection);
                }
            })
            .build()
            .unwrap();
        let random = Random::new(seed);
        let model = Model { random, number: 0, repository: 127, peers: Vec::new(), beacons: Vec::new() };
        let period = if let Flush::Every(period) = flush { Some(period) } else { None };
        let (endpoints, closed) = (endpoints(), Vec::new());
        Self { node, endpoints, model, too_slow, kept_output, now: Time::ZERO, period, closed }
    }

    fn step(&mut self) {
        let count = self.model.peers.len();
        match self.model.random.below(10) {
            _ if count == 0 => self.open(),
            0 if count < 8 => self.open(),
            1 => self.hello(),
            2 | 3 => self.shouts(),
            4 => self.change_pace(),
            5 if self.model.random.one_in(10) => self.leave(),
            _ => {
                let acts = 1 + self.model.random.below(6);
                let Self { node, model, now, .. } = self;
                node.run(*now, |n| (0..acts).for_each(|_| model.act(n)));
            }
        }
        // Several turns may share a flush.
        if !self.model.random.one_in(4) {
            self.flush();
        } else if self.period.is_some() {
            self.pass_time();
        }
    }

    fn open(&mut self) {
        let (config, way) = &self.endpoints[self.model.random.below(self.endpoints.len())];
        let connection = self.node.handle_opened(self.now, config);
        self.model.peers.push(Peer {
            connection,
            way: *way,
            rotor: Rotor::default(),
            takes: Takes::Everything,
            is_blocked: false,
            is_active: false,
            is_over: false,
            was_too_slow: false,
            zones: BTreeSet::new(),
            expected: vec![protocol(&ProtocolMessage::Motd { text: Some("") })],
            received: Vec::new(),
            is_mixed: false,
        });
    }

    /// A peer shakes hands, if there is one that has not.
    fn hello(&mut self) {
        let Some(index) = self.model.peers.iter().position(|peer| !peer.is_active && !peer.is_over) else {
            return;
        };
        let hello = protocol(&ProtocolMessage::Hello { version: 3, hash: &[0x12, 0x34, 0x56, 0x78] });
        self.say(index, &hello);
        self.model.repository += 1;
        let value = message(|w| w.unsigned(self.model.repository.into()));
        self.model.direct(index, protocol(&ProtocolMessage::SharedParameter { name: "rp", value: &value }));
        self.model.peers[index].is_active = true;
        self.model.peers[index].is_mixed = true;
    }

    /// A peer lets all others hear something, several times in one datagram.
    fn shouts(&mut self) {
        let index = self.model.random.below(self.model.peers.len());
        if !self.model.peers[index].is_active || self.model.peers[index].is_over {
            return;
        }
        let mut datagram = Vec::new();
        for _ in 0..=self.model.random.below(4) {
            let (number, len) = (self.model.next_number(), self.model.random.len());
            encode_custom(&mut Writer::new(&mut datagram), MessageId(91), |w| {
                w.array(2);
                w.unsigned(number.into());
                w.unsigned(len.into());
            });
            self.model.everyone(Some(index), &words(number, len));
        }
        self.say(index, &datagram);
    }

    /// A peer ends its connection, with a word or without.
    fn leave(&mut self) {
        let index = self.model.random.below(self.model.peers.len());
        match self.model.random.below(3) {
            0 => self.say(index, &protocol(&ProtocolMessage::Disconnect { reason: 10, detail: None })),
            1 => self.say(index, &protocol(&ProtocolMessage::Shutdown)),
            _ => {
                let gone = self.model.peers.swap_remove(index);
                self.node.handle_lost(self.now, gone.connection, "cut");
                return;
            }
        }
        self.model.peers[index].is_over = true;
        self.model.peers[index].is_mixed = true;
    }

    fn say(&mut self, index: usize, datagram: &[u8]) {
        let datagram = self.model.peers[index].wrap(datagram);
        let mut frame = frame_header(datagram.len()).to_vec();
        frame.extend(datagram);
        self.node.handle_bytes(self.now, self.model.peers[index].connection, &frame);
    }

    fn change_pace(&mut self) {
        let index = self.model.random.below(self.model.peers.len());
        let takes = [Takes::Everything, Takes::Everything, Takes::Pieces, Takes::Nothing];
        self.model.peers[index].takes = takes[self.model.random.below(takes.len())];
        self.unblock(index);
    }

    fn unblock(&mut self, index: usize) {
        let peer = &mut self.model.peers[index];
        if peer.takes != Takes::Nothing && std::mem::take(&mut peer.is_blocked) {
            self.node.handle_writable(peer.connection);
        }
    }

    /// A part of a period passes: some are written to.
    fn pass_time(&mut self) {
        let micros = self.model.random.below(30_000);
        self.now = self.now + Duration::from_micros(micros.try_into().expect("a few milliseconds"));
        self.model.peers.iter_mut().for_each(|peer| peer.is_mixed = true);
        self.take_output();
    }

    fn take_output(&mut self) {
        let Self { node, model, now, .. } = self;
        while let Some(transmit) = node.poll_transmit(*now) {
            let (connection, len) = (transmit.connection, transmit.bytes.len());
            let peer = model.peers.iter_mut().find(|peer| peer.connection == connection);
            let peer = peer.expect("nothing is sent to those who are lost");
            assert!(!peer.is_blocked, "{connection} takes nothing");
            assert!(len > 0);
            let taken = match peer.takes {
                Takes::Everything => len,
                Takes::Pieces => model.random.below(len + 1),
                Takes::Nothing => 0,
            };
            peer.received.extend_from_slice(&transmit.bytes[..taken]);
            peer.is_blocked = taken < len;
            peer.is_mixed |= peer.is_blocked;
            node.handle_written(connection, taken);
        }
        for connection in self.too_slow.take() {
            if let Some(peer) = self.model.peers.iter_mut().find(|peer| peer.connection == connection) {
                (peer.is_over, peer.was_too_slow) = (true, true);
            }
        }
        while let Some(connection) = self.node.poll_closed() {
            self.closed.push(connection);
        }
    }

    /// All is written, as far as peers take it, and compared.
    fn flush(&mut self) {
        if let Some(period) = self.period {
            self.pass_time();
            // What is there goes within the period, and what no phase of it had comes at its end.
            self.now = self.now + period;
            self.take_output();
        }
        self.take_output();
        let closed = std::mem::take(&mut self.closed);
        for index in (0..self.model.peers.len()).rev() {
            let peer = &mut self.model.peers[index];
            let is_closed = closed.contains(&peer.connection);
            assert_eq!(is_closed, peer.is_over && !peer.is_blocked, "who is over goes once all is written");
            if !peer.is_blocked {
                peer.compare(self.kept_output);
            }
            if is_closed {
                self.model.peers.swap_remove(index);
            }
        }
        // Who takes pieces takes the next one after a while.
        for index in 0..self.model.peers.len() {
            if self.model.random.one_in(2) {
                self.unblock(index);
            }
        }
    }

    fn finish(mut self) {
        self.flush();
        for index in 0..self.model.peers.len() {
            self.model.peers[index].takes = Takes::Everything;
            self.unblock(index);
        }
        self.flush();
        assert!(self.model.peers.iter().all(|peer| peer.expected.is_empty() && !peer.is_over));
    }
}

impl Peer {
    /// A datagram of messages, as its endpoint takes it.
    fn wrap(&mut self, mut messages: &[u8]) -> Vec<u8> {
        let mut datagram = messages.to_vec();
        if self.way.json {
            datagram.clear();
            while let Some(raw) = RawMessage::next(&mut messages, SCAN) {
                datagram.push(if datagram.is_empty() { b'[' } else { b',' });
                Json.encode(&raw.unwrap(), &mut datagram).unwrap();
            }
            datagram.push(b']');
        }
        if self.way.rotor {
            self.rotor.send(&mut datagram).unwrap();
        }
        datagram
    }

    /// The messages of a datagram from its endpoint.
    fn unwrap(&mut self, datagram: &[u8]) -> Vec<u8> {
        let mut datagram = datagram.to_vec();
        if self.way.rotor {
            self.rotor.receive(&mut datagram).unwrap();
        }
        if !self.way.json {
            return datagram;
        }
        let mut messages = Vec::new();
        Json.decode(&datagram, SCAN, &mut messages).expect("what an endpoint writes is JSON");
        messages
    }

    /// Everything was written: it is what the model says, in whole frames.
    fn compare(&mut self, kept_output: usize) {
        let (mut frames, mut found, mut scratch) = (0, Vec::new(), Vec::new());
        let received = std::mem::take(&mut self.received);
        let mut input = &received[..];
        let mut reader = FrameReader::default();
        while let Some(datagram) = reader.next_datagram(&mut input, &mut scratch) {
            frames += 1;
            found.extend(self.unwrap(datagram));
        }
        assert!(!reader.is_inside_frame(), "{}: frames are whole", self.connection);
        let mut expected = self.expected.concat();
        if self.was_too_slow {
            let detail = format!("more than {kept_output} bytes unread");
            let reason = DisconnectReason::TOO_SLOW.0;
            let goodbye = protocol(&ProtocolMessage::Disconnect { reason, detail: Some(&detail) });
            assert!(found.ends_with(&goodbye), "{}: who is too slow is told", self.connection);
            let mut seen = 0;
            let ends = self.expected.iter().map(|message| {
                seen += message.len();
                seen
            });
            let got = found.len() - goodbye.len();
            assert!(got == 0 || ends.into_iter().any(|end| end == got), "whole messages, up to one of them");
            expected.truncate(got);
            expected.extend(goodbye);
        }
        assert!(
            found == expected,
            "{}: {} bytes came, expected {}",
            self.connection,
            found.len(),
            expected.len()
        );
        // JSON takes a third more for bytes, and a little for the rest.
        let fits = if self.way.json || self.way.rotor { MAX_FRAME / 2 } else { MAX_FRAME };
        let is_one_frame = !self.is_mixed && self.takes == Takes::Everything && expected.len() <= fits;
        assert!(!is_one_frame || frames <= 1, "{}: {frames} frames for {}", self.connection, expected.len());
        self.expected.clear();
        self.is_mixed = false;
    }
}

/// Says which seed it was when a test fails.
pub(crate) struct Seed(pub(crate) u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("SEED={}", self.0);
        }
    }
}

/// The first `count`, or the one that the environment names.
pub(crate) fn seeds(count: u64) -> std::ops::RangeInclusive<u64> {
    let chosen = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    chosen.map_or(1..=count, |seed: u64| seed..=seed)
}

fn run(kept_output: usize, flush: Flush) {
    for seed in seeds(60) {
        let _seed = Seed(seed);
        let mut stage = Stage::new(seed, kept_output, flush);
        (0..400).for_each(|_| stage.step());
        stage.finish();
    }
}

#[test]
fn every_peer_of_the_model_receives_what_is_for_it_in_order() {
    run(usize::MAX, Flush::Natural);
}

#[test]
fn peers_of_the_model_that_do_not_read_lose_whole_messages_and_are_told() {
    run(100_000, Flush::Natural);
}

#[test]
fn every_peer_of_the_model_receives_the_same_under_a_tick() {
    run(usize::MAX, Flush::every(Duration::from_millis(50)));
    run(usize::MAX, Flush::every(Duration::from_millis(5)));
    run(usize::MAX, Flush::every(Duration::from_millis(1)));
}

#[test]
fn peers_of_the_model_that_do_not_read_are_told_under_a_tick_too() {
    run(100_000, Flush::every(Duration::from_millis(50)));
}
