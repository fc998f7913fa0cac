//! A message among few objects and among many, in one zone and in many: its cost must not know how many there are.

use super::{Bench, Contender, Scenario, Step};
use crate::contenders::Kind;
use crate::load::Swarm;
use crate::load::v3::{self, SERVER, one};
use crate::process::Server;
use crate::report::{At, Bound, Report, Target, Unit, What};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "objects",
    about: "a message among 10 to 1,000,000 objects, and among 1 to 100,000 zones",
    steps,
    conclude,
};

const AMONG_OBJECTS: &str = "a message among objects";
const AMONG_ZONES: &str = "a message among zones";
const CPU_PER_MESSAGE: What = What { name: "processor time per message", unit: Unit::Seconds };
/// How many of the objects are called at all, at most.
const HOT: u32 = 1_000;
/// The same among zones: these are in the one that the caller sees, the others are everywhere.
const HOT_AMONG_ZONES: u32 = 10;
const OBJECTS_AMONG_ZONES: u32 = 100_000;
const DEPTH: u16 = 64;

fn steps(bench: &Bench) -> Vec<Step> {
    let [objects, zones]: [&[u32]; 2] = if bench.plan.is_quick {
        [&[10, 100_000], &[1, 100_000]]
    } else {
        [&[10, 1_000, 100_000, 1_000_000], &[1, 100, 10_000, 100_000]]
    };
    let among_objects = objects.iter().map(|objects| Place {
        case: AMONG_OBJECTS,
        at: ("objects", (*objects).into()),
        objects: *objects,
        zones: 1,
        hot: HOT.min(*objects),
    });
    let among_zones = zones.iter().map(|zones| Place {
        case: AMONG_ZONES,
        at: ("zones", (*zones).into()),
        objects: OBJECTS_AMONG_ZONES,
        zones: *zones,
        hot: HOT_AMONG_ZONES,
    });
    let places = among_objects.chain(among_zones);
    places
        .map(|place| {
            let (name, count) = place.at;
            Step::new(format!("a message among {count} {name}"), move |bench| {
                let mut calls =
                    bench.prepare([bench.ours(), Kind::Ideal], |kind| Calls::open(kind, &place))?;
                bench.compare_and_add(&mut calls, place.case, &[(name, count.into())], CPU_PER_MESSAGE)
            })
        })
        .collect()
}

fn conclude(report: &mut Report) {
    for case in [AMONG_OBJECTS, AMONG_ZONES] {
        let places = report.places(case);
        let (Some(few), Some(many)) = (places.first(), places.last()) else { continue };
        let rise = |server: &str| {
            let cost = |at: &[At]| report.value(case, server, at, CPU_PER_MESSAGE);
            Some(cost(many)? / cost(few)?)
        };
        let (Some(ours), Some(ideal)) = (rise("ours"), rise("ideal")) else { continue };
        let way = format!("{case}, from {} to {}", few[0], many[0]);
        let targets = [
            // Flat, but for what two runs of the same server differ by.
            (format!("{way}: rise of its cost"), 1.25, ours),
            // Memory that is far away costs the ideal server the same.
            (format!("{way}: rise of its cost, of the ideal's"), 1.1, ours / ideal),
        ];
        for (what, bound, measured) in targets {
            report.add_target(Target {
                what,
                bound: Bound::AtMost(bound),
                unit: Unit::Ratio,
                measured,
                is_sure: true,
            });
        }
    }
}

/// How a server is filled.
#[derive(Clone, Debug)]
struct Place {
    case: &'static str,
    at: (&'static str, u64),
    objects: u32,
    zones: u32,
    /// So many objects, the first ones, are in the zone that the caller sees, and called.
    hot: u32,
}

/// A server full of objects, and one who calls some of them.
struct Calls {
    server: Server,
    swarm: Swarm,
    caller: usize,
    /// Calls of all hot objects, some at a time.
    bursts: Vec<Vec<u8>>,
    next: usize,
    /// How many bytes the caller is told after a burst.
    told: u64,
    expected: u64,
}

impl Calls {
    fn open(kind: &Kind, place: &Place) -> anyhow::Result<Self> {
        let options = [("--objects", place.objects), ("--in-zones", place.zones), ("--hot", place.hot)];
        let options = options.map(|(name, count)| [name.to_owned(), count.to_string()]).concat();
        let server = kind.start(&options)?;
        let mut swarm = Swarm::new()?;
        let (caller, _) = kind.join(&mut swarm, &server, &[1])?;
        swarm.count();
        let call = |object| v3::call(v3::object_of_server(object), SERVER, 1, |w| one(w, 0));
        let mut hot = (1..=place.hot).cycle();
        // As many bursts as it takes until the first one comes again.
        let bursts: Vec<Vec<u8>> =
            (0..place.hot).map(|_| hot.by_ref().take(DEPTH.into()).flat_map(call).collect()).collect();
        // An addition of 0 is told too, in the shortest form of a number that stays 0.
        let told = (call(1).len() - 2) as u64 * u64::from(DEPTH);
        Ok(Self { server, swarm, caller, bursts, next: 0, told, expected: 0 })
    }
}

impl Contender for Calls {
    fn server(&self) -> &Server {
        &self.server
    }

    fn round(&mut self) -> anyhow::Result<u64> {
        self.swarm.send(self.caller, &self.bursts[self.next]);
        self.next = (self.next + 1) % self.bursts.len();
        self.expected += self.told;
        self.swarm.wait_for_each(self.caller..self.caller + 1, self.expected)?;
        Ok(DEPTH.into())
    }
}
