//! Zones: what is seen, what is not, and who decides.

use magicnet::prelude::*;
use magicnet::wire::{ProtocolMessage, Writer};
use magicnet::{AnyEvent, CallRejected, Interest, Limits, NodeBuilder, Rejection, Request, RequestRejected};
use magicnet_tests::{Host, Net};

use super::number::{Seen, client, one_number, recorded, server};

fn chosen() -> NodeBuilder {
    server().zones(Zones::ClientChosen)
}

/// A connected client that sees some zones.
fn in_zones(net: &mut Net, server: Host, zones: &[u32]) -> (Host, Seen) {
    let (host, seen) = client(net);
    net.connect(host, server);
    net.run(host, |n| n.set_zones(zones.iter().copied()));
    (host, seen)
}

fn create(net: &mut Net, owner: Host, zone: u32, value: i32) -> Object<one_number::Contract> {
    let create = |n: &mut magicnet::NodeCx<'_>| {
        n.create::<one_number::Contract>().zone(zone).call(|s| s.set_init_value(value)).send()
    };
    net.run(owner, create).unwrap()
}

#[test]
fn who_sees_a_zone_sees_what_happens_in_it_and_nothing_else() {
    let mut net = Net::new();
    let server = net.add(chosen().build().unwrap());
    let (ada, ada_saw) = in_zones(&mut net, server, &[1, 2]);
    let (bob, bob_saw) = in_zones(&mut net, server, &[2]);
    let one = create(&mut net, ada, 1, 10);
    let two = create(&mut net, ada, 2, 20);
    assert_eq!(ada_saw.take(), ["generate 10", "generate 20"]);
    assert_eq!(bob_saw.take(), ["generate 20"]);
    net.run(ada, |n| n.object(one).server().add_value(1));
    net.run(ada, |n| n.object(two).server().add_value(1));
    assert_eq!(bob_saw.take(), ["20 -> 21", "sparkle 0 1 added"]);
    net.run(ada, |n| n.destroy(one));
    net.run(ada, |n| n.destroy(two));
    assert_eq!(bob_saw.take(), ["destroy 21"], "the end reaches those who see it, which Python's does not");
    let _ = bob;
}

#[test]
fn on_request_a_change_of_zones_alone_shows_nothing() {
    let mut net = Net::new();
    let server = net.add(chosen().interest(Interest::OnRequest).build().unwrap());
    let (ada, _) = in_zones(&mut net, server, &[1]);
    let (bob, bob_saw) = in_zones(&mut net, server, &[9]);
    let number = create(&mut net, ada, 1, 10);
    net.run(bob, |n| n.set_zones([1]));
    assert_eq!(bob_saw.take(), [""; 0]);
    net.run(bob, |n| n.request_visible_objects());
    assert_eq!(bob_saw.take(), ["generate 10"]);
    net.run(bob, |n| n.set_zones([9]));
    net.run(ada, |n| n.object(number).server().add_value(1));
    assert_eq!(bob_saw.take(), [""; 0], "it is out of sight");
}

#[test]
fn calls_of_those_who_do_not_see_an_object_are_rejected() {
    let mut net = Net::new();
    // What is out of sight stays with the clients, so that they can try.
    let (builder, events) = recorded(chosen().interest(Interest::OnRequest));
    let server = net.add(builder.build().unwrap());
    let (ada, _) = in_zones(&mut net, server, &[1]);
    let (bob, _) = in_zones(&mut net, server, &[1]);
    let number = create(&mut net, ada, 1, 10);
    net.run(bob, |n| n.set_zones([2]));
    net.run(ada, |n| n.set_zones([2]));
    events.take();
    net.run(bob, |n| n.object(number).server().add_value(1));
    let reasons: Vec<_> =
        events.take().iter().filter_map(|e| Some(e.downcast::<CallRejected>()?.reason.clone())).collect();
    assert_eq!(reasons, [Rejection::NotVisible]);
    net.run(ada, |n| n.object(number).server().add_value(1));
    assert_eq!(net.run(server, |n| n.state(number).unwrap().value), 11, "the owner may wherever it looks");
}

#[test]
fn an_object_is_created_only_where_its_creator_sees_it() {
    let mut net = Net::new();
    let (builder, events) = recorded(chosen());
    let server = net.add(builder.build().unwrap());
    let (ada, ada_saw) = in_zones(&mut net, server, &[1]);
    create(&mut net, ada, 2, 10);
    assert_eq!(ada_saw.take(), [""; 0]);
    let rejected: Vec<_> =
        events.take().iter().filter_map(|e| e.downcast::<RequestRejected>().cloned()).collect();
    assert_eq!(rejected.len(), 1);
    assert_eq!(rejected[0].reason, Rejection::ZoneNotAllowed(ZoneId(2)));
    assert_eq!(net.run(server, |n| n.object_count()), 0);
}

#[test]
fn zones_that_are_no_zones_leave_a_client_blind() {
    let mut net = Net::new();
    let (builder, events) = recorded(chosen());
    let server = net.add(builder.build().unwrap());
    let (ada, _) = in_zones(&mut net, server, &[1]);
    create(&mut net, ada, 1, 10);
    let raw = net.raw_client(server);
    net.raw(raw).hello();
    let mut zones = |value: &[u8]| {
        net.raw(raw).send(&[
            ProtocolMessage::SharedParameter { name: "vz", value },
            ProtocolMessage::RequestVisibleObjects,
        ]);
        net.settle();
        net.raw(raw).message_ids().into_iter().filter(|id| *id >= 6).collect::<Vec<_>>()
    };
    assert_eq!(zones(&[0x92, 1, 1]), [7, 10, 11], "a zone twice is a zone");
    for bad in [
        &[0x91, 0xff][..],
        &[0x91, 0xa1, b'1'],
        &[0xc0],
        &[0x01],
        &[0x91, 0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0],
    ] {
        events.take();
        assert_eq!(zones(bad), [0; 0], "{bad:?}");
        let is_told = |event: &AnyEvent| {
            event.downcast::<RequestRejected>().is_some_and(|e| e.request == Request::Zones)
        };
        assert!(events.take().iter().any(is_told));
    }
    assert_eq!(zones(&[0x91, 1]), [7, 10, 11]);
}

#[test]
fn zones_are_bounded_in_number() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.zones_per_connection = 4;
    let (builder, events) = recorded(chosen().limits(limits));
    let server = net.add(builder.build().unwrap());
    in_zones(&mut net, server, &[1, 2, 3, 4]);
    assert!(!events.take().iter().any(|event| event.downcast::<RequestRejected>().is_some()));
    in_zones(&mut net, server, &[1, 2, 3, 4, 5]);
    let reasons: Vec<_> =
        events.take().iter().filter_map(|e| Some(e.downcast::<RequestRejected>()?.reason.clone())).collect();
    assert_eq!(reasons, [Rejection::Limit { limit: 4, of: "zones" }]);
}

#[test]
fn under_the_servers_policy_clients_see_what_they_are_granted() {
    let mut net = Net::new();
    let (builder, events) = recorded(server().zones(Zones::Granted));
    let server = net.add(builder.build().unwrap());
    let (bob, bob_saw) = client(&mut net);
    let (_, bob_there) = net.connect(bob, server);
    let number =
        net.run(server, |n| n.create::<one_number::Contract>().zone(3).call(|s| s.set_init_value(7)).send());
    net.run(bob, |n| n.set_zones([3]));
    net.run(bob, |n| n.request_visible_objects());
    assert_eq!(bob_saw.take(), [""; 0], "it does not choose");
    assert!(events.take().iter().any(|event| event.downcast::<RequestRejected>().is_some()));
    net.run(server, |n| n.grant_zones(bob_there, [3]));
    let told = net.run(bob, |n| {
        let server = n.server().unwrap();
        n.connection(server).unwrap().parameter::<List<u32, 8>>("vz").unwrap().unwrap()
    });
    assert_eq!(told.to_vec(), [3], "and it knows");
    assert_eq!(bob_saw.take(), ["generate 7"], "what is granted shows by itself");
    net.run(server, |n| n.object(number.unwrap()).server().add_value(1));
    assert_eq!(bob_saw.take(), ["7 -> 8", "sparkle 0 1 added"]);
}

#[test]
fn zones_may_be_set_before_hello_and_count_after_it() {
    let mut net = Net::new();
    let server = net.add(chosen().build().unwrap());
    let (ada, _) = in_zones(&mut net, server, &[1]);
    let raw = net.raw_client(server);
    let mut value = Vec::new();
    let mut w = Writer::new(&mut value);
    w.array(1);
    w.unsigned(1);
    net.raw(raw).send(&[ProtocolMessage::SharedParameter { name: "vz", value: &value }]);
    net.settle();
    create(&mut net, ada, 1, 10);
    assert_eq!(net.raw(raw).message_ids(), [1], "nothing before HELLO");
    net.raw(raw).hello();
    net.settle();
    create(&mut net, ada, 1, 11);
    assert_eq!(net.raw(raw).message_ids(), [5, 5, 7, 10, 11]);
}

#[test]
fn an_object_that_moves_ends_where_it_is_lost_and_begins_where_it_is_gained() {
    let mut net = Net::new();
    let server = net.add(chosen().build().unwrap());
    let (ada, ada_saw) = in_zones(&mut net, server, &[1, 2]);
    let (bob, bob_saw) = in_zones(&mut net, server, &[1]);
    let (cid, cid_saw) = in_zones(&mut net, server, &[2]);
    let number = create(&mut net, ada, 1, 10);
    assert_eq!(bob_saw.take(), ["generate 10"]);
    ada_saw.take();

    net.run(server, |n| {
        n.object(number)
            .clients()
            .sparkle(super::number::Point { x: 1.0, y: 1.0 }, [Str::truncated("a")].into());
        n.set_zone(number, 2);
        n.object(number)
            .clients()
            .sparkle(super::number::Point { x: 2.0, y: 2.0 }, [Str::truncated("b")].into());
    });
    assert_eq!(ada_saw.take(), ["sparkle 1 1 a", "sparkle 2 2 b"], "she sees both zones");
    assert_eq!(bob_saw.take(), ["sparkle 1 1 a", "destroy 10"]);
    assert_eq!(cid_saw.take(), ["generate 10", "sparkle 2 2 b"]);

    net.run(server, |n| n.set_zone(number, 2));
    net.run(server, |n| n.set_zone(number, 9));
    net.run(server, |n| n.object(number).server().add_value(1));
    assert_eq!(ada_saw.take(), ["destroy 10"]);
    assert_eq!(cid_saw.take(), ["destroy 10"]);
    net.run(server, |n| n.set_zone(number, 1));
    for saw in [ada_saw, bob_saw] {
        assert_eq!(saw.take(), ["generate 11"]);
    }
    let _ = (bob, cid);
}
