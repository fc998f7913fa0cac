//! Seeded simulations: a server, its clients and a network, against a small model of what each of them must see.
//!
//! A seed makes a [`plan`]: clients come, call, create, leave and are cut off; handlers change state, call, move,
//! refuse, panic and defer; the network carries the bytes of each connection when the plan says so, cut anywhere. In
//! some the server writes under a tick, in some clients read a few bytes at a time, or none for a while. The [`stage`]
//! does it all to real nodes, and says the same to the rules of a server ([`rules`]) and of a client
//! ([`mirror`]), which were written from the design and not from the code. Whatever the server sends, a view sees or an
//! event tells must be what the rules say: nothing else, nothing less, in that order.
//!
//! A simulation that fails prints its seed and the shortest list of operations found that fails too. To run one again,
//! or others:
//!
//! ```text
//! MAGICNET_SEED=17 cargo test -p magicnet-tests --test sim
//! MAGICNET_SEED=1..100000 cargo test -p magicnet-tests --test sim -- --nocapture
//! ```
//!
//! Whether it would find anything is a test too. [`faults`] lists small changes of the library, each of which breaks a
//! rule; [`planted`] makes them in a copy of the workspace, one at a time, and a few hundred seeds must find each.
//! `tests/run sim` does that, and runs many more seeds than a plain `cargo test` has time for. With `MAGICNET_FAULT`, a
//! few words of a rule, it plants the faults that break such rules alone.
//!
//! **To teach it more:** a new thing that handlers do is a `Step` in [`app`], a new thing that clients or servers do is
//! an `Act` there or a `Wish` in [`plan`]; say what it means in [`rules`], let `plan` draw it, and plant a fault in it.

mod app;
mod faults;
mod mirror;
mod plan;
mod planted;
mod rules;
mod run;
mod said;
mod stage;

use std::ops::RangeInclusive;
use std::sync::{Mutex, PoisonError};

use faults::{FAULTS, Fault};
use planted::Workspace;
use run::run_seeds;

/// Enough to find every fault that was ever planted, in a few seconds without optimisation.
const SEEDS: RangeInclusive<u64> = 1..=300;

/// What an optimised build has time for.
const MANY_SEEDS: &str = "1..10000";

/// In how many seeds a planted fault must be found.
const SEEDS_FOR_A_FAULT: &str = "1..500";

/// What the rules count when they are at work: a plan in which one of these never happens tests less than it says.
const AT_WORK: &[&str] = &[
    "a carried call",
    "a message that ends its sender",
    "a panic",
    "a zone that it does not see",
    "arguments",
    "as asked",
    "cannot be sent",
    "created by a client",
    "deferred",
    "deleted by its owner",
    "destroyed with its owner",
    "ended by the server",
    "kept without its owner",
    "local id in use",
    "lost",
    "moved into sight",
    "moved out of sight",
    "no such field",
    "no such object",
    "not the owner",
    "not this role's",
    "not visible",
    "read in pieces",
    "replaced by a newer value",
    "rolled back after state was sent",
    "shown on request",
    "somebody else's",
    "the server's to call",
    "the server's to create",
    "zones are granted",
];

#[test]
fn seeds_go_as_the_rules_say() {
    let chosen = std::env::var("MAGICNET_SEED").ok().map(|text| chosen_seeds(&text));
    let counts = run_seeds(chosen.clone().unwrap_or(SEEDS)).unwrap_or_else(|report| panic!("{report}"));
    println!("how often each rule was at work: {counts:#?}");
    if chosen.is_none() {
        let idle: Vec<_> = AT_WORK.iter().filter(|rule| !counts.contains_key(*rule)).collect();
        assert!(idle.is_empty(), "nothing in {SEEDS:?} has to do with {idle:?}");
    }
}

/// `17`, or `1..500` with both ends.
fn chosen_seeds(text: &str) -> RangeInclusive<u64> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let seed = |text: &str| text.parse().expect("MAGICNET_SEED is a number, or two with .. between them");
    seed(first)..=seed(last)
}

#[test]
fn every_planted_fault_fits_the_source() {
    let misfits: Vec<String> = FAULTS.iter().filter_map(planted::misfit).collect();
    assert!(misfits.is_empty(), "{}", misfits.join("\n\n"));
}

/// There is one copy of the workspace.
static COPY: Mutex<()> = Mutex::new(());

#[test]
#[ignore = "needs tests/run"]
fn many_seeds_go_as_the_rules_say() {
    let _only = COPY.lock().unwrap_or_else(PoisonError::into_inner);
    let sound = Workspace::copy().build().unwrap_or_else(|words| panic!("the copy does not build:\n{words}"));
    let said = planted::run(&sound, MANY_SEEDS).unwrap_or_else(|failure| panic!("{failure}"));
    println!("seeds {MANY_SEEDS} go as the rules say; {}", said.trim());
}

#[test]
#[ignore = "needs tests/run"]
fn every_planted_fault_is_found() {
    let _only = COPY.lock().unwrap_or_else(PoisonError::into_inner);
    let workspace = Workspace::copy();
    let mut missed = Vec::new();
    let chosen = std::env::var("MAGICNET_FAULT").unwrap_or_default();
    for fault in FAULTS.iter().filter(|fault| fault.rule.contains(&chosen)) {
        let Fault { rule, file, .. } = fault;
        match workspace.build_with(fault).map(|program| planted::run(&program, SEEDS_FOR_A_FAULT)) {
            Ok(Err(said)) => println!("{:>9}: {rule}", finder(&said)),
            Ok(Ok(_)) => missed.push(format!("{rule} ({file}): not found in seeds {SEEDS_FOR_A_FAULT}")),
            Err(words) => missed.push(format!("{rule} ({file}): it does not build, renew it\n{words}")),
        }
    }
    assert!(missed.is_empty(), "of the planted faults:\n{}", missed.join("\n"));
}

/// The seed that failed, by what the run has said.
fn finder(said: &str) -> &str {
    let line = said.lines().find(|line| line.starts_with("seed "));
    let seed = line.and_then(|line| line.split(" does not").next());
    seed.unwrap_or_else(|| panic!("the run failed by something else:\n{said}"))
}
