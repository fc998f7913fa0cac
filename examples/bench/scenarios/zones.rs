//! A thousand clients over a hundred zones, each seeing nine: what mixing costs, beside as many deliveries in one zone.

use super::{Bench, CPU_PER_DELIVERY, Contender, Scenario, Step, settle};
use crate::contenders::Kind;
use crate::load::Swarm;
use crate::load::v3::{self, FIRST, SERVER, contains, one};
use crate::process::Server;
use crate::report::{Bound, Report, Target, Unit};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "zones",
    about: "1,000 clients over 100 zones, each seeing nine: what mixing costs",
    steps,
    conclude,
};

const CASE: &str = "1,000 clients in zones";
const CLIENTS: u32 = 1_000;
const ZONES: u32 = 100;
const SEEN: u32 = 9;
/// What each client hears in a round. It is divided by the zones that it sees.
const UPDATES: u32 = 63;

fn steps(_bench: &Bench) -> Vec<Step> {
    let step =
        |zones| Step::new(format!("{CLIENTS} clients in {zones} zones"), move |bench| point(bench, zones));
    [1, ZONES].map(step).into()
}

fn point(bench: &mut Bench, zones: u32) -> anyhow::Result<()> {
    let mut cities = bench.prepare([bench.ours(), Kind::Ideal], |kind| City::open(kind, zones))?;
    bench.compare_and_add(&mut cities, CASE, &[("zones", u64::from(zones).into())], CPU_PER_DELIVERY)
}

fn conclude(report: &mut Report) {
    let cost = |zones: u32| report.value(CASE, "ours", &[u64::from(zones).into()], CPU_PER_DELIVERY);
    if let (Some(one), Some(mixed)) = (cost(1), cost(ZONES)) {
        report.add_target(Target {
            what: format!(
                "{CLIENTS} clients over {ZONES} zones: deliveries per CPU-second, of those in one zone"
            ),
            bound: Bound::AtLeast(0.7),
            unit: Unit::Ratio,
            measured: one / mixed,
            is_sure: true,
        });
    }
}

/// A server with many clients, and an object in each zone.
struct City {
    server: Server,
    swarm: Swarm,
    /// Who says what in each zone.
    bursts: Vec<(usize, Vec<u8>)>,
    /// How many bytes each client gets in a round.
    told: u64,
    expected: u64,
}

impl City {
    fn open(kind: &Kind, zones: u32) -> anyhow::Result<Self> {
        let server = kind.start(&[])?;
        let mut swarm = Swarm::new()?;
        let seen = SEEN.min(zones);
        let mut joined = Vec::new();
        for client in 0..CLIENTS {
            let sees: Vec<u32> = (0..seen).map(|next| 1 + (client + next) % zones).collect();
            joined.push(kind.join(&mut swarm, &server, &sees)?);
        }
        let updates = UPDATES / seen;
        let (mut bursts, mut told) = (Vec::new(), 0);
        for (zone, creator) in (1..=zones).zip(joined) {
            let object = v3::create(&mut swarm, creator, 1, zone)?;
            let set = v3::call(object, SERVER, 0, |w| one(w, FIRST));
            told = (set.len() - 2) as u64 * u64::from(UPDATES);
            swarm.send(creator.0, &set);
            swarm.expect(creator.0, "the first value", |datagram| contains(datagram, FIRST).then_some(()))?;
            let add = v3::call(object, SERVER, 1, |w| one(w, 1));
            bursts.push((creator.0, add.repeat(updates as usize)));
        }
        settle(&mut swarm)?;
        Ok(Self { server, swarm, bursts, told, expected: 0 })
    }
}

impl Contender for City {
    fn server(&self) -> &Server {
        &self.server
    }

    fn round(&mut self) -> anyhow::Result<u64> {
        for (creator, burst) in &self.bursts {
            self.swarm.send(*creator, burst);
        }
        self.expected += self.told;
        self.swarm.wait_for_each(0..CLIENTS as usize, self.expected)?;
        Ok(u64::from(CLIENTS * UPDATES))
    }
}
