//! What is measured.

mod connections;
mod crowd;
mod edges;
mod fanout;
mod join;
mod objects;
mod roundtrip;
mod stacks;
mod zones;

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::arguments::{self, Arguments, Known};
use crate::contenders::{self, Kind};
use crate::load::Swarm;
use crate::machine::{self, Others};
use crate::process::Server;
use crate::report::{At, Report, Row, Unit, What};
use crate::servers;

/// What the command line may say beside the name of a scenario.
pub(crate) const OPTIONS: [Known; 7] = [
    Known { name: "--seconds", value: "N", about: "how long each server is measured at each point; 1" },
    Known { name: "--quick", value: "", about: "fewer points" },
    Known {
        name: "--flush",
        value: "WHEN",
        about: "our server's policy: natural, at-once, or a time such as 50ms",
    },
    Known { name: "--edges", value: "N", about: "how many threads own our server's connections; 1" },
    Known { name: "--stack", value: "STACK", about: "what drives our server: tokio, threads or poll; tokio" },
    Known {
        name: "--over",
        value: "CARRIER",
        about: "what carries our server's bytes: tcp, unix, tls, ws, wss or udp; tcp",
    },
    Known { name: "--out", value: "FOLDER", about: "where results.json and plots go; target/bench" },
];

/// How a run is to be.
#[derive(Debug)]
pub(crate) struct Plan {
    chosen: Vec<&'static Scenario>,
    /// How long each server is measured at each point.
    seconds: Duration,
    /// Whether fewer points are enough.
    is_quick: bool,
    folder: PathBuf,
    /// What our server is told.
    ours: Vec<String>,
}

impl Plan {
    pub(crate) fn new(given: &Arguments) -> anyhow::Result<Self> {
        let wanted = match given.words() {
            [] => "all",
            [wanted] => wanted,
            _ => bail!("one scenario at a time, or all"),
        };
        let chosen: Vec<_> =
            SCENARIOS.iter().filter(|scenario| wanted == "all" || wanted == scenario.name).collect();
        if chosen.is_empty() {
            bail!("there is no scenario `{wanted}`");
        }
        servers::check(given)?;
        let seconds = Duration::try_from_secs_f64(given.number("--seconds")?.unwrap_or(1.0));
        Ok(Self {
            chosen,
            seconds: seconds.context("--seconds needs a time")?,
            is_quick: given.has("--quick"),
            folder: given.value("--out").unwrap_or("target/bench").into(),
            ours: handed_on(given),
        })
    }
}

/// The options that are for our server.
fn handed_on(given: &Arguments) -> Vec<String> {
    let options = ["--flush", "--edges", "--stack", "--over"]
        .iter()
        .filter_map(|name| Some([(*name).to_owned(), given.value(name)?.to_owned()]));
    options.flatten().collect()
}

/// A question to servers.
#[derive(Debug)]
struct Scenario {
    name: &'static str,
    about: &'static str,
    /// What is to be done, one after the other.
    steps: fn(&Bench) -> Vec<Step>,
    /// Adds to the report what was to be reached.
    conclude: fn(&mut Report),
}

const SCENARIOS: [Scenario; 9] = [
    fanout::SCENARIO,
    zones::SCENARIO,
    objects::SCENARIO,
    roundtrip::SCENARIO,
    connections::SCENARIO,
    join::SCENARIO,
    crowd::SCENARIO,
    stacks::SCENARIO,
    edges::SCENARIO,
];

/// One point of a scenario.
struct Step {
    what: String,
    take: Box<Take>,
}

type Take = dyn FnOnce(&mut Bench) -> anyhow::Result<()>;

impl Step {
    fn new(what: impl Into<String>, take: impl FnOnce(&mut Bench) -> anyhow::Result<()> + 'static) -> Self {
        Self { what: what.into(), take: Box::new(take) }
    }
}

pub(crate) fn usage() -> String {
    let scenarios: String =
        SCENARIOS.iter().map(|Scenario { name, about, .. }| format!("  {name:<18} {about}\n")).collect();
    let options = arguments::list(&OPTIONS);
    let all = format!("  {:<18} one after the other, if nothing is chosen\n", "all");
    format!("usage: bench [SCENARIO] [OPTIONS]\n\nscenarios:\n{scenarios}{all}\noptions:\n{options}")
}

/// Measures, prints and writes.
///
/// # Errors
///
/// When a server did not do what it should: what could be measured all the same has been printed and written.
pub(crate) fn run(plan: Plan) -> anyhow::Result<()> {
    let open_files = machine::open_files()?;
    let (foreign, absent) = contenders::foreign();
    let mut bench = Bench { plan, open_files, foreign, report: Report::default() };
    for line in absent {
        bench.report.note(line);
    }
    let others = Others::watch()?;
    let failures = bench.take_steps()?;
    let others = others.cores()?;
    bench.report.is_disturbed = others > A_LITTLE;
    for scenario in &bench.plan.chosen {
        (scenario.conclude)(&mut bench.report);
    }
    if bench.report.is_disturbed {
        bench.report.note(format!(
            "Others had {others:.2} cores of this machine meanwhile: times on the clock do not stand, and what \
             processors did suffers a little."
        ));
    }
    let folder = &bench.plan.folder;
    let run = json!({
        "scenarios": bench.plan.chosen.iter().map(|scenario| scenario.name).collect::<Vec<_>>(),
        "seconds": bench.plan.seconds.as_secs_f64(), "quick": bench.plan.is_quick,
        "cores": thread::available_parallelism()?.get(), "cores_of_others": others,
    });
    // Before it is printed, which somebody may have seen enough of.
    bench.report.write(folder, &run)?;
    bench.report.print();
    println!("\nwritten to {}", folder.display());
    if !failures.is_empty() {
        bail!("\n{}", failures.join("\n"));
    }
    Ok(())
}

/// How many cores others may have without a word about it.
const A_LITTLE: f64 = 0.1;

/// What a run has, and what it has found.
struct Bench {
    plan: Plan,
    open_files: u64,
    /// Servers of others that are installed here.
    foreign: Vec<Kind>,
    report: Report,
}

impl Bench {
    /// Takes all steps and returns what went wrong.
    fn take_steps(&mut self) -> anyhow::Result<Vec<String>> {
        let steps: Vec<Step> = self.plan.chosen.iter().flat_map(|scenario| (scenario.steps)(self)).collect();
        let bar = ProgressBar::new(steps.len() as u64);
        bar.set_style(ProgressStyle::with_template("{bar:32} {pos}/{len} {elapsed}, {eta} to go: {msg}")?);
        bar.enable_steady_tick(Duration::from_millis(200));
        let mut failures = Vec::new();
        for Step { what, take } in steps {
            bar.set_message(what.clone());
            if let Err(error) = take(self) {
                failures.push(format!("{what}: {error:#}"));
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(failures)
    }

    /// Our server, as the command line wants it.
    fn ours(&self) -> Kind {
        Kind::Ours("ours", self.plan.ours.clone())
    }

    /// What it is told then, and more.
    fn ours_with(&self, more: &[&str]) -> Vec<String> {
        let more = more.iter().map(|option| (*option).to_owned());
        self.plan.ours.iter().cloned().chain(more).collect()
    }

    /// How many connections this process may have at once, beside what it has open anyway.
    fn connections(&self) -> u64 {
        self.open_files.saturating_sub(128)
    }

    /// The contenders of one point, made ready. What others wrote is left out with a word if that fails.
    fn prepare<T>(
        &mut self,
        kinds: impl IntoIterator<Item = Kind>,
        mut prepare: impl FnMut(&Kind) -> anyhow::Result<T>,
    ) -> anyhow::Result<Vec<(&'static str, T)>> {
        let mut ready = Vec::new();
        for kind in kinds {
            match prepare(&kind) {
                Ok(contender) => ready.push((kind.name(), contender)),
                Err(error) if self.foreign.contains(&kind) => {
                    self.report.note(format!("{} was left out once: {error:#}", kind.name()));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(ready)
    }

    /// Seconds of the server's processor for one unit, for each contender: the median of slices that they take in turn.
    fn compare<T: Contender>(&self, contenders: &mut [(&'static str, T)]) -> anyhow::Result<Vec<f64>> {
        Ok(self.compare_and_time(contenders)?.into_iter().map(|(cost, _)| cost).collect())
    }

    /// The same, each with how many units there were in a second on the clock.
    fn compare_and_time<T: Contender>(
        &self,
        contenders: &mut [(&'static str, T)],
    ) -> anyhow::Result<Vec<(f64, f64)>> {
        let slice = self.plan.seconds / SLICES;
        for (name, contender) in &mut *contenders {
            go_on(contender, slice).with_context(|| name.to_owned())?;
        }
        let mut found = vec![(Vec::new(), Vec::new()); contenders.len()];
        for _ in 0..SLICES {
            for ((name, contender), (costs, rates)) in contenders.iter_mut().zip(&mut found) {
                let (begin, before) = (Instant::now(), contender.server().cpu()?);
                let units = go_on(contender, slice).with_context(|| name.to_owned())?;
                rates.push(real(units) / begin.elapsed().as_secs_f64());
                let cpu = contender.server().cpu()?.saturating_sub(before);
                costs.push(cpu.as_secs_f64() / real(units));
            }
        }
        Ok(found.into_iter().map(|(costs, rates)| (quantile(costs, 0.5), quantile(rates, 0.5))).collect())
    }

    /// Compares, and adds what was found to the report.
    fn compare_and_add<T: Contender>(
        &mut self,
        contenders: &mut [(&'static str, T)],
        case: &'static str,
        at: &[(&'static str, At)],
        what: What,
    ) -> anyhow::Result<()> {
        let costs = self.compare(contenders)?;
        for ((server, _), value) in contenders.iter().zip(costs) {
            self.report.add(Row { case, server, at: at.to_vec(), what, value });
        }
        Ok(())
    }
}

/// A server and those who talk to it, ready to be measured.
trait Contender {
    fn server(&self) -> &Server;

    /// Does what is measured once, and returns how many units that was.
    fn round(&mut self) -> anyhow::Result<u64>;
}

/// Does rounds for a while, one at least, and returns how many units that were.
fn go_on(contender: &mut impl Contender, time: Duration) -> anyhow::Result<u64> {
    let begin = Instant::now();
    let mut units = contender.round()?;
    while begin.elapsed() < time {
        units += contender.round()?;
    }
    Ok(units)
}

/// How often each contender has its turn at a point. An odd number: the one in the middle counts.
const SLICES: u32 = 9;

const CPU_PER_DELIVERY: What = What { name: "processor time per delivery", unit: Unit::Seconds };

const DELIVERIES: What = What { name: "deliveries a second", unit: Unit::Pieces };

/// What lies so far up in the sorted values: 0.5 is the median, 0.99 what 99 of 100 are below.
fn quantile(mut values: Vec<f64>, part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a length")]
    let place = (real(values.len() as u64) * part) as usize;
    values.get(place.min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// The number of something as it is calculated with.
#[expect(clippy::cast_precision_loss, reason = "measurements have three digits that matter")]
fn real(count: u64) -> f64 {
    count as f64
}

/// Lets what is on its way arrive, then counts.
fn settle(swarm: &mut Swarm) -> anyhow::Result<()> {
    let mut before = None;
    while before != Some(swarm.received_by_all()) {
        before = Some(swarm.received_by_all());
        let quiet = Instant::now() + Duration::from_millis(200);
        while Instant::now() < quiet {
            swarm.turn(Some(Duration::from_millis(50)), |_, _, _| {})?;
        }
    }
    swarm.count();
    Ok(())
}
