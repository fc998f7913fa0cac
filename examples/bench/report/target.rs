//! What was to be reached, and whether it was.

use serde_json::{Value as Json, json};

use super::Unit;

/// A promise, and what was measured of it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) bound: Bound,
    pub(crate) unit: Unit,
    pub(crate) measured: f64,
    /// Whether what was measured can be believed. What the clock says cannot where others had the machine.
    pub(crate) is_sure: bool,
}

/// Where a number must lie.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Target {
    fn is_met(&self) -> bool {
        match self.bound {
            Bound::AtLeast(bound) => self.measured >= bound,
            Bound::AtMost(bound) => self.measured <= bound,
        }
    }

    fn bound(&self) -> String {
        match self.bound {
            Bound::AtLeast(bound) => format!("at least {}", self.unit.show(bound)),
            Bound::AtMost(bound) => format!("at most {}", self.unit.show(bound)),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        json!({
            "what": self.what, "bound": self.bound(), "measured": self.measured, "met": self.is_met(),
            "sure": self.is_sure,
        })
    }
}

/// What was to be reached and what was measured, as a table that a page can have. What is not sure has a question mark.
pub(super) fn table(targets: &[Target]) -> String {
    let width = targets.iter().map(|target| target.what.len()).max().unwrap_or(0);
    let line = |what: &str, bound: &str, measured: &str, met: &str| {
        format!("| {what:<width$} | {bound:<16} | {measured:>9} | {met:<4} |\n")
    };
    let mut text = line("what", "target", "measured", "met?");
    text +=
        &format!("|{}|{}|{}:|{}|\n", "-".repeat(width + 2), "-".repeat(18), "-".repeat(10), "-".repeat(6));
    for target in targets {
        let met = match (target.is_met(), target.is_sure) {
            (true, true) => "yes",
            (true, false) => "yes?",
            (false, true) => "no",
            (false, false) => "no?",
        };
        text += &line(&target.what, &target.bound(), &target.unit.show(target.measured), met);
    }
    text
}
