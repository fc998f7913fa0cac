//! One call from bytes to handler, beside what decoding its arguments by `rmp-serde` costs alone; and one stub call to
//! bytes, beside encoding them by `rmp-serde` into a buffer that is used again.
//!
//! `cargo bench --bench dispatch`. Compare lines of one run with each other, never of two.

#[expect(dead_code, reason = "other benchmarks use the rest")]
mod scenes;

use divan::{Bencher, black_box};
use magicnet::wire::Writer;
use scenes::{CALLS, Call, MOVED, NAME, NUMBER, Scene};
use serde::Serialize;

fn main() {
    divan::main();
}

fn dispatch(bencher: Bencher<'_, '_>, call: Call) {
    let mut scene = Scene::new(1);
    let frame = scene.frame(call, CALLS);
    bencher.counter(CALLS).bench_local(|| scene.receive(black_box(&frame)));
}

#[divan::bench]
fn magicnet_one_number(bencher: Bencher<'_, '_>) {
    dispatch(bencher, NUMBER);
}

#[divan::bench]
fn magicnet_number_text_three_floats(bencher: Bencher<'_, '_>) {
    dispatch(bencher, MOVED);
}

fn rmp_serde_alone<'a, T: serde::Deserialize<'a>>(bencher: Bencher<'_, '_>, bytes: &'a [u8]) {
    bencher.counter(CALLS).bench_local(|| {
        for _ in 0..CALLS {
            black_box(rmp_serde::from_slice::<T>(black_box(bytes)).expect("the bytes are of the type"));
        }
    });
}

fn encoded(call: Call) -> &'static [u8] {
    let mut bytes = Vec::new();
    (call.arguments)(&mut Writer::new(&mut bytes));
    bytes.leak()
}

#[divan::bench]
fn rmp_serde_one_number(bencher: Bencher<'_, '_>) {
    rmp_serde_alone::<(i32,)>(bencher, encoded(NUMBER));
}

#[divan::bench]
fn rmp_serde_number_text_three_floats(bencher: Bencher<'_, '_>) {
    rmp_serde_alone::<(i32, &str, f32, f32, f32)>(bencher, encoded(MOVED));
}

#[divan::bench]
fn magicnet_stub_number_text_three_floats(bencher: Bencher<'_, '_>) {
    let mut scene = Scene::new(1);
    bencher.counter(CALLS).bench_local(|| {
        scene.tell(CALLS);
        scene.flush();
    });
}

#[divan::bench]
fn rmp_serde_encode_number_text_three_floats(bencher: Bencher<'_, '_>) {
    let mut buffer = Vec::new();
    // The whole message, as the stub writes it.
    let message = (10_u64, (1_u64 << 32 | 1, 0_u8, 1_u8, (70_000, NAME, 1.5_f32, 2.5_f32, 3.5_f32)));
    bencher.counter(CALLS).bench_local(|| {
        buffer.clear();
        for _ in 0..CALLS {
            let mut serializer = rmp_serde::Serializer::new(&mut buffer);
            black_box(&message).serialize(&mut serializer).expect("a vector takes everything");
        }
        black_box(&buffer);
    });
}
