//! What peers may cost: how fast they may send, how many may be there, and how long they may be silent.

use std::time::Duration;

use magicnet::prelude::*;
use magicnet::schema::Schema;
use magicnet::wire::{Extensions, ProtocolMessage, Writer, encode_custom};
use magicnet::{
    AnyEvent, ConnectionConfig, Contract, Disconnected, Ending, Limits, Node, NodeBuilder, Rate, TurnedAway,
};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use crate::number::{NumberClient, one_number, recorded, server};

const SECOND: Duration = Duration::from_secs(1);

fn limited(change: impl FnOnce(&mut Limits)) -> (NodeBuilder, Recorder<AnyEvent>) {
    let mut limits = Limits::default();
    change(&mut limits);
    recorded(server().limits(limits))
}

/// A peer that has shaken hands.
fn peer(net: &mut Net, server: Host) -> RawLink {
    let raw = net.raw_client(server);
    net.raw(raw).hello();
    net.settle();
    net.raw(raw).messages();
    raw
}

/// What the server has said at the ends of connections.
fn details(events: &Recorder<AnyEvent>) -> Vec<String> {
    let ended = |event: AnyEvent| match event {
        AnyEvent::Disconnected(Disconnected { ending: Ending::ByUs { reason, detail, .. }, .. }) => {
            Some(format!("{} {}", reason.0, detail.unwrap_or_default()))
        }
        _ => None,
    };
    events.take().into_iter().filter_map(ended).collect()
}

/// So many messages in one datagram that nobody handles.
fn noise(count: u64) -> Vec<u8> {
    let mut datagram = Vec::new();
    for id in 0..count {
        encode_custom(&mut Writer::new(&mut datagram), magicnet::MessageId(1_000 + id), |w| w.array(0));
    }
    datagram
}

#[test]
fn who_sends_too_many_messages_is_told_and_ended() {
    let mut net = Net::new();
    let (builder, events) = limited(|limits| limits.messages = Rate::per_second(10).burst(20));
    let server = net.add(builder.build().unwrap());
    let [hasty, steady] = [peer(&mut net, server), peer(&mut net, server)];
    // Its HELLO was one.
    for _ in 0..30 {
        net.raw(steady).send_datagram(&noise(10));
        net.settle();
        net.advance(SECOND);
    }
    assert!(!net.raw(steady).is_closed());
    net.raw(hasty).send_datagram(&noise(20));
    net.settle();
    assert!(!net.raw(hasty).is_closed(), "a burst is what one may");
    net.raw(hasty).send_datagram(&noise(1));
    net.settle();
    assert!(net.raw(hasty).is_closed());
    assert_eq!(details(&events), ["38 more than 10/s, burst 20 messages"]);
}

#[test]
fn who_sends_too_many_bytes_is_told_and_ended_whatever_they_say() {
    let mut net = Net::new();
    let (builder, events) = limited(|limits| limits.bytes = Rate::per_second(1_000).burst(5_000));
    let server = net.add(builder.build().unwrap());
    let raw = peer(&mut net, server);
    for _ in 0..10 {
        net.raw(raw).send_bytes(&[0; 1_000]);
        net.advance(SECOND);
    }
    assert!(!net.raw(raw).is_closed());
    net.raw(raw).send_bytes(&[0; 5_100]);
    net.settle();
    assert!(net.raw(raw).is_closed());
    assert_eq!(details(&events), ["38 more than 1000/s, burst 5000 bytes"]);
}

#[test]
fn nothing_is_asked_of_a_server_that_was_dialed() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.messages = Rate::per_second(1);
    limits.bytes = Rate::per_second(1);
    limits.queued_bytes = Rate::per_second(1);
    limits.connections = 0;
    let server = net.add(server().build().unwrap());
    let client = net.add(Node::client().view::<NumberClient>().limits(limits).build().unwrap());
    net.connect(client, server);
    net.run(server, |n| {
        for _ in 0..100 {
            n.create::<one_number::Contract>().send().unwrap();
        }
    });
    assert_eq!(net.run(client, |n| n.objects::<one_number::Contract>().len()), 100);
}

#[message(id = 300, from = client)]
struct Whisper {
    to: u8,
}

#[message(id = 301, from = server)]
struct Whispered {
    to: u8,
}

#[message_handler]
fn whisper(cx: &mut MessageCx<'_>, message: Whisper) {
    cx.to(|_: &magicnet::Connection| true).send(Whispered { to: message.to });
}

#[test]
fn who_makes_a_node_queue_too_much_is_told_and_ended() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.queued_bytes = Rate::per_second(100_000);
    let (builder, events) =
        recorded(Node::server().handler::<whisper>().message::<Whispered>().limits(limits));
    let server = net.add(builder.build().unwrap());
    let crowd: Vec<RawLink> = (0..100).map(|_| peer(&mut net, server)).collect();
    let mut datagram = Vec::new();
    for _ in 0..500 {
        encode_custom(&mut Writer::new(&mut datagram), magicnet::MessageId(300), |w| {
            w.array(1);
            w.unsigned(7);
        });
    }
    // Three kilobytes that would be queued for a hundred connections, one by one.
    net.raw(crowd[0]).send_datagram(&datagram);
    net.settle();
    assert!(net.raw(crowd[0]).is_closed());
    assert_eq!(details(&events), ["38 more than 100000/s bytes queued"]);
    let heard = net.raw(crowd[1]).message_ids();
    assert!((1..100).contains(&heard.len()), "what was done before that stays: {}", heard.len());
}

fn from(address: &str) -> ConnectionConfig {
    ConnectionConfig::accepted().remote(address.parse().unwrap())
}

/// Why those who came were turned away.
fn turned_away(events: &Recorder<AnyEvent>) -> Vec<(Option<String>, String)> {
    let away = |event: AnyEvent| {
        let TurnedAway { remote, why, .. } = event.downcast::<TurnedAway>()?.clone();
        Some((remote.map(|remote| remote.to_string()), why))
    };
    events.take().into_iter().filter_map(away).collect()
}

#[test]
fn who_comes_when_all_places_are_taken_is_told_and_let_go() {
    let mut net = Net::new();
    let (builder, events) = limited(|limits| limits.connections = 2);
    let server = net.add(builder.build().unwrap());
    let [first, _second] = [peer(&mut net, server), peer(&mut net, server)];
    let third = net.raw_client(server);
    assert!(net.raw(third).is_closed());
    assert_eq!(net.raw(third).message_ids(), [3], "the reason, and no greeting");
    assert_eq!(turned_away(&events), [(None, "all 2 places are taken".to_owned())]);
    assert_eq!(net.run(server, |n| n.connections().count()), 2, "nothing was made for it");
    net.raw(first).hang_up();
    net.settle();
    let fourth = peer(&mut net, server);
    assert!(!net.raw(fourth).is_closed());
}

#[test]
fn one_address_does_not_take_all_places() {
    let mut net = Net::new();
    let (builder, events) = limited(|limits| limits.connections_per_address = 2);
    let server = net.add(builder.build().unwrap());
    let raws =
        ["1.2.3.4:1", "1.2.3.4:2", "1.2.3.4:3", "4.3.2.1:1", "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"]
            .map(|address| net.raw_client_by(server, &from(address)));
    let closed = raws.map(|raw| net.raw(raw).is_closed());
    assert_eq!(closed, [false, false, true, false, false, false, false]);
    let why = "more than 2 connections from one address".to_owned();
    assert_eq!(turned_away(&events), [(Some("1.2.3.4:3".to_owned()), why)]);
    let addresses = net.run(server, |n| {
        n.connections().filter_map(|known| Some(known.remote_addr()?.port())).collect::<Vec<_>>()
    });
    assert_eq!(addresses, [1, 2, 1, 1, 2, 3]);
}

#[test]
fn of_those_who_do_not_shake_hands_the_first_gives_way() {
    let mut net = Net::new();
    let (builder, events) = limited(|limits| limits.handshakes = 3);
    let server = net.add(builder.build().unwrap());
    let members = [(); 5].map(|()| peer(&mut net, server));
    let strangers = [(); 5].map(|()| net.raw_client(server));
    assert_eq!(strangers.map(|raw| net.raw(raw).is_closed()), [true, true, false, false, false]);
    assert_eq!(details(&events), ["38 more than 3 handshakes at once"; 2]);
    // Whoever speaks is let in, however many others are silent.
    let polite = peer(&mut net, server);
    assert!(!net.raw(polite).is_closed());
    for member in members {
        assert!(!net.raw(member).is_closed());
    }
}

/// A client and a server that know heartbeats, and their events.
fn pair(net: &mut Net) -> (Host, Host, [Recorder<AnyEvent>; 2]) {
    let (builder, server_events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let (builder, client_events) = recorded(Node::client().view::<NumberClient>());
    let client = net.add(builder.build().unwrap());
    net.connect(client, server);
    net.advance(SECOND);
    (client, server, [client_events, server_events])
}

#[test]
fn silence_between_peers_that_know_heartbeats_is_found_out() {
    let mut net = Net::new();
    let (client, server, events) = pair(&mut net);
    net.advance(600 * SECOND);
    assert_eq!(
        net.run(server, |n| n.connections().count()),
        1,
        "nothing is wrong with having nothing to say"
    );
    net.partition(client, server);
    net.advance(25 * SECOND);
    net.heal_all();
    net.advance(60 * SECOND);
    assert_eq!(net.run(server, |n| n.connections().count()), 1, "a tunnel is no end");
    net.partition(client, server);
    net.advance(41 * SECOND);
    for events in events {
        assert_eq!(details(&events), ["34 no sign of life"]);
    }
}

#[test]
fn a_round_trip_is_as_long_as_the_way() {
    let mut net = Net::new();
    net.set_latency(Duration::from_millis(40));
    let (client, server, _) = pair(&mut net);
    let trip = |net: &mut Net, host| net.run(host, |n| n.connections().next().unwrap().round_trip());
    assert_eq!(trip(&mut net, server), None);
    net.advance(15 * SECOND);
    for host in [client, server] {
        assert_eq!(trip(&mut net, host), Some(Duration::from_millis(80)));
    }
    net.set_latency(Duration::from_millis(5));
    net.advance(15 * SECOND);
    assert_eq!(trip(&mut net, server), Some(Duration::from_millis(10)));
}

#[test]
fn a_peer_that_announced_heartbeats_is_asked_and_measured_by_its_own_answers_alone() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let raw = net.raw_client(server);
    let mut value = Vec::new();
    let schema = Schema::new(vec![one_number::Contract::OBJECT], Vec::new());
    schema.fingerprint().with_extensions(Extensions::HEARTBEAT).encode(&mut value);
    net.raw(raw).send(&[ProtocolMessage::SharedParameter { name: "mn", value: &value }]);
    net.raw(raw).hello();
    net.settle();
    net.raw(raw).messages();
    // Its own questions are answered, which its silence counts as none.
    net.raw(raw).send(&[ProtocolMessage::Heartbeat { number: 9, is_answer: false }]);
    net.settle();
    assert_eq!(net.raw(raw).messages(), [(15, vec![0x92, 15, 0x92, 9, 0xc3])]);
    net.advance(10 * SECOND);
    assert_eq!(net.raw(raw).messages(), [(15, vec![0x92, 15, 0x92, 1, 0xc2])]);
    let trip = |net: &mut Net| net.run(server, |n| n.connections().next().unwrap().round_trip());
    net.raw(raw).send(&[ProtocolMessage::Heartbeat { number: 2, is_answer: true }]);
    net.settle();
    assert_eq!(trip(&mut net), None, "that was not the question");
    net.advance(SECOND);
    for _ in 0..2 {
        net.raw(raw).send(&[ProtocolMessage::Heartbeat { number: 1, is_answer: true }]);
        net.settle();
        net.advance(SECOND);
        assert_eq!(trip(&mut net), Some(SECOND), "an answer counts once");
    }
    net.advance(60 * SECOND);
    assert!(net.raw(raw).is_closed());
    assert_eq!(details(&events), ["34 no sign of life"]);
}

#[test]
fn plain_peers_are_not_asked_and_end_only_where_the_operator_says_so() {
    for (timeout, is_closed) in [(None, false), (Some(20 * SECOND), true)] {
        let mut net = Net::new();
        let (builder, events) = limited(|limits| limits.plain_idle_timeout = timeout);
        let server = net.add(builder.build().unwrap());
        let [silent, talker] = [peer(&mut net, server), peer(&mut net, server)];
        for _ in 0..20 {
            net.advance(15 * SECOND);
            net.raw(talker).send_datagram(&noise(1));
            net.settle();
        }
        assert_eq!((net.raw(silent).is_closed(), net.raw(talker).is_closed()), (is_closed, false));
        assert_eq!(net.raw(talker).message_ids(), [0; 0]);
        assert_eq!(details(&events).len(), usize::from(is_closed));
    }
}

/// When this node itself was away, what the others have said meanwhile may be unread: they get another chance.
#[test]
fn a_node_that_was_away_gives_up_nobody_at_once() {
    let mut net = Net::new();
    let (builder, events) = limited(|limits| limits.plain_idle_timeout = Some(60 * SECOND));
    let server = net.add(builder.build().unwrap());
    let asked = net.raw_client(server);
    let mut value = Vec::new();
    let schema = Schema::new(vec![one_number::Contract::OBJECT], Vec::new());
    schema.fingerprint().with_extensions(Extensions::HEARTBEAT).encode(&mut value);
    net.raw(asked).send(&[ProtocolMessage::SharedParameter { name: "mn", value: &value }]);
    net.raw(asked).hello();
    let [_silent, talker] = [peer(&mut net, server), peer(&mut net, server)];
    net.advance(15 * SECOND);
    let talker = net.connection_of(talker);
    let later = net.now() + 100 * SECOND;
    let node = net.node(server);
    let count = |node: &mut Node, now| {
        node.handle_timeout(now);
        node.run(now, |n| n.connections().count())
    };
    assert_eq!(count(node, later), 3);
    let datagram = noise(1);
    let len = u16::try_from(datagram.len()).unwrap();
    node.handle_bytes(later, talker, &[&len.to_be_bytes()[..], &datagram].concat());
    assert_eq!(count(node, later + SECOND), 2, "nothing was there of the silent one");
    assert_eq!(count(node, later + 10 * SECOND), 1, "nor of the one who was asked");
    assert!(node.run(later, |n| n.connection(talker).is_some()));
    assert_eq!(details(&events), ["34 no sign of life"; 2]);
}

#[test]
fn heartbeats_that_nobody_announced_are_nothing() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let raw = peer(&mut net, server);
    net.raw(raw).send(&[ProtocolMessage::Heartbeat { number: 1, is_answer: false }]);
    net.advance(60 * SECOND);
    assert_eq!(net.raw(raw).message_ids(), [0; 0]);
    assert!(!net.raw(raw).is_closed());
}

#[test]
fn who_sends_a_frame_byte_by_byte_has_the_time_of_one() {
    let mut net = Net::new();
    let (builder, events) = limited(|limits| limits.frame_timeout = 5 * SECOND);
    let server = net.add(builder.build().unwrap());
    let [shaken, stranger] = [peer(&mut net, server), net.raw_client(server)];
    for second in 0..8 {
        for raw in [shaken, stranger] {
            assert_eq!(net.raw(raw).is_closed(), second >= 5, "after {second} seconds");
            net.raw(raw).send_bytes(&[if second == 0 { 0xff } else { 0x90 }]);
        }
        net.advance(SECOND);
    }
    assert_eq!(details(&events), ["34 no end of a frame in time"; 2]);
}
