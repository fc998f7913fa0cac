//! The connections of one node in one thread and in two: what a second thread costs, and what it gives.

use super::crowd::{self, Crowd};
use super::fanout::Fan;
use super::{Bench, CPU_PER_DELIVERY, DELIVERIES, Scenario, Step};
use crate::contenders::Kind;
use crate::report::{Report, Row};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "edges",
    about: "one thread for connections and two: what a delivery costs, and how many there are in a second",
    steps,
    conclude,
};

const FAN: &str = "fan-out on edges";
const CROWD: &str = "crowd on edges";
const EDGES: [(&str, &str); 2] = [("1 edge", "1"), ("2 edges", "2")];
const DEPTHS: [u64; 3] = [1, 64, 1_024];

fn steps(bench: &Bench) -> Vec<Step> {
    let viewers: &[u64] = if bench.plan.is_quick { &[100] } else { &[100, 1_000] };
    let points = viewers.iter().flat_map(|viewers| DEPTHS.map(|depth| (*viewers, depth)));
    let fans = points.map(|(viewers, depth)| {
        Step::new(format!("edges: fan-out to {viewers}, {depth} in flight"), move |bench| {
            fan_out(bench, viewers, depth)
        })
    });
    let clients = if bench.plan.is_quick { crowd::WHOLE / 4 } else { crowd::WHOLE };
    let crowds = ours(bench).map(|kind| {
        Step::new(format!("a crowd of {clients} on {}", kind.name()), move |bench| {
            crowd(bench, &kind, clients)
        })
    });
    fans.chain(crowds).collect()
}

fn ours(bench: &Bench) -> [Kind; 2] {
    EDGES.map(|(name, count)| Kind::Ours(name, bench.ours_with(&["--edges", count])))
}

fn fan_out(bench: &mut Bench, viewers: u64, depth: u64) -> anyhow::Result<()> {
    let mut fans = bench.prepare(ours(bench), |kind| Fan::open(kind, viewers, depth))?;
    let found = bench.compare_and_time(&mut fans)?;
    for ((server, _), (cost, rate)) in fans.iter().zip(found) {
        for (what, value) in [(CPU_PER_DELIVERY, cost), (DELIVERIES, rate)] {
            let at = vec![("viewers", viewers.into()), ("in flight", depth.into())];
            bench.report.add(Row { case: FAN, server, at, what, value });
        }
    }
    Ok(())
}

fn crowd(bench: &mut Bench, kind: &Kind, clients: u64) -> anyhow::Result<()> {
    let found = Crowd::open(kind, clients)?.measure(bench.plan.seconds)?;
    crowd::report(bench, CROWD, kind.name(), clients, &found);
    Ok(())
}

/// Whether a second thread pays is for the machine to say, and how many cores it has.
fn conclude(_report: &mut Report) {}
