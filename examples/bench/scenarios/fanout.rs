//! One number, seen by many, changed over and over: what a delivery costs.

use super::{Bench, CPU_PER_DELIVERY, Contender, Scenario, Step};
use crate::contenders::Kind;
use crate::load::Swarm;
use crate::load::v3::{self, FIRST, SERVER, contains, one};
use crate::process::Server;
use crate::report::{At, Bound, Report, Target, Unit};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "fanout",
    about: "one number that many see: what a delivery costs, by viewers and by updates in flight",
    steps,
    conclude,
};

const CASE: &str = "fan-out";
const FEW: u64 = 10;
const MANY: u64 = 1_000;
/// Where the flatness over viewers is looked at: writes are shared, but still count.
const MIDDLE: u64 = 64;

fn steps(bench: &Bench) -> Vec<Step> {
    let viewers: &[u64] = if bench.plan.is_quick { &[100] } else { &[FEW, 100, MANY] };
    let depths: &[u64] = if bench.plan.is_quick { &[1, MIDDLE, 1_024] } else { &[1, 16, MIDDLE, 256, 1_024] };
    let points = viewers.iter().flat_map(|viewers| depths.iter().map(|depth| (*viewers, *depth)));
    points
        .map(|(viewers, depth)| {
            let what = format!("fan-out to {viewers}, {depth} in flight");
            Step::new(what, move |bench| point(bench, viewers, depth))
        })
        .collect()
}

fn point(bench: &mut Bench, viewers: u64, depth: u64) -> anyhow::Result<()> {
    let foreign = bench.foreign.iter().filter(|kind| takes_part(kind, viewers * depth)).cloned();
    let mut kinds: Vec<Kind> = [bench.ours(), Kind::Ideal, Kind::Relay].into_iter().chain(foreign).collect();
    // All are connected to at once, from this process.
    kinds.truncate(usize::try_from(bench.connections() / viewers)?);
    let mut fans = bench.prepare(kinds, |kind| Fan::open(kind, viewers, depth))?;
    bench.compare_and_add(
        &mut fans,
        CASE,
        &[("viewers", viewers.into()), ("in flight", depth.into())],
        CPU_PER_DELIVERY,
    )
}

/// The Python library needs seconds for what others do in a blink; what more costs it can be read off from less.
fn takes_part(kind: &Kind, deliveries: u64) -> bool {
    !matches!(kind, Kind::Python(_)) || deliveries <= 100 * MIDDLE
}

fn conclude(report: &mut Report) {
    for at in report.places(CASE) {
        let [At::Count(viewers), At::Count(depth)] = at[..] else { continue };
        let ratio = report.ratio(CASE, ["ideal", "ours"], &at, CPU_PER_DELIVERY);
        if let (Some(measured), true) = (ratio, viewers > FEW) {
            report.add_target(Target {
                what: format!(
                    "fan-out to {viewers}, {depth} in flight: deliveries per CPU-second, of the ideal's"
                ),
                bound: Bound::AtLeast(0.9),
                unit: Unit::Ratio,
                measured,
                is_sure: true,
            });
        }
    }
    let rise = |server: &str| {
        let cost =
            |viewers: u64| report.value(CASE, server, &[viewers.into(), MIDDLE.into()], CPU_PER_DELIVERY);
        Some(cost(MANY)? / cost(FEW)?)
    };
    if let (Some(ours), Some(ideal)) = (rise("ours"), rise("ideal")) {
        report.add_target(Target {
            what: format!(
                "fan-out from {FEW} to {MANY}, {MIDDLE} in flight: rise of a delivery's cost, of the ideal's"
            ),
            // As flat as the ideal's, but for what two runs of the same server differ by.
            bound: Bound::AtMost(1.1),
            unit: Unit::Ratio,
            measured: ours / ideal,
            is_sure: true,
        });
    }
}

/// A server, one who says something again and again, and those who hear it.
pub(super) struct Fan {
    server: Server,
    swarm: Swarm,
    sender: usize,
    /// So many updates at once.
    burst: Vec<u8>,
    /// How many bytes each viewer gets of a burst.
    told: u64,
    /// How many it has got when all bursts have come.
    expected: u64,
    viewers: usize,
    depth: u64,
}

impl Fan {
    pub(super) fn open(kind: &Kind, viewers: u64, depth: u64) -> anyhow::Result<Self> {
        let server = kind.start(&[])?;
        let mut swarm = Swarm::new()?;
        let creator = kind.join(&mut swarm, &server, &[1])?;
        for _ in 1..viewers {
            kind.join(&mut swarm, &server, &[1])?;
        }
        let viewers = usize::try_from(viewers)?;
        let mut sender = creator.0;
        let (update, told) = match (kind.dialect(), kind) {
            (Some(dialect), _) => {
                // Who subscribes to redis cannot publish as well.
                sender = dialect.connect(&mut swarm, server.place())?;
                dialect.publish(&payload())
            }
            (None, Kind::Relay | Kind::Hub | Kind::Quinn) => (v3::frame(&payload()), payload().len() as u64),
            _ => number(&mut swarm, creator, viewers)?,
        };
        swarm.count();
        let burst = update.repeat(usize::try_from(depth)?);
        Ok(Self { server, swarm, sender, burst, told: told * depth, expected: 0, viewers, depth })
    }
}

impl Contender for Fan {
    fn server(&self) -> &Server {
        &self.server
    }

    fn round(&mut self) -> anyhow::Result<u64> {
        self.swarm.send(self.sender, &self.burst);
        self.expected += self.told;
        self.swarm.wait_for_each(0..self.viewers, self.expected)?;
        Ok(self.depth * self.viewers as u64)
    }
}

/// What those are sent who know no numbers: as many bytes as an update of one has.
fn payload() -> Vec<u8> {
    v3::call(1 << 32, SERVER, 0, |w| one(w, FIRST)).split_off(2)
}

/// Makes a number that all see; returns what adds to it, and how many bytes a viewer is told then.
fn number(swarm: &mut Swarm, creator: (usize, u32), viewers: usize) -> anyhow::Result<(Vec<u8>, u64)> {
    let object = v3::create(swarm, creator, 1, 1)?;
    let set = v3::call(object, SERVER, 0, |w| one(w, FIRST));
    swarm.send(creator.0, &set);
    for viewer in 0..viewers {
        swarm.expect(viewer, "the first value", |datagram| contains(datagram, FIRST).then_some(()))?;
    }
    // What a viewer is told is as long as what sets the value: the same numbers stand in it.
    Ok((v3::call(object, SERVER, 1, |w| one(w, 1)), (set.len() - 2) as u64))
}
