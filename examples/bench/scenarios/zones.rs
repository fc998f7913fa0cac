//! A thousand clients over a hundred zones, each seeing nine: what mixing costs, beside all of them in one zone.

use super::fanout::{contains, one};
use super::{Bench, real};
use crate::process::Server;
use crate::report::Row;
use crate::swarm::Swarm;
use crate::v3::{self, FIRST, SERVER};

const CLIENTS: u32 = 1_000;
const SEEN: u32 = 9;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    for zones in [1, 100] {
        for server in ["ours", "ideal"] {
            bench.now(format!("a thousand clients in {zones} zones: {server}"));
            let per_second = measure(bench, server, zones)?;
            bench.add(Row {
                case: "1,000 clients in zones".to_owned(),
                server: server.to_owned(),
                at: ("zones", real(zones.into())),
                what: "deliveries per CPU-second",
                value: per_second,
                is_cost: false,
            });
        }
    }
    Ok(())
}

/// Each client receives 64 updates in a round, from one zone or from nine.
fn measure(bench: &Bench, kind: &str, zones: u32) -> anyhow::Result<f64> {
    let server = Server::start(kind, &[])?;
    let mut swarm = Swarm::new()?;
    let seen = SEEN.min(zones);
    let mut creators = Vec::new();
    for client in 0..CLIENTS {
        let sees: Vec<u32> = (0..seen).map(|next| 1 + (client + next) % zones).collect();
        let joined = v3::join(&mut swarm, server.address(), &sees)?;
        if client < zones {
            creators.push(joined);
        }
    }
    let mut bursts = Vec::new();
    let updates_per_zone = 63 / seen as usize;
    let mut delivered = 0;
    for (zone, creator) in (1..=zones).zip(creators) {
        let object = v3::create(&mut swarm, creator, 1, zone)?;
        let set = v3::call(object, SERVER, 0, |w| one(w, FIRST));
        delivered = ((set.len() - 2) * updates_per_zone * seen as usize) as u64;
        swarm.send(creator.0, &set);
        swarm.expect(creator.0, "the first value", |datagram| contains(datagram, FIRST).then_some(()))?;
        bursts.push((creator.0, v3::call(object, SERVER, 1, |w| one(w, 1)).repeat(updates_per_zone)));
    }
    settle(&mut swarm)?;
    let mut expected = 0;
    let (rounds, cpu) = bench.measure(&server, || {
        for (creator, burst) in &bursts {
            swarm.send(*creator, burst);
        }
        expected += delivered;
        swarm.wait_for_each(0..CLIENTS as usize, expected)
    })?;
    let deliveries = rounds * u64::from(CLIENTS) * (updates_per_zone * seen as usize) as u64;
    Ok(real(deliveries) / cpu.as_secs_f64())
}

/// Lets what is on its way arrive, then counts.
pub(super) fn settle(swarm: &mut Swarm) -> anyhow::Result<()> {
    let mut before = None;
    while before != Some(swarm.received_by_all()) {
        before = Some(swarm.received_by_all());
        let quiet = std::time::Instant::now() + std::time::Duration::from_millis(200);
        while std::time::Instant::now() < quiet {
            swarm.turn(Some(std::time::Duration::from_millis(50)), |_, _, _| {})?;
        }
    }
    swarm.count();
    Ok(())
}
