//! A hub and its parts, stepped by hand in every order that threads might take, with nodes at the other ends.

mod slow;

use std::sync::{Arc, Mutex};

use magicnet_derive::{message, message_handler, network_object};

use super::Part;
use super::hub::Hub;
use crate::line::{ConnectionId, Disconnect};
use crate::node::{ConnectionConfig, Limits, Node, NodeBuilder};
use crate::time::Time;
use crate::world::{Admission, Connected, Disconnected, MessageCx, TurnedAway, Zones};

/// The server gives each a number, in its own order, and tells everybody; from 800 on a thousand times. From 900 on the
/// speaker is thrown out.
#[message(id = 64, from = client)]
struct Say {
    number: u32,
}

#[message(id = 65, from = server)]
struct Said {
    place: u32,
    by: u32,
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, said: Say) {
    cx.app::<Diary>().write(format!("say {}", said.number));
    if said.number >= 900 {
        return cx.disconnect(cx.sender().id(), Disconnect::new(20, "enough"));
    }
    let place = cx.app_mut::<u32>();
    *place += 1;
    let place = *place;
    for _ in 0..if said.number < 800 { 1 } else { 1_000 } {
        cx.to_all(Said { place, by: said.number });
    }
}

#[message_handler]
fn said(cx: &mut MessageCx<'_>, said: Said) {
    cx.app::<Diary>().write(format!("{} by {}", said.place, said.by));
}

#[network_object(name = "beat", create = server)]
mod beat {
    pub(super) struct State {
        #[network_field(to = viewers)]
        pub(super) count: u32,
    }
    pub(super) trait Server {
        #[network_field(from = anyone)]
        fn beat(&mut self);
    }
    pub(super) trait Client {}
}

#[derive(Default)]
struct BeatServer;

#[network_object]
impl beat::Server for BeatServer {
    fn beat(&mut self, cx: &mut beat::ServerCx<'_, Self>) {
        cx.state_mut().count += 1;
    }
}

#[derive(Default)]
struct BeatClient;

#[network_object]
impl beat::Client for BeatClient {
    fn on_generate(&mut self, cx: &mut beat::ClientCx<'_, Self>) {
        let line = format!("begins at {}", cx.state().count);
        cx.app::<Diary>().write(line);
    }

    fn count_changed(&mut self, cx: &mut beat::ClientCx<'_, Self>, old: u32) {
        let line = format!("{old} -> {}", cx.state().count);
        cx.app::<Diary>().write(line);
    }
}

#[derive(Clone, Debug, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn write(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

fn server(diary: &Diary) -> NodeBuilder {
    let (connected, disconnected) = (diary.clone(), diary.clone());
    Node::server()
        .view::<BeatServer>()
        .handler::<say>()
        .message::<Said>()
        .zones(Zones::ClientChosen)
        .with(diary.clone())
        .with(0_u32)
        .on(move |_, _: Connected| connected.write("connected".to_owned()))
        .on(move |_, event: Disconnected| disconnected.write(event.ending.to_string()))
}

fn client(diary: &Diary) -> NodeBuilder {
    Node::client().view::<BeatClient>().message::<Say>().handler::<said>().with(diary.clone())
}

/// A server in parts, and clients that are joined to them by nothing but this.
struct Stage {
    hub: Hub,
    parts: Vec<Part>,
    ends: Vec<End>,
}

/// A client, and its connection as its part and itself know it.
struct End {
    node: Node,
    part: usize,
    there: ConnectionId,
    here: ConnectionId,
    /// The part has closed it.
    is_closed: bool,
    /// It does not read.
    is_stuck: bool,
}

const NOW: Time = Time::ZERO;

impl Stage {
    fn new(server: NodeBuilder, edges: usize) -> Self {
        let (hub, parts) = Hub::split(server.edges(edges).build().unwrap());
        Self { hub, parts, ends: Vec::new() }
    }

    /// Connects a client to a part; nothing has passed yet.
    fn join(&mut self, client: NodeBuilder, part: usize) -> usize {
        let mut node = client.build().unwrap();
        let there = self.parts[part].handle_opened(NOW, &ConnectionConfig::accepted());
        let here = node.handle_opened(NOW, &ConnectionConfig::dialed());
        self.ends.push(End { node, part, there, here, is_closed: false, is_stuck: false });
        self.ends.len() - 1
    }

    /// A turn of the world.
    fn turn_hub(&mut self) {
        self.hub.handle_news(NOW);
        self.hub.handle_commands(NOW);
        self.hub.share_turns();
    }

    /// A turn of one part: what its clients have sent goes in, and what is for them goes out.
    fn turn_part(&mut self, number: usize) {
        let part = &mut self.parts[number];
        part.handle_turns(NOW);
        if part.poll_timeout().is_some_and(|due| due <= NOW) {
            part.handle_timeout(NOW);
        }
        let may_read = !part.is_stalled();
        for end in self.ends.iter_mut().filter(|end| end.part == number && may_read && !end.is_closed) {
            let bytes = output_of(&mut end.node);
            part.handle_bytes(NOW, end.there, &bytes);
        }
        part.share_news();
        while let Some(transmit) = part.poll_transmit(NOW) {
            let (connection, len) = (transmit.connection, transmit.bytes.len());
            let end = self.ends.iter_mut().find(|end| end.part == number && end.there == connection);
            let end = end.expect("a part writes to its own");
            if end.is_stuck {
                part.handle_written(connection, 0);
                continue;
            }
            end.node.handle_bytes(NOW, end.here, transmit.bytes);
            part.handle_written(connection, len);
        }
        while let Some((closed, _)) = part.poll_parting() {
            let end = self.ends.iter_mut().find(|end| end.part == number && end.there == closed);
            let end = end.expect("a part closes its own");
            end.is_closed = true;
            end.node.handle_lost(NOW, end.here, "closed");
        }
        part.share_news();
    }

    /// A client stops to read, or reads on.
    fn set_stuck(&mut self, client: usize, is_stuck: bool) {
        let End { part, there, .. } = self.ends[client];
        self.ends[client].is_stuck = is_stuck;
        if !is_stuck {
            self.parts[part].handle_writable(there);
        }
    }

    fn settle(&mut self) {
        for _ in 0..20 {
            self.turn_hub();
            (0..self.parts.len()).for_each(|part| self.turn_part(part));
        }
    }

    fn say(&mut self, client: usize, numbers: impl IntoIterator<Item = u32>) {
        self.ends[client].node.run(NOW, |n| {
            numbers.into_iter().for_each(|number| n.send_to_all(Say { number }));
        });
    }
}

fn output_of(node: &mut Node) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(transmit) = node.poll_transmit(NOW) {
        let (connection, len) = (transmit.connection, transmit.bytes.len());
        bytes.extend_from_slice(transmit.bytes);
        node.handle_written(connection, len);
    }
    bytes
}

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

/// Whatever the threads' luck: who speaks is numbered by the world, and everybody hears all numbers from its own
/// beginning on, without a gap and with the same words; who looks at a zone sees each change of what is in it.
#[test]
fn every_connection_sees_one_order() {
    let mut changes = 0;
    for seed in 0..30 {
        let mut dice = Dice(seed);
        let mut stage = Stage::new(server(&Diary::default()), 3);
        let diaries: Vec<Diary> = (0..6).map(|_| Diary::default()).collect();
        for (number, diary) in diaries.iter().enumerate() {
            stage.join(client(diary), number % 3);
        }
        stage.settle();
        let handle = stage.hub.handle();
        handle.post(|n| drop(n.create::<beat::Contract>().zone(7).send())).unwrap();
        for round in 0..400 {
            let who = dice.roll(stage.ends.len());
            match dice.roll(8) {
                0 => stage.say(who, [round]),
                1 => stage.ends[who].node.run(NOW, |n| n.set_zones([7])),
                2 => stage.ends[who].node.run(NOW, |n| n.set_zones([8])),
                3 => {
                    handle
                        .post(|n| {
                            let beat = n.objects::<beat::Contract>()[0];
                            n.object(beat).server().beat();
                        })
                        .unwrap();
                }
                4 => stage.turn_hub(),
                _ => stage.turn_part(dice.roll(3)),
            }
        }
        stage.settle();
        let told: Vec<Vec<String>> = diaries
            .iter()
            .map(|diary| diary.lines().into_iter().filter(|line| line.contains("by")).collect())
            .collect();
        assert!(told[0].len() > 20, "somebody has spoken");
        assert!(told.iter().all(|lines| *lines == told[0]), "seed {seed}");
        for diary in &diaries {
            changes += beats_are_whole(&diary.lines(), seed);
        }
    }
    assert!(changes > 1_000, "{changes} changes were seen");
}

/// From each beginning on, each change follows on the one before. Says how many there are.
fn beats_are_whole(lines: &[String], seed: u64) -> usize {
    let (mut at, mut changes) = (None, 0);
    for line in lines {
        if let Some(start) = line.strip_prefix("begins at ") {
            at = Some(start.parse::<u32>().unwrap());
        } else if let Some((old, new)) = line.split_once(" -> ") {
            let [old, new] = [old, new].map(|count| count.parse::<u32>().unwrap());
            assert_eq!((Some(old), new), (at, old + 1), "seed {seed}: {lines:?}");
            at = Some(new);
            changes += 1;
        }
    }
    changes
}

#[test]
fn what_comes_right_behind_a_hello_is_heard_after_it() {
    let diary = Diary::default();
    let mut stage = Stage::new(server(&diary), 2);
    let mut raw = stage.parts[1].handle_opened(NOW, &ConnectionConfig::accepted());
    // HELLO and `Say { number: 5 }` in one datagram.
    let hello = [0x92, 2, 0x92, 3, 0xc4, 4, 0x12, 0x34, 0x56, 0x78];
    let frame = [&[0, 14][..], &hello, &[0x92, 64, 0x91, 5]].concat();
    stage.parts[1].handle_bytes(NOW, raw, &frame);
    stage.parts[1].share_news();
    stage.turn_hub();
    assert_eq!(diary.lines(), ["connected", "say 5"]);

    // A HELLO that the edge itself refuses takes what follows with it.
    raw = stage.parts[0].handle_opened(NOW, &ConnectionConfig::accepted());
    let frame = [&[0, 14][..], &hello[..9], &[0x79, 0x92, 64, 0x91, 5]].concat();
    stage.parts[0].handle_bytes(NOW, raw, &frame);
    stage.parts[0].share_news();
    stage.turn_hub();
    assert_eq!(diary.lines()[2..], ["ended by this node, reason 3: the network hashes differ"]);
}

#[test]
fn who_is_let_wait_may_send_nothing_else() {
    let diary = Diary::default();
    let mut stage = Stage::new(server(&diary).authenticate(|_, _| Admission::Later), 2);
    let raw = stage.parts[1].handle_opened(NOW, &ConnectionConfig::accepted());
    let hello = [0x92, 2, 0x92, 3, 0xc4, 4, 0x12, 0x34, 0x56, 0x78];
    let frame = [&[0, 14][..], &hello, &[0x92, 64, 0x91, 5]].concat();
    stage.parts[1].handle_bytes(NOW, raw, &frame);
    stage.parts[1].share_news();
    stage.turn_hub();
    assert_eq!(diary.lines(), ["ended by this node, reason 4: a message came before HELLO"]);
}

#[test]
fn nothing_is_heard_of_a_connection_that_was_ended() {
    let diary = Diary::default();
    let mut stage = Stage::new(server(&diary), 2);
    let ann = stage.join(client(&Diary::default()), 1);
    stage.settle();
    stage.say(ann, [1, 900, 2]);
    stage.turn_part(1);
    // Still on its way up when the world has ended the connection.
    stage.say(ann, [3]);
    stage.turn_part(1);
    stage.turn_hub();
    let end = "ended by this node, reason 20 (enough)";
    assert_eq!(diary.lines(), ["connected", "say 1", "say 900", end]);
    stage.settle();
    assert_eq!(diary.lines().len(), 4, "and its end is told once");
    assert!(stage.ends[ann].is_closed);
}

#[test]
fn a_world_that_is_behind_makes_edges_stop_reading() {
    let diary = Diary::default();
    let mut stage = Stage::new(server(&diary), 2);
    let ann = stage.join(client(&Diary::default()), 0);
    stage.settle();
    let mut said = 0;
    while !stage.parts[0].is_stalled() {
        stage.say(ann, [7; 1_000]);
        said += 1_000;
        stage.turn_part(0);
        assert!(said < 1_000_000, "a flood is kept for the world");
    }
    let most = 2 * super::NEWS_LIMIT;
    stage.say(ann, [7; 1_000]);
    stage.turn_part(0);
    stage.turn_part(0);
    assert!(stage.parts[0].line().news.weight() < most);
    // The rest waits where it came from, and nothing is lost.
    stage.turn_hub();
    assert!(!stage.parts[0].is_stalled(), "the world has taken it");
    stage.settle();
    let heard = diary.lines().iter().filter(|line| line.starts_with("say")).count();
    assert_eq!(heard, said + 1_000);
}

#[test]
fn an_edge_that_is_behind_makes_the_world_wait() {
    let diary = Diary::default();
    let mut stage = Stage::new(server(&diary), 2);
    let heard = [Diary::default(), Diary::default()];
    let clients = [0, 1].map(|part| stage.join(client(&heard[part]), part));
    stage.settle();
    // Part 1 does not come for its turns.
    let mut said = 0;
    for _ in 0..900 {
        stage.say(clients[0], [0; 100]);
        said += 100;
        stage.turn_part(0);
        stage.turn_hub();
        stage.turn_part(0);
    }
    let waiting = stage.parts[1].line().turns.weight();
    assert!((super::TURN_LIMIT..2 * super::TURN_LIMIT).contains(&waiting), "{waiting}");
    assert!(stage.hub.may_sleep(), "until part 1 wakes it");
    for _ in 0..100 {
        stage.settle();
    }
    for heard in heard {
        assert_eq!(heard.lines().len(), said, "nothing is lost");
    }
}

#[test]
fn what_comes_while_the_world_is_busy_is_not_forgotten() {
    let diary = Diary::default();
    let mut stage = Stage::new(server(&diary), 2);
    let ann = stage.join(client(&Diary::default()), 0);
    stage.settle();
    // So much follows from it that the world stops half-way, to hand that over first.
    stage.say(ann, [800; 600]);
    stage.turn_part(0);
    stage.turn_hub();
    let heard = |diary: &Diary| diary.lines().iter().filter(|line| line.starts_with("say")).count();
    assert!((1..600).contains(&heard(&diary)), "{}", heard(&diary));
    // This comes before the rest was handled, and wakes nobody when it was.
    stage.say(ann, [1]);
    loop {
        (0..2).for_each(|part| stage.turn_part(part));
        if stage.hub.may_sleep() {
            break;
        }
        stage.turn_hub();
    }
    assert_eq!(heard(&diary), 601);
}

#[test]
fn all_connections_hear_why_it_ends() {
    let diary = Diary::default();
    let mut stage = Stage::new(server(&diary), 2);
    let told = Diary::default();
    for part in [0, 1, 1] {
        let told = told.clone();
        let client = client(&Diary::default());
        stage.join(client.on(move |_, event: Disconnected| told.write(event.ending.to_string())), part);
    }
    stage.settle();
    stage.hub.handle().shutdown_with(Disconnect::new(20, "back at noon")).unwrap();
    // One comes while the end is on its way.
    let late = stage.parts[0].handle_opened(NOW, &ConnectionConfig::accepted());
    stage.turn_hub();
    assert_eq!(diary.lines()[3..], ["ended by this node, reason 20 (back at noon)"; 3]);
    assert!(stage.hub.is_shutting_down() && !stage.hub.is_finished());
    let mut last = Vec::new();
    let part = &mut stage.parts[0];
    part.share_news();
    part.handle_turns(NOW);
    while let Some(transmit) = part.poll_transmit(NOW) {
        let (connection, len) = (transmit.connection, transmit.bytes.len());
        if connection == late {
            last.extend_from_slice(transmit.bytes);
        } else {
            let end = stage.ends.iter_mut().find(|end| end.part == 0).unwrap();
            end.node.handle_bytes(NOW, end.here, transmit.bytes);
        }
        part.handle_written(connection, len);
    }
    while part.poll_parting().is_some() {}
    assert!(last.ends_with(b"back at noon"));
    stage.turn_part(1);
    stage.turn_hub();
    assert_eq!(told.lines(), ["ended by the peer, reason 20 (back at noon)"; 3]);
    assert!(stage.parts.iter().all(Part::is_finished));
    stage.parts.clear();
    stage.turn_hub();
    assert!(stage.hub.is_finished());
    assert_eq!(diary.lines()[6..], ["ended by this node, reason 20 (back at noon)"], "the late one too");
}

/// Places are the node's, whichever edge they are taken on.
#[test]
fn edges_share_what_the_node_may_have() {
    let diary = Diary::default();
    let limits = Limits { connections: 2, ..Limits::default() };
    let turned_away = diary.clone();
    let server = server(&diary).limits(limits);
    let server =
        server.on(move |_, event: TurnedAway| turned_away.write(format!("turned away: {}", event.why)));
    let mut stage = Stage::new(server, 2);
    for part in [0, 1, 1] {
        stage.join(client(&Diary::default()), part);
    }
    stage.settle();
    assert_eq!(diary.lines(), ["turned away: all 2 places are taken", "connected", "connected"]);
    assert!(stage.ends[2].is_closed);
}

#[test]
fn who_is_left_alone_ends() {
    let mut stage = Stage::new(server(&Diary::default()), 2);
    assert!(!stage.hub.is_finished());
    let lost = stage.parts.pop();
    drop(lost);
    assert!(stage.hub.is_finished(), "a part is gone without a shutdown");
    let Stage { hub, parts, .. } = stage;
    assert!(!parts[0].is_cut());
    drop(hub);
    assert!(parts[0].is_cut(), "the world is gone");
}

/// An edge hears of a zone while somebody there sees it, and not before or after.
#[test]
fn edges_hear_what_concerns_them() {
    let mut stage = Stage::new(server(&Diary::default()), 2);
    let diary = Diary::default();
    let [ann, _bob] = [0, 1].map(|part| stage.join(client(&diary), part));
    stage.settle();
    stage.ends[ann].node.run(NOW, |n| n.set_zones([7]));
    stage.settle();
    stage.hub.handle().post(|n| drop(n.create::<beat::Contract>().zone(7).send())).unwrap();
    stage.turn_hub();
    let waiting = |stage: &Stage| [0, 1].map(|part| stage.parts[part].line().turns.weight() > 0);
    assert_eq!(waiting(&stage), [true, false]);
    stage.settle();
    assert_eq!(diary.lines(), ["begins at 0"]);
    // Who is gone does not see it any more.
    let end = &mut stage.ends[ann];
    end.is_closed = true;
    stage.parts[0].handle_lost(NOW, end.there, "gone");
    stage.settle();
    stage.hub.handle().post(|n| drop(n.create::<beat::Contract>().zone(7).send())).unwrap();
    stage.turn_hub();
    assert_eq!(waiting(&stage), [false, false]);
    assert_eq!([0, 1].map(|part| stage.parts[part].load().connections()), [0, 1]);
}
