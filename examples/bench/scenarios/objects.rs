//! A message among few objects and among many, in one zone and in many: its cost must not know how many there are.

use super::fanout::one;
use super::{Bench, real};
use crate::process::Server;
use crate::report::Row;
use crate::swarm::Swarm;
use crate::v3::{self, SERVER};

/// The repository of objects that a server makes itself.
const SERVERS: u64 = 1;
/// How many of the objects are called at all.
const HOT: u64 = 1_000;
const DEPTH: u16 = 64;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let counts: &[u32] = if bench.is_quick { &[10, 100_000] } else { &[10, 1_000, 100_000, 1_000_000] };
    for objects in counts {
        point(bench, "messages among objects", ("objects", *objects), *objects, 1)?;
    }
    let counts: &[u32] = if bench.is_quick { &[1, 100_000] } else { &[1, 100, 10_000, 100_000] };
    for zones in counts {
        point(bench, "messages among zones", ("zones", *zones), 100_000, *zones)?;
    }
    Ok(())
}

fn point(
    bench: &mut Bench,
    case: &str,
    (name, at): (&'static str, u32),
    objects: u32,
    zones: u32,
) -> anyhow::Result<()> {
    bench.now(format!("{case}: {at}"));
    let value = measure(bench, objects, zones)?;
    bench.add(Row {
        case: case.to_owned(),
        server: "ours".to_owned(),
        at: (name, real(at.into())),
        what: "CPU ns per message",
        value,
        is_cost: true,
    });
    Ok(())
}

fn measure(bench: &Bench, objects: u32, zones: u32) -> anyhow::Result<f64> {
    let options = ["--objects", &objects.to_string(), "--in-zones", &zones.to_string()].map(str::to_owned);
    let server = Server::start("ours", &options)?;
    let mut swarm = Swarm::new()?;
    let (caller, _) = v3::join(&mut swarm, server.address(), &[1])?;
    swarm.count();
    // Objects of the first zone, which is the one that the caller sees: every `zones`th.
    let hot = (u64::from(objects) / u64::from(zones)).clamp(1, HOT);
    let calls: Vec<Vec<u8>> = (0..hot)
        .map(|object| {
            let local = 1 + object * u64::from(zones);
            v3::call(SERVERS << 32 | local, SERVER, 1, |w| one(w, 0))
        })
        .collect();
    let mut next = calls.iter().cycle();
    // `always`: an addition of 0 is told too, in the shortest form of a number that stays 0.
    let delivered = (calls[0].len() - 2) as u64;
    let mut expected = 0;
    let (rounds, cpu) = bench.measure(&server, || {
        let burst: Vec<u8> = next.by_ref().take(DEPTH.into()).flatten().copied().collect();
        swarm.send(caller, &burst);
        expected += delivered * u64::from(DEPTH);
        swarm.wait_for_each(0..1, expected)
    })?;
    Ok(cpu.as_secs_f64() * 1e9 / real(rounds * u64::from(DEPTH)))
}
