//! A hostile server, against a client of ours. The bystander is an honest server that the same client is connected to.

use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use magicnet::{
    AnyEvent, CallRejected, ConnectionId, DisconnectReason, Disconnected, Ending, Limits, MessageRejected,
    Node, NodeBuilder, ObjectId, Rejection, Running, Tcp, Warning,
};
use magicnet_tests::{PATIENCE, Socket};
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;

use crate::contracts::{Said, SeenValues, Watched};
use crate::stage::{datagram, next_event, runtime};

/// A client between an honest server, which shows it a number, and a hostile one. Both are the test's.
struct Between {
    events: Receiver<AnyEvent>,
    values: Receiver<(ObjectId, i32)>,
    client: Running,
    runtime: Runtime,
    honest: Socket,
    value: i32,
}

/// The only object that the honest server shows.
const HONEST: u64 = (1 << 32) + 1;
/// The number of the only type that the client knows.
const TYPE: u16 = 0;

fn with_motd(mut server: Socket) -> Socket {
    server.send_datagram(&datagram(&[json!([1, ["hello"]])]));
    server.find(|message| message.starts_with("[2,[3,"));
    server
}

fn handshaken(server: Socket, repository: u32) -> Socket {
    let mut server = with_motd(server);
    server.send_datagram(&datagram(&[json!([5, ["rp", repository]])]));
    server
}

impl Between {
    /// The client, and the hostile server's end before it has said anything.
    fn new() -> (Self, Socket) {
        Self::with(|node| node)
    }

    fn with(configure: impl FnOnce(NodeBuilder) -> NodeBuilder) -> (Self, Socket) {
        let [honest, hostile] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port is free"));
        let [honest_address, hostile_address] =
            [&honest, &hostile].map(|listener| listener.local_addr().expect("it is bound").to_string());
        let (tell, events) = channel();
        let (tell_value, values) = channel();
        let node = Node::client()
            .view::<Watched>()
            .message::<Said>()
            .with(SeenValues(tell_value))
            .on_any(move |_, event| {
                // The test may have ended.
                let _ = tell.send(event.clone());
            })
            .connect(Tcp::connect(honest_address))
            .connect(Tcp::connect(hostile_address));
        let runtime = runtime();
        let client = runtime.block_on(configure(node).start()).expect("both servers listen");
        let mut honest = handshaken(Socket::accept(&honest), 200);
        honest.send_datagram(&datagram(&[
            json!([7, [HONEST, TYPE, 1, 0]]),
            json!([10, [HONEST, 0, 0, [0]]]),
            json!([11, [HONEST]]),
        ]));
        let between = Self { events, values, client, runtime, honest, value: 0 };
        assert_eq!(between.next_value(), (HONEST, 0));
        (between, Socket::accept(&hostile))
    }

    fn next_value(&self) -> (u64, i32) {
        let (object, value) = self.values.recv_timeout(PATIENCE).expect("the client sees a value");
        (object.to_u64(), value)
    }

    /// The honest server's number changes, and the client sees that and nothing else.
    fn sees_an_update(&mut self) {
        self.value += 1;
        self.honest.send_datagram(&datagram(&[json!([10, [HONEST, 0, 0, [self.value]]])]));
        assert_eq!(self.next_value(), (HONEST, self.value));
    }

    fn ended_by_us(&self) -> (DisconnectReason, String) {
        let ended =
            next_event(&self.events, |event: &Disconnected| matches!(event.ending, Ending::ByUs { .. }));
        let Ending::ByUs { reason, detail } = ended.ending else {
            unreachable!("that is what was waited for")
        };
        (reason, detail.unwrap_or_default())
    }

    fn connections(&self) -> Vec<ConnectionId> {
        let all = self.client.handle().run(|n| n.connections().map(magicnet::Connection::id).collect());
        self.runtime.block_on(all).expect("the client runs")
    }
}

/// What the hostile server says after its handshake, and the reason that it gets.
fn ends_with(said: Json, reason: u8) {
    let (mut between, hostile) = Between::new();
    let mut hostile = handshaken(hostile, 300);
    hostile.send_datagram(&datagram(std::slice::from_ref(&said)));
    let goodbye = hostile.goodbye();
    assert!(goodbye.starts_with(&format!("[3,[{reason},")), "{said}: {goodbye}");
    assert_eq!(between.ended_by_us().0.0, reason);
    between.sees_an_update();
    assert_eq!(between.connections().len(), 1);
}

#[test]
fn malformed_datagrams_end_the_connection_to_the_server_that_sends_them() {
    let bad: [&[u8]; 9] = [
        &[0xc1],
        &[0x90],
        &[0x91, 5],
        &[5],
        &[0xc0],
        &[0x92, 0xff, 0x90],
        &[0x92, 1, 0x91, 0xa2, 0xff, 0xfe],
        &[0xdd, 0xff, 0xff, 0xff, 0xff],
        &[0x91; 10_000],
    ];
    for bytes in bad {
        for is_greeted in [true, false] {
            let (mut between, mut hostile) = Between::new();
            if is_greeted {
                hostile = handshaken(hostile, 300);
            }
            hostile.send_datagram(bytes);
            let goodbye = hostile.goodbye();
            let expected = ["[3,[32,", "[3,[33,"];
            assert!(expected.iter().any(|start| goodbye.starts_with(start)), "{goodbye}");
            between.sees_an_update();
        }
    }
}

#[test]
fn a_repository_that_is_none_ends_the_connection_with_reason_5() {
    for repository in [json!("128"), json!(-1), json!(null), json!(4294967296_u64), json!(1.5)] {
        ends_with(json!([5, ["rp", repository]]), 5);
    }
}

#[test]
fn an_object_of_an_unknown_type_ends_the_connection_with_reason_6() {
    ends_with(json!([7, [HONEST + 5, 9, 1, 0]]), 6);
}

#[test]
fn messages_of_clients_end_the_server_that_sends_them() {
    ends_with(json!([6, [1, TYPE, 0, 0, []]]), 37);
    ends_with(json!([8, [HONEST]]), 37);
    ends_with(json!([12, []]), 37);
    let (mut between, hostile) = Between::new();
    let mut hostile = handshaken(hostile, 300);
    hostile.send(&[magicnet_tests::HELLO]);
    assert!(hostile.goodbye().starts_with("[3,[37,"));
    between.sees_an_update();
}

#[test]
fn a_field_index_of_minus_one_ends_the_connection() {
    ends_with(json!([10, [HONEST, 0, -1, [666]]]), 32);
}

#[test]
fn objects_of_another_server_are_out_of_reach() {
    let (mut between, hostile) = Between::new();
    let mut hostile = handshaken(hostile, 300);
    hostile.send_datagram(&datagram(&[
        json!([10, [HONEST, 0, 0, [666]]]),
        json!([11, [HONEST]]),
        json!([9, [HONEST]]),
    ]));
    next_event(&between.events, |event: &CallRejected| event.reason == Rejection::UnknownObject);
    for _ in 0..2 {
        next_event(&between.events, |event: &Warning| event.text.contains("object 1:1@1"));
    }
    // Whatever it calls by that number is its own, beside the honest server's.
    hostile.send_datagram(&datagram(&[
        json!([7, [HONEST, TYPE, 200, 0]]),
        json!([10, [HONEST, 0, 0, [5]]]),
        json!([11, [HONEST]]),
        json!([10, [HONEST, 0, 0, [6]]]),
    ]));
    for value in [5, 6] {
        let (object, seen) = between.values.recv_timeout(PATIENCE).expect("its object is shown");
        assert_eq!((object.to_string(), seen), ("object 1:1@1".to_owned(), value));
    }
    between.sees_an_update();
    hostile.send_datagram(&datagram(&[json!([9, [HONEST]]), json!([3, [42, null]])]));
    next_event(&between.events, |_: &Disconnected| true);
    between.sees_an_update();
}

#[test]
fn a_server_that_makes_no_sense_is_borne() {
    let (mut between, hostile) = Between::new();
    let mut hostile = handshaken(hostile, 300);
    let nonsense = [
        json!([1, ["hello again"]]),
        json!([0, []]),
        json!([63, ["?"]]),
        json!([99, ["?"]]),
        json!([66, ["nobody handles it"]]),
        json!([5, ["vz", "all"]]),
        json!([10, [77, 0, 0, [1]]]),
        json!([11, [77]]),
        json!([9, [77]]),
        // An object of its own whose state is of the wrong type, and which it then changes by calls of the server's
        // role.
        json!([7, [77, TYPE, 300, 0]]),
        json!([10, [77, 0, 0, ["text"]]]),
        json!([10, [77, 1, 0, [5]]]),
        json!([10, [77, 0, 9, [5]]]),
    ];
    for message in nonsense {
        hostile.send_datagram(&datagram(std::slice::from_ref(&message)));
    }
    hostile.send_datagram(&datagram(&[json!([11, [77]])]));
    assert_eq!(between.next_value(), (77, 0));
    next_event(&between.events, |event: &MessageRejected| event.id.0 == 66);
    between.sees_an_update();
    hostile.send_datagram(&datagram(&[json!([3, [42, "enough"]])]));
    let ended = next_event(&between.events, |_: &Disconnected| true);
    assert_eq!(ended.ending.to_string(), "ended by the peer, reason 42 (enough)");
    between.sees_an_update();
}

#[test]
fn a_server_that_never_greets_is_given_up() {
    let (mut between, mut silent) = Between::with(|node| {
        let mut limits = Limits::default();
        limits.handshake_timeout = Duration::from_secs(2);
        node.limits(limits)
    });
    assert_eq!(silent.goodbye(), r#"[3,[34,"no handshake in time"]]"#);
    assert_eq!(between.ended_by_us().0, DisconnectReason::TIMED_OUT);
    between.sees_an_update();
}

/// A repository is what makes a client a member: a server that greets and then says nothing has not finished.
#[test]
fn a_server_that_gives_no_repository_is_given_up() {
    let (mut between, silent) = Between::with(|node| {
        let mut limits = Limits::default();
        limits.handshake_timeout = Duration::from_secs(2);
        node.limits(limits)
    });
    let mut silent = with_motd(silent);
    assert_eq!(silent.goodbye(), r#"[3,[34,"no handshake in time"]]"#);
    between.sees_an_update();
}

#[test]
fn half_a_frame_of_a_servers_has_its_time() {
    let (mut between, hostile) = Between::with(|node| {
        let mut limits = Limits::default();
        limits.frame_timeout = Duration::from_secs(2);
        node.limits(limits)
    });
    let mut hostile = handshaken(hostile, 300);
    hostile.send_bytes(&[0xff, 0xff, 0x92]);
    assert_eq!(hostile.goodbye(), r#"[3,[34,"no end of a frame in time"]]"#);
    between.sees_an_update();
}
