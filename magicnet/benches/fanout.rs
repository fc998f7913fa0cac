//! One update of an object, from the client's bytes to the bytes of every viewer, without sockets.
//!
//! `cargo bench --bench fanout`. The line `copy` is the least that can be done: the same bytes copied once for each
//! viewer. `one_update_with_middleware` has an endpoint whose messages pass through something, once for all viewers.

use divan::{Bencher, black_box};
use magicnet::prelude::*;
use magicnet::wire::{Writer, encode_call, frame_header};
use magicnet::{ConnectionConfig, ConnectionId, MessageMiddleware, Node, PassingMessage, Time, Verdict};

#[network_object(name = "bench")]
mod bench {
    struct State {
        #[network_field(to = viewers)]
        pub value: i32,
    }
    trait Server {
        #[network_field(from = anyone)]
        fn add(&mut self, by: i32);
    }
}

#[derive(Default)]
struct BenchServer;

#[network_object]
impl bench::Server for BenchServer {
    fn add(&mut self, cx: &mut bench::ServerCx<'_, Self>, by: i32) {
        cx.state_mut().value = cx.state().value.wrapping_add(by);
    }
}

fn main() {
    divan::main();
}

const VIEWERS: [usize; 4] = [1, 10, 100, 1_000];

/// A server with one object and `viewers` clients, the first of which sends the frame.
fn scene(config: &ConnectionConfig, viewers: usize, updates: usize) -> (Node, ConnectionId, Vec<u8>) {
    let mut node = Node::server().view::<BenchServer>().build().expect("the registry is in order");
    let mut connect = || {
        let connection = node.handle_opened(Time::ZERO, config);
        node.handle_bytes(Time::ZERO, connection, b"\x00\x0a\x92\x02\x92\x03\xc4\x04\x12\x34\x56\x78");
        connection
    };
    let sender = connect();
    for _ in 1..viewers {
        connect();
    }
    let object = node.run(Time::ZERO, |n| n.create::<bench::Contract>().send()).expect("it has a view");
    let mut datagram = Vec::new();
    for _ in 0..updates {
        encode_call(&mut Writer::new(&mut datagram), object.id().to_u64(), 1, 0, |w| {
            w.array(1);
            w.signed(70_000);
        });
    }
    let mut frame = frame_header(datagram.len()).to_vec();
    frame.extend(datagram);
    flush(&mut node, &mut Vec::new());
    node.handle_bytes(Time::ZERO, sender, &frame);
    let value = node.run(Time::ZERO, |n| n.state(object).map(|state| state.value));
    assert!(value.is_some_and(|value| value > 0), "the updates arrive");
    flush(&mut node, &mut Vec::new());
    (node, sender, frame)
}

/// Writes everything where a socket would take it from.
fn flush(node: &mut Node, socket: &mut Vec<u8>) {
    while let Some(transmit) = node.poll_transmit(Time::ZERO) {
        socket.clear();
        socket.extend_from_slice(transmit.bytes);
        let (connection, len) = (transmit.connection, transmit.bytes.len());
        node.handle_written(connection, len);
    }
}

fn update(bencher: Bencher<'_, '_>, config: &ConnectionConfig, viewers: usize, updates: usize) {
    let (mut node, sender, frame) = scene(config, viewers, updates);
    let mut socket = Vec::new();
    bencher.counter(viewers * updates).bench_local(|| {
        node.handle_bytes(Time::ZERO, sender, black_box(&frame));
        flush(&mut node, &mut socket);
    });
}

#[divan::bench(args = VIEWERS)]
fn one_update(bencher: Bencher<'_, '_>, viewers: usize) {
    update(bencher, &ConnectionConfig::accepted(), viewers, 1);
}

#[divan::bench(args = VIEWERS)]
fn sixty_four_updates(bencher: Bencher<'_, '_>, viewers: usize) {
    update(bencher, &ConnectionConfig::accepted(), viewers, 64);
}

/// Looks at each message and changes none.
struct Inspection;

impl MessageMiddleware for Inspection {
    fn send(&mut self, message: &mut PassingMessage<'_>) -> Result<Verdict, Disconnect> {
        black_box(message.id());
        Ok(Verdict::Pass)
    }
}

#[divan::bench(args = VIEWERS)]
fn one_update_with_middleware(bencher: Bencher<'_, '_>, viewers: usize) {
    update(bencher, &ConnectionConfig::accepted().message_middleware(|| Inspection), viewers, 1);
}

#[divan::bench(args = VIEWERS)]
fn copy(bencher: Bencher<'_, '_>, viewers: usize) {
    let update = [7_u8; 24];
    let mut socket = Vec::new();
    bencher.counter(viewers).bench_local(|| {
        for _ in 0..viewers {
            socket.clear();
            socket.extend_from_slice(black_box(&update));
            black_box(&socket);
        }
    });
}
