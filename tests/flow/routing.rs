//! Roles of one's own, routers and filters: who may say what, and who hears it.

use magicnet::prelude::*;
use magicnet::schema::{MessageDescriptor, ObjectDescriptor};
use magicnet::wire::{MessageId, ProtocolMessage, Writer, encode_call, encode_custom};
use magicnet::{
    AnyEvent, Connection, ConnectionConfig, Message, MessageRejected, Node, NodeBuilder, Peers, Rejection,
    Request, RequestRejected, Role, Router,
};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use crate::number::{NumberClient, NumberServer, Seen, one_number, recorded};

const ADMIN: Role = Role::new("admin");

#[message(id = 100, from = admin)]
struct Kick {
    name: Str<16>,
}

#[message(id = 101, from = [client, admin])]
struct Shout {
    text: Str<64>,
}

/// For everybody, whoever connected.
#[message(id = 102, from = server)]
struct Heard {
    text: Str<64>,
}

/// For admins, as the router sees to.
#[message(id = 103, from = server)]
struct Alarm {
    text: Str<64>,
}

/// What a client has heard, and what its numbers have told.
type Lines = Seen;

#[message_handler]
fn kick(cx: &mut MessageCx<'_>, message: Kick) {
    cx.to_all(Alarm { text: Str::truncated(&format!("{} was kicked", message.name)) });
}

#[message_handler]
fn shout(cx: &mut MessageCx<'_>, message: Shout) {
    let role = cx.sender().role();
    cx.to(role).except_sender().send(Heard { text: message.text });
}

#[message_handler(role = client)]
fn heard(cx: &mut MessageCx<'_>, message: Heard) {
    cx.app::<Lines>().push(format!("heard {}", message.text));
}

/// The same message, where this node is something else.
#[message_handler(role = admin)]
fn heard_as_admin(cx: &mut MessageCx<'_>, message: Heard) {
    cx.app::<Lines>().push(format!("admin heard {}", message.text));
}

#[message_handler]
fn alarm(cx: &mut MessageCx<'_>, message: Alarm) {
    cx.app::<Lines>().push(format!("alarm {}", message.text));
}

/// Alarms and numbers are for admins.
struct AdminsOnly;

impl Router for AdminsOnly {
    fn sends_message(&self, message: &MessageDescriptor, peers: &Peers) -> bool {
        message.id != Alarm::MESSAGE.id || peers.role == ADMIN
    }

    fn shows_object(&self, object: &ObjectDescriptor, peers: &Peers) -> bool {
        object.name != "one-number" || peers.role == ADMIN
    }
}

fn server() -> NodeBuilder {
    Node::server()
        .view::<NumberServer>()
        .handler::<kick>()
        .handler::<shout>()
        .message::<Heard>()
        .message::<Alarm>()
}

fn client(net: &mut Net) -> (Host, Lines) {
    let lines = Lines::new();
    let builder = Node::client()
        .view::<NumberClient>()
        .message::<Kick>()
        .message::<Shout>()
        .handler::<heard>()
        .handler::<heard_as_admin>()
        .handler::<alarm>()
        .with(lines.clone());
    (net.add(builder.build().unwrap()), lines)
}

fn at_the_admins_endpoint() -> ConnectionConfig {
    ConnectionConfig::accepted().peer_role(ADMIN)
}

fn connect_admin(net: &mut Net, admin: Host, server: Host) {
    net.connect_by(admin, &ConnectionConfig::dialed().role(ADMIN), server, &at_the_admins_endpoint());
}

fn text<const N: usize>(text: &str) -> Str<N> {
    text.try_into().unwrap()
}

fn rejections(events: &Recorder<AnyEvent>) -> Vec<Rejection> {
    let reason = |event: &AnyEvent| event.downcast::<MessageRejected>().map(|event| event.reason.clone());
    events.take().iter().filter_map(reason).collect()
}

#[test]
fn an_admin_may_what_a_client_may_not() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let (ada, _) = client(&mut net);
    let (root, root_read) = client(&mut net);
    net.connect(ada, server);
    connect_admin(&mut net, root, server);
    net.run(root, |n| n.send_to_all(Kick { name: text("ada") }));
    assert_eq!(root_read.take(), ["alarm ada was kicked"]);
    // Ada's node knows that it is no admin, and says nothing.
    events.take();
    net.run(ada, |n| n.send_to_all(Kick { name: text("root") }));
    assert_eq!(rejections(&events), []);
    assert_eq!(root_read.take(), [""; 0]);
}

#[test]
fn who_says_what_its_endpoint_may_not_is_refused() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let say = |net: &mut Net, link: RawLink, id: u64| {
        let mut bytes = Vec::new();
        encode_custom(&mut Writer::new(&mut bytes), MessageId(id), |w: &mut Writer<'_>| {
            w.array(1);
            w.text("x");
        });
        net.raw(link).send_datagram(&bytes);
        net.settle();
    };
    let player = net.raw_client(server);
    let admin = net.raw_client_by(server, &at_the_admins_endpoint());
    for link in [player, admin] {
        net.raw(link).hello();
        net.settle();
    }
    for (link, id, expected) in [
        (player, 100, vec![Rejection::WrongDirection]),
        (player, 101, vec![]),
        (player, 102, vec![Rejection::WrongDirection]),
        (admin, 100, vec![]),
        (admin, 101, vec![]),
        (admin, 102, vec![Rejection::WrongDirection]),
    ] {
        events.take();
        say(&mut net, link, id);
        assert_eq!(rejections(&events), expected, "message {id}");
    }
}

#[test]
fn a_role_chooses_those_who_hear() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let [(ada, ada_read), (bob, bob_read), (root, root_read), (wheel, wheel_read)] =
        [(); 4].map(|()| client(&mut net));
    net.connect(ada, server);
    net.connect(bob, server);
    connect_admin(&mut net, root, server);
    connect_admin(&mut net, wheel, server);
    net.run(ada, |n| n.send_to_all(Shout { text: text("players") }));
    assert_eq!([ada_read.take(), bob_read.take()], [vec![], vec!["heard players".to_owned()]]);
    net.run(root, |n| n.send_to_all(Shout { text: text("admins") }));
    assert_eq!(wheel_read.take(), ["admin heard admins"], "the handler of its role takes it");
    net.run(server, |n| n.send_to_all(Heard { text: text("all") }));
    assert_eq!([ada_read.take(), bob_read.take()], [["heard all"], ["heard all"]]);
    assert_eq!([root_read.take(), wheel_read.take()], [["admin heard all"], ["admin heard all"]]);
}

#[derive(PartialEq)]
struct Team(u8);

#[test]
fn a_closure_chooses_by_what_is_kept_with_a_connection() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let people = [0, 1, 2, 1].map(|team| {
        let (host, lines) = client(&mut net);
        let (_, there) = net.connect(host, server);
        net.run(server, |n| n.connection_mut(there).unwrap().insert(Team(team)));
        (there, lines)
    });
    let heard = || people.each_ref().map(|(_, lines)| lines.take().len());
    let is_red = |connection: &Connection| connection.get() == Some(&Team(1));
    net.run(server, |n| n.to(is_red).send(Heard { text: text("reds") }));
    assert_eq!(heard(), [0, 1, 0, 1]);
    net.run(server, |n| n.to(is_red).except(people[1].0).send(Heard { text: text("the other red") }));
    assert_eq!(heard(), [0, 0, 0, 1]);
    let (first, second) = (people[0].0, people[2].0);
    net.run(server, |n| {
        n.to(Role::CLIENT).except(first).except(second).send(Heard { text: text("but two") })
    });
    assert_eq!(heard(), [0, 1, 0, 1]);
    net.run(server, |n| n.to(|_: &Connection| false).send(Heard { text: text("nobody") }));
    assert_eq!(heard(), [0; 4]);
}

#[test]
fn what_goes_to_few_stands_in_order_with_what_goes_to_all() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, ada_read) = client(&mut net);
    let (bob, bob_read) = client(&mut net);
    let (_, ada_there) = net.connect(ada, server);
    net.connect(bob, server);
    let line = |line: &str| Heard { text: text(line) };
    net.run(server, |n| {
        n.send(ada_there, line("1"));
        n.to(|known: &Connection| known.id() == ada_there).send(line("2"));
        n.to(|_: &Connection| true).send(line("3"));
        n.send(ada_there, line("4"));
        n.send_to_all(line("5"));
        n.to(Role::CLIENT).send(line("6"));
    });
    assert_eq!(ada_read.take().join(" ").replace("heard ", ""), "1 2 3 4 5 6");
    assert_eq!(bob_read.take().join(" ").replace("heard ", ""), "3 5 6");
}

#[test]
fn a_zone_chooses_those_who_see_it() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::Granted).build().unwrap());
    let [(ada, ada_read), (bob, bob_read)] = [(); 2].map(|()| client(&mut net));
    let (_, ada_there) = net.connect(ada, server);
    net.connect(bob, server);
    net.run(server, |n| n.grant_zones(ada_there, [7_u32]));
    net.run(server, |n| n.to(ZoneId(7)).send(Heard { text: text("here") }));
    assert_eq!((ada_read.take().len(), bob_read.take().len()), (1, 0));
}

#[test]
fn a_router_keeps_messages_from_some() {
    let mut net = Net::new();
    let server = net.add(server().router(AdminsOnly).build().unwrap());
    let [(ada, ada_read), (root, root_read)] = [(); 2].map(|()| client(&mut net));
    let (_, ada_there) = net.connect(ada, server);
    connect_admin(&mut net, root, server);
    net.run(server, |n| n.send_to_all(Alarm { text: text("fire") }));
    assert_eq!((ada_read.take().len(), root_read.take().len()), (0, 1));
    net.run(server, |n| n.to(|_: &Connection| true).send(Alarm { text: text("fire") }));
    assert_eq!((ada_read.take().len(), root_read.take().len()), (0, 1));
    net.run(server, |n| n.send(ada_there, Alarm { text: text("you too") }));
    assert_eq!((ada_read.take().len(), root_read.take().len()), (1, 0), "by its name everyone is reached");
}

#[test]
fn objects_that_a_router_hides_are_out_of_reach() {
    for zoned in [false, true] {
        let mut net = Net::new();
        let mut builder = server().router(AdminsOnly);
        if zoned {
            builder = builder.zones(Zones::Granted);
        }
        let (builder, events) = recorded(builder);
        let server = net.add(builder.build().unwrap());
        let [(ada, _), (root, _)] = [(); 2].map(|()| client(&mut net));
        let (_, ada_there) = net.connect(ada, server);
        let (_, root_there) =
            net.connect_by(root, &ConnectionConfig::dialed().role(ADMIN), server, &at_the_admins_endpoint());
        if zoned {
            for there in [ada_there, root_there] {
                net.run(server, |n| n.grant_zones(there, [0_u32]));
            }
        }
        let number =
            net.run(server, |n| n.create::<one_number::Contract>().owner(Repository(130)).send()).unwrap();
        net.run(server, |n| {
            n.object(number).server().add_value(1);
            n.object(number).client(ada_there).sparkle(crate::number::Point { x: 0.0, y: 0.0 }, List::new());
        });
        for host in [ada, root] {
            net.run(host, |n| n.request_visible_objects());
        }
        assert_eq!(net.run(root, |n| n.state(number).unwrap().value), 1);
        assert_eq!(net.run(ada, |n| n.object_count()), 0);
        // Its owner guesses its number and still reaches nothing; nor may a player make one.
        events.take();
        let raw = net.raw_client(server);
        net.raw(raw).hello();
        net.settle();
        let id = number.id().to_u64();
        net.run(server, |n| n.object(number).server().add_value(1));
        assert!(!net.raw(raw).message_ids().contains(&10));
        let mut call = Vec::new();
        encode_call(&mut Writer::new(&mut call), id, 1, 0, |w| {
            w.array(1);
            w.unsigned(666);
        });
        net.raw(raw).send_datagram(&call);
        net.raw(raw).send(&[
            ProtocolMessage::RequestDeleteObject { object: id },
            ProtocolMessage::RequestVisibleObjects,
        ]);
        net.settle();
        assert_eq!(net.raw(raw).message_ids(), [0; 0]);
        let created = net.run(ada, |n| n.create::<one_number::Contract>().send());
        assert!(created.is_ok(), "it is asked for");
        let refused: Vec<_> = events
            .take()
            .iter()
            .filter_map(|event| event.downcast::<RequestRejected>())
            .map(|event| (event.request, event.reason.clone()))
            .collect();
        assert!(
            refused.iter().any(|(request, reason)| {
                matches!(request, Request::Create { .. }) && *reason == Rejection::NotVisible
            }),
            "{refused:?}"
        );
        assert_eq!(net.run(server, |n| n.object_count()), 1);
        net.run(root, |n| n.object(number).server().add_value(5));
        assert_eq!(net.run(server, |n| n.state(number).unwrap().value), 7);
    }
}

#[test]
fn there_is_an_end_to_kinds_of_peers() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let names: Vec<&'static str> = (0..65).map(|n| &*format!("role-{n}").leak()).collect();
    let links: Vec<_> = names
        .iter()
        .map(|name| net.raw_client_by(server, &ConnectionConfig::accepted().peer_role(Role::new(name))))
        .collect();
    let closed: Vec<_> = links.iter().map(|link| net.raw(*link).is_closed()).collect();
    assert_eq!(closed.iter().position(|closed| *closed), Some(64));
    assert!(events.take().iter().any(|event| event.downcast::<magicnet::Warning>().is_some()));
}

/// Panics whenever it is asked.
struct Panics;

impl Router for Panics {
    fn sends_message(&self, _: &MessageDescriptor, _: &Peers) -> bool {
        panic!("as a test wants it")
    }

    fn shows_object(&self, _: &ObjectDescriptor, _: &Peers) -> bool {
        panic!("as a test wants it")
    }
}

#[test]
fn a_router_that_panics_shows_nothing_and_ends_nothing() {
    let mut net = Net::new();
    let (builder, events) = recorded(server().router(Panics));
    let server = net.add(builder.build().unwrap());
    let (ada, ada_read) = client(&mut net);
    net.connect(ada, server);
    net.run(server, |n| n.create::<one_number::Contract>().send()).unwrap();
    net.run(ada, |n| n.request_visible_objects());
    assert_eq!(net.run(ada, |n| n.object_count()), 0);
    events.take();
    net.run(ada, |n| n.send_to_all(Shout { text: text("hi") }));
    assert!(matches!(&rejections(&events)[..], [Rejection::Panicked(_)]));
    assert_eq!(ada_read.take(), [""; 0]);
}
