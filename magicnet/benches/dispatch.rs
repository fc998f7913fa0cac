//! One call from bytes to handler, and one stub call to bytes.
//!
//! Decoding arguments stands beside what `rmp-serde` takes for the same values; `dispatch_...` less `decode_...` is all
//! that the rest costs, checks and lookups. Encoding stands beside `rmp-serde` into a buffer that is used again.
//!
//! `cargo bench --bench dispatch`. Compare lines of one run with each other, never of two.

#[expect(dead_code, reason = "other benchmarks use the rest")]
mod scenes;

use divan::{Bencher, black_box};
use scenes::{CALLS, Call, MOVED, NUMBER, PASSED_ON, Scene, Watcher, alone};

fn main() {
    divan::main();
}

fn dispatch(bencher: Bencher<'_, '_>, call: Call) {
    let mut scene = Scene::new(1);
    let frame = scene.frame(call, CALLS);
    bencher.counter(CALLS).bench_local(|| scene.receive(black_box(&frame)));
}

#[divan::bench]
fn dispatch_number(bencher: Bencher<'_, '_>) {
    dispatch(bencher, NUMBER);
}

#[divan::bench]
fn dispatch_number_text_three_floats(bencher: Bencher<'_, '_>) {
    dispatch(bencher, MOVED);
}

#[divan::bench]
fn dispatch_message_of_a_number(bencher: Bencher<'_, '_>) {
    let mut scene = Scene::new(1);
    let frame = scene.frame_of_messages(CALLS);
    bencher.counter(CALLS).bench_local(|| scene.receive(black_box(&frame)));
}

#[divan::bench]
fn dispatch_property_at_a_client(bencher: Bencher<'_, '_>) {
    let (mut watcher, frame) = Watcher::new(CALLS);
    bencher.counter(CALLS).bench_local(|| watcher.receive(black_box(&frame)));
}

fn decode(bencher: Bencher<'_, '_>, call: Call, decode: impl Fn(&'static [u8])) {
    let bytes: &'static [u8] = alone::arguments(call).leak();
    bencher.counter(CALLS).bench_local(|| (0..CALLS).for_each(|_| decode(bytes)));
}

#[divan::bench]
fn decode_number(bencher: Bencher<'_, '_>) {
    decode(bencher, NUMBER, alone::number);
}

#[divan::bench]
fn decode_number_by_rmp_serde(bencher: Bencher<'_, '_>) {
    decode(bencher, NUMBER, alone::serde::<(i32,)>);
}

#[divan::bench]
fn decode_number_text_three_floats(bencher: Bencher<'_, '_>) {
    decode(bencher, MOVED, alone::moved);
}

#[divan::bench]
fn decode_number_text_three_floats_by_rmp_serde(bencher: Bencher<'_, '_>) {
    decode(bencher, MOVED, alone::serde::<(i32, &str, f32, f32, f32)>);
}

/// From outside of all handlers.
#[divan::bench]
fn encode_stub_call(bencher: Bencher<'_, '_>) {
    let mut scene = Scene::new(1);
    bencher.counter(CALLS).bench_local(|| {
        scene.tell(CALLS);
        scene.flush();
    });
}

/// Into a buffer that is used again.
#[divan::bench]
fn encode_stub_call_by_rmp_serde(bencher: Bencher<'_, '_>) {
    let mut buffer = Vec::new();
    bencher.counter(CALLS).bench_local(|| {
        buffer.clear();
        (0..CALLS).for_each(|_| alone::serde_told(&mut buffer));
        black_box(&buffer);
    });
}

/// A handler that passes on what it is called with: a dispatch and a stub call.
#[divan::bench]
fn pass_on(bencher: Bencher<'_, '_>) {
    let mut scene = Scene::new(1);
    let frame = scene.frame(PASSED_ON, CALLS);
    bencher.counter(CALLS).bench_local(|| {
        scene.receive(black_box(&frame));
        scene.flush();
    });
}
