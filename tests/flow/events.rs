//! Events: what is told when, in which order, and how one stops to listen.

use magicnet::prelude::*;
use magicnet::{
    AnyEvent, BeforeLaunch, BeforeShutdown, Connected, ConnectionConfig, DisconnectReason, Disconnected,
    Ending, Node, ParameterChanged, Subscription, Time,
};
use magicnet_tests::{Net, Recorder};

use crate::number::{client, create, one_number, recorded, server};

type Lines = Recorder<&'static str>;

#[test]
fn a_node_begins_before_anybody_comes() {
    let mut net = Net::new();
    let begun = Lines::new();
    let log = begun.clone();
    let builder = server().on(move |n, _: BeforeLaunch| {
        assert_eq!(n.connections().count(), 0);
        n.create::<one_number::Contract>().call(|s| s.set_init_value(5)).send().expect("it is a server");
        log.push("begun");
    });
    let server = net.add(builder.build().unwrap());
    assert_eq!(begun.take(), [""; 0], "it was built, no more");
    let (ada, ada_saw) = client(&mut net);
    let (bob, _) = client(&mut net);
    for host in [ada, bob] {
        net.connect(host, server);
    }
    assert_eq!(begun.take(), ["begun"]);
    net.run(ada, |n| n.request_visible_objects());
    assert_eq!(ada_saw.take(), ["generate 5"]);
}

#[test]
fn a_driver_launches_a_node_once() {
    let begun = Lines::new();
    let log = begun.clone();
    let mut node = server().on(move |_, _: BeforeLaunch| log.push("begun")).build().unwrap();
    node.launch(Time::ZERO);
    node.launch(Time::ZERO);
    let _ = node.handle_opened(Time::ZERO, &ConnectionConfig::accepted());
    assert_eq!(begun.take(), ["begun"]);
    let log = begun.clone();
    let mut ticked = server().on(move |_, _: BeforeLaunch| log.push("begun")).build().unwrap();
    for _ in 0..3 {
        ticked.tick(Time::ZERO).unwrap();
    }
    assert_eq!(begun.take(), ["begun"]);
}

#[test]
fn a_node_says_its_last_words_before_it_says_that_they_are() {
    let mut net = Net::new();
    let builder = server().on(|n, _: BeforeShutdown| {
        for object in n.objects::<one_number::Contract>() {
            n.object(object).server().add_value(10);
        }
        // What it puts off is done in time too.
        n.shutdown();
    });
    let server = net.add(builder.build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    net.connect(ada, server);
    create(&mut net, ada, 1);
    ada_saw.take();
    net.run(server, |n| {
        n.shutdown();
        n.shutdown_with(Disconnect::new(9, "too late for a reason"));
    });
    assert_eq!(ada_saw.take(), ["1 -> 11", "sparkle 0 1 added", "destroy 11"]);
    assert!(net.node(server).is_finished());
}

/// What a node was told of the end of its connections.
fn endings(events: &Recorder<AnyEvent>) -> Vec<Ending> {
    events
        .take()
        .iter()
        .filter_map(|event| event.downcast::<Disconnected>())
        .map(|event| event.ending.clone())
        .collect()
}

#[test]
fn every_peer_is_told_why_a_server_shuts_down() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let told = [(); 2].map(|()| {
        let (builder, told) = recorded(Node::client().view::<crate::number::NumberClient>());
        let host = net.add(builder.with(crate::number::Seen::new()).build().unwrap());
        net.connect(host, server);
        told
    });
    let stranger = net.raw_client(server);
    let detail = "back at noon";
    net.run(server, |n| n.shutdown_with(Disconnect::new(20, detail)));
    let why = (DisconnectReason(20), Some(detail.to_owned()));
    for told in &told {
        assert_eq!(endings(told), [Ending::ByPeer { reason: why.0, detail: why.1.clone() }]);
    }
    let by_us = Ending::ByUs { reason: why.0, detail: why.1 };
    assert_eq!(endings(&events), [by_us.clone(), by_us.clone(), by_us.clone()]);
    assert_eq!(net.raw(stranger).message_ids().last(), Some(&3), "who has not shaken hands is told too");
    let late = net.raw_client(server);
    assert_eq!(net.raw(late).message_ids(), [3], "and who comes now");
    assert_eq!(endings(&events), [by_us]);
    assert!(net.node(server).is_finished());
}

#[test]
fn a_client_that_leaves_says_why_to_its_server() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let (ada, _) = client(&mut net);
    net.connect(ada, server);
    events.take();
    let long = "y".repeat(100);
    net.run(ada, |n| n.shutdown_with(Disconnect::new(21, long)));
    let ending = Ending::ByPeer { reason: DisconnectReason(21), detail: Some("y".repeat(64)) };
    assert_eq!(endings(&events), [ending], "what a peer is told has 64 characters");
    assert!(net.node(ada).is_finished());
}

#[test]
fn handlers_are_told_in_order_and_each_event_to_its_end() {
    let mut net = Net::new();
    let lines = Lines::new();
    let log = |line: &'static str| {
        let lines = lines.clone();
        move || lines.push(line)
    };
    let [first, second, third, parameter] = ["first", "second", "third", "parameter"].map(log);
    let builder = server()
        .on(move |n, event: Connected| {
            first();
            n.set_parameter(event.connection, "seat", &7_u8);
            // An event that is caused now is told when this one was told to all.
            n.disconnect(event.connection, Disconnect::new(12, ""));
        })
        .on_any(move |_, event| {
            if event.downcast::<Connected>().is_some() {
                second();
            }
        })
        .on(move |_, _: Connected| third())
        .on(move |_, _: Disconnected| parameter());
    let server = net.add(builder.build().unwrap());
    let (ada, _) = client(&mut net);
    net.connect(ada, server);
    assert_eq!(lines.take(), ["first", "second", "third", "parameter"]);
}

#[test]
fn who_begins_to_listen_hears_the_next_event_and_who_stops_hears_none() {
    let mut net = Net::new();
    let lines = Lines::new();
    let log = lines.clone();
    let (ada, _) = client(&mut net);
    let builder = server().on(move |n, _: Connected| {
        log.push("old");
        let log = log.clone();
        n.on(move |_, _: Connected| log.push("new"));
        n.off_self();
    });
    let server = net.add(builder.build().unwrap());
    net.connect(ada, server);
    assert_eq!(lines.take(), ["old"]);
    let (bob, _) = client(&mut net);
    net.connect(bob, server);
    assert_eq!(lines.take(), ["new"]);
}

#[test]
fn a_handler_may_stop_another_that_was_about_to_be_told() {
    let mut net = Net::new();
    let lines = Lines::new();
    let server = net.add(server().with(None::<Subscription>).build().unwrap());
    let (log, late) = (lines.clone(), lines.clone());
    net.run(server, |n| {
        n.on(move |n, _: Connected| {
            log.push("first");
            if let Some(other) = *n.app::<Option<Subscription>>() {
                n.off(other);
            }
        });
        let other = n.on(move |_, _: Connected| late.push("never"));
        *n.app_mut() = Some(other);
    });
    for _ in 0..2 {
        let (ada, _) = client(&mut net);
        net.connect(ada, server);
        assert_eq!(lines.take(), ["first"]);
    }
}

#[test]
fn a_subscription_ends_outside_of_handlers_too() {
    let mut net = Net::new();
    let lines = Lines::new();
    let server = net.add(server().build().unwrap());
    let log = lines.clone();
    let subscription = net.run(server, |n| n.on(move |_, _: ParameterChanged| log.push("changed")));
    let (ada, _) = client(&mut net);
    let (up, _) = net.connect(ada, server);
    lines.take();
    net.run(ada, |n| n.set_parameter(up, "name", &1_u8));
    assert_eq!(lines.take(), ["changed"]);
    net.run(server, |n| {
        n.off(subscription);
        n.off(subscription);
        n.off_self();
    });
    net.run(ada, |n| n.set_parameter(up, "name", &2_u8));
    assert_eq!(lines.take(), [""; 0]);
}

#[test]
fn a_handler_that_panics_stays_and_the_others_are_told() {
    let mut net = Net::new();
    let lines = Lines::new();
    let log = lines.clone();
    let builder =
        server().on(|_, _: Connected| panic!("on purpose")).on(move |_, _: Connected| log.push("told"));
    let server = net.add(builder.build().unwrap());
    for _ in 0..2 {
        let (ada, _) = client(&mut net);
        net.connect(ada, server);
    }
    assert_eq!(lines.take(), ["told", "told"]);
}

/// A message that a peer may send as soon as it likes.
#[message(id = 90, from = client)]
struct Knock {}

#[message_handler]
fn knock(cx: &mut MessageCx<'_>, _: Knock) {
    let line = if cx.sender().get::<Greeted>().is_some() { "knock" } else { "knock of a stranger" };
    cx.app::<Lines>().push(line);
}

struct Greeted;

#[test]
fn an_event_is_told_before_what_came_behind_its_cause() {
    let mut net = Net::new();
    let lines = Lines::new();
    let log = lines.clone();
    let builder = Node::server().handler::<knock>().with(lines.clone());
    let builder = builder.on(move |n, event: Connected| {
        n.connection_mut(event.connection).expect("it has just come").insert(Greeted);
        log.push("connected");
    });
    let log = lines.clone();
    let builder = builder.on(move |n, event: ParameterChanged| {
        log.push("parameter");
        n.disconnect(event.connection, Disconnect::new(20, "enough"));
    });
    let server = net.add(builder.build().unwrap());
    let eve = net.raw_client(server);
    // All in one datagram: what a peer does not wait for is no reason to see it before it was welcomed.
    let hello = b"\x92\x02\x92\x03\xc4\x04\x12\x34\x56\x78";
    let knock = b"\x92\x5a\x90";
    let parameter = b"\x92\x05\x92\xa1x\x01";
    net.raw(eve).send_datagram(&[&hello[..], knock, parameter, knock].concat());
    net.settle();
    assert_eq!(lines.take(), ["connected", "knock", "parameter"], "nothing follows its end");
}
