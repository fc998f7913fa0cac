//! Somebody joins a zone of ten thousand objects while others talk: how long these are held up.

use std::time::Instant;

use magicnet::wire::ProtocolMessage;

use super::{Bench, Scenario, Step, quantile};
use crate::contenders::Kind;
use crate::load::Swarm;
use crate::load::v3::{self, SERVER, one};
use crate::process::Server;
use crate::report::{Bound, Report, Row, Target, Unit, What};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "join",
    about: "somebody joins a zone of 10,000 objects: how long others are held up",
    steps,
    conclude,
};

const CASE: &str = "joining many objects";
const BEFORE: What = What { name: "slowest round trip of others before, on the clock", unit: Unit::Seconds };
const MEANWHILE: What =
    What { name: "slowest round trip of others meanwhile, on the clock", unit: Unit::Seconds };
const STREAMED: What = What { name: "until all is there, on the clock", unit: Unit::Seconds };
const OBJECTS: u32 = 10_000;
/// How often it is done.
const JOINERS: usize = 20;
/// How many round trips are looked at before each.
const ROUNDS: usize = 50;

fn steps(_bench: &Bench) -> Vec<Step> {
    vec![Step::new(format!("joining {OBJECTS} objects"), point)]
}

fn point(bench: &mut Bench) -> anyhow::Result<()> {
    let mut talk = Talk::open(&bench.ours())?;
    let (mut before, mut meanwhile, mut streamed) = (Vec::new(), Vec::new(), Vec::new());
    for joiner in talk.joiners.clone() {
        before.push(slowest((0..ROUNDS).map(|_| talk.round()))?);
        let begin = Instant::now();
        let all = talk.ask_for_all(joiner);
        let rounds = std::iter::from_fn(|| (talk.swarm.received(joiner) < all).then(|| talk.round()));
        meanwhile.push(slowest(rounds)?);
        streamed.push(begin.elapsed().as_secs_f64());
    }
    for (what, times) in [(BEFORE, before), (MEANWHILE, meanwhile), (STREAMED, streamed)] {
        // Of all times the one in the middle: the machine is shared, and one pause of it is no stall of ours.
        let value = quantile(times, 0.5);
        bench.report.add(Row {
            case: CASE,
            server: "ours",
            at: vec![("objects", u64::from(OBJECTS).into())],
            what,
            value,
        });
    }
    Ok(())
}

fn conclude(report: &mut Report) {
    if let Some(measured) = report.value(CASE, "ours", &[u64::from(OBJECTS).into()], MEANWHILE) {
        report.add_target(Target {
            what: format!("somebody joins {OBJECTS} objects: slowest round trip of others meanwhile"),
            bound: Bound::AtMost(0.005),
            unit: Unit::Seconds,
            measured,
            is_sure: !report.is_disturbed,
        });
    }
}

/// A server full of objects, one who talks to it, and those who will want to see them.
struct Talk {
    _server: Server,
    swarm: Swarm,
    talker: usize,
    joiners: Vec<usize>,
    call: Vec<u8>,
    /// How many bytes answer a call.
    told: u64,
    expected: u64,
}

impl Talk {
    fn open(kind: &Kind) -> anyhow::Result<Self> {
        let server = kind.start(&["--objects".to_owned(), OBJECTS.to_string()])?;
        let mut swarm = Swarm::new()?;
        let mut join = || v3::join(&mut swarm, server.place(), &[1]).map(|(peer, _)| peer);
        let talker = join()?;
        let joiners = (0..JOINERS).map(|_| join()).collect::<Result<_, _>>()?;
        swarm.count();
        let call = v3::call(v3::object_of_server(1), SERVER, 1, |w| one(w, 0));
        let told = (call.len() - 2) as u64;
        Ok(Self { _server: server, swarm, talker, joiners, call, told, expected: 0 })
    }

    /// A call and its answer, and how long that took.
    fn round(&mut self) -> anyhow::Result<f64> {
        let begin = Instant::now();
        self.swarm.send(self.talker, &self.call);
        self.expected += self.told;
        self.swarm.wait_for_each(self.talker..self.talker + 1, self.expected)?;
        Ok(begin.elapsed().as_secs_f64())
    }

    /// Lets somebody ask for what is there, and returns how many bytes they have received, at least, when all has come:
    /// an object takes more than a call.
    fn ask_for_all(&mut self, joiner: usize) -> u64 {
        let mut request = Vec::new();
        ProtocolMessage::RequestVisibleObjects.encode(&mut request);
        self.swarm.send(joiner, &v3::frame(&request));
        self.swarm.received(joiner) + u64::from(OBJECTS) * self.told
    }
}

fn slowest(mut times: impl Iterator<Item = anyhow::Result<f64>>) -> anyhow::Result<f64> {
    times.try_fold(0.0, |slowest, time| Ok(time?.max(slowest)))
}
