//! Somebody joins a zone of ten thousand objects while others talk: how long these are held up.

use std::time::{Duration, Instant};

use magicnet::wire::ProtocolMessage;

use super::fanout::one;
use super::{Bench, real};
use crate::process::Server;
use crate::report::Row;
use crate::swarm::Swarm;
use crate::v3::{self, SERVER};

const OBJECTS: u32 = 10_000;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    bench.now(format!("joining a zone of {OBJECTS} objects"));
    let server = Server::start("ours", &["--objects".to_owned(), OBJECTS.to_string()])?;
    let mut swarm = Swarm::new()?;
    let (talker, _) = v3::join(&mut swarm, server.address(), &[1])?;
    let call = v3::call(1 << 32 | 1, SERVER, 1, |w| one(w, 0));
    let answer = (call.len() - 2) as u64;
    let mut joiners = Vec::new();
    let mut request = Vec::new();
    ProtocolMessage::RequestVisibleObjects.encode(&mut request);
    for _ in 0..20 {
        joiners.push(v3::join(&mut swarm, server.address(), &[1])?.0);
    }
    swarm.count();
    let mut expected = 0;
    let mut quiet = Vec::new();
    let mut busy = Vec::new();
    let mut streamed = Vec::new();
    for joiner in joiners {
        for _ in 0..50 {
            quiet.push(round(&mut swarm, talker, &call, &mut expected, answer)?);
        }
        let (begin, before) = (Instant::now(), swarm.received(joiner));
        swarm.send_datagram(joiner, &request)?;
        // Every object takes more bytes than a call.
        let whole = before + u64::from(OBJECTS) * answer;
        let mut slowest = Duration::ZERO;
        while swarm.received(joiner) < whole {
            slowest = slowest.max(round(&mut swarm, talker, &call, &mut expected, answer)?);
        }
        busy.push(slowest);
        streamed.push(begin.elapsed());
    }
    let rows = [
        ("ms, slowest of others before", worst(&quiet)),
        ("ms, slowest of others meanwhile", worst(&busy)),
        ("ms until all is there", worst(&streamed)),
    ];
    for (what, value) in rows {
        bench.add(Row {
            case: "join".to_owned(),
            server: "ours".to_owned(),
            at: ("objects", real(OBJECTS.into())),
            what,
            value,
            is_cost: true,
        });
    }
    Ok(())
}

/// The slowest but for one in twenty, in milliseconds: the machine is shared.
fn worst(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[times.len() * 95 / 100].as_secs_f64() * 1e3
}

fn round(
    swarm: &mut Swarm,
    talker: usize,
    call: &[u8],
    expected: &mut u64,
    answer: u64,
) -> anyhow::Result<Duration> {
    let begin = Instant::now();
    swarm.send(talker, call);
    *expected += answer;
    swarm.wait_for_each(talker..talker + 1, *expected)?;
    Ok(begin.elapsed())
}
