//! Many objects are shown in pieces, as they are read; what happens meanwhile is neither lost nor repeated.

use magicnet::prelude::*;
use magicnet::schema::{MessageDescriptor, ObjectDescriptor, Schema};
use magicnet::wire::{FrameReader, ProtocolMessage, RawMessage, Writer, encode_custom, frame_header};
use magicnet::{
    ConnectionConfig, ConnectionId, Contract, Limits, Message, Node, NodeCx, Peers, Router, Time, Work,
};
use magicnet_tests::{Host, Net, RawLink};

use crate::interest::{announcement, see};
use crate::number::{NumberServer, one_number, server};

type Number = Object<one_number::Contract>;

/// A server that shows about five numbers at a time.
fn slow_server(net: &mut Net) -> Host {
    let mut limits = Limits::default();
    limits.shown_at_once = 180;
    net.add(server().zones(Zones::ClientChosen).limits(limits).build().unwrap())
}

fn create(n: &mut NodeCx<'_>, zone: u32) -> Number {
    n.create::<one_number::Contract>().zone(zone).send().unwrap()
}

fn put(net: &mut Net, server: Host, number: Number, value: i32) {
    let act = |view: &mut NumberServer, cx: &mut one_number::ServerCx<'_, NumberServer>| view.put(cx, value);
    net.run(server, |n| n.with(number, act)).unwrap();
}

/// A peer that knows the extension messages and has stopped to read.
fn stuck(net: &mut Net, server: Host) -> RawLink {
    let raw = shaken(net, server, Vec::new());
    net.set_stuck(raw, true);
    raw
}

/// A peer that knows the extension messages and these of the application's.
fn shaken(net: &mut Net, server: Host, messages: Vec<&'static MessageDescriptor>) -> RawLink {
    let raw = net.raw_client(server);
    let value = announcement(&Schema::new(vec![one_number::Contract::OBJECT], messages));
    let mn = ProtocolMessage::SharedParameter { name: "mn", value: &value };
    net.raw(raw).send(&[mn, ProtocolMessage::Hello { version: 3, hash: &[0x12, 0x34, 0x56, 0x78] }]);
    net.settle();
    net.raw(raw).messages();
    raw
}

/// What a peer is told when it reads on: `+1 =5 .1 -1` for what begins, its value, that it is complete, and its end;
/// `!` for calls; `c1` for a complete zone, `a1` for an answer. Objects have the place in `numbers`.
fn told(net: &mut Net, raw: RawLink, numbers: &[Number]) -> Vec<String> {
    net.set_stuck(raw, false);
    net.settle();
    let place = |object: u64| numbers.iter().position(|known| known.id().to_u64() == object).unwrap();
    let say = |bytes: &[u8]| match ProtocolMessage::decode(&RawMessage::parse(bytes).unwrap())?.unwrap() {
        ProtocolMessage::GenerateObject { object, .. } => Some(format!("+{}", place(object))),
        ProtocolMessage::ObjectGenerateDone { .. } => None,
        ProtocolMessage::DestroyObject { object } => Some(format!("-{}", place(object))),
        ProtocolMessage::SetObjectField { object, field: 0, mut arguments, .. } => {
            let value: i32 = arguments.next("value").unwrap();
            (value != 0).then(|| format!("{}={value}", place(object)))
        }
        ProtocolMessage::SetObjectField { object, .. } => Some(format!("{}!", place(object))),
        ProtocolMessage::ZoneComplete { zone } => Some(format!("c{zone}")),
        ProtocolMessage::ZonesShown { change, .. } => Some(format!("a{change}")),
        _ => None,
    };
    net.raw(raw).messages().iter().filter_map(|(_, bytes)| say(bytes)).collect()
}

#[test]
fn what_happens_in_a_zone_that_is_being_shown_is_neither_lost_nor_repeated() {
    let mut net = Net::new();
    let server = slow_server(&mut net);
    let mut numbers: Vec<Number> =
        net.run(server, |n| (0..12).map(|at| create(n, if at == 11 { 2 } else { 1 })).collect());
    let raw = stuck(&mut net, server);
    see(&mut net, raw, &[1]);
    // The first five or so are on their way.
    put(&mut net, server, numbers[0], 10);
    put(&mut net, server, numbers[9], 90);
    net.run(server, |n| {
        n.object(numbers[1]).clients().sparkle(crate::number::Point { x: 0.0, y: 0.0 }, List::new());
        n.object(numbers[8]).clients().sparkle(crate::number::Point { x: 0.0, y: 0.0 }, List::new());
        n.destroy(numbers[2]);
        n.destroy(numbers[10]);
        n.set_zone(numbers[3], 2);
        n.set_zone(numbers[7], 2);
        n.set_zone(numbers[11], 1);
        numbers.push(create(n, 1));
    });
    let told = told(&mut net, raw, &numbers);
    assert_eq!(
        told,
        [
            "+0", "+1", "+2", "+3", "+4", "0=10", "1!", "-2", "-3", "+5", "+6", "+8", "+9", "9=90", "+11",
            "+12", "c1", "a1"
        ]
    );
}

#[test]
fn who_leaves_a_zone_that_is_being_shown_is_ended_what_it_was_shown() {
    let mut net = Net::new();
    let server = slow_server(&mut net);
    let numbers: Vec<Number> = net.run(server, |n| (0..9).map(|_| create(n, 1)).collect());
    let raw = stuck(&mut net, server);
    see(&mut net, raw, &[1]);
    see(&mut net, raw, &[]);
    net.run(server, |n| n.destroy(numbers[1]));
    put(&mut net, server, numbers[0], 5);
    let told = told(&mut net, raw, &numbers);
    let expected = ["+0", "+1", "+2", "+3", "+4", "-1", "a1", "-0", "-2", "-3", "-4", "a2"];
    assert_eq!(told, expected, "the zone is never complete, and both changes are answered");
}

#[test]
fn who_asks_for_everything_while_it_is_shown_is_answered_once_more_at_most() {
    let mut net = Net::new();
    let server = slow_server(&mut net);
    let numbers: Vec<Number> = net.run(server, |n| (0..9).map(|_| create(n, 1)).collect());
    let raw = stuck(&mut net, server);
    see(&mut net, raw, &[1]);
    for _ in 0..100 {
        net.raw(raw).send(&[ProtocolMessage::RequestVisibleObjects]);
        net.settle();
    }
    let told = told(&mut net, raw, &numbers);
    let begun = |at: usize| told.iter().filter(|line| **line == format!("+{at}")).count();
    assert!((0..9).all(|at| begun(at) == 2), "{told:?}");
}

#[test]
fn who_changes_its_mind_over_and_over_has_no_longer_a_line() {
    let mut net = Net::new();
    let server = slow_server(&mut net);
    let numbers: Vec<Number> =
        net.run(server, |n| (0..9).map(|at| create(n, if at < 7 { 1 } else { at - 5 })).collect());
    let raw = stuck(&mut net, server);
    see(&mut net, raw, &[1]);
    for _ in 0..100 {
        see(&mut net, raw, &[1, 2, 3]);
        see(&mut net, raw, &[1]);
    }
    let told = told(&mut net, raw, &numbers);
    assert_eq!(told, ["+0", "+1", "+2", "+3", "+4", "+5", "+6", "c1", "a201"]);
}

/// Shows nobody any object.
struct ShowsNothing;

impl Router for ShowsNothing {
    fn shows_object(&self, _: &ObjectDescriptor, _: &Peers) -> bool {
        false
    }
}

/// For whoever is there.
#[message(id = 140, from = client)]
struct Hail {}

/// For all others.
#[message(id = 141, from = server)]
struct Hailed {}

#[message_handler]
fn hail(cx: &mut MessageCx<'_>, _message: Hail) {
    cx.to_all_except_sender(Hailed {});
}

#[test]
fn a_piece_in_which_there_is_nothing_to_say_is_followed_by_the_next() {
    let mut net = Net::new();
    let builder = server().zones(Zones::ClientChosen).router(ShowsNothing);
    let server = net.add(builder.handler::<hail>().message::<Hailed>().build().unwrap());
    net.run(server, |n| (0..3_000).for_each(|_| _ = create(n, 1)));
    let raw = shaken(&mut net, server, vec![Hail::MESSAGE, Hailed::MESSAGE]);
    // What it says itself is for others, and all that is new of the moment at which it waits.
    let mut datagram = Vec::new();
    ProtocolMessage::SharedParameter { name: "vz", value: &[0x91, 1] }.encode(&mut datagram);
    encode_custom(&mut Writer::new(&mut datagram), Hail::MESSAGE.id, |w| w.array(0));
    net.raw(raw).send_datagram(&datagram);
    net.settle();
    assert_eq!(told(&mut net, raw, &[]), ["c1", "a1"]);
}

/// The beginnings and the ends of what a peer has made itself, by its local ids.
fn made(net: &mut Net, raw: RawLink) -> Vec<(&'static str, u64)> {
    net.set_stuck(raw, false);
    net.settle();
    let messages = net.raw(raw).messages();
    let turning = |bytes: &[u8]| match ProtocolMessage::decode(&RawMessage::parse(bytes).unwrap())? {
        Ok(ProtocolMessage::GenerateObject { object, .. }) => Some(("begins", object)),
        Ok(ProtocolMessage::DestroyObject { object }) => Some(("ends", object)),
        _ => None,
    };
    let all = messages.iter().filter_map(|(_, bytes)| turning(bytes));
    all.filter(|(_, object)| object >> 32 == 128).map(|(what, object)| (what, object & 0xff)).collect()
}

fn make(net: &mut Net, raw: RawLink, local_id: u32, zone: u32) {
    let calls = magicnet::wire::CarriedCalls::read(&mut magicnet::wire::Reader::new(&[0x90])).unwrap();
    net.raw(raw).send(&[ProtocolMessage::CreateObject { local_id, type_number: 0, owner: 0, zone, calls }]);
    net.settle();
}

#[test]
fn what_was_made_in_a_zone_that_was_left_in_line_ends_once() {
    for is_moved in [false, true] {
        let mut net = Net::new();
        let server = slow_server(&mut net);
        net.run(server, |n| (0..9).for_each(|_| _ = create(n, 1)));
        let raw = stuck(&mut net, server);
        see(&mut net, raw, &[1]);
        for local_id in 1..=3 {
            see(&mut net, raw, &[1, 2]);
            make(&mut net, raw, local_id, 2);
            see(&mut net, raw, &[1]);
        }
        let mut expected =
            vec![("begins", 1), ("begins", 2), ("begins", 3), ("ends", 1), ("ends", 2), ("ends", 3)];
        if is_moved {
            // Who has left the zone is told that it is over, and not what becomes of it.
            net.run(server, |n| {
                let is_second = |it: &Number| it.id().to_u64() == 128 << 32 | 2;
                let second = n.objects().into_iter().find(is_second).unwrap();
                n.set_zone(second, 5);
                n.set_zone(second, 2);
            });
            expected =
                vec![("begins", 1), ("begins", 2), ("begins", 3), ("ends", 2), ("ends", 1), ("ends", 3)];
        }
        assert_eq!(made(&mut net, raw), expected);
        see(&mut net, raw, &[1, 2]);
        assert_eq!(made(&mut net, raw), [("begins", 1), ("begins", 2), ("begins", 3)]);
    }
}

#[test]
fn who_creates_what_it_has_not_come_to_yet_is_shown_it_at_once_and_once() {
    let mut net = Net::new();
    let server = slow_server(&mut net);
    net.run(server, |n| {
        (0..9).for_each(|_| {
            create(n, 1);
        })
    });
    let raw = stuck(&mut net, server);
    see(&mut net, raw, &[1]);
    let calls = magicnet::wire::CarriedCalls::read(&mut magicnet::wire::Reader::new(&[0x90])).unwrap();
    let create = ProtocolMessage::CreateObject { local_id: 1, type_number: 0, owner: 0, zone: 1, calls };
    net.raw(raw).send(&[create]);
    net.settle();
    net.set_stuck(raw, false);
    net.settle();
    let messages = net.raw(raw).messages();
    let begun: Vec<u64> = messages
        .iter()
        .filter_map(|(_, bytes)| match ProtocolMessage::decode(&RawMessage::parse(bytes).unwrap())? {
            Ok(ProtocolMessage::GenerateObject { object, .. }) => Some(object),
            _ => None,
        })
        .collect();
    assert_eq!((begun.len(), begun.iter().filter(|object| **object >> 32 == 128).count()), (10, 1));
    assert_eq!(begun[5] >> 32, 128, "it is the next thing that it hears");
}

#[test]
fn a_server_ends_and_a_joiner_goes_while_much_is_shown() {
    for shuts_down in [true, false] {
        let mut net = Net::new();
        let server = slow_server(&mut net);
        net.run(server, |n| {
            (0..50).for_each(|_| {
                create(n, 1);
            })
        });
        let raw = stuck(&mut net, server);
        see(&mut net, raw, &[1]);
        if shuts_down {
            net.run(server, |n| n.shutdown());
            net.set_stuck(raw, false);
            net.settle();
            assert_eq!(net.raw(raw).message_ids().last(), Some(&4));
            assert!(net.node(server).is_finished());
        } else {
            net.raw(raw).hang_up();
            net.settle();
            net.run(server, |n| create(n, 1));
            assert_eq!(net.run(server, |n| n.connections().count()), 0);
        }
    }
}

const NOW: Time = Time::ZERO;
const MANY: usize = 20_000;

/// One turn of a driver: what the node sends in it to this connection, in bytes, and in messages.
fn turn(node: &mut Node, connection: ConnectionId, reader: &mut FrameReader) -> (usize, usize) {
    if node.poll_timeout().is_some_and(|due| due <= NOW) {
        node.handle_timeout(NOW);
    }
    let (mut bytes, mut messages, mut scratch) = (0, 0, Vec::new());
    while let Some(transmit) = node.poll_transmit(NOW) {
        assert_eq!(transmit.connection, connection);
        let len = transmit.bytes.len();
        bytes += len;
        let mut input = transmit.bytes;
        while let Some(datagram) = reader.next_datagram(&mut input, &mut scratch) {
            let (mut rest, scan) = (datagram, magicnet::wire::ScanLimits { depth: 9, elements: 99 });
            while RawMessage::next(&mut rest, scan).is_some() {
                messages += 1;
            }
        }
        node.handle_written(connection, len);
    }
    (bytes, messages)
}

#[test]
fn no_turn_shows_more_than_a_piece_whatever_a_world_holds() {
    let mut node = server().build().unwrap();
    node.run(NOW, |n| {
        (0..MANY).for_each(|_| {
            create(n, 0);
        })
    });
    let joiner = node.handle_opened(NOW, &ConnectionConfig::accepted());
    let mut reader = FrameReader::default();
    let datagram = [b"\x92\x02\x92\x03\xc4\x04\x12\x34\x56\x78".as_slice(), &[0x92, 12, 0x90]].concat();
    node.handle_bytes(NOW, joiner, &[&frame_header(datagram.len()), &datagram[..]].concat());
    let (mut turns, mut all) = (0, 0);
    loop {
        let Work { objects, .. } = node.work();
        let (bytes, messages) = turn(&mut node, joiner, &mut reader);
        let looked = node.work().objects - objects;
        assert!(looked <= 1_100 && bytes <= 52 * 1024, "{looked} objects, {bytes} bytes in one turn");
        if bytes == 0 {
            break;
        }
        (turns, all) = (turns + 1, all + messages);
    }
    // A greeting, an announcement and a number for the peer, and three messages for each object.
    assert_eq!(all, 3 + 3 * MANY);
    assert!(turns > 10, "{turns}");
}
