//! How nodes and connections end.

use std::time::Duration;

use magicnet::prelude::*;
use magicnet::wire::ProtocolMessage;
use magicnet::{AnyEvent, DisconnectReason, Ending, Limits};
use magicnet_tests::Net;

use super::number::{client, create, recorded, server};

#[test]
fn a_server_that_shuts_down_says_so_after_its_last_words() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (builder, events) = recorded(
        magicnet::Node::client().view::<super::number::NumberClient>().with(super::number::Seen::new()),
    );
    let ada = net.add(builder.build().unwrap());
    net.connect(ada, server);
    create(&mut net, ada, 1);
    events.take();
    net.run(server, |n| n.shutdown());
    let ending = events.take().into_iter().find_map(|event| match event {
        AnyEvent::Disconnected(event) => Some(event.ending),
        _ => None,
    });
    assert_eq!(ending, Some(Ending::PeerShutdown));
    assert!(net.node(server).is_finished());
    assert_eq!(net.run(ada, |n| n.object_count()), 0);
    let late = net.raw_client(server);
    assert_eq!(net.raw(late).message_ids(), [4], "who comes now is told the same");
    assert!(net.raw(late).is_closed());
}

#[test]
fn a_connection_ends_with_the_reason_that_was_given() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let (ada, _) = client(&mut net);
    let (_, there) = net.connect(ada, server);
    events.take();
    let long = "x".repeat(100);
    net.run(server, move |n| n.disconnect(there, Disconnect::new(12, long)));
    let events = events.take();
    let [AnyEvent::Disconnected(event)] = &events[..] else { panic!("{events:?}") };
    assert!(event.was_connected);
    assert!(
        matches!(&event.ending, Ending::ByUs { reason: DisconnectReason(12), detail: Some(text) } if text.len() == 100)
    );
}

#[test]
fn what_a_connection_keeps_is_there_when_its_end_is_told() {
    let mut net = Net::new();
    let told = magicnet_tests::Recorder::new();
    let log = told.clone();
    let builder = server().on(move |n, event: magicnet::Disconnected| {
        log.push(*n.connection(event.connection).unwrap().get::<u32>().unwrap());
    });
    let server = net.add(builder.build().unwrap());
    let (ada, _) = client(&mut net);
    let (_, there) = net.connect(ada, server);
    net.run(server, |n| n.connection_mut(there).unwrap().insert(77_u32));
    net.cut(ada, server);
    assert_eq!(told.take(), [77]);
    assert_eq!(net.run(server, |n| n.connections().count()), 0);
}

#[test]
fn who_does_not_read_is_ended_and_the_others_notice_nothing() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.kept_output = 10_000;
    let (builder, events) = recorded(server().limits(limits));
    let server = net.add(builder.build().unwrap());
    let stuck = net.raw_client(server);
    net.raw(stuck).hello();
    net.settle();
    let (ada, ada_saw) = client(&mut net);
    net.connect(ada, server);
    let number = create(&mut net, ada, 0);
    net.set_stuck(stuck, true);
    for _ in 0..1_000 {
        net.run(ada, |n| n.object(number).server().add_value(1));
    }
    assert_eq!(ada_saw.take().len(), 1 + 2 * 1_000);
    let ending = events.take().into_iter().find_map(|event| match event {
        AnyEvent::Disconnected(event) => Some(event.ending),
        _ => None,
    });
    assert!(matches!(ending, Some(Ending::ByUs { reason: DisconnectReason::TOO_SLOW, .. })), "{ending:?}");
    // It gets the reason if it reads after all, and its place is given up if it does not.
    net.set_stuck(stuck, false);
    net.settle();
    assert_eq!(net.raw(stuck).message_ids().last(), Some(&3));
    net.advance(Duration::from_secs(4));
    assert!(net.raw(stuck).is_closed());
}

#[test]
fn who_asks_for_everything_again_and_again_in_one_frame_is_stopped() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.direct_output = 100_000;
    let server = net.add(server().limits(limits).build().unwrap());
    let (ada, _) = client(&mut net);
    net.connect(ada, server);
    for value in 0..100 {
        create(&mut net, ada, value);
    }
    let greedy = net.raw_client(server);
    net.raw(greedy).hello();
    net.settle();
    // Twenty times is a lot and allowed: each answer takes some 4 kB.
    net.raw(greedy).send(&vec![ProtocolMessage::RequestVisibleObjects; 20]);
    net.settle();
    assert!(!net.raw(greedy).is_closed());
    net.raw(greedy).send(&vec![ProtocolMessage::RequestVisibleObjects; 20_000]);
    net.settle();
    assert!(net.raw(greedy).is_closed());
    assert_eq!(net.raw(greedy).message_ids().last(), Some(&3));
    let number = create(&mut net, ada, 7);
    assert!(net.run(ada, |n| n.contains(number)));
}

#[test]
fn a_client_that_leaves_still_hears_what_was_on_its_way() {
    let mut net = Net::new();
    net.set_latency(Duration::from_millis(50));
    let server = net.add(server().build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    net.connect(ada, server);
    net.advance(Duration::from_secs(1));
    let number = create(&mut net, ada, 1);
    net.advance(Duration::from_secs(1));
    ada_saw.take();
    net.run(ada, |n| n.object(number).server().add_value(1));
    net.run(ada, |n| n.shutdown());
    assert!(!net.node(ada).is_finished());
    net.advance(Duration::from_secs(1));
    assert_eq!(ada_saw.take(), ["1 -> 2", "sparkle 0 1 added", "destroy 2"]);
    assert!(net.node(ada).is_finished());
}

#[test]
fn a_client_does_not_wait_for_a_server_that_does_not_close() {
    let mut net = Net::new();
    let (ada, _) = client(&mut net);
    let raw = net.raw_server(ada);
    net.raw(raw).send(&[ProtocolMessage::Motd { text: Some("") }]);
    net.raw(raw).send(&[ProtocolMessage::SharedParameter { name: "rp", value: &[0xcc, 128] }]);
    net.settle();
    net.run(ada, |n| n.shutdown());
    assert_eq!(net.raw(raw).message_ids().last(), Some(&4));
    assert!(!net.node(ada).is_finished());
    net.advance(Duration::from_secs(4));
    assert!(net.node(ada).is_finished());
}

/// A question of the server's.
#[message(id = 121, from = server)]
struct Ping {}

#[message(id = 122, from = client)]
struct Pong {}

#[message_handler]
fn ping(cx: &mut MessageCx<'_>, _: Ping) {
    cx.app::<magicnet_tests::Recorder<&str>>().push("ping");
    cx.reply(Pong {});
}

#[test]
fn a_client_that_leaves_hears_and_says_nothing_more() {
    let mut net = Net::new();
    let heard = magicnet_tests::Recorder::<&str>::new();
    let builder = magicnet::Node::client().announce(false).handler::<ping>().message::<Pong>();
    let ada = net.add(builder.with(heard.clone()).build().unwrap());
    let raw = net.raw_server(ada);
    net.raw(raw).send(&[
        ProtocolMessage::Motd { text: Some("") },
        ProtocolMessage::SharedParameter { name: "rp", value: &[0xcc, 128] },
    ]);
    net.settle();
    let ping = [0x92, 121, 0x90];
    net.raw(raw).send_datagram(&ping);
    net.settle();
    assert_eq!((heard.take(), net.raw(raw).message_ids()), (vec!["ping"], vec![2, 122]));
    net.run(ada, |n| n.shutdown());
    net.raw(raw).send_datagram(&ping);
    net.settle();
    assert_eq!(heard.take(), ["ping"]);
    assert_eq!(net.raw(raw).message_ids(), [4], "a goodbye is the last word");
}
