//! Messages: to whom they go, when they may come, and what is refused.

use magicnet::prelude::*;
use magicnet::wire::{MessageId, Writer, encode_custom};
use magicnet::{AnyEvent, DisconnectReason, Ending, MessageRejected, Node, NodeBuilder, Rejection};
use magicnet_tests::{Host, Net, Recorder};

use crate::number::recorded;

#[message(id = 64, from = client)]
struct SetName {
    name: Str<16>,
}

#[message(id = 65, from = client)]
struct Say<'a> {
    text: Text<'a, 256>,
}

#[message(id = 66, from = server)]
struct Reversed {
    text: Str<256>,
}

#[message(id = 67, from = server)]
struct Heard {
    name: Str<16>,
    text: Str<256>,
}

/// Asked before a client has shaken hands.
#[message(id = 68, from = client, before_handshake)]
struct Ping {
    #[arg(default = 7)]
    number: u8,
}

#[message(id = 69, from = anyone, before_handshake)]
struct Pong {
    number: u8,
}

/// Passed on to all, or to the first who shook hands.
#[message(id = 70, from = client)]
struct Announce {
    text: Str<16>,
    only_first: bool,
}

#[message_handler]
fn announce(cx: &mut MessageCx<'_>, message: Announce) {
    let heard = Heard { name: Str::truncated("server"), text: Str::truncated(&message.text) };
    match cx.app::<Option<ConnectionId>>() {
        Some(first) if message.only_first => cx.send(*first, heard),
        _ => cx.to_all(heard),
    }
}

/// What the application keeps with a connection.
struct Username(Str<16>);

#[message_handler]
fn set_name(cx: &mut MessageCx<'_>, message: SetName) {
    cx.sender_mut().insert(Username(message.name));
}

#[message_handler]
fn say(cx: &mut MessageCx<'_>, message: Say<'_>) -> Result<(), Disconnect> {
    let Some(name) = cx.sender().get::<Username>() else {
        cx.to_all(Reversed { text: Str::truncated("never sent") });
        return Err(Disconnect::new(10, "Say requires a username!"));
    };
    let name = name.0.clone();
    cx.reply(Reversed { text: message.text.chars().rev().collect::<String>().try_into()? });
    cx.to_all_except_sender(Heard { name, text: message.text.to_str() });
    Ok(())
}

#[message_handler]
fn ping(cx: &mut MessageCx<'_>, message: Ping) {
    cx.reply(Pong { number: message.number });
}

type Lines = Recorder<String>;

#[message_handler]
fn reversed(cx: &mut MessageCx<'_>, message: Reversed) {
    cx.app::<Lines>().push(format!("reversed {}", message.text));
}

#[message_handler]
fn heard(cx: &mut MessageCx<'_>, message: Heard) {
    cx.app::<Lines>().push(format!("{} said {}", message.name, message.text));
}

#[message_handler(role = client)]
fn pong(cx: &mut MessageCx<'_>, message: Pong) {
    cx.app::<Lines>().push(format!("pong {}", message.number));
}

fn server() -> NodeBuilder {
    Node::server()
        .with(None::<ConnectionId>)
        .on(|n, event: magicnet::Connected| {
            n.app_mut::<Option<ConnectionId>>().get_or_insert(event.connection);
        })
        .handler::<announce>()
        .handler::<set_name>()
        .handler::<say>()
        .handler::<ping>()
        .message::<Pong>()
}

fn client(net: &mut Net) -> (Host, Lines) {
    let lines = Lines::new();
    let builder = Node::client().handler::<reversed>().handler::<heard>().handler::<pong>();
    (net.add(builder.with(lines.clone()).build().unwrap()), lines)
}

fn name(text: &str) -> SetName {
    SetName { name: text.try_into().unwrap() }
}

fn words(text: &str) -> Say<'_> {
    Say { text: text.try_into().unwrap() }
}

#[test]
fn a_chat_answers_the_sender_and_tells_the_others() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, ada_read) = client(&mut net);
    let (bob, bob_read) = client(&mut net);
    for host in [ada, bob] {
        net.connect(host, server);
    }
    net.run(ada, |n| n.send_to_all(name("ada")));
    net.run(ada, |n| n.send_to_all(words("hello")));
    assert_eq!(ada_read.take(), ["reversed olleh"]);
    assert_eq!(bob_read.take(), ["ada said hello"]);
}

#[test]
fn a_message_goes_to_all_or_to_one() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, ada_read) = client(&mut net);
    let (bob, bob_read) = client(&mut net);
    let stranger = net.raw_client(server);
    for host in [ada, bob] {
        net.connect(host, server);
    }
    let announce = |text: &str, only_first| Announce { text: text.try_into().unwrap(), only_first };
    net.run(bob, |n| n.send_to_all(announce("everyone", false)));
    assert_eq!([ada_read.take(), bob_read.take()], [["server said everyone"]; 2]);
    net.run(bob, |n| n.send_to_all(announce("first", true)));
    assert_eq!(ada_read.take(), ["server said first"]);
    assert_eq!(bob_read.take(), [""; 0]);
    let ada_there = net.run(server, |n| n.app::<Option<ConnectionId>>().unwrap());
    let heard = Heard { name: Str::truncated("node"), text: Str::truncated("hi") };
    net.run(server, |n| n.send(ada_there, heard));
    assert_eq!(ada_read.take(), ["node said hi"]);
    assert_eq!(bob_read.take(), [""; 0]);
    assert_eq!(net.raw(stranger).message_ids(), [1], "who has not shaken hands is not everyone");
}

#[test]
fn a_handler_may_end_the_senders_connection_and_nothing_else_of_it_stays() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let (ada, ada_read) = client(&mut net);
    let (bob, bob_read) = client(&mut net);
    let (_, ada_there) = net.connect(ada, server);
    net.connect(bob, server);
    events.take();
    net.run(ada, |n| n.send_to_all(words("hello")));
    assert_eq!(ada_read.take(), [""; 0]);
    assert_eq!(bob_read.take(), [""; 0], "what the handler had sent was undone");
    let ended = events.take().into_iter().find_map(|event| match event {
        AnyEvent::Disconnected(event) => Some((event.connection, event.ending)),
        _ => None,
    });
    let detail = Some("Say requires a username!".to_owned());
    assert_eq!(ended, Some((ada_there, Ending::ByUs { reason: DisconnectReason(10), detail })));
    assert!(net.run(ada, |n| n.server().is_none()));
}

#[test]
fn a_message_may_be_declared_to_come_before_the_handshake() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let raw = net.raw_client(server);
    net.raw(raw).message_ids();
    let mut ping = Vec::new();
    encode_custom(&mut Writer::new(&mut ping), MessageId(68), |w| w.array(0));
    net.raw(raw).send_datagram(&ping);
    net.settle();
    assert_eq!(net.raw(raw).messages(), [(69, vec![0x92, 69, 0x91, 7])], "the default, sent back");

    let mut say = Vec::new();
    encode_custom(&mut Writer::new(&mut say), MessageId(64), |w| {
        w.array(1);
        w.text("ada");
    });
    net.raw(raw).send_datagram(&say);
    net.settle();
    assert_eq!(net.raw(raw).messages(), [(3, vec![0x92, 3, 0x92, 4, 0xc0])], "reason 4 without a detail");
    assert!(net.raw(raw).is_closed());
}

#[test]
fn what_nobody_takes_is_ignored_with_an_event() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let raw = net.raw_client(server);
    net.raw(raw).hello();
    net.settle();
    events.take();
    let mut datagram = Vec::new();
    let mut put = |id, write: &dyn Fn(&mut Writer<'_>)| {
        encode_custom(&mut Writer::new(&mut datagram), MessageId(id), |w| write(w));
    };
    put(5_000_000_000, &|w| w.array(0));
    put(66, &|w| {
        w.array(1);
        w.text("a client cannot send what is from the server");
    });
    put(64, &|w| {
        w.array(1);
        w.text("seventeen letters");
    });
    put(69, &|w| {
        w.array(1);
        w.unsigned(1);
    });
    net.raw(raw).send_datagram(&datagram);
    net.settle();
    let rejected: Vec<(u64, String)> = events
        .take()
        .into_iter()
        .filter_map(|event| match event {
            AnyEvent::MessageRejected(MessageRejected { id, reason, .. }) => Some((id.0, reason.to_string())),
            _ => None,
        })
        .collect();
    let expected = [
        (5_000_000_000, "nothing here handles it"),
        (66, "nothing here handles it"),
        (64, "parameter `name`: expected text of at most 16 characters, found text of 17 characters"),
        (69, "nothing here handles it"),
    ];
    assert_eq!(rejected, expected.map(|(id, why)| (id, why.to_owned())));
    assert!(!net.raw(raw).is_closed());
}

#[test]
fn a_node_does_not_send_what_is_not_its_roles_to_send() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let (ada, _) = client(&mut net);
    net.connect(ada, server);
    events.take();
    net.run(server, |n| n.send_to_all(name("server")));
    let reasons: Vec<_> = events
        .take()
        .into_iter()
        .filter_map(|event| event.downcast::<MessageRejected>().map(|event| event.reason.clone()))
        .collect();
    assert_eq!(reasons, [Rejection::WrongDirection]);
}
