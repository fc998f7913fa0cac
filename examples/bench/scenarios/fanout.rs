//! One number, seen by many, changed over and over: what a delivery costs.

use magicnet::wire::Writer;

use super::{Bench, real};
use crate::process::Server;
use crate::report::Row;
use crate::swarm::Swarm;
use crate::v3::{self, FIRST, SERVER};

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let viewers: &[usize] = if bench.is_quick { &[100] } else { &[10, 100, 1_000] };
    let depths: &[usize] = if bench.is_quick { &[1, 64, 1_024] } else { &[1, 16, 64, 256, 1_024] };
    for viewers in viewers {
        for depth in depths {
            for server in ["ours", "ideal", "relay"] {
                bench.now(format!("fan-out to {viewers}, {depth} in flight: {server}"));
                let per_second = measure(bench, server, *viewers, *depth)?;
                bench.add(Row {
                    case: format!("fan-out to {viewers}"),
                    server: server.to_owned(),
                    at: ("in flight", real(*depth as u64)),
                    what: "deliveries per CPU-second",
                    value: per_second,
                    is_cost: false,
                });
            }
        }
    }
    Ok(())
}

fn measure(bench: &Bench, kind: &str, viewers: usize, depth: usize) -> anyhow::Result<f64> {
    let server = Server::start(kind, &[])?;
    let mut swarm = Swarm::new()?;
    let update = if kind == "relay" {
        connect_to_relay(&mut swarm, &server, viewers)?
    } else {
        connect(&mut swarm, &server, viewers)?
    };
    let burst = update.call.repeat(depth);
    let mut expected = 0;
    let (rounds, cpu) = bench.measure(&server, || {
        swarm.send(0, &burst);
        expected += update.delivered * depth as u64;
        swarm.wait_for_each(update.receivers.clone(), expected)
    })?;
    let deliveries = rounds * (depth * update.receivers.len()) as u64;
    Ok(real(deliveries) / cpu.as_secs_f64())
}

/// What is sent, and what comes of it.
struct Update {
    call: Vec<u8>,
    /// The bytes that each receiver gets, without the prefixes of frames.
    delivered: u64,
    receivers: std::ops::Range<usize>,
}

fn connect(swarm: &mut Swarm, server: &Server, viewers: usize) -> anyhow::Result<Update> {
    let creator = v3::join(swarm, server.address(), &[1])?;
    for _ in 1..viewers {
        v3::join(swarm, server.address(), &[1])?;
    }
    let object = v3::create(swarm, creator, 1, 1)?;
    let set = v3::call(object, SERVER, 0, |w| one(w, FIRST));
    // What a viewer is told is as long as what sets the value: the same numbers stand in it.
    let delivered = (set.len() - 2) as u64;
    swarm.send(creator.0, &set);
    for viewer in 0..viewers {
        swarm.expect(viewer, "the first value", |datagram| contains(datagram, FIRST).then_some(()))?;
    }
    swarm.count();
    Ok(Update { call: v3::call(object, SERVER, 1, |w| one(w, 1)), delivered, receivers: 0..viewers })
}

/// A relay needs no handshake: one more peer than there are viewers sends what these receive.
fn connect_to_relay(swarm: &mut Swarm, server: &Server, viewers: usize) -> anyhow::Result<Update> {
    for _ in 0..viewers {
        swarm.connect(server.address())?;
    }
    let call = v3::call(1 << 40, SERVER, 0, |w| one(w, FIRST));
    swarm.send(0, &call);
    for viewer in 0..viewers {
        swarm.expect(viewer, "the first bytes", |_| Some(()))?;
    }
    swarm.count();
    Ok(Update { delivered: (call.len() - 2) as u64, call, receivers: 0..viewers })
}

pub(super) fn one(w: &mut Writer<'_>, value: u32) {
    w.array(1);
    w.unsigned(value.into());
}

pub(super) fn contains(datagram: &[u8], value: u32) -> bool {
    datagram.windows(4).any(|bytes| bytes == value.to_be_bytes())
}
