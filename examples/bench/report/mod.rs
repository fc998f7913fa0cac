//! Results: tables on the screen, and JSON and plots in a folder.

mod plot;
mod target;

use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

pub(crate) use target::{Bound, Target};

/// One measurement.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Which scenario.
    pub(crate) case: &'static str,
    pub(crate) server: &'static str,
    /// Where in it, by what is varied: `viewers`, 100 and `in flight`, 64.
    pub(crate) at: Vec<(&'static str, At)>,
    pub(crate) what: What,
    /// In seconds, bytes, cores or pieces, as the unit says.
    pub(crate) value: f64,
}

/// A value of what is varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Count(u64),
    Word(&'static str),
}

impl From<u64> for At {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<&'static str> for At {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl At {
    fn to_json(self) -> Json {
        match self {
            Self::Count(count) => json!(count),
            Self::Word(word) => json!(word),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Word(word) => word.fmt(f),
        }
    }
}

/// What a number means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct What {
    pub(crate) name: &'static str,
    pub(crate) unit: Unit,
}

/// What a number is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Of a processor or of the clock on the wall.
    Seconds,
    Bytes,
    /// How many cores were busy.
    Cores,
    /// Times as much.
    Ratio,
    Pieces,
}

impl Unit {
    /// A number that can be read at a glance.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::Seconds if value < 1e-6 => format!("{} ns", digits(value * 1e9)),
            Self::Seconds if value < 1e-3 => format!("{} us", digits(value * 1e6)),
            Self::Seconds if value < 1.0 => format!("{} ms", digits(value * 1e3)),
            Self::Seconds => format!("{} s", digits(value)),
            Self::Bytes if value < 10_000.0 => format!("{value:.0} B"),
            Self::Bytes => format!("{} KiB", digits(value / 1024.0)),
            Self::Cores | Self::Ratio => format!("{value:.2}"),
            Self::Pieces if value >= 1e6 => format!("{} M", digits(value / 1e6)),
            Self::Pieces => format!("{value:.0}"),
        }
    }
}

/// Three digits that matter.
fn digits(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// All that one run has found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    targets: Vec<Target>,
    /// What a reader of the numbers must know.
    notes: Vec<String>,
    /// Whether others had so much of the machine that times on the clock are none of the servers'.
    pub(crate) is_disturbed: bool,
}

impl Report {
    pub(crate) fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    pub(crate) fn add_target(&mut self, target: Target) {
        self.targets.push(target);
    }

    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// What a server has measured at a place, if it was there.
    pub(crate) fn value(&self, case: &str, server: &str, at: &[At], what: What) -> Option<f64> {
        let is_it = |row: &&Row| {
            row.case == case
                && row.server == server
                && row.what == what
                && row.at.iter().map(|(_, at)| *at).eq(at.iter().copied())
        };
        self.rows.iter().find(is_it).map(|row| row.value)
    }

    /// How many times as much one measured as another, at the same place.
    pub(crate) fn ratio(&self, case: &str, [one, other]: [&str; 2], at: &[At], what: What) -> Option<f64> {
        Some(self.value(case, one, at, what)? / self.value(case, other, at, what)?)
    }

    /// The places of a case, in the order of measuring.
    pub(crate) fn places(&self, case: &str) -> Vec<Vec<At>> {
        let rows = self.rows.iter().filter(|row| row.case == case);
        distinct(rows.map(|row| row.at.iter().map(|(_, at)| *at).collect()))
    }

    pub(crate) fn print(&self) {
        for (case, what) in self.cases() {
            println!("\n{}", self.table(case, what));
        }
        if !self.targets.is_empty() {
            println!("\n{}", target::table(&self.targets));
        }
        for note in &self.notes {
            println!("\n{note}");
        }
    }

    /// Writes `results.json` and the plots to `folder`. `circumstances` say how the run was made.
    pub(crate) fn write(&self, folder: &Path, circumstances: &Json) -> anyhow::Result<()> {
        fs::create_dir_all(folder)?;
        let rows: Vec<Json> = self.rows.iter().map(|row| self.row_to_json(row)).collect();
        let targets: Vec<Json> = self.targets.iter().map(Target::to_json).collect();
        let results = json!({ "run": circumstances, "targets": targets, "rows": rows, "notes": self.notes });
        fs::write(folder.join("results.json"), serde_json::to_string_pretty(&results)?)?;
        for (case, what) in self.cases() {
            plot::draw(folder, case, what, &self.rows_of(case, what))?;
        }
        Ok(())
    }

    fn cases(&self) -> Vec<(&'static str, What)> {
        distinct(self.rows.iter().map(|row| (row.case, row.what)))
    }

    fn rows_of(&self, case: &str, what: What) -> Vec<&Row> {
        self.rows.iter().filter(|row| row.case == case && row.what == what).collect()
    }

    /// A line for each place, a column for each server, and how ours compares with the reference.
    fn table(&self, case: &str, what: What) -> String {
        let rows = self.rows_of(case, what);
        let servers = distinct(rows.iter().map(|row| row.server));
        let places = distinct(rows.iter().map(|row| row.at.clone()));
        let reference =
            REFERENCES.into_iter().find(|name| servers.contains(name) && servers.contains(&"ours"));
        let mut text = format!("{case}: {}\n", what.name);
        for (name, _) in &places[0] {
            write!(text, "{name:>12}").expect(INFALLIBLE);
        }
        for server in &servers {
            write!(text, "{server:>14}").expect(INFALLIBLE);
        }
        if let Some(reference) = reference {
            write!(text, "{:>14}", format!("ours:{reference}")).expect(INFALLIBLE);
        }
        for place in places {
            text.push('\n');
            for (_, at) in &place {
                write!(text, "{at:>12}").expect(INFALLIBLE);
            }
            let at: Vec<At> = place.iter().map(|(_, at)| *at).collect();
            for server in &servers {
                let value = self.value(case, server, &at, what).map(|value| what.unit.show(value));
                write!(text, "{:>14}", value.unwrap_or_default()).expect(INFALLIBLE);
            }
            if let Some(ratio) =
                reference.and_then(|reference| self.ratio(case, ["ours", reference], &at, what))
            {
                write!(text, "{:>14}", Unit::Ratio.show(ratio)).expect(INFALLIBLE);
            }
        }
        text
    }

    fn row_to_json(&self, row: &Row) -> Json {
        let at: Vec<At> = row.at.iter().map(|(_, at)| *at).collect();
        let reference =
            REFERENCES.iter().find_map(|name| self.ratio(row.case, [row.server, name], &at, row.what));
        let place: serde_json::Map<String, Json> =
            row.at.iter().map(|(name, at)| ((*name).to_owned(), at.to_json())).collect();
        json!({
            "case": row.case, "server": row.server, "at": place, "what": row.what.name,
            "unit": format!("{:?}", row.what.unit).to_lowercase(), "value": row.value,
            "times_the_reference": reference,
        })
    }
}

/// Servers that others are compared with, where they take part.
const REFERENCES: [&str; 3] = ["ideal", "echo", "tokio"];

const INFALLIBLE: &str = "a string takes everything";

/// Each thing once, in the order in which they came.
fn distinct<T: PartialEq>(things: impl Iterator<Item = T>) -> Vec<T> {
    things.fold(Vec::new(), |mut known, thing| {
        if !known.contains(&thing) {
            known.push(thing);
        }
        known
    })
}
