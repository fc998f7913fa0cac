//! A peer that never reads, under a million broadcasts: what is kept for it is bounded, and the others get everything.

use std::fs;
use std::sync::mpsc::channel;

use magicnet::{DisconnectReason, Disconnected, Ending, Limits, Node, Tcp};
use magicnet_tests::PATIENCE;

use crate::contracts::{SeenValues, Watched};
use crate::stage::{Stage, runtime};

const BROADCASTS: i32 = 1_000_000;
/// So many go out before the reader must have read them: the flood is as fast as the reader, not faster.
const BATCH: i32 = 1_000;
/// What the process may grow by, while a million broadcasts (25 MB of them) go to somebody who reads none.
const BOUND: usize = 8 * 1024 * 1024;

#[test]
#[ignore = "needs tests/run"]
#[expect(clippy::print_stdout, reason = "the figures are what the issue asks for")]
fn a_million_broadcasts_to_a_peer_that_never_reads() {
    let limits = {
        let mut limits = Limits::default();
        // It is told why when it reads at last, which is after the flood.
        limits.closing_timeout = PATIENCE;
        limits
    };
    let kept_output = limits.kept_output;
    let mut stage = Stage::with(|node| node.limits(limits));
    let (mut never_reading, _) = stage.peer();

    let (tell, values) = channel();
    let runtime = runtime();
    let reader = Node::client()
        .view::<Watched>()
        .contract::<crate::contracts::blob::Contract>()
        .contract::<crate::contracts::list::Contract>()
        .contract::<crate::contracts::trap::Contract>()
        .with(SeenValues(tell))
        .announce(false)
        .connect(Tcp::connect(stage.address().to_string()));
    let reader = runtime.block_on(reader.start()).expect("the server listens");
    runtime.block_on(reader.handle().connected()).expect("it is welcome");
    let shown = reader.handle().run(|n| n.request_visible_objects());
    runtime.block_on(shown).expect("the reader runs");
    let (_, first) = values.recv_timeout(PATIENCE).expect("the number is shown");

    // One batch, so that what is allocated once is allocated before.
    let number = stage.number;
    let mut expected = first;
    let mut batch = |stage: &Stage| {
        stage.run(move |n| (0..BATCH).for_each(|_| n.object(number).server().add_value(1)));
        for _ in 0..BATCH {
            expected += 1;
            let (_, value) = values.recv_timeout(PATIENCE).expect("the reader gets every broadcast");
            assert_eq!(value, expected);
        }
    };
    batch(&stage);
    stage.bystander.finish();
    let before = resident();
    let mut most = 0;
    for _ in 1..BROADCASTS / BATCH {
        batch(&stage);
        most = most.max(resident().saturating_sub(before));
    }
    let told = stage.event(|event: &Disconnected| {
        matches!(&event.ending, Ending::ByUs { reason, .. } if *reason == DisconnectReason::TOO_SLOW)
    });
    assert!(told.was_connected);
    let mut found = never_reading.read_to_end();
    let goodbye = found.pop().expect("it is told at last");
    // The property is sent always, each time for itself: its newest value would not do.
    assert_eq!(goodbye, r#"[3,[35,"missed what is said once, for reading too slowly"]]"#);

    println!(
        "{BROADCASTS} broadcasts: a reader got all of them. For a peer that never read {kept_output} bytes were kept \
         at most, then it was {}; {} messages lay in the system's buffers for it. The process (server and reader) grew \
         by {} KiB at most.",
        told.ending,
        found.len(),
        most / 1024
    );
    assert!(most < BOUND, "the process grew by {most} bytes");
}

/// VmRSS of this process, in bytes.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux says how much memory a process has");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<usize>().ok());
    kilobytes.expect("VmRSS is a number of kilobytes") * 1024
}
