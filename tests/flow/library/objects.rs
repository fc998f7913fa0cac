//! Objects: their beginning and end, their calls, who may make them and who hears of them.

use magicnet::prelude::*;
use magicnet::wire::{ProtocolMessage, Writer, encode_call};
use magicnet::{AnyEvent, CallRejected, Connection, Node, NodeBuilder};
use magicnet_tests::{Host, Net, RawLink, Recorder};

use crate::number::recorded;

#[network_object(name = "test_obj")]
mod thing {
    struct State {
        #[network_field(to = viewers)]
        pub kept: i16,
    }
    trait Server {
        #[network_field(from = anyone)]
        fn ask(&mut self, value: u16);
        #[network_field(from = anyone)]
        fn set_public(&mut self, value: i16);
        #[network_field(from = is_admin)]
        fn set_protected(&mut self, value: i16);
        #[network_field(from = anyone)]
        fn note(&mut self, a: i64, b: i8, #[arg(default)] c: u8, #[arg(rest)] d: List<Str<4>, 8>);
    }
    trait Client {
        fn set_value(&mut self, #[arg(default = 256)] value: u16);
        fn set_item(&mut self, item: Triple, #[arg(rest)] extras: List<Str<4>, 4>);
    }
}

#[derive(NetworkType, Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Triple {
    #[arg(default)]
    pub a: i32,
    #[arg(default)]
    pub b: i32,
    #[arg(default)]
    pub c: i32,
}

/// What the views of a story were told, in order.
type Lines = Recorder<String>;

/// Kept with the connection of who has said the password.
struct Admin;

fn is_admin(sender: &Connection) -> bool {
    sender.get::<Admin>().is_some()
}

#[message(id = 164, from = client)]
struct Authorize {
    name: Str<16>,
    password: Str<16>,
}

#[message_handler]
fn authorize(cx: &mut MessageCx<'_>, message: Authorize) {
    if (&*message.name, &*message.password) == ("admin", "password") {
        cx.sender_mut().insert(Admin);
    }
}

#[derive(Default)]
struct ThingServer {
    protected: i16,
}

#[network_object]
impl thing::Server for ThingServer {
    fn on_generate(&mut self, cx: &mut thing::ServerCx<'_, Self>) {
        cx.app::<Lines>().push("begins at the server".to_owned());
    }

    fn on_destroy(&mut self, cx: &mut thing::ServerCx<'_, Self>) {
        cx.app::<Lines>().push("ends at the server".to_owned());
    }

    fn ask(&mut self, cx: &mut thing::ServerCx<'_, Self>, value: u16) {
        let sender = cx.sender().expect("a client asks").id();
        cx.client(sender).set_value(value);
    }

    fn set_public(&mut self, cx: &mut thing::ServerCx<'_, Self>, value: i16) {
        cx.state_mut().kept = value;
    }

    fn set_protected(&mut self, _: &mut thing::ServerCx<'_, Self>, value: i16) {
        self.protected = value;
    }

    fn note(&mut self, cx: &mut thing::ServerCx<'_, Self>, a: i64, b: i8, c: u8, d: List<Str<4>, 8>) {
        let line = format!("{a} {b} {c} {:?}", d.iter().map(|it| &**it).collect::<Vec<_>>());
        cx.app::<Lines>().push(line);
    }
}

#[derive(Default)]
struct ThingClient;

#[network_object]
impl thing::Client for ThingClient {
    fn on_generate(&mut self, cx: &mut thing::ClientCx<'_, Self>) {
        let line = format!("begins with {}", cx.state().kept);
        cx.app::<Lines>().push(line);
    }

    fn on_destroy(&mut self, cx: &mut thing::ClientCx<'_, Self>) {
        cx.app::<Lines>().push("ends".to_owned());
    }

    fn kept_changed(&mut self, cx: &mut thing::ClientCx<'_, Self>, old: i16) {
        let line = format!("{old} -> {}", cx.state().kept);
        cx.app::<Lines>().push(line);
    }

    fn set_value(&mut self, cx: &mut thing::ClientCx<'_, Self>, value: u16) {
        cx.app::<Lines>().push(format!("value {value}"));
    }

    fn set_item(&mut self, cx: &mut thing::ClientCx<'_, Self>, item: Triple, extras: List<Str<4>, 4>) {
        let extras: Vec<_> = extras.iter().map(|it| &**it).collect();
        cx.app::<Lines>().push(format!("item {} {} {} {extras:?}", item.a, item.b, item.c));
    }
}

struct Table {
    net: Net,
    server: Host,
    at_server: Lines,
    events: Recorder<AnyEvent>,
}

fn table(configure: impl FnOnce(NodeBuilder) -> NodeBuilder) -> Table {
    let mut net = Net::new();
    let at_server = Lines::new();
    let node = Node::server().view::<ThingServer>().handler::<authorize>().with(at_server.clone());
    let (builder, events) = recorded(configure(node));
    let server = net.add(builder.build().unwrap());
    Table { net, server, at_server, events }
}

impl Table {
    fn client(&mut self) -> (Host, Lines) {
        let lines = Lines::new();
        let node = Node::client().view::<ThingClient>().message::<Authorize>().with(lines.clone());
        let client = self.net.add(node.build().unwrap());
        self.net.connect(client, self.server);
        (client, lines)
    }

    fn create(&mut self, zone: u32, kept: i16) -> Object<thing::Contract> {
        self.net
            .run(self.server, |n| {
                n.create::<thing::Contract>().zone(zone).call(|s| s.set_public(kept)).send()
            })
            .unwrap()
    }
}

fn rejections(events: &Recorder<AnyEvent>) -> Vec<String> {
    let reason = |event: AnyEvent| Some(event.downcast::<CallRejected>()?.reason.to_string());
    events.take().into_iter().filter_map(reason).collect()
}

/// A client, and a server that the test plays, with one object that the client sees.
fn played() -> (Net, RawLink, Lines, Recorder<AnyEvent>) {
    let mut net = Net::new();
    let lines = Lines::new();
    let (builder, events) = recorded(Node::client().view::<ThingClient>().with(lines.clone()));
    let client = net.add(builder.build().unwrap());
    let server = net.raw_server(client);
    net.raw(server).send(&[ProtocolMessage::Motd { text: Some("hello") }]);
    net.raw(server).send(&[ProtocolMessage::SharedParameter { name: "rp", value: &[0xcc, 128] }]);
    net.raw(server).send(&[
        ProtocolMessage::GenerateObject { object: THING, type_number: 0, owner: 1, zone: 0 },
        ProtocolMessage::ObjectGenerateDone { object: THING },
    ]);
    net.settle();
    assert_eq!(lines.take(), ["begins with 0"]);
    (net, server, lines, events)
}

const THING: u64 = (1 << 32) + 1;
/// The client's role, and its calls behind its one property.
const SET_VALUE: (u8, u8) = (0, 1);
const SET_ITEM: (u8, u8) = (0, 2);
const NOTE: (u8, u8) = (1, 3);

/// A call as another peer may make it.
fn call(place: (u8, u8), object: u64, arguments: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut datagram = Vec::new();
    encode_call(&mut Writer::new(&mut datagram), object, place.0, place.1, arguments);
    datagram
}

/// An argument as JSON has it.
fn put(w: &mut Writer<'_>, value: &serde_json::Value) {
    w.raw(&rmp_serde::to_vec(value).expect("the wire has it"));
}

#[test]
fn an_object_begins_and_ends_for_both_sides() {
    let mut table = table(|node| node);
    let (client, seen) = table.client();
    let thing = table.create(0, 1);
    assert_eq!(table.at_server.take(), ["begins at the server"]);
    assert_eq!(seen.take(), ["begins with 1"]);
    assert!(table.net.run(client, |n| n.contains(thing)));
    table.net.run(table.server, |n| n.destroy(thing));
    assert_eq!(table.at_server.take(), ["ends at the server"]);
    assert_eq!(seen.take(), ["ends"]);
    for node in [client, table.server] {
        assert!(!table.net.run(node, |n| n.contains(thing)));
    }
}

#[test]
fn a_call_of_the_servers_has_defaults_and_is_checked() {
    let (mut net, server, seen, events) = played();
    let mut say = |values: &[u64]| {
        let datagram = call(SET_VALUE, THING, |w| {
            w.array(values.len());
            values.iter().for_each(|value| w.unsigned(*value));
        });
        net.raw(server).send_datagram(&datagram);
        net.settle();
        (seen.take(), rejections(&events))
    };
    let nothing = Vec::<String>::new;
    assert_eq!(say(&[]), (vec!["value 256".to_owned()], nothing()));
    assert_eq!(say(&[100]), (vec!["value 100".to_owned()], nothing()));
    let (heard, refused) = say(&[100_000]);
    assert_eq!(heard, nothing());
    assert_eq!(refused, ["parameter `value`: expected an integer from 0 to 65535, found 100000"]);
    let (heard, refused) = say(&[1, 2, 3]);
    assert_eq!(heard, nothing());
    assert_eq!(refused, ["expected at most 1 value, found 3 values"]);
}

#[test]
fn a_call_takes_a_struct_and_any_number_behind_it() {
    let (mut net, server, seen, events) = played();
    let mut say = |values: serde_json::Value| {
        net.raw(server).send_datagram(&call(SET_ITEM, THING, |w| put(w, &values)));
        net.settle();
        (seen.take().join(""), rejections(&events).join(""))
    };
    let heard = |line: &str| (line.to_owned(), String::new());
    assert_eq!(say(serde_json::json!([[1, 2, 3]])), heard("item 1 2 3 []"));
    assert_eq!(say(serde_json::json!([[4, 5, 6]])), heard("item 4 5 6 []"));
    assert_eq!(say(serde_json::json!([[4, 5, 6], "a", "b"])), heard(r#"item 4 5 6 ["a", "b"]"#));
    let (heard, refused) = say(serde_json::json!([[4, 5, 6], 1]));
    assert_eq!(heard, "");
    assert_eq!(refused, "parameter `extras[0]`: expected text of at most 4 characters, found 1");
}

#[test]
fn a_call_takes_what_its_signature_says_and_names_what_it_does_not() {
    let mut table = table(|node| node);
    let thing = table.create(0, 0).id().to_u64();
    table.at_server.take();
    let peer = table.net.raw_client(table.server);
    table.net.raw(peer).hello();
    let mut say = |values: serde_json::Value| {
        table.net.raw(peer).send_datagram(&call(NOTE, thing, |w| put(w, &values)));
        table.net.settle();
        (table.at_server.take().join(""), rejections(&table.events).join(""))
    };
    let heard = |line: &str| (line.to_owned(), String::new());
    assert_eq!(say(serde_json::json!([1, 2, 3, "a", "b", "c"])), heard(r#"1 2 3 ["a", "b", "c"]"#));
    assert_eq!(say(serde_json::json!([1, 2])), heard("1 2 0 []"));
    assert_eq!(say(serde_json::json!([1, 2, 3])), heard("1 2 3 []"));
    for (values, words) in [
        (
            serde_json::json!([1, 200, 3, "a", "b", "c"]),
            "`b`: expected an integer from -128 to 127, found 200",
        ),
        (serde_json::json!([1, 2, 3, 4, 5, 6]), "`d[0]`: expected text of at most 4 characters, found 4"),
        (serde_json::json!([1]), "`b`: expected a value, found nothing"),
    ] {
        let (heard, refused) = say(values);
        assert_eq!(heard, "");
        assert!(refused.contains(words), "{refused}");
    }
}

#[test]
fn who_comes_late_gets_what_is_kept_and_not_what_was_said() {
    let mut table = table(|node| node);
    let thing = table.create(0, 100);
    let (_, early) = table.client();
    table.net.run(table.server, |n| n.object(thing).clients().set_value(100));
    assert_eq!(early.take(), [""; 0], "it has not asked to see anything");
    let (late, seen) = table.client();
    assert!(!table.net.run(late, |n| n.contains(thing)));
    table.net.run(late, |n| n.request_visible_objects());
    assert_eq!(seen.take(), ["begins with 100"]);
}

#[test]
fn an_answer_goes_to_who_asked() {
    let mut table = table(|node| node);
    let (_, first) = table.client();
    let (second, its) = table.client();
    let thing = table.create(0, 100);
    assert_eq!([first.take(), its.take()], [["begins with 100"]; 2]);
    table.net.run(second, |n| n.object(thing).server().ask(200));
    assert_eq!(its.take(), ["value 200"]);
    assert_eq!(first.take(), [""; 0]);
}

#[test]
fn who_is_no_admin_changes_what_is_public_alone() {
    let mut table = table(|node| node);
    let (admin, _) = table.client();
    let (guest, _) = table.client();
    let thing = table.create(0, 0);
    let (name, password) = ("admin".try_into().unwrap(), "password".try_into().unwrap());
    table.net.run(admin, |n| n.send_to_all(Authorize { name, password }));
    let values = |table: &mut Table| {
        table.net.run(table.server, |n| {
            let protected = n.view::<ThingServer>(thing.id()).unwrap().protected;
            (n.state(thing).unwrap().kept, protected)
        })
    };
    for (client, value, expected, refused) in [(admin, 100, (100, 100), 0), (guest, 200, (200, 100), 1)] {
        table.net.run(client, |n| n.object(thing).server().set_public(value));
        table.net.run(client, |n| n.object(thing).server().set_protected(value));
        assert_eq!(values(&mut table), expected);
        assert_eq!(rejections(&table.events), vec!["`is_admin` does not accept the sender"; refused]);
    }
}

#[test]
fn who_looks_elsewhere_sees_what_is_there_and_hears_no_more_of_the_rest() {
    // As version 3 has it between any two peers; `interest` tells what peers of ours can do beyond that.
    let mut table = table(|node| node.zones(Zones::ClientChosen).announce(false));
    let (first, seen_first) = table.client();
    table.net.run(first, |n| n.set_zones([1]));
    let (second, seen_second) = table.client();
    table.net.run(second, |n| n.set_zones([2]));
    let one = table.create(1, 100);
    let two = table.create(2, 105);
    assert_eq!(seen_first.take(), ["begins with 100"]);
    assert_eq!(seen_second.take(), ["begins with 105"]);

    table.net.run(first, |n| n.set_zones([2]));
    table.net.run(second, |n| n.set_zones([1]));
    assert_eq!([seen_first.take(), seen_second.take()], [[""; 0]; 2], "a change alone shows nothing");
    table.net.run(first, |n| n.request_visible_objects());
    assert_eq!(seen_first.take(), ["begins with 105"]);

    let view = |n: &mut magicnet::NodeCx<'_>| {
        let change =
            |_: &mut ThingServer, cx: &mut thing::ServerCx<'_, ThingServer>| cx.state_mut().kept = 110;
        n.with(two, change).expect("it is the server's");
    };
    table.net.run(table.server, view);
    assert_eq!(seen_first.take(), ["105 -> 110"]);
    assert_eq!(seen_second.take(), [""; 0]);
    assert_eq!(table.net.run(second, |n| n.state(two).unwrap().kept), 105, "it keeps what it saw last");
    assert!(table.net.run(first, |n| n.contains(one)), "nothing was said to end it");
}
