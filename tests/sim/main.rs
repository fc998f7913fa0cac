//! Seeded simulations of a server, its clients and a network, against a small model of the rules.

mod app;
mod faults;
mod mirror;
mod plan;
mod planted;
mod rules;
mod run;
mod said;
mod stage;

use std::time::Instant;

use faults::FAULTS;
use run::{Counts, run_seed};

#[test]
fn seeds_go_as_the_rules_say() {
    let seeds = std::env::var("MAGICNET_SEEDS").ok().map_or(1..=300, |seeds| {
        let (first, last) = seeds.split_once("..").expect("first..last");
        first.parse().unwrap()..=last.parse::<u64>().unwrap()
    });
    let chosen = std::env::var("MAGICNET_SEED").ok().map(|seed| seed.parse().expect("MAGICNET_SEED is a number"));
    let seeds = chosen.map_or(seeds, |seed: u64| seed..=seed);
    let mut counts = Counts::new();
    for seed in seeds {
        match run_seed(seed) {
            Ok(found) => found.into_iter().for_each(|(what, often)| *counts.entry(what).or_default() += often),
            Err(report) => panic!("{report}"),
        }
    }
    println!("{counts:#?}");
}

#[test]
fn every_planted_fault_fits_the_source() {
    let misfits: Vec<String> = FAULTS.iter().filter_map(planted::misfit).collect();
    assert!(misfits.is_empty(), "{}", misfits.join("\n\n"));
}

#[test]
#[ignore = "needs tests/run"]
fn every_planted_fault_is_found() {
    let copy = planted::Copy::new();
    let began = Instant::now();
    let sound = copy.build();
    println!("built {:?}", began.elapsed());
    let began = Instant::now();
    assert_eq!(planted::hunt(&sound, "1..5000"), None);
    println!("5000 {:?}", began.elapsed());
    for fault in FAULTS {
        let began = Instant::now();
        let program = copy.build_with(fault);
        let built = began.elapsed();
        let found = planted::hunt(&program, "1..500");
        let line = found.as_deref().and_then(|f| f.lines().find(|l| l.starts_with("seed "))).unwrap_or("NOT FOUND");
        println!("{}: {line} {built:?} {:?}", fault.rule, began.elapsed() - built);
    }
}
