//! One update of an object, from the client's bytes to the bytes of every viewer, without sockets.
//!
//! `cargo bench --bench fanout`. The line `copy` is the least that can be done: the same bytes copied once for each
//! viewer. `one_update_with_middleware` has an endpoint whose messages pass through something, once for all viewers.

#[expect(dead_code, reason = "other benchmarks use the rest")]
mod scenes;

use divan::{Bencher, black_box};
use magicnet::{ConnectionConfig, Disconnect, MessageMiddleware, PassingMessage, Verdict};
use scenes::{ADD, Scene};

fn main() {
    divan::main();
}

const VIEWERS: [usize; 4] = [1, 10, 100, 1_000];

fn update(bencher: Bencher<'_, '_>, config: &ConnectionConfig, viewers: usize, updates: usize) {
    let mut scene = Scene::over(config, viewers);
    let frame = scene.frame(ADD, updates);
    bencher.counter(viewers * updates).bench_local(|| {
        scene.receive(black_box(&frame));
        scene.flush();
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
