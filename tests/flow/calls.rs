//! Calls: to whom they go, with which arguments, in which order with state.

use magicnet::prelude::*;
use magicnet::wire::{Writer, encode_call};
use magicnet::{AnyEvent, CallRejected, Node};
use magicnet_tests::{Host, Net, Recorder};

use crate::number::recorded;

#[network_object(name = "board", create = anyone)]
mod board {
    struct State {
        #[network_field(to = viewers)]
        pub turn: u32,
        #[network_field(to = viewers, always)]
        pub ping: u8,
    }
    trait Server {
        /// With a default and a tail.
        #[network_field(from = anyone)]
        fn mark(
            &mut self,
            text: Text<'_, 32>,
            #[arg(default = 256)] weight: u16,
            #[arg(rest)] extras: List<Str<8>, 3>,
        );
        /// Makes the server answer in one of several ways.
        #[network_field(from = anyone)]
        fn poke(&mut self, how: u8);
        #[network_field(from = anyone, wire = "shape")]
        fn form(&mut self, shape: Shape, #[arg(any_float)] size: f64);
        /// Nobody's to call but the server's own.
        #[network_field(from = server)]
        fn tidy_up(&mut self);
    }
    trait Client {
        fn note(&mut self, text: Str<64>);
        #[network_field(to = owner)]
        fn secret(&mut self, number: u64);
    }
}

/// Its missing tail is filled in, as Python's dataclasses do.
#[derive(NetworkType, Clone, Debug, Default, PartialEq)]
pub(crate) struct Shape {
    pub name: Str<8>,
    #[arg(default = 3)]
    pub corners: u8,
    #[arg(default)]
    pub nested: List<(i8, Option<bool>), 4>,
}

#[derive(Default)]
struct BoardServer;

#[network_object]
impl board::Server for BoardServer {
    fn mark(
        &mut self,
        cx: &mut board::ServerCx<'_, Self>,
        text: Text<'_, 32>,
        weight: u16,
        extras: List<Str<8>, 3>,
    ) {
        let extras: Vec<&str> = extras.iter().map(|extra| &**extra).collect();
        let note = format!("{text} {weight} [{}]", extras.join(","));
        cx.clients().note(Str::truncated(&note));
    }

    fn poke(&mut self, cx: &mut board::ServerCx<'_, Self>, how: u8) {
        let note = |text: &str| Str::truncated(text);
        match how {
            0 => {
                let sender = cx.sender().expect("a client has called").id();
                cx.client(sender).note(note("only you"));
                cx.owner().secret(42);
                cx.owner().note(note("to the owner"));
            }
            1 => {
                cx.state_mut().turn += 1;
                cx.clients().note(note("after one"));
                cx.state_mut().turn += 1;
            }
            // Touched and unchanged: only what is `always` goes out.
            _ => {
                let _ = cx.state_mut();
            }
        }
    }

    fn form(&mut self, cx: &mut board::ServerCx<'_, Self>, shape: Shape, size: f64) {
        let note = format!("{} {} {:?} {size}", shape.name, shape.corners, shape.nested.to_vec());
        cx.clients().note(Str::truncated(&note));
    }

    fn tidy_up(&mut self, cx: &mut board::ServerCx<'_, Self>) {
        assert!(cx.sender().is_none());
        cx.state_mut().turn = 0;
    }
}

type Lines = Recorder<String>;

#[derive(Default)]
struct BoardClient;

#[network_object]
impl board::Client for BoardClient {
    fn turn_changed(&mut self, cx: &mut board::ClientCx<'_, Self>, old: u32) {
        let line = format!("turn {old} -> {}", cx.state().turn);
        cx.app::<Lines>().push(line);
    }

    fn ping_changed(&mut self, cx: &mut board::ClientCx<'_, Self>, old: u8) {
        cx.app::<Lines>().push(format!("ping {old}"));
    }

    fn note(&mut self, cx: &mut board::ClientCx<'_, Self>, text: Str<64>) {
        cx.app::<Lines>().push(text.into_string());
    }

    fn secret(&mut self, cx: &mut board::ClientCx<'_, Self>, number: u64) {
        cx.app::<Lines>().push(format!("secret {number}"));
    }
}

struct Table {
    net: Net,
    server: Host,
    /// The owner, and another.
    clients: [(Host, Lines); 2],
    board: Object<board::Contract>,
    events: Recorder<AnyEvent>,
}

fn table() -> Table {
    let mut net = Net::new();
    let (builder, events) = recorded(Node::server().view::<BoardServer>());
    let server = net.add(builder.build().unwrap());
    let clients = [(); 2].map(|()| {
        let lines = Lines::new();
        (net.add(Node::client().view::<BoardClient>().with(lines.clone()).build().unwrap()), lines)
    });
    for (host, _) in &clients {
        net.connect(*host, server);
    }
    let board = net.run(clients[0].0, |n| n.create::<board::Contract>().send()).unwrap();
    events.take();
    Table { net, server, clients, board, events }
}

impl Table {
    fn heard(&self) -> [Vec<String>; 2] {
        self.clients.each_ref().map(|(_, lines)| lines.take())
    }

    fn rejections(&self) -> Vec<String> {
        let reason = |event: AnyEvent| Some(event.downcast::<CallRejected>()?.reason.to_string());
        self.events.take().into_iter().filter_map(reason).collect()
    }
}

fn text<const N: usize>(text: &str) -> Str<N> {
    text.try_into().unwrap()
}

#[test]
fn calls_go_to_viewers_to_one_connection_and_to_the_owner() {
    let mut table = table();
    let (other, board) = (table.clients[1].0, table.board);
    table.net.run(other, |n| n.object(board).server().poke(0));
    let [owner, other] = table.heard();
    assert_eq!(owner, ["secret 42", "to the owner"]);
    assert_eq!(other, ["only you"]);
}

#[test]
fn state_and_calls_arrive_in_the_order_of_the_statements() {
    let mut table = table();
    let (other, board) = (table.clients[1].0, table.board);
    table.net.run(other, |n| n.object(board).server().poke(1));
    let expected = ["turn 0 -> 1", "ping 0", "after one", "turn 1 -> 2", "ping 0"];
    assert_eq!(table.heard(), [expected; 2]);
}

#[test]
fn always_sends_what_was_touched_and_the_rest_only_what_changed() {
    let mut table = table();
    let (other, board) = (table.clients[1].0, table.board);
    table.net.run(other, |n| n.object(board).server().poke(2));
    assert_eq!(table.heard(), [["ping 0"]; 2]);
}

#[test]
fn arguments_have_defaults_and_tails() {
    let mut table = table();
    let (other, board) = (table.clients[1].0, table.board);
    table.net.run(other, |n| {
        let extras = List::from([text("a"), text("b")]);
        n.object(board).server().mark("hello".try_into().unwrap(), 7, extras);
    });
    assert_eq!(table.heard()[0], ["hello 7 [a,b]"]);
    // A peer may leave out what has a default, and send up to three of the tail.
    let raw = table.net.raw_client(table.server);
    table.net.raw(raw).hello();
    table.net.settle();
    let send = |table: &mut Table, arguments: &dyn Fn(&mut Writer<'_>)| {
        let mut datagram = Vec::new();
        encode_call(&mut Writer::new(&mut datagram), board.id().to_u64(), 1, 0, |w| arguments(w));
        table.net.raw(raw).send_datagram(&datagram);
        table.net.settle();
    };
    send(&mut table, &|w| {
        w.array(1);
        w.text("alone");
    });
    assert_eq!(table.heard()[0], ["alone 256 []"]);
    for (count, expected) in [(0, "expected a value, found nothing"), (6, "an array of at most 3 members")] {
        send(&mut table, &|w| {
            w.array(count);
            for index in 0..count {
                if index == 1 { w.unsigned(1) } else { w.text("x") }
            }
        });
        let rejections = table.rejections();
        assert!(rejections.len() == 1 && rejections[0].contains(expected), "{rejections:?}");
        assert_eq!(table.heard()[0], [""; 0]);
    }
}

#[test]
fn structs_travel_as_arrays_whose_missing_tail_is_filled() {
    let mut table = table();
    let (other, board) = (table.clients[1].0, table.board);
    let shape = Shape { name: text("box"), corners: 4, nested: [(-1, Some(true)), (2, None)].into() };
    table.net.run(other, |n| n.object(board).server().form(shape, f64::INFINITY));
    assert_eq!(table.heard()[0], ["box 4 [(-1, Some(true)), (2, None)] inf"]);

    let raw = table.net.raw_client(table.server);
    table.net.raw(raw).hello();
    table.net.settle();
    let mut send = |members: usize| {
        let mut datagram = Vec::new();
        encode_call(&mut Writer::new(&mut datagram), board.id().to_u64(), 1, 2, |w| {
            w.array(2);
            w.array(members);
            w.text("tri");
            (1..members).for_each(|_| w.array(0));
            w.f64(2.0);
        });
        table.net.raw(raw).send_datagram(&datagram);
        table.net.settle();
    };
    send(1);
    assert_eq!(table.clients[0].1.take(), ["tri 3 [] 2"]);
    send(4);
    assert_eq!(table.clients[0].1.take(), [""; 0], "excess is rejected");
    assert_eq!(table.rejections().len(), 1);
}

#[test]
fn what_only_the_server_may_is_refused_to_clients_and_runs_for_the_server() {
    let mut table = table();
    let (board, server) = (table.board, table.server);
    table.net.run(table.clients[1].0, |n| n.object(board).server().poke(1));
    let raw = table.net.raw_client(server);
    table.net.raw(raw).hello();
    let mut datagram = Vec::new();
    encode_call(&mut Writer::new(&mut datagram), board.id().to_u64(), 1, 3, |w| w.array(0));
    table.net.raw(raw).send_datagram(&datagram);
    table.net.settle();
    assert_eq!(table.rejections(), ["only the server may"]);
    assert_eq!(table.net.run(server, |n| n.state(board).unwrap().turn), 2);
    let tidied = table.net.run(server, |n| {
        n.with(board, |view: &mut BoardServer, cx: &mut board::ServerCx<'_, BoardServer>| {
            use board::Server as _;
            view.tidy_up(cx);
        })
    });
    assert!(tidied.is_ok());
    assert_eq!(table.net.run(server, |n| n.state(board).unwrap().turn), 0);
}

#[test]
fn fields_of_other_roles_and_unknown_ones_are_refused_before_anything_is_kept() {
    let mut table = table();
    let board = table.board.id().to_u64();
    let raw = table.net.raw_client(table.server);
    table.net.raw(raw).hello();
    table.net.settle();
    for (object, role, field, expected) in [
        (board, 0, 0, "fields of role 0 cannot be set by a peer"),
        (board, 0, 2, "fields of role 0 cannot be set by a peer"),
        (board, 1, 4, "role 1 has no field 4"),
        (board, 1, 255, "role 1 has no field 255"),
        (board, 2, 0, "role 2 has no field 0"),
        (board + 1, 1, 1, "there is no such object"),
    ] {
        let mut datagram = Vec::new();
        encode_call(&mut Writer::new(&mut datagram), object, role, field, |w| {
            w.array(1);
            w.unsigned(9);
        });
        table.net.raw(raw).send_datagram(&datagram);
        table.net.settle();
        assert_eq!(table.rejections(), [expected]);
    }
    let late = Lines::new();
    let joiner = table.net.add(Node::client().view::<BoardClient>().with(late).build().unwrap());
    table.net.connect(joiner, table.server);
    table.net.run(joiner, |n| n.request_visible_objects());
    let object = table.board;
    assert_eq!(table.net.run(joiner, |n| n.state(object).unwrap().turn), 0);
}

#[test]
fn a_field_index_of_minus_one_is_malformed() {
    let mut table = table();
    let raw = table.net.raw_client(table.server);
    table.net.raw(raw).hello();
    let mut datagram = Vec::new();
    let mut w = Writer::new(&mut datagram);
    w.array(2);
    w.unsigned(10);
    w.array(4);
    w.unsigned(table.board.id().to_u64());
    w.unsigned(1);
    w.signed(-1);
    w.array(0);
    table.net.raw(raw).send_datagram(&datagram);
    table.net.settle();
    assert!(table.net.raw(raw).is_closed());
    assert_eq!(table.heard(), [[""; 0]; 2]);
}
