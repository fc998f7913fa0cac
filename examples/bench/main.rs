//! The command of the benchmark; see the crate's documentation for what it measures.

fn main() -> anyhow::Result<()> {
    magicnet_bench::main()
}
