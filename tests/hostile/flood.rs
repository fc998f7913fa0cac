//! A peer that never reads, under a million broadcasts: what is kept for it is bounded, and the others get everything.
//! Over TCP it is played byte by byte, over the others it is a client that shakes hands and is never ticked again.

use std::fs;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use magicnet::{
    Connect, DisconnectReason, Disconnected, Ending, Limits, Listen, Node, NodeBuilder, ObjectId, Running,
    Time,
};
use magicnet_tests::PATIENCE;
use tokio::runtime::Runtime;

use crate::contracts::{SeenValues, Watched};
use crate::stage::{Stage, runtime};

const BROADCASTS: i32 = 1_000_000;
/// Over each of the other transports: more than what a connection and the system keep for it.
const BROADCASTS_EACH: i32 = 400_000;
/// So many go out before the reader must have read them: the flood is as fast as the reader, not faster.
const BATCH: i32 = 1_000;
/// What the process may grow by, while a million broadcasts (25 MB of them) go to somebody who reads none.
const BOUND: usize = 8 * 1024 * 1024;

/// One flood at a time: it is the memory of the whole process that is looked at.
static FLOOD: Mutex<()> = Mutex::new(());

/// A client that sees the number.
fn client(tell: std::sync::mpsc::Sender<(ObjectId, i32)>) -> NodeBuilder {
    Node::client()
        .view::<Watched>()
        .contract::<crate::contracts::blob::Contract>()
        .contract::<crate::contracts::list::Contract>()
        .contract::<crate::contracts::trap::Contract>()
        .with(SeenValues(tell))
        .announce(false)
}

/// Somebody who reads everything, and what it has read.
struct Reader {
    values: Receiver<(ObjectId, i32)>,
    expected: i32,
    _node: Running,
    _runtime: Runtime,
}

impl Reader {
    fn connect(connect: Connect) -> Self {
        let (tell, values) = channel();
        let runtime = runtime();
        let node = runtime.block_on(client(tell).connect(connect).start()).expect("the server listens");
        runtime.block_on(node.handle().connected()).expect("it is welcome");
        let shown = node.handle().run(|n| n.request_visible_objects());
        runtime.block_on(shown).expect("the reader runs");
        let (_, expected) = values.recv_timeout(PATIENCE).expect("the number is shown");
        Self { values, expected, _node: node, _runtime: runtime }
    }

    /// So many broadcasts go out, and are read.
    fn batch(&mut self, stage: &Stage) {
        let number = stage.number;
        stage.run(move |n| (0..BATCH).for_each(|_| n.object(number).server().add_value(1)));
        for _ in 0..BATCH {
            self.expected += 1;
            let (_, value) = self.values.recv_timeout(PATIENCE).expect("the reader gets every broadcast");
            assert_eq!(value, self.expected);
        }
    }

    /// All of them, and how much the process grew at most: in the first half, and in all.
    fn read(&mut self, stage: &mut Stage, broadcasts: i32) -> [usize; 2] {
        // One batch, so that what is allocated once is allocated before.
        self.batch(stage);
        stage.bystander.finish();
        let (before, mut most) = (resident(), [0; 2]);
        for number in 1..broadcasts / BATCH {
            self.batch(stage);
            let grown = resident().saturating_sub(before);
            let halves = if number < broadcasts / BATCH / 2 { &mut most[..] } else { &mut most[1..] };
            halves.iter_mut().for_each(|most| *most = (*most).max(grown));
        }
        most
    }
}

#[test]
#[ignore = "needs tests/run"]
#[expect(clippy::print_stdout, reason = "the figures are what the issue asks for")]
fn a_million_broadcasts_to_a_peer_that_never_reads() {
    let _alone = FLOOD.lock().unwrap_or_else(PoisonError::into_inner);
    let limits = {
        let mut limits = Limits::default();
        // It is told why when it reads at last, which is after the flood.
        limits.closing_timeout = PATIENCE;
        limits
    };
    let kept_output = limits.kept_output;
    let mut stage = Stage::with(|node| node.limits(limits));
    let (mut never_reading, _) = stage.peer();
    let mut reader = Reader::connect(stage.way(0));
    let most = reader.read(&mut stage, BROADCASTS);
    let told = stage.event(|event: &Disconnected| {
        matches!(&event.ending, Ending::ByUs { reason, .. } if *reason == DisconnectReason::TOO_SLOW)
    });
    assert!(told.was_connected);
    let mut found = never_reading.read_to_end();
    let goodbye = found.pop().expect("it is told at last");
    // The property is sent always, each time for itself: its newest value would not do.
    assert_eq!(goodbye, r#"[3,[35,"missed what is said once, for reading too slowly"]]"#);

    println!(
        "{BROADCASTS} broadcasts: over tcp a reader got all of them. For a peer that never read {kept_output} bytes \
         were kept at most, then it was {}; {} messages lay in the system's buffers for it. The process (server and \
         reader) grew by {} KiB at most, by {} in the first half.",
        told.ending,
        found.len(),
        most[1] / 1024,
        most[0] / 1024
    );
    assert!(most[1] < BOUND, "the process grew by {most:?} bytes");
}

#[test]
#[ignore = "needs tests/run"]
#[expect(clippy::print_stdout, reason = "the figures are what the issue asks for")]
fn broadcasts_to_peers_that_never_read_over_every_transport() {
    let _alone = FLOOD.lock().unwrap_or_else(PoisonError::into_inner);
    let socket = std::env::temp_dir().join(format!("magicnet-flood-{}.sock", std::process::id()));
    let unix = format!("unix://{}", socket.display());
    let others = ["tls://127.0.0.1:0", "ws://127.0.0.1:0", "wss://127.0.0.1:0", "udp://127.0.0.1:0"];
    for address in [unix.as_str()].into_iter().chain(others) {
        let listen: Listen = address.parse().expect("it is an address");
        let mut stage = Stage::with(|node| node.listen(listen));
        let _never_reading = never_reading(stage.way(1));
        let mut reader = Reader::connect(stage.way(1));
        let most = reader.read(&mut stage, BROADCASTS_EACH);
        let told = stage.event(|event: &Disconnected| {
            matches!(&event.ending, Ending::ByUs { reason, .. } if *reason == DisconnectReason::TOO_SLOW)
        });
        let (scheme, _) = address.split_once("://").expect("it has one");
        println!(
            "{BROADCASTS_EACH} broadcasts: over {scheme} a reader got all of them, and one that never read was {}. \
             The process grew by {} KiB at most, by {} in the first half.",
            told.ending,
            most[1] / 1024,
            most[0] / 1024
        );
        assert!(most[1] < BOUND, "the process grew by {most:?} bytes over {scheme}");
    }
}

/// A client that has shaken hands, and looks at nothing that comes from then on.
fn never_reading(connect: Connect) -> Node {
    let (tell, _) = channel();
    let mut node = client(tell).connect(connect).build().expect("it is well described");
    let start = Instant::now();
    let is_ready = |node: &mut Node, now| node.run(now, |cx| cx.connections().any(|it| it.is_ready()));
    while !is_ready(&mut node, Time::after_start(start.elapsed())) {
        assert!(start.elapsed() < PATIENCE, "the server does not answer");
        node.tick(Time::after_start(start.elapsed())).expect("its endpoint is open");
        std::thread::yield_now();
    }
    node
}

/// VmRSS of this process, in bytes.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux says how much memory a process has");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<usize>().ok());
    kilobytes.expect("VmRSS is a number of kilobytes") * 1024
}
