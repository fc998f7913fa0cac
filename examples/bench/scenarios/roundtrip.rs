//! One question at a time and its answer, on an idle server.

use std::time::{Duration, Instant};

use magicnet::MessageId;
use magicnet::wire::{Writer, encode_custom};

use super::{Bench, real};
use crate::process::Server;
use crate::report::Row;
use crate::swarm::Swarm;
use crate::v3;

const PAYLOAD: [u8; 56] = [7; 56];

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    for server in ["echo", "ours"] {
        bench.now(format!("round trip: {server}"));
        let found = measure(bench, server)?;
        for (what, value) in found {
            bench.add(Row {
                case: "round trip".to_owned(),
                server: server.to_owned(),
                at: ("in flight", 1.0),
                what,
                value,
                is_cost: true,
            });
        }
    }
    Ok(())
}

fn measure(bench: &Bench, kind: &str) -> anyhow::Result<[(&'static str, f64); 3]> {
    let server = Server::start(kind, &["--app".to_owned(), "ping".to_owned()])?;
    let mut swarm = Swarm::new()?;
    let peer = match kind {
        "echo" => swarm.connect(server.address())?,
        _ => v3::join(&mut swarm, server.address(), &[])?.0,
    };
    swarm.count();
    let ping = ping()?;
    let answer = (ping.len() - 2) as u64;
    let mut expected = 0;
    let mut times = Vec::new();
    let (rounds, cpu) = bench.measure(&server, || {
        let begin = Instant::now();
        swarm.send(peer, &ping);
        expected += answer;
        swarm.wait_for_each(peer..peer + 1, expected)?;
        times.push(begin.elapsed());
        Ok(())
    })?;
    times.sort_unstable();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    Ok([
        ("us, median", micros(times[times.len() / 2])),
        ("us, 99 of 100 faster", micros(times[times.len() * 99 / 100])),
        ("CPU us per request", micros(cpu) / real(rounds)),
    ])
}

/// The frame of a message whose answer has the same length.
fn ping() -> anyhow::Result<Vec<u8>> {
    let mut datagram = Vec::new();
    encode_custom(&mut Writer::new(&mut datagram), MessageId(64), |w| {
        w.array(1);
        w.bytes(&PAYLOAD);
    });
    let mut frame = u16::try_from(datagram.len())?.to_be_bytes().to_vec();
    frame.extend_from_slice(&datagram);
    Ok(frame)
}
