//! Connections that have shaken hands and say nothing: what they cost to make and to have.

use super::{Bench, real};
use crate::process::Server;
use crate::report::Row;
use crate::swarm::Swarm;
use crate::v3;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let limit = open_files()?.saturating_sub(64);
    let counts: &[u64] = if bench.is_quick { &[1_000] } else { &[1_000, 10_000] };
    for count in counts.iter().map(|count| (*count).min(limit)) {
        for server in ["ideal", "ours"] {
            bench.now(format!("{count} connections: {server}"));
            for (what, value) in measure(server, count)? {
                bench.add(Row {
                    case: "idle connections".to_owned(),
                    server: server.to_owned(),
                    at: ("connections", real(count)),
                    what,
                    value,
                    is_cost: true,
                });
            }
        }
    }
    Ok(())
}

fn measure(kind: &str, count: u64) -> anyhow::Result<[(&'static str, f64); 2]> {
    let server = Server::start(kind, &[])?;
    let mut swarm = Swarm::new()?;
    // The first ones pay for what is there once.
    for _ in 0..32 {
        v3::join(&mut swarm, server.address(), &[1])?;
    }
    let (memory, cpu) = (server.memory()?, server.cpu()?);
    for _ in 32..count {
        v3::join(&mut swarm, server.address(), &[1])?;
    }
    let made = real(count - 32);
    let memory = real(server.memory()?.saturating_sub(memory));
    let cpu = server.cpu()?.saturating_sub(cpu);
    Ok([("bytes each", memory / made), ("CPU us to make one", cpu.as_secs_f64() * 1e6 / made)])
}

/// How many files this process may have open.
fn open_files() -> anyhow::Result<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)).and_then(|soft| soft.parse().ok());
    Ok(soft.unwrap_or(1_024))
}
