//! What was spoken with whom: a cell for each scenario, version and direction, printed when all have been tried.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::SCENARIOS;
use crate::python::Version;

/// Who is the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    RustServer,
    PythonServer,
}

type Place = (&'static str, Direction, Version);

static CELLS: Mutex<BTreeMap<Place, bool>> = Mutex::new(BTreeMap::new());

/// The columns, with their titles.
const COLUMNS: [(Direction, Version, &str); 4] = [
    (Direction::RustServer, Version::V003, "Rust serves 0.0.3"),
    (Direction::RustServer, Version::V007, "Rust serves 0.0.7"),
    (Direction::PythonServer, Version::V003, "0.0.3 serves Rust"),
    (Direction::PythonServer, Version::V007, "0.0.7 serves Rust"),
];

/// Runs one scenario and fills its cell, whatever comes of it. Whoever fills the last one prints the matrix.
pub(crate) fn cell(scenario: &'static str, direction: Direction, version: Version, run: fn(Version)) {
    struct Filled(Place);
    impl Drop for Filled {
        fn drop(&mut self) {
            let mut cells = CELLS.lock().unwrap_or_else(PoisonError::into_inner);
            cells.insert(self.0, !thread::panicking());
            if cells.len() == SCENARIOS.len() * COLUMNS.len() {
                print(&cells);
            }
        }
    }
    let _filled = Filled((scenario, direction, version));
    run(version);
}

#[expect(clippy::print_stdout, reason = "the matrix is for people")]
fn print(cells: &BTreeMap<Place, bool>) {
    let mut table = format!("\n{:<12}", "");
    for (.., title) in COLUMNS {
        let _ = write!(table, "  {title}");
    }
    for scenario in SCENARIOS {
        let _ = write!(table, "\n{scenario:<12}");
        for (direction, version, title) in COLUMNS {
            let word = if cells[&(*scenario, direction, version)] { "yes" } else { "FAILED" };
            let _ = write!(table, "  {word:<width$}", width = title.len());
        }
    }
    table.lines().for_each(|line| println!("{}", line.trim_end()));
    println!();
}
