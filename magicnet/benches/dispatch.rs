//! One call from bytes to handler, beside what decoding its arguments by `rmp-serde` costs alone.
//!
//! `cargo bench --bench dispatch`. Compare lines of one run with each other, never of two.

use divan::{Bencher, black_box};
use magicnet::prelude::*;
use magicnet::wire::{Writer, encode_call, frame_header};
use magicnet::{ConnectionConfig, Node, Time};

#[network_object(name = "bench")]
mod bench {
    trait Server {
        /// The smallest call.
        #[network_field(from = anyone)]
        fn number(&mut self, value: i32);
        /// What a moving player sends.
        #[network_field(from = anyone)]
        fn moved(&mut self, seen: i32, name: Text<'_, 64>, x: f32, y: f32, z: f32);
    }
}

#[derive(Default)]
struct BenchServer {
    sum: i64,
}

#[network_object]
impl bench::Server for BenchServer {
    fn number(&mut self, _: &mut bench::ServerCx<'_, Self>, value: i32) {
        self.sum = self.sum.wrapping_add(value.into());
    }

    fn moved(
        &mut self,
        _: &mut bench::ServerCx<'_, Self>,
        seen: i32,
        name: Text<'_, 64>,
        x: f32,
        y: f32,
        z: f32,
    ) {
        black_box((seen, name, x, y, z));
        self.sum = self.sum.wrapping_add(1);
    }
}

fn main() {
    divan::main();
}

/// How many calls one frame holds here: enough that the frame itself does not count.
const CALLS: usize = 100;

const NAME: &str = "a name of thirty-two characters!";

fn number_arguments(w: &mut Writer<'_>) {
    w.array(1);
    w.signed(70_000);
}

fn moved_arguments(w: &mut Writer<'_>) {
    w.array(5);
    w.signed(70_000);
    w.text(NAME);
    [1.5, 2.5, 3.5].into_iter().for_each(|at| w.f32(at));
}

/// A server with one object and a client, and a frame of calls to it.
fn scene(field: u8, arguments: fn(&mut Writer<'_>)) -> (Node, ConnectionId, Vec<u8>) {
    let mut node = Node::server().view::<BenchServer>().build().expect("the registry is in order");
    let connection = node.handle_opened(Time::ZERO, &ConnectionConfig::accepted());
    node.handle_bytes(Time::ZERO, connection, b"\x00\x0a\x92\x02\x92\x03\xc4\x04\x12\x34\x56\x78");
    let object = node.run(Time::ZERO, |n| n.create::<bench::Contract>().send()).expect("it has a view");
    let mut datagram = Vec::new();
    for _ in 0..CALLS {
        encode_call(&mut Writer::new(&mut datagram), object.id().to_u64(), 1, field, arguments);
    }
    let mut frame = frame_header(datagram.len()).to_vec();
    frame.extend(datagram);
    while let Some(transmit) = node.poll_transmit(Time::ZERO) {
        let (connection, len) = (transmit.connection, transmit.bytes.len());
        node.handle_written(connection, len);
    }
    node.handle_bytes(Time::ZERO, connection, &frame);
    let handled = node.run(Time::ZERO, |n| n.view::<BenchServer>(object.id()).map(|view| view.sum));
    assert!(handled.is_some_and(|sum| sum > 0), "the calls arrive");
    (node, connection, frame)
}

fn dispatch(bencher: Bencher<'_, '_>, field: u8, arguments: fn(&mut Writer<'_>)) {
    let (mut node, connection, frame) = scene(field, arguments);
    bencher.counter(CALLS).bench_local(|| node.handle_bytes(Time::ZERO, connection, black_box(&frame)));
}

#[divan::bench]
fn magicnet_one_number(bencher: Bencher<'_, '_>) {
    dispatch(bencher, 0, number_arguments);
}

#[divan::bench]
fn magicnet_number_text_three_floats(bencher: Bencher<'_, '_>) {
    dispatch(bencher, 1, moved_arguments);
}

fn rmp_serde_alone<'a, T: serde::Deserialize<'a>>(bencher: Bencher<'_, '_>, bytes: &'a [u8]) {
    bencher.counter(CALLS).bench_local(|| {
        for _ in 0..CALLS {
            black_box(rmp_serde::from_slice::<T>(black_box(bytes)).expect("the bytes are of the type"));
        }
    });
}

fn encoded(arguments: fn(&mut Writer<'_>)) -> &'static [u8] {
    let mut bytes = Vec::new();
    arguments(&mut Writer::new(&mut bytes));
    bytes.leak()
}

#[divan::bench]
fn rmp_serde_one_number(bencher: Bencher<'_, '_>) {
    rmp_serde_alone::<(i32,)>(bencher, encoded(number_arguments));
}

#[divan::bench]
fn rmp_serde_number_text_three_floats(bencher: Bencher<'_, '_>) {
    rmp_serde_alone::<(i32, &str, f32, f32, f32)>(bencher, encoded(moved_arguments));
}
