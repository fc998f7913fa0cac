//! Whole servers, measured: what a delivery, a round trip, a connection costs, beside a hand-tuned minimum in the same
//! run.
//!
//! ```text
//! cargo run --release --example bench -- all
//! ```
//!
//! runs every scenario; each has its turn by its name too, and `--help` lists them with the options. Tables are
//! printed, what was to be reached beside what was measured; `results.json` and plots are written to `target/bench`, or
//! where `--out` says.
//!
//! Every server runs in a process of its own. Its cost is the time that its threads have spent on a processor, as the
//! operating system counts it, so the load (one thread here) is not part of it. Servers that are compared run at the
//! same time and take turns, slice by slice: so what disturbs one disturbs all; a figure is the median of the slices.
//!
//! The references: `ideal`, a v3 server without any check; `relay`, which copies bytes; `echo`, a raw round trip under
//! tokio. `nats`, `redis` and the Python library take part where they are installed. They check no types and know no
//! objects or zones, but for the latter.
//!
//! Where to read on: `scenarios` are what is measured, `servers` who is, `load` what is said to them.

mod arguments;
mod contenders;
mod contract;
mod load;
mod machine;
mod process;
mod report;
mod scenarios;
mod servers;

use std::env;
use std::process::ExitCode;

use arguments::Arguments;

/// Does what the command line says.
pub fn main() -> ExitCode {
    let given: Vec<String> = env::args().skip(1).collect();
    let done = match given.split_first() {
        // How this program starts itself.
        Some((word, rest)) if word == "serve" => servers::serve(rest),
        _ if given.iter().any(|argument| argument == "--help") => {
            print!("{}", scenarios::usage());
            Ok(())
        }
        _ => {
            match Arguments::parse(given, &scenarios::OPTIONS).and_then(|given| scenarios::Plan::new(&given))
            {
                Ok(plan) => scenarios::run(plan),
                Err(mistake) => {
                    eprintln!("{mistake:#}\n\n{}", scenarios::usage());
                    return ExitCode::from(2);
                }
            }
        }
    };
    if let Err(error) = done {
        eprintln!("{error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
