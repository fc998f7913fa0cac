//! A node in the middle: server to those who come, client to those it goes to; and a client of several servers.

use std::future::Future as _;
use std::task::{Context, Poll, Waker};

use magicnet::prelude::*;
use magicnet::wire::{ProtocolMessage, Writer, encode_call};
use magicnet::{
    AnyEvent, CallRejected, ConnectError, ConnectionConfig, DisconnectReason, Disconnected, Ending, Limits,
    Node, NodeBuilder, Rejection, RequestRejected, Role,
};
use magicnet_tests::{Host, Net, RawLink};

use crate::number::{NumberClient, NumberServer, Seen, client, create, one_number, recorded, server};

/// A question, which the node in the middle passes on.
#[message(id = 110, from = client)]
struct Ask {
    text: Str<32>,
}

#[message(id = 111, from = server)]
struct Told {
    text: Str<32>,
}

/// Whether a node is the one in the middle.
struct IsBetween(bool);

/// The node in the middle passes the question up to the server,
#[message_handler]
fn ask(cx: &mut MessageCx<'_>, message: Ask) {
    match cx.app() {
        IsBetween(true) => cx.to(Role::SERVER).send(message),
        IsBetween(false) => cx.reply(Told { text: Str::truncated(&format!("{}!", message.text)) }),
    }
}

/// and the answer down to the players.
#[message_handler]
fn told(cx: &mut MessageCx<'_>, message: Told) {
    match cx.app() {
        IsBetween(true) => cx.to(Role::CLIENT).send(message),
        IsBetween(false) => cx.app::<Seen>().push(message.text.to_string()),
    }
}

/// A node with views for its own numbers and for those of a server. What it sees of the latter is recorded.
fn bridge() -> (NodeBuilder, Seen) {
    let seen = Seen::new();
    (Node::server().view::<NumberServer>().view::<NumberClient>().with(seen.clone()), seen)
}

fn numbers(net: &mut Net, host: Host) -> Vec<Object<one_number::Contract>> {
    net.run(host, |n| n.objects::<one_number::Contract>())
}

fn add(net: &mut Net, host: Host, number: Object<one_number::Contract>, by: i32) {
    net.run(host, |n| n.object(number).server().add_value(by));
}

fn value(net: &mut Net, host: Host, number: Object<one_number::Contract>) -> i32 {
    net.run(host, |n| n.state(number).expect("it is there").value)
}

fn names(objects: &[Object<one_number::Contract>]) -> Vec<String> {
    objects.iter().map(ToString::to_string).collect()
}

#[test]
fn messages_pass_through_both_ways() {
    let mut net = Net::new();
    let know =
        |node: NodeBuilder, is_between| node.handler::<ask>().handler::<told>().with(IsBetween(is_between));
    let top = net.add(know(Node::server(), false).build().unwrap());
    let (builder, events) = recorded(know(Node::server(), true));
    let middle = net.add(builder.build().unwrap());
    let heard = [(); 2].map(|()| Seen::new());
    let players = heard.clone().map(|seen| net.add(know(Node::client(), false).with(seen).build().unwrap()));
    net.connect(middle, top);
    for player in players {
        net.connect(player, middle);
    }
    events.take();
    net.run(players[0], |n| n.send_to_all(Ask { text: Str::truncated("who is there") }));
    assert_eq!(heard.each_ref().map(Seen::take), [["who is there!"], ["who is there!"]]);
    // What goes to all goes to those to whom it may: the question up, the answer down.
    net.run(middle, |n| n.send_to_all(Ask { text: Str::truncated("me") }));
    assert_eq!(heard.each_ref().map(Seen::take), [["me!"], ["me!"]]);
    net.run(middle, |n| n.send_to_all(Told { text: Str::truncated("no reason") }));
    assert_eq!(heard.each_ref().map(Seen::take), [["no reason"], ["no reason"]]);
    assert!(events.take().is_empty(), "nothing was refused");
}

#[test]
fn objects_of_both_sides_have_the_same_numbers_and_are_kept_apart() {
    let mut net = Net::new();
    let top = net.add(server().build().unwrap());
    let (builder, middle_saw) = bridge();
    let middle = net.add(builder.build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    let (up, _) = net.connect(middle, top);
    net.connect(ada, middle);

    let theirs = create(&mut net, top, 100);
    let ours = create(&mut net, middle, 1);
    assert_eq!(theirs.id(), ours.id(), "each has called its first number so");
    assert_eq!(middle_saw.take(), ["generate 100"]);
    assert_eq!(ada_saw.take(), ["generate 1"], "a server's objects are not shown any further");
    let both = numbers(&mut net, middle);
    assert_eq!(names(&both), ["object 1:1", "object 1:1@1"]);
    let of_top = both[1];
    assert_eq!(
        net.run(middle, |n| both.clone().into_iter().map(|both| n.server_of(both.id())).collect::<Vec<_>>()),
        [None, Some(up)]
    );

    add(&mut net, middle, of_top, 5);
    add(&mut net, middle, ours, 2);
    add(&mut net, ada, ours, 3);
    assert_eq!((value(&mut net, top, theirs), value(&mut net, middle, ours)), (105, 6));
    assert_eq!(value(&mut net, middle, of_top), 105);
    assert_eq!(middle_saw.take(), ["100 -> 105", "sparkle 0 1 added"]);
    assert_eq!(ada_saw.take(), ["1 -> 3", "sparkle 0 1 added", "3 -> 6", "sparkle 0 1 added"]);

    // The first client's numbers are the same on both servers too.
    create(&mut net, ada, 0);
    let by_ada = create(&mut net, ada, 7);
    let by_middle = net.run(middle, |n| {
        n.at(up).create::<one_number::Contract>().call(|s| s.set_init_value(8)).send().unwrap()
    });
    assert_eq!(by_ada.to_string(), "object 128:2");
    assert_eq!(by_middle.to_string(), "object 128:2@1");
    assert_eq!(value(&mut net, middle, by_middle), 8);
    net.run(middle, |n| n.object(by_middle).owned().expect("it is ours").server().set_init_value(9));
    assert!(net.run(middle, |n| n.object(by_ada).owned().is_none()));
    assert!(net.run(middle, |n| n.object(of_top).owned().is_none()));
    assert_eq!((value(&mut net, middle, by_ada), value(&mut net, middle, by_middle)), (7, 9));
    net.run(ada, |n| n.request_visible_objects());
    assert_eq!(numbers(&mut net, ada).len(), 3, "what the server shows the middle is not ada's to see");
    net.run(middle, |n| n.destroy(by_middle));
    assert_eq!(
        names(&numbers(&mut net, middle)),
        ["object 1:1", "object 128:1", "object 128:2", "object 1:1@1"]
    );
    assert_eq!(numbers(&mut net, top).len(), 1);
}

#[test]
fn nothing_of_ours_reaches_the_server_above() {
    let mut net = Net::new();
    let (builder, _) = bridge();
    let middle = net.add(builder.build().unwrap());
    let top = net.raw_server(middle);
    net.raw(top).send(&[
        ProtocolMessage::Motd { text: Some("") },
        ProtocolMessage::SharedParameter { name: "rp", value: &[0xcc, 128] },
    ]);
    net.settle();
    let number = create(&mut net, middle, 1);
    let up = net.connection_of(top);
    net.raw(top).messages();
    net.run(middle, |n| {
        n.object(number).server().add_value(1);
        n.object(number).client(up).sparkle(crate::number::Point { x: 0.0, y: 0.0 }, List::new());
        n.object(number).owner().sparkle(crate::number::Point { x: 0.0, y: 0.0 }, List::new());
    });
    net.run(middle, |n| n.destroy(number));
    assert_eq!(net.raw(top).message_ids(), [0; 0]);
}

#[test]
fn a_grant_of_zones_to_the_server_above_is_refused() {
    let mut net = Net::new();
    let (builder, events) = recorded(bridge().0.zones(Zones::Granted));
    let middle = net.add(builder.build().unwrap());
    let top = net.raw_server(middle);
    greet(&mut net, top);
    let number = create(&mut net, middle, 1);
    let up = net.connection_of(top);
    net.raw(top).messages();
    events.take();
    net.run(middle, |n| n.grant_zones(up, [0]));
    // Told of it, the server would take the number for one of its own.
    add(&mut net, middle, number, 1);
    assert_eq!(net.raw(top).message_ids(), [0; 0]);
    assert!(matches!(&events.take()[..], [AnyEvent::Warning(_)]));
}

/// What a server that the test plays does to objects of the node in the middle.
#[test]
fn a_hostile_server_above_reaches_nothing_of_ours() {
    let mut net = Net::new();
    let (builder, _) = bridge();
    let (builder, events) = recorded(builder);
    let middle = net.add(builder.build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    let top = net.raw_server(middle);
    // It claims to give this node the repository of the player, and of the node's own objects.
    for repository in [&[0xcc, 128][..], &[1]] {
        net.raw(top).send(&[
            ProtocolMessage::Motd { text: Some("") },
            ProtocolMessage::SharedParameter { name: "rp", value: repository },
        ]);
    }
    net.settle();
    net.connect(ada, middle);
    let by_ada = create(&mut net, ada, 7);
    let ours = create(&mut net, middle, 1);
    ada_saw.take();
    events.take();
    for number in [by_ada, ours] {
        let id = number.id().to_u64();
        for role in [0, 1] {
            let mut call = Vec::new();
            encode_call(&mut Writer::new(&mut call), id, role, 0, |w| {
                w.array(1);
                w.unsigned(66);
            });
            net.raw(top).send_datagram(&call);
        }
        net.raw(top).send(&[
            ProtocolMessage::ObjectGenerateDone { object: id },
            ProtocolMessage::DestroyObject { object: id },
        ]);
    }
    net.settle();
    let told = events.take();
    let unknown = |event: &&AnyEvent| {
        event.downcast::<CallRejected>().is_some_and(|event| event.reason == Rejection::UnknownObject)
    };
    assert_eq!(told.iter().filter(unknown).count(), 4, "{told:?}");
    assert_eq!(ada_saw.take(), [""; 0]);
    assert_eq!((value(&mut net, middle, by_ada), value(&mut net, middle, ours)), (7, 1));
    assert!(net.run(ada, |n| n.object(by_ada).owned().is_some()));
    // A client's message from a server is one of the wrong direction.
    net.raw(top).send(&[ProtocolMessage::RequestDeleteObject { object: ours.id().to_u64() }]);
    net.settle();
    assert!(net.raw(top).is_closed());
    let ended = events.take().iter().find_map(|event| event.downcast::<Disconnected>().cloned()).unwrap();
    assert!(matches!(ended.ending, Ending::ByUs { reason: DisconnectReason::WRONG_DIRECTION, .. }));
    // And ada, whose repository that server had claimed, is the owner still.
    net.run(middle, |n| {
        n.object(by_ada)
            .owner()
            .sparkle(crate::number::Point { x: 3.0, y: 0.0 }, ["hi".try_into().unwrap()].into())
    });
    assert_eq!(ada_saw.take(), ["sparkle 3 0 hi"]);
}

#[test]
fn what_a_server_above_shows_does_not_count_against_a_player() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.objects_per_connection = 1;
    let (builder, _) = bridge();
    let (builder, events) = recorded(builder.limits(limits));
    let middle = net.add(builder.build().unwrap());
    let top = net.add(server().build().unwrap());
    let (up, _) = net.connect(middle, top);
    net.run(middle, |n| n.at(up).create::<one_number::Contract>().send()).unwrap();
    let (ada, _) = client(&mut net);
    net.connect(ada, middle);
    create(&mut net, ada, 1);
    assert_eq!(numbers(&mut net, ada).len(), 1);
    create(&mut net, ada, 2);
    assert_eq!(numbers(&mut net, ada).len(), 1);
    let refused = |event: &AnyEvent| event.downcast::<RequestRejected>().is_some();
    assert_eq!(events.take().iter().filter(|event| refused(event)).count(), 1);
}

#[test]
fn the_server_above_ends_and_the_players_go_on() {
    let mut net = Net::new();
    let (builder, middle_saw) = bridge();
    let middle = net.add(builder.build().unwrap());
    let top = net.add(server().build().unwrap());
    net.connect(middle, top);
    let (ada, ada_saw) = client(&mut net);
    net.connect(ada, middle);
    create(&mut net, top, 100);
    let by_ada = create(&mut net, ada, 1);
    ada_saw.take();
    middle_saw.take();
    net.run(top, |n| n.shutdown());
    assert_eq!(middle_saw.take(), ["destroy 100"]);
    assert_eq!(net.run(middle, |n| n.server()), None);
    add(&mut net, ada, by_ada, 1);
    assert_eq!(ada_saw.take(), ["1 -> 2", "sparkle 0 1 added"]);
    // Another server takes its place, and is called the same.
    let next = net.add(server().build().unwrap());
    net.connect(middle, next);
    create(&mut net, next, 200);
    assert_eq!(names(&numbers(&mut net, middle)), ["object 128:1", "object 1:1@1"]);
}

#[test]
fn the_players_end_and_the_server_above_goes_on() {
    let mut net = Net::new();
    let (builder, middle_saw) = bridge();
    let middle = net.add(builder.build().unwrap());
    let top = net.add(server().build().unwrap());
    net.connect(middle, top);
    let (ada, _) = client(&mut net);
    net.connect(ada, middle);
    // Both are the first client of their server.
    let up = net.run(middle, |n| n.server()).unwrap();
    let of_middle = net.run(middle, |n| n.at(up).create::<one_number::Contract>().send()).unwrap();
    create(&mut net, ada, 1);
    middle_saw.take();
    net.cut(ada, middle);
    assert_eq!(names(&numbers(&mut net, middle)), ["object 128:1@1"]);
    add(&mut net, middle, of_middle, 4);
    assert_eq!(middle_saw.take(), ["0 -> 4", "sparkle 0 1 added"]);
    // The middle ends, and with it what it owns above.
    net.run(middle, |n| n.shutdown());
    assert!(net.node(middle).is_finished());
    assert_eq!(numbers(&mut net, top).len(), 0);
}

#[test]
fn a_client_of_two_servers_asks_each_for_itself() {
    let mut net = Net::new();
    let servers = [(); 2].map(|()| net.add(server().zones(Zones::ClientChosen).build().unwrap()));
    let (ada, ada_saw) = client(&mut net);
    let connections = servers.map(|server| net.connect(ada, server).0);
    assert_eq!(net.run(ada, |n| n.servers().collect::<Vec<_>>()), connections);
    assert_eq!(net.run(ada, |n| n.server()), Some(connections[0]));
    let made = servers.map(|server| create(&mut net, server, 1));
    for (index, zone) in [(0, 9_u32), (1, 0)] {
        net.run(ada, |n| {
            n.at(connections[index]).set_zones([zone]);
            n.at(connections[index]).request_visible_objects();
        });
    }
    assert_eq!(
        names(&numbers(&mut net, ada)),
        ["object 1:1@1"],
        "the first server was asked for another zone"
    );
    net.run(ada, |n| {
        n.set_zones([0_u32]);
        n.request_visible_objects();
    });
    let shown = numbers(&mut net, ada);
    assert_eq!(names(&shown), ["object 1:1", "object 1:1@1"]);
    ada_saw.take();
    add(&mut net, ada, shown[1], 5);
    assert_eq!((value(&mut net, servers[0], made[0]), value(&mut net, servers[1], made[1])), (1, 6));
    assert_eq!(ada_saw.take(), ["1 -> 6", "sparkle 0 1 added"]);
    // Creations go to the first, or where they are told to; both answer.
    let first = create(&mut net, ada, 3);
    let second = net.run(ada, |n| n.at(connections[1]).create::<one_number::Contract>().send()).unwrap();
    assert_eq!(ada_saw.take(), ["generate 3", "generate 0"]);
    assert_eq!(names(&[first, second]), ["object 128:1", "object 128:2@1"]);
    assert_eq!(servers.map(|server| numbers(&mut net, server).len()), [2, 2]);
    // One of them goes.
    net.cut(ada, servers[0]);
    assert_eq!(names(&numbers(&mut net, ada)), ["object 1:1@1", "object 128:2@1"]);
    assert_eq!(net.run(ada, |n| n.server()), Some(connections[1]));
    assert!(net.run(ada, |n| n.at(connections[0]).create::<one_number::Contract>().send()).is_err());
}

#[test]
fn a_server_above_shows_its_zones_by_itself_and_the_one_between_has_none() {
    let mut net = Net::new();
    let top = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    let (builder, middle_saw) = bridge();
    let middle = net.add(builder.build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    net.connect(middle, top);
    net.connect(ada, middle);
    create(&mut net, top, 4);
    create(&mut net, middle, 1);
    net.run(middle, |n| n.set_zones([0_u32]));
    assert_eq!(middle_saw.take(), ["generate 4"]);
    assert_eq!(ada_saw.take(), ["generate 1"]);
    net.run(ada, |n| n.set_zones([5_u32]));
    assert_eq!(numbers(&mut net, ada).len(), 1, "there are no zones here, so nothing is out of sight");
}

fn greet(net: &mut Net, link: RawLink) {
    net.raw(link).send(&[
        ProtocolMessage::Motd { text: Some("") },
        ProtocolMessage::SharedParameter { name: "rp", value: &[0xcc, 128] },
    ]);
    net.settle();
}

#[test]
fn who_waits_for_a_server_waits_for_no_player() {
    let mut net = Net::new();
    let (builder, _) = bridge();
    let middle = net.add(builder.build().unwrap());
    let (ada, _) = client(&mut net);
    let [first, second] = [(); 2].map(|()| net.raw_server(middle));
    let handle = net.node(middle).handle();
    let mut connected = std::pin::pin!(handle.connected());
    let mut poll = |net: &mut Net| {
        let outcome = connected.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        net.settle();
        outcome
    };
    assert!(poll(&mut net).is_pending());
    net.connect(ada, middle);
    assert!(poll(&mut net).is_pending(), "a player came");
    net.cut(ada, middle);
    assert!(poll(&mut net).is_pending(), "and left");
    net.raw(first).send(&[ProtocolMessage::Disconnect { reason: 3, detail: None }]);
    net.settle();
    assert!(poll(&mut net).is_pending(), "the other one may answer");
    greet(&mut net, second);
    assert_eq!(poll(&mut net), Poll::Ready(Ok(net.connection_of(second))));
}

#[test]
fn who_waits_for_servers_that_all_refuse_hears_the_last() {
    let mut net = Net::new();
    let (builder, _) = bridge();
    let middle = net.add(builder.build().unwrap());
    let links = [(); 2].map(|()| net.raw_server(middle));
    let handle = net.node(middle).handle();
    let mut connected = std::pin::pin!(handle.connected());
    let mut poll = || connected.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll().is_pending());
    net.settle();
    for (reason, link) in (10..).zip(links) {
        net.raw(link).send(&[ProtocolMessage::Disconnect { reason, detail: None }]);
        net.settle();
    }
    let refused = Ending::ByPeer { reason: DisconnectReason(11), detail: None };
    assert_eq!(poll(), Poll::Ready(Err(ConnectError::Refused(refused.clone()))));

    // Nor is the reason lost on whoever asks when it is over.
    let mut late = std::pin::pin!(handle.connected());
    let mut poll = || late.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll().is_pending());
    net.settle();
    assert_eq!(poll(), Poll::Ready(Err(ConnectError::Refused(refused))));
}

#[test]
fn a_gateway_is_one_to_both_sides() {
    const GATEWAY: Role = Role::new("gateway");
    let mut net = Net::new();
    let middle = net.add(Node::server().view::<NumberServer>().role(GATEWAY).build().unwrap());
    let top = net.add(server().build().unwrap());
    let (low, _) = client(&mut net);
    let knows = ConnectionConfig::accepted().peer_role(GATEWAY);
    let (up, from_middle) = net.connect_by(middle, &ConnectionConfig::dialed(), top, &knows);
    let (_, down) = net.connect(low, middle);
    let roles = net.run(middle, |n| {
        [up, down].map(|connection| {
            let known = n.connection(connection).unwrap();
            (known.own_role(), known.role(), known.is_server())
        })
    });
    assert_eq!(roles, [(GATEWAY, Role::SERVER, true), (GATEWAY, Role::CLIENT, false)]);
    assert_eq!(net.run(top, |n| n.connection(from_middle).unwrap().role()), GATEWAY);
}
