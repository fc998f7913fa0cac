//! Whole servers, measured: what a delivery, a round trip, a connection costs, beside a hand-tuned minimum in the same
//! run.
//!
//!     cargo run --release --example bench -- all
//!
//! runs `fanout`, `zones`, `objects`, `roundtrip`, `connections`, `join` and `crowd`; each has its turn by
//! its name too.
//! `--seconds 3` measures longer than the second that each point takes, `--quick` takes fewer points. A table is
//! printed; `results.json` and plots are written to `target/bench`, or where `--out` says.
//!
//! Every server runs in a process of its own. Its cost is the time that its threads have spent on a processor, as the
//! operating system counts it, so the load (one thread here) is not part of it. The references: `ideal`, a v3 server
//! without any check; `relay`, which copies bytes; `echo`, a raw round trip under tokio.

mod arguments;
mod contract;
mod process;
mod report;
mod scenarios;
mod servers;
mod swarm;
mod v3;

use arguments::Arguments;

/// Does what the command line says.
///
/// # Errors
///
/// When a server does not start, or does not do what it should.
pub fn main() -> anyhow::Result<()> {
    let arguments = Arguments::read();
    if arguments.word(0) == Some("serve") {
        return servers::serve(arguments.word(1).unwrap_or_default(), &arguments);
    }
    scenarios::run(&arguments)
}
