//! The command of the benchmark; see the crate's documentation for what it measures.

use std::process::ExitCode;

fn main() -> ExitCode {
    magicnet_bench::main()
}
