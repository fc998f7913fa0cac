//! Faults that were found by reading, each with the story in which it showed.

use std::future::{Future, IntoFuture};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use magicnet::prelude::*;
use magicnet::wire::{ProtocolMessage, Writer, frame_header};
use magicnet::{
    AnyEvent, Connected, Connection, ConnectionConfig, ConnectionId, Disconnected, Limits, Node, NodeCx,
    RequestRejected, Time, Warning,
};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use super::number::{NumberClient, client, one_number, recorded, server};

#[test]
fn what_follows_a_change_of_zones_in_the_same_turn_is_received() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::Granted).build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    let (_, ada_there) = net.connect(ada, server);
    net.run(server, |n| {
        n.grant_zones(ada_there, [7]);
        n.create::<one_number::Contract>().zone(7).call(|s| s.set_init_value(1)).send().unwrap();
        n.grant_zones(ada_there, [7, 8]);
        n.create::<one_number::Contract>().zone(7).call(|s| s.set_init_value(2)).send().unwrap();
        n.grant_zones(ada_there, [8]);
        n.create::<one_number::Contract>().zone(7).call(|s| s.set_init_value(3)).send().unwrap();
        n.create::<one_number::Contract>().zone(8).call(|s| s.set_init_value(4)).send().unwrap();
    });
    assert_eq!(ada_saw.take(), ["generate 1", "generate 2", "destroy 1", "destroy 2", "generate 4"]);
}

#[test]
fn zones_granted_before_the_handshake_show_nothing_before_it() {
    let mut net = Net::new();
    let (builder, events) = recorded(server().zones(Zones::Granted));
    let server = net.add(builder.build().unwrap());
    let raw = net.raw_client(server);
    let connection = net.connection_of(raw);
    let create = |n: &mut NodeCx<'_>| n.create::<one_number::Contract>().zone(7).send().unwrap();
    net.run(server, |n| n.grant_zones(connection, [7]));
    net.run(server, create);
    assert_eq!(net.raw(raw).message_ids(), [1, 5], "the greeting, and what it will see");
    net.raw(raw).hello();
    net.settle();
    net.run(server, create);
    assert_eq!(net.raw(raw).message_ids(), [5, 5, 7, 10, 11]);
    assert!(
        !events.take().iter().any(|event| event.downcast::<RequestRejected>().is_some()),
        "it asked for nothing"
    );
}

#[test]
fn zones_that_a_client_may_not_choose_are_not_kept_either() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::Granted).build().unwrap());
    let (ada, _) = client(&mut net);
    let (_, ada_there) = net.connect(ada, server);
    net.run(server, |n| n.grant_zones(ada_there, [7]));
    net.run(ada, |n| n.set_zones([1, 2, 3]));
    let known = net
        .run(server, |n| n.connection(ada_there).unwrap().parameter::<List<u32, 8>>("vz").unwrap().unwrap());
    assert_eq!(known.to_vec(), [7]);
}

#[test]
fn the_end_of_a_peer_that_is_too_slow_is_told_at_once() {
    let mut net = Net::new();
    let mut limits = Limits::default();
    limits.kept_output = 10;
    limits.behind_timeout = Duration::ZERO;
    let (builder, events) = recorded(server().limits(limits));
    let server = net.add(builder.build().unwrap());
    let raw = net.raw_client(server);
    net.raw(raw).hello();
    net.settle();
    net.set_stuck(raw, true);
    for _ in 0..2 {
        net.run(server, |n| n.create::<one_number::Contract>().send()).unwrap();
    }
    assert!(events.take().iter().any(|event| event.downcast::<Disconnected>().is_some()));
}

#[test]
fn what_cannot_be_sent_as_a_parameter_is_not_set_and_ends_nothing() {
    let mut net = Net::new();
    let (builder, events) = recorded(server().zones(Zones::Granted));
    let server = net.add(builder.build().unwrap());
    let (ada, ada_saw) = client(&mut net);
    let (_, ada_there) = net.connect(ada, server);
    net.run(server, |n| n.grant_zones(ada_there, [7]));
    events.take();
    net.run(server, |n| n.grant_zones(ada_there, (0..20_000).map(|zone| 0x1000_0000 + zone)));
    net.run(server, |n| {
        n.set_parameter(ada_there, "large", &Bytes::<70_000>::try_from(vec![0; 70_000]).unwrap())
    });
    net.run(server, |n| n.set_parameter(ada_there, "a_name_that_is_long", &1_u8));
    net.run(server, |n| n.set_parameter(ada_there, "nan", &f64::NAN));
    net.run(ada, |n| n.set_zones((0..20_000).map(|zone| 0x1000_0000 + zone)));
    let events = events.take();
    assert!(events.iter().all(|event| event.downcast::<Warning>().is_some()), "{events:?}");
    assert_eq!(events.len(), 4);
    let zones = net.run(server, |n| n.connection(ada_there).unwrap().zones().to_vec());
    assert_eq!(zones, [ZoneId(7)]);
    net.run(server, |n| n.create::<one_number::Contract>().zone(7).send()).unwrap();
    assert_eq!(ada_saw.take(), ["generate 0"]);
}

#[test]
fn a_client_knows_which_zones_it_was_granted() {
    let mut net = Net::new();
    let server = net.add(server().zones(Zones::Granted).build().unwrap());
    let (ada, _) = client(&mut net);
    let (here, there) = net.connect(ada, server);
    net.run(server, |n| n.grant_zones(there, [9, 7, 9]));
    let zones = net.run(ada, |n| n.connection(here).unwrap().zones().to_vec());
    assert_eq!(zones, [ZoneId(7), ZoneId(9)]);
}

#[message(id = 92, from = client)]
struct Trip {}

#[message_handler]
fn trip(cx: &mut MessageCx<'_>, _message: Trip) {
    cx.defer(|_| panic!("tripped"));
}

#[test]
fn deferred_work_that_panics_is_told_and_ends_nothing() {
    let mut net = Net::new();
    let (builder, events) = recorded(server().handler::<trip>());
    let server = net.add(builder.build().unwrap());
    let raw = net.raw_client(server);
    net.raw(raw).hello();
    net.settle();
    events.take();
    net.raw(raw).send_datagram(&[0x92, 92, 0x90]);
    net.settle();
    let events = events.take();
    let warning = events[0].downcast::<Warning>().expect("a warning");
    assert_eq!(warning.text, "deferred work panicked: tripped");
    assert!(!net.raw(raw).is_closed());
}

#[test]
fn what_a_handle_asks_for_may_panic_and_the_node_goes_on() {
    let mut net = Net::new();
    let (builder, events) = recorded(server());
    let server = net.add(builder.build().unwrap());
    let handle = net.node(server).handle();
    handle.post(|_| panic!("posted")).unwrap();
    let mut answer = Box::pin(handle.run(|_| -> u8 { panic!("asked") }));
    net.settle();
    let warnings: Vec<String> =
        events.take().iter().filter_map(|event| Some(event.downcast::<Warning>()?.text.clone())).collect();
    assert_eq!(warnings, ["work for a handle panicked: posted"]);
    let mut context = Context::from_waker(Waker::noop());
    let asked = catch_unwind(AssertUnwindSafe(|| answer.as_mut().poll(&mut context)));
    assert!(asked.is_err(), "the panic goes to who asked");
    let mut answer = pin!(handle.run(|n| n.object_count()));
    net.settle();
    assert_eq!(answer.as_mut().poll(&mut context), Poll::Ready(Ok(0)));
}

/// A server that the test plays: it has greeted and given the client repository 128.
fn raw_server(net: &mut Net, client: Host) -> RawLink {
    let raw = net.raw_server(client);
    net.raw(raw).send(&[ProtocolMessage::Motd { text: None }]);
    net.settle();
    give_repository(net, raw, 128);
    net.raw(raw).messages();
    raw
}

fn give_repository(net: &mut Net, raw: RawLink, repository: u32) {
    let mut value = Vec::new();
    Writer::new(&mut value).unsigned(repository.into());
    net.raw(raw).send(&[ProtocolMessage::SharedParameter { name: "rp", value: &value }]);
    net.settle();
}

fn show(net: &mut Net, raw: RawLink, object: u64, owner: u32) {
    net.raw(raw).send(&[
        ProtocolMessage::GenerateObject { object, type_number: 0, owner, zone: 0 },
        ProtocolMessage::ObjectGenerateDone { object },
    ]);
    net.settle();
}

#[test]
fn another_server_does_not_acknowledge_what_it_was_not_asked_for() {
    let mut net = Net::new();
    let (ada, _) = client(&mut net);
    let first = raw_server(&mut net, ada);
    let second = raw_server(&mut net, ada);
    let handle = net.node(ada).handle();
    let mut created = pin!(handle.create::<one_number::Contract>().into_future());
    let mut context = Context::from_waker(Waker::noop());
    while net.raw(first).message_ids() != [6] {
        assert!(created.as_mut().poll(&mut context).is_pending());
        net.settle();
    }
    show(&mut net, second, 128 << 32 | 1, 128);
    assert!(created.as_mut().poll(&mut context).is_pending(), "the second server was not asked");
}

#[test]
fn who_owns_an_object_is_what_was_said_last() {
    let mut net = Net::new();
    let (ada, _) = client(&mut net);
    let raw = raw_server(&mut net, ada);
    let object = 1 << 32 | 1;
    show(&mut net, raw, object, 128);
    let number = net.run(ada, |n| n.objects::<one_number::Contract>()[0]);
    let owns = |net: &mut Net| net.run(ada, |n| n.object(number).owned().is_some());
    assert!(owns(&mut net));
    show(&mut net, raw, object, 129);
    assert!(!owns(&mut net), "it was given away");
    show(&mut net, raw, object, 128);
    give_repository(&mut net, raw, 130);
    assert!(!owns(&mut net), "this node is somebody else now");
    show(&mut net, raw, object, 130);
    assert!(owns(&mut net));
}

#[test]
fn an_object_that_never_was_complete_has_no_end_either() {
    for ends_by_loss in [false, true] {
        let mut net = Net::new();
        let (ada, saw) = client(&mut net);
        let raw = raw_server(&mut net, ada);
        let object = 1 << 32 | 1;
        net.raw(raw).send(&[ProtocolMessage::GenerateObject { object, type_number: 0, owner: 1, zone: 0 }]);
        net.settle();
        assert_eq!(net.run(ada, |n| n.views::<NumberClient>()), []);
        if ends_by_loss {
            net.raw(raw).hang_up();
        } else {
            net.raw(raw).send(&[ProtocolMessage::DestroyObject { object }]);
        }
        net.settle();
        assert_eq!(net.run(ada, |n| n.object_count()), 0);
        assert_eq!(saw.take(), [""; 0]);
    }
}

#[test]
fn a_repository_that_comes_before_the_greeting_connects_nobody() {
    let mut net = Net::new();
    let (builder, events) = recorded(Node::client().view::<NumberClient>().with(Recorder::<String>::new()));
    let ada = net.add(builder.build().unwrap());
    let raw = net.raw_server(ada);
    let is_connected = |events: &Recorder<AnyEvent>| {
        events.take().iter().any(|event| event.downcast::<Connected>().is_some())
    };
    give_repository(&mut net, raw, 128);
    assert!(!is_connected(&events), "it could not speak yet");
    net.raw(raw).send(&[ProtocolMessage::Motd { text: None }]);
    net.settle();
    assert!(!is_connected(&events));
    give_repository(&mut net, raw, 128);
    assert!(is_connected(&events));
}

/// A server whose answer to a request for all objects takes about 600 KB, in pieces, of which it keeps 10 KB at most
/// for who does not read, and the request of a client that has taken none of the answer yet.
fn large_world() -> (Node, ConnectionId) {
    let mut limits = Limits::default();
    limits.kept_output = 10_000;
    limits.behind_timeout = Duration::ZERO;
    let mut node = server().limits(limits).build().unwrap();
    node.run(Time::ZERO, |n| {
        for _ in 0..15_000 {
            n.create::<one_number::Contract>().send().unwrap();
        }
    });
    let joiner = ask_for_all(&mut node);
    (node, joiner)
}

/// A client comes and asks for all objects at once.
fn ask_for_all(node: &mut Node) -> ConnectionId {
    let joiner = node.handle_opened(Time::ZERO, &ConnectionConfig::accepted());
    let datagram = [b"\x92\x02\x92\x03\xc4\x04\x12\x34\x56\x78".as_slice(), &[0x92, 12, 0x90]].concat();
    let mut frame = frame_header(datagram.len()).to_vec();
    frame.extend(datagram);
    node.handle_bytes(Time::ZERO, joiner, &frame);
    joiner
}

/// Writes at most `room` bytes of what there is, and says how much that was.
fn write(node: &mut Node, room: usize) -> usize {
    let mut written = 0;
    while let Some(transmit) = node.poll_transmit(Time::ZERO) {
        let (connection, len) = (transmit.connection, transmit.bytes.len().min(room - written));
        written += len;
        node.handle_written(connection, len);
    }
    written
}

fn create_one(node: &mut Node) {
    node.run(Time::ZERO, |n| n.create::<one_number::Contract>().send()).unwrap();
}

#[test]
fn a_long_answer_may_take_its_time() {
    let (mut node, joiner) = large_world();
    let mut total = 0;
    for _ in 0..40 {
        total += write(&mut node, 30_000);
        create_one(&mut node);
        assert_eq!(write(&mut node, 0), 0, "it is blocked");
        node.handle_writable(joiner);
        total += write(&mut node, 30_000);
        // It is given the next piece if it has taken this one.
        node.handle_timeout(Time::ZERO);
    }
    assert!(total > 500_000, "{total}");
    assert_eq!(node.run(Time::ZERO, |n| n.connections().count()), 1, "it is there still");
}

#[test]
fn who_takes_nothing_of_a_long_answer_is_ended_once_it_is_behind_with_the_rest() {
    let (mut node, _) = large_world();
    write(&mut node, 30_000);
    for created in 0.. {
        create_one(&mut node);
        write(&mut node, 0);
        if node.run(Time::ZERO, |n| n.connections().count()) == 0 {
            assert!((200..400).contains(&created), "about 10 KB of creations, not {created} of them");
            break;
        }
    }
}

#[test]
fn a_node_says_when_its_answers_are_better_sent_before_more_is_read() {
    let (mut node, _) = large_world();
    assert!(!node.is_full());
    for _ in 0..100 {
        ask_for_all(&mut node);
    }
    assert!(node.is_full(), "a piece for each of a hundred");
    write(&mut node, usize::MAX);
    assert!(!node.is_full());
}

#[message(id = 120, from = server)]
struct Whispered {
    what: u8,
}

#[test]
fn what_a_filter_sends_to_many_is_better_sent_before_more_is_read_too() {
    const MANY: usize = 100;
    let mut node = Node::server().message::<Whispered>().build().unwrap();
    for _ in 0..MANY {
        let peer = node.handle_opened(Time::ZERO, &ConnectionConfig::accepted());
        node.handle_bytes(Time::ZERO, peer, b"\x00\x0a\x92\x02\x92\x03\xc4\x04\x12\x34\x56\x78");
    }
    write(&mut node, usize::MAX);
    node.run(Time::ZERO, |n| {
        for _ in 0..1_000 {
            n.to(|_: &Connection| true).send(Whispered { what: 7 });
        }
    });
    assert!(node.is_full(), "a thousand messages of a few bytes, each of which a hundred receive");
    write(&mut node, usize::MAX);
    assert!(!node.is_full());
}

#[network_object(name = "zebra")]
mod zebra {
    struct State {
        #[network_field(to = viewers)]
        pub stripes: u8,
    }
}

#[derive(Default)]
struct ZebraClient;

#[network_object]
impl zebra::Client for ZebraClient {
    fn on_generate(&mut self, cx: &mut zebra::ClientCx<'_, Self>) {
        cx.app::<Recorder<String>>().push("zebra".to_owned());
    }
}

/// A plain peer is not told of ends that are out of its sight, and a client may use a local id again.
#[test]
fn an_object_that_has_another_type_now_is_another_object() {
    let mut net = Net::new();
    let seen = Recorder::<String>::new();
    let builder = Node::client().view::<NumberClient>().view::<ZebraClient>().with(seen.clone());
    let ada = net.add(builder.build().unwrap());
    let raw = raw_server(&mut net, ada);
    let object = 129 << 32 | 1;
    show(&mut net, raw, object, 129);
    assert_eq!(seen.take(), ["generate 0"]);
    net.raw(raw).send(&[
        ProtocolMessage::GenerateObject { object, type_number: 1, owner: 129, zone: 0 },
        ProtocolMessage::ObjectGenerateDone { object },
    ]);
    net.settle();
    assert_eq!(seen.take(), ["destroy 0", "zebra"]);
    assert_eq!(net.run(ada, |n| n.views::<ZebraClient>().len()), 1);
}
