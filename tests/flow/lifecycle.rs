//! How objects begin and end, for those who make them, those who watch, and those who come late.

use magicnet::prelude::*;
use magicnet::wire::{CarriedCalls, ProtocolMessage, Reader, Writer};
use magicnet::{AnyEvent, CreateError, Node, ObjectId, Rejection, RequestRejected};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use super::number::{NumberClient, Seen, client, create, one_number, recorded, server};

/// A raw client that has shaken hands, as repository 128 and up.
fn raw(net: &mut Net, server: Host) -> RawLink {
    let raw = net.raw_client(server);
    net.raw(raw).hello();
    net.settle();
    net.raw(raw).messages();
    raw
}

/// CREATE_OBJECT of type 0 with calls that are `[role, field, [value]]`.
fn ask(net: &mut Net, raw: RawLink, local_id: u32, owner: u32, calls: &[(u8, u8, i64)]) {
    let mut bytes = Vec::new();
    let mut w = Writer::new(&mut bytes);
    w.array(calls.len());
    for (role, field, value) in calls {
        w.array(3);
        w.unsigned((*role).into());
        w.unsigned((*field).into());
        w.array(1);
        w.signed(*value);
    }
    let calls = CarriedCalls::read(&mut Reader::new(&bytes)).unwrap();
    net.raw(raw).send(&[ProtocolMessage::CreateObject { local_id, type_number: 0, owner, zone: 0, calls }]);
    net.settle();
}

fn refusals(events: &Recorder<AnyEvent>) -> Vec<Rejection> {
    let reason = |event: AnyEvent| Some(event.downcast::<RequestRejected>()?.reason.clone());
    events.take().into_iter().filter_map(reason).collect()
}

#[test]
fn everyone_gets_generate_state_and_done_in_one_datagram() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let maker = raw(&mut net, server);
    let watcher = raw(&mut net, server);
    ask(&mut net, maker, 5, 0, &[(1, 0, 10)]);
    for link in [maker, watcher] {
        let mut datagrams = net.raw(link).datagrams();
        assert_eq!(datagrams.len(), 1);
        let object = 128 << 32 | 5;
        let mut expected = Vec::new();
        ProtocolMessage::GenerateObject { object, type_number: 0, owner: 128, zone: 0 }.encode(&mut expected);
        expected.extend(b"\x92\x0a\x94\xcf\0\0\0\x80\0\0\0\x05\0\0\x91\x0a");
        ProtocolMessage::ObjectGenerateDone { object }.encode(&mut expected);
        assert_eq!(datagrams.pop(), Some(expected));
    }
}

#[test]
fn a_local_id_is_used_once() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let maker = raw(&mut net, server);
    ask(&mut net, maker, 5, 0, &[]);
    ask(&mut net, maker, 5, 0, &[]);
    assert_eq!(refusals(&events), [Rejection::LocalIdInUse]);
    assert_eq!(net.raw(maker).message_ids(), [7, 10, 11]);
}

#[test]
fn nobody_creates_in_the_name_of_another() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let maker = raw(&mut net, server);
    let other = raw(&mut net, server);
    ask(&mut net, maker, 1, 129, &[]);
    assert_eq!(refusals(&events), [Rejection::NotOwner]);
    ask(&mut net, maker, 1, 128, &[]);
    assert_eq!(refusals(&events), []);
    assert_eq!(net.raw(other).message_ids(), [7, 10, 11]);
}

#[test]
fn a_carried_call_that_may_not_be_made_is_dropped_and_the_object_lives() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let maker = raw(&mut net, server);
    // State, an unknown field, a value out of range, an overflow, and one that is in order.
    let calls = [(0, 0, 99), (1, 9, 1), (1, 0, i64::MAX), (1, 0, 1), (1, 1, i64::from(i32::MAX)), (1, 1, 2)];
    ask(&mut net, maker, 1, 0, &calls);
    let reasons: Vec<String> = refusals(&events).iter().map(ToString::to_string).collect();
    let expected = [
        "fields of role 0 cannot be set by a peer",
        "role 1 has no field 9",
        "parameter `value`: expected an integer from -2147483648 to 2147483647, found 9223372036854775807",
        "rejected: integer overflow",
    ];
    assert_eq!(reasons, expected);
    let messages = net.raw(maker).messages();
    assert_eq!(messages[1].1.last(), Some(&3), "1 + 2");
    // What the call sent comes after the object is complete.
    assert_eq!(messages.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [7, 10, 11, 10]);
}

#[test]
fn an_unknown_type_ends_the_connection_with_reason_6() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let maker = raw(&mut net, server);
    let calls = CarriedCalls::read(&mut Reader::new(&[0x90])).unwrap();
    net.raw(maker).send(&[ProtocolMessage::CreateObject {
        local_id: 77,
        type_number: 1,
        owner: 0,
        zone: 0,
        calls,
    }]);
    net.settle();
    let mut expected = Vec::new();
    ProtocolMessage::Disconnect { reason: 6, detail: Some("Unknown object: 77") }.encode(&mut expected);
    assert_eq!(net.raw(maker).messages(), [(3, expected)]);
}

#[test]
fn only_the_owner_deletes() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let maker = raw(&mut net, server);
    let thief = raw(&mut net, server);
    ask(&mut net, maker, 1, 0, &[]);
    let object = 128 << 32 | 1;
    net.raw(thief).message_ids();
    net.raw(maker).message_ids();
    // Python believes who says that it is somebody else.
    net.raw(thief).send(&[
        ProtocolMessage::SharedParameter { name: "rp", value: &[0xcc, 128] },
        ProtocolMessage::RequestDeleteObject { object },
    ]);
    net.settle();
    assert_eq!(refusals(&events), [Rejection::NotOwner]);
    net.raw(thief).send(&[ProtocolMessage::RequestDeleteObject { object: 4 }]);
    net.settle();
    assert_eq!(refusals(&events), [Rejection::UnknownObject]);
    net.raw(maker).send(&[ProtocolMessage::RequestDeleteObject { object }]);
    net.settle();
    assert_eq!(net.raw(maker).message_ids(), [9]);
    assert_eq!(net.raw(thief).message_ids(), [9]);
}

#[test]
fn a_client_does_not_generate_or_destroy() {
    for message in [
        ProtocolMessage::DestroyObject { object: 128 << 32 | 1 },
        ProtocolMessage::GenerateObject { object: 1, type_number: 0, owner: 1, zone: 0 },
        ProtocolMessage::ObjectGenerateDone { object: 128 << 32 | 1 },
    ] {
        let mut net = Net::new();
        let server = net.add(server().build().unwrap());
        let (ada, ada_saw) = client(&mut net);
        net.connect(ada, server);
        create(&mut net, ada, 1);
        ada_saw.take();
        let rogue = raw(&mut net, server);
        net.raw(rogue).send(&[message]);
        net.settle();
        assert_eq!(net.raw(rogue).messages()[0].1[..4], [0x92, 3, 0x92, 37]);
        assert_eq!(ada_saw.take(), [""; 0]);
        assert_eq!(net.run(server, |n| n.object_count()), 1);
    }
}

#[network_object(name = "kept", create = anyone, on_owner_left = keep)]
mod kept {
    struct State {
        #[network_field(to = viewers)]
        pub value: u8,
    }
}

#[derive(Default)]
struct KeptServer;
#[network_object]
impl kept::Server for KeptServer {}

#[derive(Default)]
struct KeptClient;
#[network_object]
impl kept::Client for KeptClient {}

#[test]
fn objects_of_an_owner_that_left_are_destroyed_unless_their_contract_keeps_them() {
    let mut net = Net::new();
    let server = net.add(server().view::<KeptServer>().build().unwrap());
    let seen = Seen::new();
    let both = || Node::client().view::<NumberClient>().view::<KeptClient>();
    let watcher = net.add(both().with(seen.clone()).build().unwrap());
    let leaver = net.add(both().with(Seen::new()).build().unwrap());
    net.connect(watcher, server);
    net.connect(leaver, server);
    create(&mut net, leaver, 3);
    let kept = net.run(leaver, |n| n.create::<kept::Contract>().send()).unwrap();
    seen.take();
    net.cut(leaver, server);
    assert_eq!(seen.take(), ["destroy 3"]);
    assert!(net.run(watcher, |n| n.contains(kept)));
    assert_eq!(net.run(leaver, |n| n.object_count()), 0, "who left sees nothing any more");
    // The next to come does not become the owner of what is left.
    let (next, _) = net.connect(leaver, server);
    let repository = net.run(leaver, |n| n.connection(next).unwrap().repository());
    assert_eq!(repository, Some(Repository(130)));
    assert_eq!(net.run(server, |n| n.owner_of(kept)), Some(Repository(129)));
}

#[test]
fn a_repeated_generate_keeps_the_view_and_tells_it_only_what_changed_it() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    net.connect(ada, server);
    let number = create(&mut net, ada, 3);
    ada_saw.take();
    net.run(ada, |n| n.request_visible_objects());
    assert_eq!(ada_saw.take(), ["3 -> 3"], "the state came again; the object did not");
    assert!(net.run(ada, |n| n.contains(number)));
}

#[test]
fn a_creation_that_nobody_answers_is_given_up() {
    let mut net = Net::new();
    let (ada, _) = client(&mut net);
    assert_eq!(net.run(ada, |n| n.create::<one_number::Contract>().send()), Err(CreateError::NotConnected));
    assert_eq!(
        net.run(ada, |n| n.create::<kept::Contract>().send()),
        Err(CreateError::UnknownContract("kept"))
    );
}

#[test]
fn objects_of_one_connection_are_bounded() {
    let mut net = Net::new();
    let mut limits = magicnet::Limits::default();
    limits.objects_per_connection = 3;
    let (builder, events) = recorded(server().limits(limits));
    let server = net.add(builder.build().unwrap());
    let maker = raw(&mut net, server);
    (1..=5).for_each(|local| ask(&mut net, maker, local, 0, &[]));
    let full = Rejection::Limit { limit: 3, of: "objects of one connection" };
    assert_eq!(refusals(&events), [full.clone(), full]);
    assert_eq!(net.run(server, |n| n.object_count()), 3);
}

#[test]
fn a_server_shows_no_more_objects_than_a_client_wants_to_hold() {
    let mut net = Net::new();
    let server = net.add(server().build().unwrap());
    let mut limits = magicnet::Limits::default();
    limits.objects_shown = 2;
    let builder = Node::client().view::<NumberClient>().with(Seen::new()).limits(limits);
    let ada = net.add(builder.build().unwrap());
    net.connect(ada, server);
    for value in 0..4 {
        net.run(server, |n| n.create::<one_number::Contract>().call(|s| s.set_init_value(value)).send())
            .unwrap();
    }
    assert_eq!(net.run(ada, |n| n.object_count()), 2);
}

#[network_object(name = "stone")]
mod stone {
    trait Server {
        #[network_field(from = anyone)]
        fn kick(&mut self);
    }
}

#[derive(Default)]
struct Stone;

#[network_object]
impl stone::Server for Stone {
    fn kick(&mut self, cx: &mut stone::ServerCx<'_, Self>) {
        cx.destroy();
    }
}

#[test]
fn a_number_names_an_object_of_one_contract_for_as_long_as_it_is_there() {
    let mut net = Net::new();
    let server = net.add(server().view::<Stone>().build().unwrap());
    let client = Node::client().view::<NumberClient>().contract::<stone::Contract>().with(Seen::new());
    let client = net.add(client.build().unwrap());
    net.connect(client, server);
    let number = net.run(server, |n| n.create::<one_number::Contract>().send()).unwrap();
    let stone = net.run(server, |n| n.create::<stone::Contract>().send()).unwrap();
    let name = |id: ObjectId| ObjectId::from_u64(id.to_u64());
    for host in [server, client] {
        net.run(host, |n| {
            assert_eq!(n.find::<one_number::Contract>(name(number.id())), Some(number));
            assert_eq!(n.find::<one_number::Contract>(name(stone.id())), None, "that is no number");
            assert_eq!(n.find::<one_number::Contract>(ObjectId::from_u64(u64::MAX)), None);
        });
    }
    net.run(server, |n| {
        assert_eq!(n.find::<stone::Contract>(name(stone.id())), Some(stone));
        n.destroy(number);
    });
    for host in [server, client] {
        assert_eq!(net.run(host, |n| n.find::<one_number::Contract>(number.id())), None, "it is gone");
    }
}
