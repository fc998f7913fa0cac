//! What is measured.

mod connections;
mod crowd;
mod fanout;
mod join;
mod objects;
mod roundtrip;
mod zones;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};

use crate::arguments::Arguments;
use crate::process::Server;
use crate::report::{Report, Row};

/// How a run is to be, and what it has found.
pub(crate) struct Bench {
    /// How long each point is measured.
    seconds: Duration,
    /// Whether fewer points are enough.
    is_quick: bool,
    bar: ProgressBar,
    report: Report,
}

type Scenario = fn(&mut Bench) -> anyhow::Result<()>;

const SCENARIOS: [(&str, Scenario); 7] = [
    ("fanout", fanout::run),
    ("zones", zones::run),
    ("objects", objects::run),
    ("roundtrip", roundtrip::run),
    ("connections", connections::run),
    ("join", join::run),
    ("crowd", crowd::run),
];

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let wanted = arguments.word(0).unwrap_or("all");
    let chosen: Vec<_> = SCENARIOS.iter().filter(|(name, _)| wanted == "all" || wanted == *name).collect();
    if chosen.is_empty() {
        let names: Vec<_> = SCENARIOS.iter().map(|(name, _)| *name).collect();
        bail!("there is no scenario `{wanted}`: take all, {}", names.join(", "));
    }
    let seconds = arguments.number("--seconds")?.unwrap_or(1.0);
    let bar = ProgressBar::no_length();
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed} {msg}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut bench = Bench {
        seconds: Duration::from_secs_f64(seconds),
        is_quick: arguments.has("--quick"),
        bar,
        report: Report::default(),
    };
    for (_, scenario) in chosen {
        scenario(&mut bench)?;
    }
    bench.bar.finish_and_clear();
    bench.report.print();
    let folder = Path::new(arguments.value("--out").unwrap_or("target/bench"));
    bench.report.write(folder)?;
    println!("written to {}", folder.display());
    Ok(())
}

impl Bench {
    /// Says what is measured now.
    fn now(&self, what: impl Into<String>) {
        self.bar.set_message(what.into());
    }

    fn add(&mut self, row: Row) {
        self.report.add(row);
    }

    /// Does `round` again and again, first to warm up, and returns how often it was done in the measured time and how
    /// much of a processor the server needed meanwhile.
    fn measure(
        &self,
        server: &Server,
        mut round: impl FnMut() -> anyhow::Result<()>,
    ) -> anyhow::Result<(u64, Duration)> {
        let begin = Instant::now();
        while begin.elapsed() < self.seconds / 5 {
            round()?;
        }
        let (begin, before) = (Instant::now(), server.cpu()?);
        let mut rounds = 0;
        while begin.elapsed() < self.seconds {
            round()?;
            rounds += 1;
        }
        Ok((rounds, server.cpu()?.saturating_sub(before)))
    }
}

/// The number of something as it is calculated with.
#[expect(clippy::cast_precision_loss, reason = "measurements have three digits that matter")]
fn real(count: u64) -> f64 {
    count as f64
}
