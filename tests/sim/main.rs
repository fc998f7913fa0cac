//! Seeded simulations of a server, its clients and a network, against a small model of the rules.

mod app;
mod mirror;
mod plan;
mod rules;
mod run;
mod said;
mod stage;

use run::{Counts, run_seed};

#[test]
fn seeds_go_as_the_rules_say() {
    let chosen = std::env::var("MAGICNET_SEED").ok().map(|seed| seed.parse().expect("MAGICNET_SEED is a number"));
    let seeds = chosen.map_or(1..=3000, |seed: u64| seed..=seed);
    let mut counts = Counts::new();
    for seed in seeds {
        match run_seed(seed) {
            Ok(found) => found.into_iter().for_each(|(what, often)| *counts.entry(what).or_default() += often),
            Err(report) => panic!("{report}"),
        }
    }
    println!("{counts:#?}");
}
