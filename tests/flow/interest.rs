//! Automatic interest: zones show by themselves, are complete, and are left; who knows of that, and who does not.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use magicnet::prelude::*;
use magicnet::schema::Schema;
use magicnet::wire::{Extensions, ProtocolMessage, Writer};
use magicnet::{
    AnyEvent, ConnectionId, Contract, DisconnectReason, Disconnected, Ending, Interest, Limits, Node,
    NodeBuilder, NodeCx, Rate, Rejection, Request, RequestRejected, SeeZonesError, Warning, ZoneComplete,
};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use crate::number::{NumberClient, Seen, one_number, recorded, server};

type Number = Object<one_number::Contract>;

/// A client that tells of completed zones among what it has seen.
fn client(net: &mut Net) -> (Host, Seen) {
    let seen = Seen::new();
    let log = seen.clone();
    let node = Node::client()
        .view::<NumberClient>()
        .with(seen.clone())
        .on(move |_, event: ZoneComplete| log.push(format!("complete {}", event.zone.0)))
        .build()
        .unwrap();
    (net.add(node), seen)
}

fn connected(net: &mut Net, server: Host) -> (Host, Seen, ConnectionId) {
    let (host, seen) = client(net);
    let (_, there) = net.connect(host, server);
    (host, seen, there)
}

fn create(net: &mut Net, owner: Host, zone: u32, value: i32) -> Number {
    let create = |n: &mut NodeCx<'_>| {
        n.create::<one_number::Contract>().zone(zone).call(|s| s.set_init_value(value)).send()
    };
    net.run(owner, create).unwrap()
}

/// Numbers 10, 20, ... in the zones 1, 2, ...
fn numbers(net: &mut Net, server: Host, zones: u32) -> Vec<Number> {
    (1..=zones).map(|zone| create(net, server, zone, i32::try_from(10 * zone).unwrap())).collect()
}

/// The value of `mn` of a peer that knows numbers and the extension messages of [`Interest`].
pub(crate) fn announcement(schema: &Schema) -> Vec<u8> {
    let mut value = Vec::new();
    schema.fingerprint().with_extensions(Extensions::INTEREST).encode(&mut value);
    value
}

/// A peer that the test plays, announced or plain, as repository 128 and up.
fn raw(net: &mut Net, server: Host, is_announced: bool) -> RawLink {
    let raw = net.raw_client(server);
    let hello = ProtocolMessage::Hello { version: 3, hash: &[0x12, 0x34, 0x56, 0x78] };
    let value = announcement(&Schema::new(vec![one_number::Contract::OBJECT], Vec::new()));
    let mn = ProtocolMessage::SharedParameter { name: "mn", value: &value };
    net.raw(raw).send(&if is_announced { vec![mn, hello] } else { vec![hello] });
    net.settle();
    net.raw(raw).messages();
    raw
}

/// The peer sets `vz`.
pub(crate) fn see(net: &mut Net, raw: RawLink, zones: &[u32]) {
    let mut value = Vec::new();
    let mut w = Writer::new(&mut value);
    w.array(zones.len());
    zones.iter().for_each(|zone| w.unsigned((*zone).into()));
    net.raw(raw).send(&[ProtocolMessage::SharedParameter { name: "vz", value: &value }]);
    net.settle();
}

fn refusals(events: &Recorder<AnyEvent>) -> Vec<(Request, Rejection)> {
    let refusal = |event: AnyEvent| event.downcast::<RequestRejected>().cloned();
    events.take().into_iter().filter_map(refusal).map(|it| (it.request, it.reason)).collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn what_is_granted_shows_once_is_complete_and_ends_when_it_is_taken() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::Granted).build().unwrap());
    let (_, saw, there) = connected(&mut net, server);
    numbers(&mut net, server, 3);
    net.run(server, |n| n.grant_zones(there, [1, 2]));
    assert_eq!(saw.take(), ["generate 10", "complete 1", "generate 20", "complete 2"]);
    net.run(server, |n| n.grant_zones(there, [2, 3, 9]));
    assert_eq!(saw.take(), ["destroy 10", "generate 30", "complete 3", "complete 9"], "9 is empty");
    net.run(server, |n| n.grant_zones(there, [9, 3, 2, 3]));
    assert_eq!(saw.take(), NOTHING, "it sees these already");
    net.run(server, |n| n.grant_zones(there, [0; 0]));
    assert_eq!(saw.take(), ["destroy 20", "destroy 30"]);
}

#[test]
fn what_a_client_chooses_shows_by_itself_too() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    let (ada, saw, _) = connected(&mut net, server);
    let numbers = numbers(&mut net, server, 2);
    net.run(ada, |n| n.set_zones([1]));
    assert_eq!(saw.take(), ["generate 10", "complete 1"]);
    net.run(server, |n| n.object(numbers[0]).server().add_value(1));
    net.run(ada, |n| n.set_zones([2]));
    assert_eq!(saw.take(), ["10 -> 11", "sparkle 0 1 added", "destroy 11", "generate 20", "complete 2"]);
    let here = net.run(ada, |n| n.server().unwrap());
    assert!(net.run(ada, |n| n.connection(here).unwrap().shows_zones()));
}

#[test]
fn either_side_may_leave_it_to_requests() {
    for [ours, theirs] in [
        [Interest::OnRequest, Interest::Automatic],
        [Interest::Automatic, Interest::OnRequest],
        [Interest::OnRequest, Interest::OnRequest],
    ] {
        let mut net = Net::new();
        let server = net.add(server().zones(Zones::ClientChosen).interest(ours).build().unwrap());
        let seen = Seen::new();
        let node = Node::client().view::<NumberClient>().with(seen.clone()).interest(theirs);
        let ada = net.add(node.build().unwrap());
        let (here, _) = net.connect(ada, server);
        numbers(&mut net, server, 1);
        net.run(ada, |n| n.set_zones([1]));
        assert_eq!(seen.take(), NOTHING, "{ours:?} and {theirs:?}");
        assert!(!net.run(ada, |n| n.connection(here).unwrap().shows_zones()));
        net.run(ada, |n| n.request_visible_objects());
        assert_eq!(seen.take(), ["generate 10"]);
        net.run(ada, |n| n.set_zones([2]));
        assert_eq!(seen.take(), NOTHING, "what is out of sight stays as it was");
    }
}

#[test]
fn an_announced_peer_is_told_all_of_it_on_the_wire() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    let peer = raw(&mut net, server, true);
    numbers(&mut net, server, 2);
    see(&mut net, peer, &[2, 1]);
    let messages = net.raw(peer).messages();
    let ids: Vec<u64> = messages.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [7, 10, 11, 13, 7, 10, 11, 13, 14]);
    assert_eq!(messages[3].1, [0x92, 13, 0x91, 1]);
    assert_eq!(messages[8].1, [0x92, 14, 0x92, 1, 0x92, 1, 2], "its first change, and what it sees now");
    see(&mut net, peer, &[2]);
    assert_eq!(net.raw(peer).message_ids(), [9, 14]);
    see(&mut net, peer, &[2]);
    assert_eq!(net.raw(peer).message_ids(), [14], "the same again shows nothing");
    net.raw(peer).send(&[ProtocolMessage::RequestVisibleObjects]);
    net.settle();
    assert_eq!(net.raw(peer).message_ids(), [7, 10, 11], "whoever asks is answered as in version 3");
}

#[test]
fn a_plain_peer_is_served_as_in_version_3_unless_the_server_says_otherwise() {
    for (interest, gained, lost) in [
        (Interest::Automatic, vec![], vec![]),
        (Interest::AutomaticForAll, vec![7, 10, 11, 7, 10, 11], vec![9]),
    ] {
        let mut net = Net::new();
        let server = net.add(server().zones(Zones::ClientChosen).interest(interest).build().unwrap());
        let peer = raw(&mut net, server, false);
        numbers(&mut net, server, 2);
        see(&mut net, peer, &[1, 2]);
        assert_eq!(net.raw(peer).message_ids(), gained, "{interest:?}");
        see(&mut net, peer, &[2]);
        assert_eq!(net.raw(peer).message_ids(), lost, "{interest:?}");
    }
}

#[test]
fn what_was_granted_or_chosen_before_the_handshake_shows_after_it() {
    let hello = ProtocolMessage::Hello { version: 3, hash: &[0x12, 0x34, 0x56, 0x78] };
    let value = announcement(&Schema::new(vec![one_number::Contract::OBJECT], Vec::new()));
    let mn = ProtocolMessage::SharedParameter { name: "mn", value: &value };
    let vz = ProtocolMessage::SharedParameter { name: "vz", value: &[0x91, 1] };
    let mut net = Net::new();
    let granting = net.add(server().zones(Zones::Granted).build().unwrap());
    let choosing = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    for server in [granting, choosing] {
        numbers(&mut net, server, 2);
        let peer = net.raw_client(server);
        if server == granting {
            let connection = net.connection_of(peer);
            net.run(server, |n| n.grant_zones(connection, [1]));
            net.raw(peer).send(&[mn.clone(), hello.clone()]);
        } else {
            net.raw(peer).send(&[mn.clone(), vz.clone(), hello.clone()]);
        }
        net.settle();
        let ids = net.raw(peer).message_ids();
        assert!(ids.ends_with(&[5, 5, 7, 10, 11, 13]), "{ids:?}");
    }
}

#[test]
fn an_object_that_moves_between_two_seen_zones_stays_and_its_zone_is_known() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    let (ada, saw, _) = connected(&mut net, server);
    let plain = raw(&mut net, server, false);
    net.run(ada, |n| n.set_zones([1, 2]));
    see(&mut net, plain, &[1, 2]);
    saw.take();
    let number = create(&mut net, server, 1, 10);
    assert_eq!(saw.take(), ["generate 10"]);
    net.raw(plain).messages();
    net.run(server, |n| n.set_zone(number, 2));
    assert_eq!(saw.take(), NOTHING);
    assert_eq!(net.run(ada, |n| n.zone_of(number)), Some(ZoneId(2)));
    assert_eq!(net.raw(plain).message_ids(), [0; 0], "Python would put a new view in its place");
    net.run(ada, |n| n.set_zones([2]));
    assert_eq!(saw.take(), NOTHING, "it is where she still looks");
    net.run(ada, |n| n.set_zones([1]));
    assert_eq!(saw.take(), ["destroy 10", "complete 1"]);
    net.run(server, |n| n.set_zone(number, 1));
    assert_eq!(saw.take(), ["generate 10"]);
}

#[test]
fn what_a_plain_client_made_stays_with_it_to_its_end() {
    let mut net = Net::new();
    let for_all = server().zones(Zones::ClientChosen).interest(Interest::AutomaticForAll);
    let server = net.add(for_all.build().unwrap());
    let maker = raw(&mut net, server, false);
    see(&mut net, maker, &[1]);
    let calls = magicnet::wire::CarriedCalls::read(&mut magicnet::wire::Reader::new(&[0x90])).unwrap();
    let made = ProtocolMessage::CreateObject { local_id: 1, type_number: 0, owner: 0, zone: 1, calls };
    net.raw(maker).send(&[made]);
    net.settle();
    assert_eq!(net.raw(maker).message_ids(), [7, 10, 11]);
    // It looks away, the object moves, it looks where that is: it was never told an end.
    see(&mut net, maker, &[2]);
    let number = net.run(server, |n| n.objects::<one_number::Contract>()[0]);
    net.run(server, |n| n.set_zone(number, 2));
    net.run(server, |n| n.set_zone(number, 3));
    assert_eq!(net.raw(maker).message_ids(), [7, 10, 11], "but it was shown what had changed");
    net.run(server, |n| n.destroy(number));
    assert_eq!(net.raw(maker).message_ids(), [9], "out of sight, and its own");
}

/// Polls once, and lets the network do what follows.
fn poll<T>(net: &mut Net, future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    let outcome = future.poll(&mut Context::from_waker(Waker::noop()));
    net.settle();
    outcome
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn who_asks_to_see_zones_may_wait_until_they_are_complete() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    numbers(&mut net, server, 2);
    let (ada, saw) = client(&mut net);
    let handle = net.node(ada).handle();
    net.set_latency(Duration::from_millis(50));
    net.connect(ada, server);
    // Asked for before the handshake: it is waited for.
    let mut seen = pin!(handle.see_zones([2, 1, 2]));
    assert!(poll(&mut net, seen.as_mut()).is_pending());
    net.advance(SECOND);
    assert!(poll(&mut net, seen.as_mut()).is_pending());
    net.advance(Duration::from_millis(40));
    assert_eq!(saw.take(), NOTHING);
    net.advance(SECOND);
    assert_eq!(poll(&mut net, seen.as_mut()), Poll::Ready(Ok(vec![ZoneId(1), ZoneId(2)])));
    assert_eq!(saw.take(), ["generate 10", "complete 1", "generate 20", "complete 2"]);
}

#[test]
fn zones_that_were_set_before_the_greeting_are_no_change_to_be_answered() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    numbers(&mut net, server, 2);
    let (ada, saw) = client(&mut net);
    let handle = net.node(ada).handle();
    net.set_latency(Duration::from_millis(50));
    let (here, _) = net.connect(ada, server);
    let first: List<u32, 1> = vec![1].try_into().unwrap();
    net.run(ada, |n| n.set_parameter(here, "vz", &first));
    net.advance(SECOND);
    let mut seen = pin!(handle.see_zones([1, 2]));
    for _ in 0..2 {
        assert!(poll(&mut net, seen.as_mut()).is_pending());
    }
    net.advance(SECOND);
    assert_eq!(poll(&mut net, seen.as_mut()), Poll::Ready(Ok(vec![ZoneId(1), ZoneId(2)])));
    assert_eq!(saw.take(), ["generate 10", "complete 1", "generate 20", "complete 2"]);
}

#[test]
fn each_change_of_zones_has_its_own_answer() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    numbers(&mut net, server, 1);
    let (ada, saw, there) = connected(&mut net, server);
    let handle = net.node(ada).handle();
    net.set_latency(Duration::from_millis(50));
    let mut first = pin!(handle.see_zones([1]));
    let mut none = pin!(handle.see_zones([0; 0]));
    let mut again = pin!(handle.see_zones([1]));
    for _ in 0..2 {
        assert!(poll(&mut net, first.as_mut()).is_pending());
        assert!(poll(&mut net, none.as_mut()).is_pending());
        assert!(poll(&mut net, again.as_mut()).is_pending());
    }
    // A grant of the server's, which answers none of them, is on its way too.
    net.run(server, |n| n.grant_zones(there, [7]));
    net.advance(SECOND);
    assert_eq!(poll(&mut net, first.as_mut()), Poll::Ready(Ok(vec![ZoneId(1)])));
    assert_eq!(poll(&mut net, none.as_mut()), Poll::Ready(Ok(vec![])));
    assert_eq!(poll(&mut net, again.as_mut()), Poll::Ready(Ok(vec![ZoneId(1)])));
    assert_eq!(
        saw.take(),
        ["complete 7", "generate 10", "complete 1", "destroy 10", "generate 10", "complete 1"]
    );
    let zones = net.run(ada, |n| n.connection(n.server().unwrap()).unwrap().zones().to_vec());
    assert_eq!(zones, [ZoneId(1)]);
}

#[test]
fn a_server_that_grants_answers_what_it_has_granted() {
    let mut net = Net::new();
    let (builder, events) = recorded(server().zones(Zones::Granted));
    let server = net.add(builder.build().unwrap());
    let (ada, _, there) = connected(&mut net, server);
    net.run(server, |n| n.grant_zones(there, [5]));
    events.take();
    let handle = net.node(ada).handle();
    let mut seen = pin!(handle.see_zones([1, 2]));
    while poll(&mut net, seen.as_mut()) != Poll::Ready(Ok(vec![ZoneId(5)])) {}
    assert_eq!(refusals(&events), [(Request::Zones, Rejection::NotServer)]);
    let zones = net.run(ada, |n| n.connection(n.server().unwrap()).unwrap().zones().to_vec());
    assert_eq!(zones, [ZoneId(5)], "and the client knows what it does not see");
}

#[test]
fn zones_that_cannot_be_waited_for_are_an_error() {
    let mut net = Net::new();
    let plain = net.add(server().build().unwrap());
    let zoned = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    let (ada, ..) = connected(&mut net, plain);
    let (bob, ..) = connected(&mut net, zoned);
    let (cid, _) = client(&mut net);
    let outcome = |net: &mut Net, host: Host, zones: Vec<u32>| {
        let handle = net.node(host).handle();
        let mut seen = pin!(handle.see_zones(zones));
        for _ in 0..4 {
            if let Poll::Ready(outcome) = poll(net, seen.as_mut()) {
                return outcome;
            }
        }
        panic!("it is known at once")
    };
    assert_eq!(outcome(&mut net, ada, vec![1]), Err(SeeZonesError::NotShown));
    assert_eq!(outcome(&mut net, cid, vec![1]), Err(SeeZonesError::NotConnected));
    let many = (0..20_000).map(|zone| 0x1000_0000 + zone).collect();
    assert_eq!(outcome(&mut net, bob, many), Err(SeeZonesError::TooMany(20_000)));
    assert!(outcome(&mut net, bob, vec![1]).is_ok(), "what was not sent is not counted");
}

#[test]
fn who_waits_when_the_connection_ends_is_told() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::ClientChosen).build().unwrap());
    let (ada, ..) = connected(&mut net, server);
    let handle = net.node(ada).handle();
    net.set_latency(SECOND);
    let mut seen = pin!(handle.see_zones([1]));
    for _ in 0..2 {
        assert!(poll(&mut net, seen.as_mut()).is_pending());
    }
    net.cut(ada, server);
    assert_eq!(poll(&mut net, seen.as_mut()), Poll::Ready(Err(SeeZonesError::Disconnected)));
}

/// How many zones, counted from 1, a connection may see.
struct Level(u32);

fn ruled() -> NodeBuilder {
    server().with(8_u32).zones(Zones::chosen_if(|ask| {
        assert!(ask.zone().0 != *ask.app::<u32>(), "the rule has a hole");
        ask.connection().get::<Level>().is_some_and(|level| ask.zone().0 <= level.0)
    }))
}

#[test]
fn a_rule_of_the_applications_says_which_zones_clients_get() {
    let mut net = Net::new();
    let (builder, events) = recorded(ruled());
    let server = net.add(builder.build().unwrap());
    numbers(&mut net, server, 3);
    let (ada, saw, there) = connected(&mut net, server);
    net.run(ada, |n| n.set_zones([1]));
    assert_eq!(saw.take(), NOTHING);
    assert_eq!(refusals(&events), [(Request::Zones, Rejection::ZoneNotAllowed(ZoneId(1)))]);
    net.run(server, |n| n.connection_mut(there).unwrap().insert(Level(2)));
    net.run(ada, |n| n.set_zones([3, 1, 2]));
    assert_eq!(saw.take(), ["generate 10", "complete 1", "generate 20", "complete 2"]);
    let known = |n: &mut NodeCx<'_>, connection| {
        let connection = n.connection(connection).unwrap();
        let told = connection.parameter::<List<u32, 8>>("vz").unwrap().unwrap().to_vec();
        (connection.zones().to_vec(), told)
    };
    let expected = (vec![ZoneId(1), ZoneId(2)], vec![1, 2]);
    assert_eq!(net.run(server, |n| known(n, there)), expected);
    assert_eq!(net.run(ada, |n| known(n, n.server().unwrap())), expected, "the client knows too");
    assert_eq!(refusals(&events), [(Request::Zones, Rejection::ZoneNotAllowed(ZoneId(3)))]);
    net.run(server, |n| n.grant_zones(there, [3]));
    assert_eq!(saw.take(), ["destroy 10", "destroy 20", "generate 30", "complete 3"], "the server may");
}

#[test]
fn a_rule_that_panics_refuses_and_a_plain_peer_is_told_what_it_sees() {
    let mut net = Net::new();
    let (builder, events) = recorded(ruled());
    let server = net.add(builder.build().unwrap());
    let peer = raw(&mut net, server, false);
    let there = net.connection_of(peer);
    net.run(server, |n| n.connection_mut(there).unwrap().insert(Level(9)));
    events.take();
    see(&mut net, peer, &[7, 8, 9]);
    assert_eq!(net.raw(peer).messages(), [(5, b"\x92\x05\x92\xa2vz\x92\x07\x09".to_vec())]);
    let events = events.take();
    let warning = events.iter().find_map(|event| event.downcast::<Warning>()).expect("a warning");
    assert_eq!(warning.text, "the rule about zones panicked: the rule has a hole");
    assert_eq!(net.run(server, |n| n.connection(there).unwrap().zones().to_vec()), [ZoneId(7), ZoneId(9)]);
}

/// Limits under which the answer to one request is too much for the rest of the period.
fn tight() -> Limits {
    let mut limits = Limits::default();
    limits.caused_bytes = 100;
    limits
}

#[test]
fn who_has_caused_too_much_is_refused_until_the_next_period() {
    let mut net = Net::new();
    let (builder, events) = recorded(server().zones(Zones::ClientChosen).limits(tight()));
    let server = net.add(builder.build().unwrap());
    let peer = raw(&mut net, server, true);
    let there = net.connection_of(peer);
    let caused = |net: &mut Net| net.run(server, |n| n.connection(there).unwrap().caused());
    for _ in 0..10 {
        create(&mut net, server, 1, 10);
    }
    assert_eq!(caused(&mut net).total, 0);
    see(&mut net, peer, &[1]);
    let bytes: usize = net
        .raw(peer)
        .messages()
        .iter()
        .map(|(id, bytes)| match id {
            14 => 0,
            _ => bytes.len(),
        })
        .sum();
    assert_eq!(caused(&mut net).recent, bytes, "what it was shown, to the byte");
    assert!(bytes > 100);
    events.take();

    // Refused before anything is done: it sees what it saw, and is told so.
    see(&mut net, peer, &[2]);
    assert_eq!(net.raw(peer).message_ids(), [5, 14]);
    assert_eq!(net.run(server, |n| n.connection(there).unwrap().zones().to_vec()), [ZoneId(1)]);
    net.raw(peer).send(&[ProtocolMessage::RequestVisibleObjects]);
    net.settle();
    assert_eq!(net.raw(peer).message_ids(), [0; 0]);
    let limit = Rejection::Limit { limit: 100, of: "bytes caused" };
    assert_eq!(refusals(&events), [(Request::Zones, limit.clone()), (Request::VisibleObjects, limit)]);
    assert_eq!(caused(&mut net).total, bytes as u64);

    net.advance(Limits::default().caused_period);
    net.raw(peer).send(&[ProtocolMessage::RequestVisibleObjects]);
    net.settle();
    assert_eq!(net.raw(peer).message_ids().len(), 30);
    let caused = caused(&mut net);
    assert!(caused.recent < bytes && caused.total > bytes as u64, "{caused:?}");
}

#[test]
fn a_peer_that_flaps_its_zones_costs_no_more_than_its_limit() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.caused_bytes = 50_000;
    let server = net.add(server().zones(Zones::ClientChosen).limits(limits).build().unwrap());
    let peer = raw(&mut net, server, true);
    let (_, saw, there) = connected(&mut net, server);
    net.run(server, |n| n.grant_zones(there, [1]));
    for _ in 0..200 {
        create(&mut net, server, 1, 10);
    }
    saw.take();
    let mut shown = 0;
    for _ in 0..500 {
        for zones in [&[1][..], &[]] {
            see(&mut net, peer, zones);
            shown += net.raw(peer).message_ids().iter().filter(|id| **id == 7).count();
        }
    }
    assert!((200..5_000).contains(&shown), "{shown} objects shown, not {}", 500 * 200);
    assert!(!net.raw(peer).is_closed());
    assert_eq!(saw.take(), NOTHING, "others notice nothing");
    // What the server grants is at its own expense.
    net.run(server, |n| n.grant_zones(there, [0; 0]));
    net.run(server, |n| n.grant_zones(there, [1]));
    assert_eq!(saw.take().len(), 200 + 201);
    assert_eq!(net.run(server, |n| n.connection(there).unwrap().caused().total), 0);
}

#[test]
fn who_names_too_many_zones_is_refused_and_forgiven() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.zones_named = Rate::per_second(10).burst(100);
    let (builder, events) = recorded(server().zones(Zones::ClientChosen).limits(limits.clone()));
    let server = net.add(builder.build().unwrap());
    let peer = raw(&mut net, server, true);
    let there = net.connection_of(peer);
    events.take();
    let seen = |net: &mut Net| net.run(server, |n| n.connection(there).unwrap().zones().len());
    // There is nothing in them, so they cause no bytes; it is the work that counts.
    let many: Vec<u32> = (0..49).collect();
    see(&mut net, peer, &many);
    see(&mut net, peer, &[]);
    assert_eq!((seen(&mut net), refusals(&events)), (0, Vec::new()));
    see(&mut net, peer, &many);
    assert_eq!(seen(&mut net), 0, "it sees what it saw");
    assert_eq!(refusals(&events), [(Request::Zones, Rejection::Rate { rate: limits.zones_named })]);
    see(&mut net, peer, &many[..48]);
    assert_eq!((seen(&mut net), refusals(&events)), (48, Vec::new()), "what is left is enough for fewer");
    net.advance(Duration::from_secs(5));
    see(&mut net, peer, &many);
    assert_eq!((seen(&mut net), refusals(&events)), (49, Vec::new()));
    assert!(!net.raw(peer).is_closed());
}

#[test]
fn refusals_that_a_peer_asks_for_again_and_again_are_bounded_too() {
    let mut limits = Limits::default();
    limits.caused_bytes = 10_000;
    for policy in [Zones::Granted, Zones::ClientChosen] {
        let mut net = Net::new();
        let is_granted = matches!(policy, Zones::Granted);
        let (builder, events) = recorded(server().zones(policy).limits(limits.clone()));
        let server = net.add(builder.build().unwrap());
        let peer = raw(&mut net, server, true);
        let there = net.connection_of(peer);
        net.run(server, |n| n.grant_zones(there, 1_000..2_000));
        if !is_granted {
            for _ in 0..400 {
                create(&mut net, server, 1_000, 10);
            }
            net.raw(peer).send(&[ProtocolMessage::RequestVisibleObjects]);
            net.settle();
        }
        net.raw(peer).messages();
        // Each of these has a few bytes, and its answer thousands.
        let mut answered = 0;
        for _ in 0..50 {
            see(&mut net, peer, &[1]);
            answered += net.raw(peer).messages().iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        }
        assert!((10_000..20_000).contains(&answered), "{answered} bytes");
        assert!(net.raw(peer).is_closed());
        assert_eq!(reason(&events), Some(DisconnectReason::LIMIT));
    }
}

#[test]
fn extension_messages_of_those_who_did_not_announce_them_are_ignored() {
    let mut net = Net::new();
    let (builder, events) = recorded(server().zones(Zones::ClientChosen));
    let server = net.add(builder.build().unwrap());
    let plain = raw(&mut net, server, false);
    let announced = raw(&mut net, server, true);
    events.take();
    for id in 13..64 {
        net.raw(plain).send_datagram(&[0x92, id, 0x91, 1]);
    }
    // What neither side knows is ignored from anybody.
    net.raw(announced).send_datagram(&[0x92, 15, 0x91, 1]);
    net.settle();
    let events = events.take();
    assert_eq!(events.len(), 52);
    assert!(events.iter().all(|event| event.downcast::<Warning>().is_some()), "{events:?}");
    assert!(!net.raw(plain).is_closed() && !net.raw(announced).is_closed());
}

#[test]
fn a_client_that_says_what_only_servers_say_is_disconnected() {
    for message in
        [ProtocolMessage::ZoneComplete { zone: 1 }, ProtocolMessage::ZonesShown { change: 1, zones: &[0x90] }]
    {
        let mut net = Net::new();
        let (builder, events) = recorded(server().zones(Zones::ClientChosen));
        let server = net.add(builder.build().unwrap());
        let peer = raw(&mut net, server, true);
        net.raw(peer).send(std::slice::from_ref(&message));
        net.settle();
        assert!(net.raw(peer).is_closed(), "{message:?}");
        assert_eq!(reason(&events), Some(DisconnectReason::WRONG_DIRECTION));
    }
}

/// With which reason a node has ended a connection.
fn reason(events: &Recorder<AnyEvent>) -> Option<DisconnectReason> {
    let ended = |event: &AnyEvent| match event.downcast::<Disconnected>()?.ending {
        Ending::ByUs { reason, .. } => Some(reason),
        _ => None,
    };
    events.take().iter().find_map(ended)
}

/// A server that the test plays; its client has set zones twice.
fn raw_server(net: &mut Net, is_announced: bool) -> (RawLink, Host, Recorder<AnyEvent>) {
    let (builder, events) = recorded(Node::client().view::<NumberClient>().with(Seen::new()));
    let client = net.add(builder.build().unwrap());
    let raw = net.raw_server(client);
    net.raw(raw).send(&[ProtocolMessage::Motd { text: None }]);
    net.settle();
    let value = announcement(&Schema::new(vec![one_number::Contract::OBJECT], Vec::new()));
    if is_announced {
        net.raw(raw).send(&[ProtocolMessage::SharedParameter { name: "mn", value: &value }]);
    }
    net.raw(raw).send(&[ProtocolMessage::SharedParameter { name: "rp", value: &[0xcc, 128] }]);
    net.settle();
    net.run(client, |n| n.set_zones([1]));
    net.run(client, |n| n.set_zones([2]));
    events.take();
    (raw, client, events)
}

#[test]
fn a_client_believes_only_a_server_that_has_announced_itself() {
    let mut net = Net::new();
    for (is_announced, complete) in [(false, 0), (true, 1)] {
        let (raw, _, events) = raw_server(&mut net, is_announced);
        net.raw(raw).send(&[ProtocolMessage::ZoneComplete { zone: 9 }]);
        net.settle();
        let told = events.take();
        let count = told.iter().filter(|event| event.downcast::<ZoneComplete>().is_some()).count();
        assert_eq!((told.len(), count), (1, complete));
    }
}

#[test]
fn answers_that_nobody_waits_for_do_no_harm_and_bad_ones_end_the_connection() {
    let mut net = Net::new();
    let (raw, client, events) = raw_server(&mut net, true);
    let zones =
        |net: &mut Net| net.run(client, |n| n.connection(n.server().unwrap()).unwrap().zones().to_vec());
    for (change, after) in [(1, 2), (7, 2), (u32::MAX, 2), (2, 5)] {
        net.raw(raw).send(&[ProtocolMessage::ZonesShown { change, zones: &[0x91, 5] }]);
        net.settle();
        assert_eq!(zones(&mut net), [ZoneId(after)], "the answer to change {change}");
    }
    assert!(events.take().is_empty());
    net.raw(raw).send(&[ProtocolMessage::ZonesShown { change: 2, zones: &[0x91, 0xc0] }]);
    net.settle();
    assert!(net.raw(raw).is_closed());
    assert_eq!(reason(&events), Some(DisconnectReason::MALFORMED));
}
