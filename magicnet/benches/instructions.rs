//! How many instructions the hot paths take: the figure that no noise reaches.
//!
//! `cargo bench --bench instructions` runs this program under valgrind (callgrind) and compares what it counts with
//! `benches/instructions.txt`; a rise above 3% fails. `cargo bench --bench instructions -- --renew` writes the file
//! anew, for a change that is worth its price, or one that has earned a lower figure.

mod scenes;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

use scenes::laggard::Laggard;
use scenes::{ADD, CALLS, Call, MOVED, NUMBER, PASSED_ON, Scene, Watcher, alone};

/// What is counted: its name, what is done in one round, and how many things that is.
struct Measured {
    name: &'static str,
    run: fn(rounds: usize),
    per_round: usize,
}

const VIEWERS: usize = 1_000;
/// So many that whatever looked at all of them for each piece would be seen.
const MISSED: usize = 500;

/// What stands behind `by rmp-serde` is no path of ours: it is what those above it are compared with.
const PATHS: [Measured; 16] = [
    Measured { name: "dispatch of one number", run: |rounds| dispatch(rounds, NUMBER), per_round: CALLS },
    Measured {
        name: "dispatch of a number, a text and three floats",
        run: |rounds| dispatch(rounds, MOVED),
        per_round: CALLS,
    },
    Measured { name: "dispatch of a message of one number", run: message, per_round: CALLS },
    Measured { name: "dispatch of a property at a client", run: watch, per_round: CALLS },
    Measured {
        name: "decoding of one number",
        run: |rounds| decode(rounds, NUMBER, alone::number),
        per_round: CALLS,
    },
    Measured {
        name: "decoding of one number by rmp-serde",
        run: |rounds| decode(rounds, NUMBER, alone::serde::<(i32,)>),
        per_round: CALLS,
    },
    Measured {
        name: "decoding of a number, a text and three floats",
        run: |rounds| decode(rounds, MOVED, alone::moved),
        per_round: CALLS,
    },
    Measured {
        name: "decoding of a number, a text and three floats by rmp-serde",
        run: |rounds| decode(rounds, MOVED, alone::serde::<(i32, &str, f32, f32, f32)>),
        per_round: CALLS,
    },
    Measured {
        name: "a change of the only property",
        run: |rounds| deliver(rounds, 1, CALLS),
        per_round: CALLS,
    },
    Measured {
        name: "a change of one of ten properties",
        run: |rounds| handle(rounds, 1, |scene| scene.frame_to_wide(CALLS)),
        per_round: CALLS,
    },
    Measured {
        name: "delivery of one update to 1,000 viewers",
        run: |rounds| deliver(rounds, VIEWERS, 1),
        per_round: VIEWERS,
    },
    Measured {
        name: "delivery of 64 updates to 1,000 viewers",
        run: |rounds| deliver(rounds, VIEWERS, 64),
        per_round: 64 * VIEWERS,
    },
    Measured { name: "encoding of a call by its stub", run: encode, per_round: CALLS },
    Measured { name: "encoding of a call by rmp-serde", run: encode_by_serde, per_round: CALLS },
    Measured {
        name: "a call that a handler passes on",
        run: |rounds| handle(rounds, 1, |scene| scene.frame(PASSED_ON, CALLS)),
        per_round: CALLS,
    },
    // Its beginning and its end included.
    Measured { name: "an object that somebody is told of late", run: miss, per_round: MISSED },
];

fn dispatch(rounds: usize, call: Call) {
    let mut scene = Scene::new(1);
    let frame = scene.frame(call, CALLS);
    (0..rounds).for_each(|_| scene.receive(&frame));
}

fn message(rounds: usize) {
    let mut scene = Scene::new(1);
    let frame = scene.frame_of_messages(CALLS);
    (0..rounds).for_each(|_| scene.receive(&frame));
}

fn watch(rounds: usize) {
    let (mut watcher, frame) = Watcher::new(CALLS);
    (0..rounds).for_each(|_| watcher.receive(&frame));
}

fn decode(rounds: usize, call: Call, decode: impl Fn(&'static [u8])) {
    let bytes: &'static [u8] = alone::arguments(call).leak();
    (0..rounds * CALLS).for_each(|_| decode(bytes));
}

/// Receives a frame and sends what follows from it.
fn handle(rounds: usize, viewers: usize, frame: impl FnOnce(&mut Scene) -> Vec<u8>) {
    let mut scene = Scene::new(viewers);
    let frame = frame(&mut scene);
    for _ in 0..rounds {
        scene.receive(&frame);
        scene.flush();
    }
}

fn deliver(rounds: usize, viewers: usize, updates: usize) {
    handle(rounds, viewers, |scene| scene.frame(ADD, updates));
}

fn miss(rounds: usize) {
    let mut laggard = Laggard::new();
    (0..rounds).for_each(|_| laggard.miss(MISSED));
}

fn encode(rounds: usize) {
    let mut scene = Scene::new(1);
    for _ in 0..rounds {
        scene.tell(CALLS);
        scene.flush();
    }
}

fn encode_by_serde(rounds: usize) {
    let mut buffer = Vec::new();
    for _ in 0..rounds {
        buffer.clear();
        (0..CALLS).for_each(|_| alone::serde_told(&mut buffer));
    }
}

/// How much more than the file says is too much.
const TOLERANCE: f64 = 1.03;
const FEW: usize = 20;
const MANY: usize = 60;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--run", place, rounds] => {
            let path = &PATHS[place.parse::<usize>().expect("this program wrote it")];
            (path.run)(rounds.parse().expect("this program wrote it"));
            ExitCode::SUCCESS
        }
        [] => compare(),
        ["--renew"] => renew(),
        _ => {
            eprintln!("usage: instructions [--renew]");
            ExitCode::FAILURE
        }
    }
}

fn file() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.txt")
}

fn renew() -> ExitCode {
    let mut text = String::new();
    for (name, count) in counts() {
        println!("{count:>9.1}  {name}");
        writeln!(text, "{count:.1} {name}").expect("a string takes everything");
    }
    fs::write(file(), text).expect("the file can be written");
    ExitCode::SUCCESS
}

fn compare() -> ExitCode {
    let text = fs::read_to_string(file()).unwrap_or_default();
    let known: BTreeMap<&str, f64> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(count, name)| Some((name, count.parse().ok()?)))
        .collect();
    let mut is_fine = true;
    for (name, count) in counts() {
        let before = known.get(name).copied();
        let ratio = before.map_or(f64::INFINITY, |before| count / before);
        println!("{count:>9.1}  {name}, {ratio:.3} of what the file says");
        is_fine &= ratio <= TOLERANCE;
    }
    if is_fine {
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "Something takes more than {TOLERANCE} times as many instructions as {} says. If that is worth it, renew the \
         file: cargo bench -p magicnet --bench instructions -- --renew",
        file().display()
    );
    ExitCode::FAILURE
}

/// Instructions for one of each, from the difference of two runs: what both do once falls out.
fn counts() -> impl Iterator<Item = (&'static str, f64)> {
    PATHS.iter().enumerate().map(|(place, path)| {
        let rounds = run(place, MANY) - run(place, FEW);
        #[expect(clippy::cast_precision_loss, reason = "three digits matter")]
        let each = rounds as f64 / ((MANY - FEW) * path.per_round) as f64;
        (path.name, each)
    })
}

/// All instructions of a run of this program.
fn run(place: usize, rounds: usize) -> u64 {
    let this = env::current_exe().expect("the program knows where it is");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(this)
        .args(["--run", &place.to_string(), &rounds.to_string()])
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("valgrind is needed to count instructions: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    let collected =
        said.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, count)| count.trim());
    let count = collected.and_then(|count| count.parse().ok());
    count.unwrap_or_else(|| panic!("valgrind did not count: {said}"))
}
