//! Who is let in: the application is asked, may take its time, and has its word.

use std::time::Duration;

use magicnet::prelude::*;
use magicnet::wire::{MessageId, ProtocolMessage, Writer, encode_custom};
use magicnet::{
    Admission, AnyEvent, Connected, ConnectionConfig, ConnectionId, DisconnectReason, Disconnected, Ending,
    Limits, Node, NodeBuilder, NodeCx,
};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use crate::number::recorded;

#[message(id = 500, from = client, before_handshake)]
struct Login {
    number: u8,
}

#[message(id = 501, from = client)]
struct Ask;

#[message(id = 502, from = server)]
struct Told;

#[message_handler]
fn login(cx: &mut MessageCx<'_>, message: Login) -> Result<(), Disconnect> {
    if message.number != 7 {
        return Err(Disconnect::new(20, "a wrong number"));
    }
    cx.sender_mut().insert(message.number);
    cx.admit();
    Ok(())
}

#[message_handler]
fn ask(cx: &mut MessageCx<'_>, _: Ask) {
    cx.reply(Told);
}

fn server(
    answer: impl FnMut(&mut NodeCx<'_>, ConnectionId) -> Admission + Send + 'static,
) -> (NodeBuilder, Recorder<AnyEvent>) {
    let node = Node::server().handler::<login>().handler::<ask>().message::<Told>();
    recorded(node.authenticate(answer))
}

fn say(net: &mut Net, raw: RawLink, id: u64, number: Option<u8>) {
    let mut datagram = Vec::new();
    encode_custom(&mut Writer::new(&mut datagram), MessageId(id), |w| match number {
        Some(number) => {
            w.array(1);
            w.unsigned(number.into());
        }
        None => w.array(0),
    });
    net.raw(raw).send_datagram(&datagram);
    net.settle();
}

/// A peer that has greeted, and what it heard.
fn greeted(net: &mut Net, server: Host) -> (RawLink, Vec<u64>) {
    let raw = net.raw_client(server);
    net.raw(raw).hello();
    net.settle();
    let heard = net.raw(raw).message_ids();
    (raw, heard)
}

fn connected(events: &Recorder<AnyEvent>) -> usize {
    events.take().iter().filter(|event| event.downcast::<Connected>().is_some()).count()
}

fn ending(events: &Recorder<AnyEvent>) -> (DisconnectReason, Option<String>) {
    let ended = events.take().into_iter().find_map(|event| event.downcast::<Disconnected>().cloned());
    let ended = ended.expect("a connection has ended");
    assert!(!ended.was_connected);
    match ended.ending {
        Ending::ByUs { reason, detail } => (reason, detail),
        other => panic!("{other}"),
    }
}

#[test]
fn who_is_admitted_at_once_notices_nothing() {
    let mut net = Net::new();
    let (builder, events) = server(|_, _| Admission::Admit);
    let server = net.add(builder.build().unwrap());
    let (raw, heard) = greeted(&mut net, server);
    assert_eq!(heard, [1, 5, 5]);
    say(&mut net, raw, 501, None);
    assert_eq!(net.raw(raw).message_ids(), [502]);
    assert_eq!(connected(&events), 1);
}

#[test]
fn who_is_refused_is_told_why_and_was_never_there() {
    let mut net = Net::new();
    let (builder, events) = server(|_, _| Disconnect::new(30, "not today").into());
    let server = net.add(builder.build().unwrap());
    let (raw, heard) = greeted(&mut net, server);
    assert_eq!(heard, [1, 5, 3]);
    assert!(net.raw(raw).is_closed());
    assert_eq!(ending(&events), (DisconnectReason(30), Some("not today".to_owned())));
}

#[test]
fn what_is_known_of_a_client_decides() {
    let mut net = Net::new();
    let (builder, _) = server(|cx, client| {
        let known = cx.connection(client).unwrap();
        assert!(known.is_waiting() && !known.is_ready());
        match known.parameter::<u8>("ticket") {
            Some(Ok(1)) => Admission::Admit,
            _ => Admission::Refuse(Disconnect::new(31, "no ticket")),
        }
    });
    let server = net.add(builder.build().unwrap());
    for (ticket, is_admitted) in [(1, true), (2, false)] {
        let raw = net.raw_client(server);
        net.raw(raw).send(&[ProtocolMessage::SharedParameter { name: "ticket", value: &[ticket] }]);
        net.raw(raw).hello();
        net.settle();
        assert_eq!(net.raw(raw).is_closed(), !is_admitted);
    }
}

#[test]
fn who_waits_hears_nothing_and_is_let_in_later() {
    let mut net = Net::new();
    let (builder, events) = server(|_, _| Admission::Later);
    let server = net.add(builder.build().unwrap());
    let (raw, heard) = greeted(&mut net, server);
    assert_eq!(heard, [1, 5], "its place is not among it");
    net.run(server, |n| n.send_to_all(Told));
    net.advance(Duration::from_secs(5));
    assert_eq!(net.raw(raw).message_ids(), [0; 0]);
    let connection = net.connection_of(raw);
    assert_eq!(connected(&events), 0);
    assert!(net.run(server, move |n| n.admit(connection)));
    assert!(!net.run(server, move |n| n.admit(connection)), "once");
    assert_eq!((net.raw(raw).message_ids(), connected(&events)), (vec![5], 1));
    say(&mut net, raw, 501, None);
    assert_eq!(net.raw(raw).message_ids(), [502]);
    net.advance(Duration::from_secs(60));
    assert!(!net.raw(raw).is_closed(), "its handshake is finished");
}

#[test]
fn nobody_waits_for_ever() {
    let mut net = Net::new();
    let (builder, events) = server(|_, _| Admission::Later);
    let server = net.add(builder.build().unwrap());
    let (raw, _) = greeted(&mut net, server);
    net.advance(Limits::default().handshake_timeout);
    assert!(net.raw(raw).is_closed());
    assert_eq!(ending(&events).0, DisconnectReason::TIMED_OUT);
    let connection = net.connection_of(raw);
    assert!(!net.run(server, move |n| n.admit(connection)), "it is late, and nobody is let in");
    assert_eq!(connected(&events), 0);
}

/// A server that lets those in at once who have a ticket; the others wait.
fn with_tickets(limits: Limits) -> (NodeBuilder, Recorder<AnyEvent>) {
    let (builder, events) =
        server(|cx, client| match cx.connection(client).unwrap().parameter::<u8>("ticket") {
            Some(Ok(_)) => Admission::Admit,
            _ => Admission::Later,
        });
    (builder.limits(limits), events)
}

/// A peer from an address that has greeted, with a ticket or without.
fn greeted_from(net: &mut Net, server: Host, address: &str, has_ticket: bool) -> RawLink {
    let from = ConnectionConfig::accepted().remote(address.parse().unwrap());
    let raw = net.raw_client_by(server, &from);
    if has_ticket {
        net.raw(raw).send(&[ProtocolMessage::SharedParameter { name: "ticket", value: &[1] }]);
    }
    net.raw(raw).hello();
    net.settle();
    raw
}

fn closed<const N: usize>(net: &mut Net, raws: [RawLink; N]) -> [bool; N] {
    raws.map(|raw| net.raw(raw).is_closed())
}

#[test]
fn those_who_wait_keep_out_nobody_who_is_let_in_at_once() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.handshakes = 1;
    limits.admissions = 2;
    let (builder, events) = with_tickets(limits);
    let server = net.add(builder.build().unwrap());
    let crowd =
        [1, 2, 3, 4, 5].map(|host| greeted_from(&mut net, server, &format!("10.0.0.{host}:1"), false));
    assert_eq!(closed(&mut net, crowd), [true, true, true, false, false], "where all are alike, the first");
    assert_eq!(ending(&events), (DisconnectReason::LIMIT, Some("more than 2 wait to be let in".to_owned())));
    // As many as like come and are let in, and take no place from those who wait either.
    for number in 1..10 {
        let quick = greeted_from(&mut net, server, &format!("10.0.1.{number}:1"), true);
        assert!(!net.raw(quick).is_closed());
        assert_eq!(connected(&events), 1);
    }
    assert_eq!(closed(&mut net, crowd), [true, true, true, false, false]);
    // Those who are silent are counted for themselves.
    let silent = [net.raw_client(server), net.raw_client(server)];
    assert_eq!(closed(&mut net, silent), [true, false]);
    assert_eq!(closed(&mut net, crowd), [true, true, true, false, false]);
}

#[test]
fn a_crowd_from_one_address_crowds_out_itself() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.admissions = 4;
    let (builder, events) = with_tickets(limits);
    let server = net.add(builder.build().unwrap());
    let patient = greeted_from(&mut net, server, "10.0.0.1:1", false);
    let crowd =
        [1, 2, 3, 4, 5, 6].map(|port| greeted_from(&mut net, server, &format!("10.0.0.2:{port}"), false));
    let other = greeted_from(&mut net, server, "10.0.0.3:1", false);
    assert_eq!(closed(&mut net, crowd), [true, true, true, true, false, false]);
    assert_eq!(closed(&mut net, [patient, other]), [false, false], "they have come alone");
    let there = net.connection_of(patient);
    events.take();
    assert!(net.run(server, move |n| n.admit(there)));
    assert_eq!(connected(&events), 1);
    // Whoever has left makes room.
    net.raw(crowd[4]).hang_up();
    net.settle();
    let late = [7, 8].map(|port| greeted_from(&mut net, server, &format!("10.0.0.2:{port}"), false));
    assert_eq!(closed(&mut net, [crowd[5], late[0], late[1], other]), [false; 4]);
}

#[test]
fn a_login_ends_the_wait_or_the_connection() {
    let mut net = Net::new();
    let (builder, events) = server(|_, _| Admission::Later);
    let server = net.add(builder.build().unwrap());
    for (number, is_right) in [(7, true), (8, false)] {
        let (raw, _) = greeted(&mut net, server);
        say(&mut net, raw, 500, Some(number));
        assert_eq!(net.raw(raw).is_closed(), !is_right);
        assert_eq!(net.raw(raw).message_ids(), [if is_right { 5 } else { 3 }]);
        assert_eq!(connected(&events), usize::from(is_right));
    }
    // A login before the greeting is kept for the question; one that waits for nothing admits nobody twice.
    let raw = net.raw_client(server);
    say(&mut net, raw, 500, Some(7));
    net.raw(raw).hello();
    net.settle();
    say(&mut net, raw, 500, Some(7));
    say(&mut net, raw, 500, Some(7));
    assert_eq!((net.raw(raw).is_closed(), connected(&events)), (false, 1));
}

#[test]
fn who_waits_may_send_nothing_else() {
    let mut net = Net::new();
    let (builder, events) = server(|_, _| Admission::Later);
    let server = net.add(builder.build().unwrap());
    let (raw, _) = greeted(&mut net, server);
    say(&mut net, raw, 501, None);
    assert!(net.raw(raw).is_closed());
    assert_eq!(ending(&events).0, DisconnectReason::MESSAGE_BEFORE_HELLO);
}

#[test]
fn a_question_that_panics_lets_nobody_in_and_is_asked_again() {
    let mut net = Net::new();
    let mut count = 0;
    let (builder, events) = server(move |_, _| {
        count += 1;
        assert!(count > 1, "the first one is too much");
        Admission::Admit
    });
    let server = net.add(builder.build().unwrap());
    let (first, _) = greeted(&mut net, server);
    assert!(net.raw(first).is_closed());
    let warned =
        |event: &AnyEvent| matches!(event, AnyEvent::Warning(warning) if warning.text.contains("too much"));
    let told = events.take();
    assert!(told.iter().any(warned), "{told:?}");
    let (second, _) = greeted(&mut net, server);
    assert!(!net.raw(second).is_closed());
}

#[test]
fn who_has_left_meanwhile_is_not_let_in() {
    let mut net = Net::new();
    let (builder, events) = server(|_, _| Admission::Later);
    let server = net.add(builder.build().unwrap());
    let (raw, _) = greeted(&mut net, server);
    let connection = net.connection_of(raw);
    net.raw(raw).hang_up();
    net.settle();
    assert!(!net.run(server, move |n| n.admit(connection)));
    assert_eq!(connected(&events), 0);
}
