//! Every stack, over everything that carries bytes: the same fan-out and the same round trip.

use super::fanout::Fan;
use super::roundtrip::{self, Talk};
use super::{Bench, CPU_PER_DELIVERY, Scenario, Step, quantile};
use crate::contenders::Kind;
use crate::load::CARRIERS;
use crate::report::{At, Bound, Report, Row, Target, Unit, What};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "stacks",
    about: "tokio, threads and poll over tcp, unix, tls, ws, wss and udp: what a delivery and a round trip cost",
    steps,
    conclude,
};

const FAN: &str = "fan-out to 100 on each stack";
const TALK: &str = "round trip on each stack";
/// The first one is what the others are measured by.
const STACKS: [&str; 3] = ["tokio", "threads", "poll"];
const VIEWERS: u64 = 100;
const DEPTHS: [u64; 4] = [1, 16, MIDDLE, 256];
const MIDDLE: u64 = 64;
const OF_TOKIO_OVER_TCP: What =
    What { name: "processor time per delivery, of that under tokio over tcp", unit: Unit::Ratio };
/// What a delivery costs in a hub of WebSockets that is written well, on the machine where this was first measured.
const WELL_WRITTEN_HUB: f64 = 200e-9;

fn steps(bench: &Bench) -> Vec<Step> {
    let depths: &[u64] = if bench.plan.is_quick { &[1, MIDDLE] } else { &DEPTHS };
    let fans = depths.iter().map(|depth| {
        let depth = *depth;
        Step::new(format!("stacks: fan-out, {depth} in flight"), move |bench| fan_out(bench, depth))
    });
    fans.chain([Step::new("stacks: round trips", round_trips)]).collect()
}

/// What carries and who waits, for each of our servers.
fn combinations() -> impl Iterator<Item = (&'static str, &'static str)> {
    CARRIERS.into_iter().flat_map(|over| STACKS.map(|stack| (over, stack)))
}

/// Our servers and others, each with what carries its bytes.
fn contenders<const N: usize>(
    bench: &Bench,
    others: [(Kind, &'static str); N],
) -> (Vec<Kind>, Vec<&'static str>) {
    let ours = combinations()
        .map(|(over, stack)| (Kind::Ours(stack, bench.ours_with(&["--over", over, "--stack", stack])), over));
    ours.chain(others).unzip()
}

fn fan_out(bench: &mut Bench, depth: u64) -> anyhow::Result<()> {
    let (kinds, over) = contenders(bench, [(Kind::Hub, "ws"), (Kind::Quinn, "udp")]);
    let mut fans = bench.prepare(kinds, |kind| Fan::open(kind, VIEWERS, depth))?;
    let costs = bench.compare(&mut fans)?;
    for (((server, _), over), cost) in fans.iter().zip(over).zip(&costs) {
        let at = vec![("over", over.into()), ("in flight", depth.into())];
        for (what, value) in [(CPU_PER_DELIVERY, *cost), (OF_TOKIO_OVER_TCP, cost / costs[0])] {
            bench.report.add(Row { case: FAN, server, at: at.clone(), what, value });
        }
    }
    Ok(())
}

fn round_trips(bench: &mut Bench) -> anyhow::Result<()> {
    let (kinds, over) = contenders(bench, [(Kind::Echo, "tcp")]);
    let mut talks = bench.prepare(kinds, Talk::open)?;
    let costs = bench.compare(&mut talks)?;
    for (((server, talk), over), cost) in talks.into_iter().zip(over).zip(costs) {
        let median = quantile(talk.times, 0.5);
        for (what, value) in [(roundtrip::CPU, cost), (roundtrip::MEDIAN, median)] {
            bench.report.add(Row { case: TALK, server, at: vec![("over", over.into())], what, value });
        }
    }
    Ok(())
}

fn conclude(report: &mut Report) {
    for (over, stack) in combinations().filter(|(_, stack)| *stack != STACKS[0]) {
        let at = |depth: u64| [At::from(over), depth.into()];
        let ratio = |depth| report.ratio(FAN, [stack, STACKS[0]], &at(depth), CPU_PER_DELIVERY);
        if let Some(measured) = DEPTHS.into_iter().filter_map(ratio).max_by(f64::total_cmp) {
            report.add_target(Target {
                what: format!("{stack} over {over}: processor time per delivery, of tokio's, at worst"),
                bound: Bound::AtMost(1.5),
                unit: Unit::Ratio,
                measured,
                is_sure: true,
            });
        }
    }
    let at = [At::from("ws"), MIDDLE.into()];
    if let Some(measured) = report.value(FAN, STACKS[0], &at, CPU_PER_DELIVERY) {
        report.add_target(Target {
            what: format!("WebSocket fan-out to {VIEWERS}, {MIDDLE} in flight: processor time per delivery"),
            bound: Bound::AtMost(WELL_WRITTEN_HUB),
            unit: Unit::Seconds,
            measured,
            is_sure: !report.is_disturbed,
        });
    }
}
