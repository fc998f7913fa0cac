//! Connections that have shaken hands and say nothing: what they cost to make and to have.

use std::time::Duration;

use super::{Bench, Scenario, Step, real};
use crate::contenders::Kind;
use crate::load::Swarm;
use crate::machine;
use crate::process::Server;
use crate::report::{Bound, Report, Row, Target, Unit, What};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "connections",
    about: "idle connections, up to the limit of open files: memory, and what one costs to make",
    steps,
    conclude,
};

const CASE: &str = "idle connections";
const MEMORY: What = What { name: "memory of the process for each", unit: Unit::Bytes };
const CPU: What = What { name: "processor time to make one", unit: Unit::Seconds };
const MANY: u64 = 10_000;
/// The first ones pay for what is there once.
const FIRST: u64 = 32;
/// Each contender makes so many in its turn.
const PART: u64 = 500;

fn steps(bench: &Bench) -> Vec<Step> {
    let most = bench.connections().min(machine::ports());
    let counts = if bench.plan.is_quick { vec![1_000] } else { vec![1_000, MANY, most] };
    let mut counts: Vec<u64> = counts.into_iter().map(|count| count.min(most)).collect();
    counts.dedup();
    let step = |count| Step::new(format!("{count} connections"), move |bench| point(bench, count, most));
    counts.into_iter().map(step).collect()
}

fn point(bench: &mut Bench, count: u64, most: u64) -> anyhow::Result<()> {
    let foreign = bench.foreign.iter().filter(|_| count < MANY).cloned();
    let kinds: Vec<Kind> = [bench.ours(), Kind::Ideal].into_iter().chain(foreign).collect();
    // One after the other where this process cannot hold the connections of all.
    let together = if count * kinds.len() as u64 <= most { kinds.len() } else { 1 };
    for kinds in kinds.chunks(together) {
        let mut crowds = bench.prepare(kinds.iter().cloned(), Idle::open)?;
        let mut made = FIRST;
        while made < count {
            let part = PART.min(count - made);
            for (_, crowd) in &mut crowds {
                crowd.grow(part)?;
            }
            made += part;
        }
        for (server, crowd) in crowds {
            let each = real(count - FIRST);
            let memory = real(crowd.server.memory()?.saturating_sub(crowd.memory_before)) / each;
            let cpu = crowd.cpu.as_secs_f64() / each;
            for (what, value) in [(MEMORY, memory), (CPU, cpu)] {
                bench.report.add(Row {
                    case: CASE,
                    server,
                    at: vec![("connections", count.into())],
                    what,
                    value,
                });
            }
        }
    }
    Ok(())
}

fn conclude(report: &mut Report) {
    for at in report.places(CASE) {
        if let Some(measured) = report.value(CASE, "ours", &at, MEMORY) {
            report.add_target(Target {
                what: format!("{} idle connections: memory of the process for each", at[0]),
                bound: Bound::AtMost(1.5 * 1024.0),
                unit: Unit::Bytes,
                measured,
                is_sure: true,
            });
        }
    }
    if let Some(measured) = report.ratio(CASE, ["ours", "ideal"], &[MANY.into()], CPU) {
        report.add_target(Target {
            what: format!("making {MANY} connections: processor time, of the ideal's"),
            bound: Bound::AtMost(1.5),
            unit: Unit::Ratio,
            measured,
            is_sure: true,
        });
    }
}

/// A server and those who are connected to it.
struct Idle {
    kind: Kind,
    server: Server,
    swarm: Swarm,
    memory_before: u64,
    /// What those cost that were made since.
    cpu: Duration,
}

impl Idle {
    fn open(kind: &Kind) -> anyhow::Result<Self> {
        let (server, swarm) = (kind.start(&[])?, Swarm::new()?);
        let mut idle = Self { kind: kind.clone(), server, swarm, memory_before: 0, cpu: Duration::ZERO };
        idle.grow(FIRST)?;
        idle.memory_before = idle.server.memory()?;
        idle.cpu = Duration::ZERO;
        Ok(idle)
    }

    fn grow(&mut self, count: u64) -> anyhow::Result<()> {
        let before = self.server.cpu()?;
        for _ in 0..count {
            self.kind.join(&mut self.swarm, &self.server, &[1])?;
        }
        self.cpu += self.server.cpu()?.saturating_sub(before);
        Ok(())
    }
}
