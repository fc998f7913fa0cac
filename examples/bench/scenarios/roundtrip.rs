//! One question at a time and its answer, on an idle server.

use std::time::Instant;

use magicnet::MessageId;
use magicnet::wire::{Writer, encode_custom};

use super::{Bench, Contender, Scenario, Step, quantile};
use crate::contenders::Kind;
use crate::load::{Swarm, pubsub, v3};
use crate::process::Server;
use crate::report::{Bound, Report, Row, Target, Unit, What};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "roundtrip",
    about: "one question at a time and its answer, beside a raw echo",
    steps,
    conclude,
};

const CASE: &str = "round trip of 64 bytes";
pub(super) const CPU: What = What { name: "processor time per request", unit: Unit::Seconds };
pub(super) const MEDIAN: What = What { name: "median on the clock", unit: Unit::Seconds };
const SLOW: What = What { name: "99 of 100 are faster, on the clock", unit: Unit::Seconds };
const PAYLOAD: [u8; 56] = [7; 56];

fn steps(_bench: &Bench) -> Vec<Step> {
    vec![Step::new("round trip", |bench| {
        let redis = bench.foreign.iter().filter(|kind| matches!(kind, Kind::Redis(_))).cloned();
        let kinds: Vec<Kind> = [bench.ours(), Kind::Echo].into_iter().chain(redis).collect();
        let mut talks = bench.prepare(kinds, Talk::open)?;
        bench.compare_and_add(&mut talks, CASE, &[], CPU)?;
        for (server, talk) in talks {
            for (what, part) in [(MEDIAN, 0.5), (SLOW, 0.99)] {
                let value = quantile(talk.times.clone(), part);
                bench.report.add(Row { case: CASE, server, at: Vec::new(), what, value });
            }
        }
        Ok(())
    })]
}

fn conclude(report: &mut Report) {
    for (what, said) in [(MEDIAN, "median"), (CPU, "processor time")] {
        if let Some(measured) = report.ratio(CASE, ["ours", "echo"], &[], what) {
            report.add_target(Target {
                what: format!("round trip: {said}, of the raw echo's"),
                bound: Bound::AtMost(1.15),
                unit: Unit::Ratio,
                measured,
                is_sure: what == CPU || !report.is_disturbed,
            });
        }
    }
}

/// A server and one who asks it.
pub(super) struct Talk {
    server: Server,
    swarm: Swarm,
    question: Vec<u8>,
    /// How many bytes an answer has.
    told: u64,
    expected: u64,
    pub(super) times: Vec<f64>,
}

impl Talk {
    pub(super) fn open(kind: &Kind) -> anyhow::Result<Self> {
        let server = kind.start(&["--app".to_owned(), "ping".to_owned()])?;
        let mut swarm = Swarm::new()?;
        let (question, told) = if let Some(dialect) = kind.dialect() {
            dialect.connect(&mut swarm, server.place())?;
            pubsub::redis_echo(&PAYLOAD)
        } else {
            kind.join(&mut swarm, &server, &[])?;
            let ping = ping();
            let told = (ping.len() - 2) as u64;
            (ping, told)
        };
        swarm.count();
        Ok(Self { server, swarm, question, told, expected: 0, times: Vec::new() })
    }
}

impl Contender for Talk {
    fn server(&self) -> &Server {
        &self.server
    }

    fn round(&mut self) -> anyhow::Result<u64> {
        let begin = Instant::now();
        self.swarm.send(0, &self.question);
        self.expected += self.told;
        self.swarm.wait_for_each(0..1, self.expected)?;
        self.times.push(begin.elapsed().as_secs_f64());
        Ok(1)
    }
}

/// The frame of a message whose answer has the same length.
fn ping() -> Vec<u8> {
    let mut datagram = Vec::new();
    encode_custom(&mut Writer::new(&mut datagram), MessageId(64), |w| {
        w.array(1);
        w.bytes(&PAYLOAD);
    });
    v3::frame(&datagram)
}
