//! Users' code that panics, wherever the framework calls it: what it did is undone, somebody is told, all goes on.
//!
//! | what panics | here or elsewhere |
//! |---|---|
//! | the handler of a call, also in a creation | `rollback`, `hostile` |
//! | the handler of a message | `a_filter_that_panics_ends_its_handler_alone`, `hostile` |
//! | `on_generate`, `on_destroy`, `NAME_changed` | `what_a_view_does_at_its_beginning_and_end_is_undone`, `a_view_that_panics_at_a_change_keeps_the_state` |
//! | a factory of views | `factory` |
//! | `from = path`, `create = path`, `allow = path` | `rules` |
//! | `check = path` | `a_check_that_panics_accepts_nothing` |
//! | a filter, a router | `a_filter_that_panics_ends_its_handler_alone`, `a_router_that_panics_ends_its_handler_alone`, `routing` |
//! | the rule of `Zones::chosen_if` | `interest` |
//! | `authenticate` | `admission` |
//! | middleware, encoders | `middleware`, `encoders` |
//! | a listener to events | `events` |
//! | deferred work, work for a handle | `regress` |

use magicnet::prelude::*;
use magicnet::schema::MessageDescriptor;
use magicnet::wire::{MessageId, Writer, encode_call, encode_custom};
use magicnet::{AnyEvent, Connection, Node, NodeBuilder, Peers, Rejection, Router};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use crate::number::recorded;

#[network_object(name = "mine")]
mod mine {
    struct State {
        #[network_field(to = viewers)]
        depth: u8,
    }
    trait Server {
        #[network_field(from = anyone)]
        fn dig(&mut self, #[arg(check = is_safe)] by: u8);
    }
}

fn is_safe(by: &u8) -> bool {
    assert!(*by < 100, "the ceiling comes down");
    true
}

#[derive(Default)]
struct Mine;

#[network_object]
impl mine::Server for Mine {
    fn on_generate(&mut self, cx: &mut mine::ServerCx<'_, Self>) {
        cx.state_mut().depth = 50;
        assert!(cx.zone() != ZoneId(13), "an unlucky beginning");
    }
    fn on_destroy(&mut self, cx: &mut mine::ServerCx<'_, Self>) {
        cx.send_to_all(Rumble);
        assert!(cx.state().depth < 60, "an unlucky end");
    }
    fn dig(&mut self, cx: &mut mine::ServerCx<'_, Self>, by: u8) {
        cx.state_mut().depth += by;
    }
}

#[derive(Default)]
struct Miner;

#[network_object]
impl mine::Client for Miner {
    fn depth_changed(&mut self, cx: &mut mine::ClientCx<'_, Self>, _old: u8) {
        assert!(cx.state().depth != 51, "too deep");
    }
}

#[message(id = 600, from = server)]
struct Rumble;

#[message(id = 601, from = client)]
struct Shout {
    is_loud: bool,
}

#[message_handler]
fn shout(cx: &mut MessageCx<'_>, message: Shout) {
    cx.reply(Rumble);
    cx.to(|_: &Connection| {
        assert!(!message.is_loud, "the filter comes down");
        true
    })
    .send(Rumble);
}

#[message(id = 602, from = client)]
struct Echo;

#[message_handler]
fn echo(cx: &mut MessageCx<'_>, _: Echo) {
    cx.reply(Rumble);
    cx.to_all(Thunder);
}

#[message(id = 603, from = server)]
struct Thunder;

/// A router that cannot stand thunder.
struct Nervous;

impl Router for Nervous {
    fn sends_message(&self, message: &MessageDescriptor, _: &Peers) -> bool {
        assert!(message.id.0 != 603, "the router comes down");
        true
    }
}

fn server() -> (NodeBuilder, Recorder<AnyEvent>) {
    recorded(
        Node::server()
            .view::<Mine>()
            .handler::<shout>()
            .handler::<echo>()
            .message::<Rumble>()
            .message::<Thunder>(),
    )
}

fn peer(net: &mut Net, server: Host) -> RawLink {
    let raw = net.raw_client(server);
    net.raw(raw).hello();
    net.settle();
    net.raw(raw).messages();
    raw
}

fn say(net: &mut Net, raw: RawLink, id: u64, params: impl FnOnce(&mut Writer<'_>)) -> Vec<u64> {
    let mut datagram = Vec::new();
    encode_custom(&mut Writer::new(&mut datagram), MessageId(id), params);
    net.raw(raw).send_datagram(&datagram);
    net.settle();
    net.raw(raw).message_ids()
}

/// What panics said that were told, in whichever event.
fn panics(events: &Recorder<AnyEvent>) -> Vec<String> {
    let text = |event: AnyEvent| match event {
        AnyEvent::MessageRejected(event) => Some(event.reason),
        AnyEvent::CallRejected(event) => Some(event.reason),
        AnyEvent::Warning(event) => Some(Rejection::Panicked(event.text)),
        _ => None,
    };
    let reasons = events.take().into_iter().filter_map(text);
    reasons
        .map(|reason| match reason {
            Rejection::Panicked(text) => text,
            other => panic!("{other}"),
        })
        .collect()
}

#[test]
fn a_filter_that_panics_ends_its_handler_alone() {
    let mut net = Net::new();
    let (builder, events) = server();
    let server = net.add(builder.build().unwrap());
    let raw = peer(&mut net, server);
    let loud = |is_loud: bool| {
        move |w: &mut Writer<'_>| {
            w.array(1);
            w.bool(is_loud);
        }
    };
    assert_eq!(say(&mut net, raw, 601, loud(true)), [0; 0]);
    assert_eq!(panics(&events), ["the filter comes down"]);
    assert_eq!(say(&mut net, raw, 601, loud(false)), [600, 600]);
}

#[test]
fn a_router_that_panics_ends_its_handler_alone() {
    let mut net = Net::new();
    let (builder, events) = server();
    let server = net.add(builder.router(Nervous).build().unwrap());
    let raw = peer(&mut net, server);
    assert_eq!(say(&mut net, raw, 602, |w| w.array(0)), [0; 0]);
    assert_eq!(panics(&events), ["the router comes down"]);
    net.run(server, |n| n.send_to_all(Rumble));
    assert_eq!(net.raw(raw).message_ids(), [600]);
}

#[test]
fn a_check_that_panics_accepts_nothing() {
    let mut net = Net::new();
    let (builder, events) = server();
    let server = net.add(builder.build().unwrap());
    let mine = net.run(server, |n| n.create::<mine::Contract>().send().unwrap());
    let raw = peer(&mut net, server);
    for by in [100, 5] {
        let mut datagram = Vec::new();
        encode_call(&mut Writer::new(&mut datagram), mine.id().to_u64(), 1, 0, |w| {
            w.array(1);
            w.unsigned(by);
        });
        net.raw(raw).send_datagram(&datagram);
        net.settle();
    }
    assert_eq!(panics(&events), ["the ceiling comes down"]);
    assert_eq!(net.run(server, |n| n.state(mine).unwrap().depth), 55);
}

#[test]
fn what_a_view_does_at_its_beginning_and_end_is_undone() {
    let mut net = Net::new();
    let (builder, events) = server();
    let server = net.add(builder.build().unwrap());
    let raw = peer(&mut net, server);
    let unlucky = net.run(server, |n| n.create::<mine::Contract>().zone(13).send().unwrap());
    assert_eq!(
        net.run(server, |n| n.state(unlucky).unwrap().depth),
        0,
        "it is there, as if nothing had been done"
    );
    assert!(panics(&events)[0].contains("an unlucky beginning"));
    let deep = net.run(server, |n| n.create::<mine::Contract>().send().unwrap());
    net.run(server, |n| {
        n.with(deep, |_: &mut Mine, cx: &mut mine::ServerCx<'_, Mine>| cx.state_mut().depth = 60)
    })
    .unwrap();
    net.raw(raw).messages();
    net.run(server, |n| n.destroy(deep));
    assert!(panics(&events)[0].contains("an unlucky end"));
    assert_eq!(net.raw(raw).message_ids(), [9], "its end is told, its last words are not");
    assert!(!net.run(server, |n| n.contains(deep)));
}

#[test]
fn a_view_that_panics_at_a_change_keeps_the_state() {
    let mut net = Net::new();
    let (builder, _) = server();
    let server = net.add(builder.announce(false).build().unwrap());
    let (builder, events) = recorded(Node::client().view::<Miner>().announce(false));
    let client = net.add(builder.build().unwrap());
    net.connect(client, server);
    let mine = net.run(server, |n| n.create::<mine::Contract>().send().unwrap());
    for by in [1, 1] {
        net.run(server, |n| n.object(mine).server().dig(by));
    }
    assert_eq!(panics(&events), ["too deep"]);
    assert_eq!(net.run(client, |n| n.state(mine).unwrap().depth), 52);
}
