//! A game: many clients, each moving its own object twenty times a second and seeing fifty others.

use std::time::{Duration, Instant};

use magicnet::wire::Writer;

use super::zones::settle;
use super::{Bench, real};
use crate::process::Server;
use crate::report::Row;
use crate::swarm::Swarm;
use crate::v3::{self, SERVER};

/// How many see each other.
const GROUP: u32 = 51;
const TICK: Duration = Duration::from_millis(50);
/// Stamps begin here, so that all take five bytes.
const EPOCH: u32 = 1 << 28;

pub(super) fn run(bench: &mut Bench) -> anyhow::Result<()> {
    let crowds: &[u32] = if bench.is_quick { &[510] } else { &[510, 1_020, 2_040] };
    for clients in crowds {
        for server in ["ideal", "ours"] {
            bench.now(format!("a crowd of {clients}: {server}"));
            let found = measure(bench, server, *clients)?;
            for (what, value) in found {
                bench.add(Row {
                    case: "crowd".to_owned(),
                    server: server.to_owned(),
                    at: ("clients", real((*clients).into())),
                    what,
                    value,
                    is_cost: true,
                });
            }
        }
    }
    Ok(())
}

struct Crowd {
    swarm: Swarm,
    /// The frame of each client's move; stamp and place are written into it.
    moves: Vec<Vec<u8>>,
    begin: Instant,
    latencies: Vec<u32>,
}

fn measure(bench: &Bench, kind: &str, clients: u32) -> anyhow::Result<[(&'static str, f64); 4]> {
    let server = Server::start(kind, &["--app".to_owned(), "mover".to_owned()])?;
    let mut crowd = Crowd::join(&server, clients)?;
    crowd.play(bench.seconds / 2)?;
    crowd.latencies.clear();
    crowd.swarm.count();
    let (begin, before) = (Instant::now(), server.cpu()?);
    crowd.play(bench.seconds.max(Duration::from_secs(2)))?;
    let (elapsed, cpu) = (begin.elapsed().as_secs_f64(), server.cpu()?.saturating_sub(before));
    let size = (crowd.moves[0].len() - 2) as u64;
    let deliveries = real(crowd.swarm.received_by_all() / size);
    crowd.latencies.sort_unstable();
    let p99 = crowd.latencies.get(crowd.latencies.len() * 99 / 100).copied().unwrap_or(u32::MAX);
    Ok([
        ("of one core", cpu.as_secs_f64() / elapsed),
        ("deliveries a second", deliveries / elapsed),
        ("CPU ns per delivery", cpu.as_secs_f64() * 1e9 / deliveries),
        ("ms to a viewer, 99 of 100", f64::from(p99) / 1e3),
    ])
}

impl Crowd {
    fn join(server: &Server, clients: u32) -> anyhow::Result<Self> {
        let mut swarm = Swarm::new()?;
        let mut moves = Vec::new();
        for client in 0..clients {
            let zone = 1 + client / GROUP;
            let joined = v3::join(&mut swarm, server.address(), &[zone])?;
            let object = v3::create(&mut swarm, joined, 1, zone)?;
            moves.push(v3::call(object, SERVER, 0, place));
        }
        settle(&mut swarm)?;
        Ok(Self { swarm, moves, begin: Instant::now(), latencies: Vec::new() })
    }

    /// Every client moves once a tick, one after the other over the tick.
    fn play(&mut self, time: Duration) -> anyhow::Result<()> {
        let begin = Instant::now();
        let mut sent = 0_usize;
        while begin.elapsed() < time {
            let due = begin.elapsed().as_secs_f64() / TICK.as_secs_f64() * real(self.moves.len() as u64);
            while real(sent as u64) < due {
                self.move_one(sent % self.moves.len());
                sent += 1;
            }
            let Self { swarm, latencies, begin: epoch, .. } = self;
            let now = || EPOCH + u32::try_from(epoch.elapsed().as_micros()).unwrap_or(u32::MAX - EPOCH);
            swarm.turn(Some(Duration::from_millis(1)), |peer, datagram, is_whole| {
                // One peer of each group is enough, and one message of each of its datagrams: the first has waited
                // longest.
                if is_whole && peer % GROUP as usize == 0 {
                    latencies.extend(stamp(datagram).map(|sent| now().saturating_sub(sent)));
                }
            })?;
        }
        Ok(())
    }

    fn move_one(&mut self, client: usize) {
        let micros = u32::try_from(self.begin.elapsed().as_micros()).unwrap_or(0);
        let stamp = (EPOCH + micros).to_be_bytes();
        let frame = &mut self.moves[client];
        let at = frame.len() - STAMP_FROM_END;
        frame[at..at + 4].copy_from_slice(&stamp);
        self.swarm.send(client, frame);
    }
}

/// `[[stamp, x, y]]`: a number of five bytes and two floats of five.
fn place(w: &mut Writer<'_>) {
    w.array(1);
    w.array(3);
    w.unsigned(EPOCH.into());
    w.f32(1.5);
    w.f32(2.5);
}

/// Where the four bytes of the stamp begin, from the end of a move.
const STAMP_FROM_END: usize = 4 + 5 + 5;

/// Where they begin, from the start of a message: `[10, [object, role, field, [[stamp, ..]]]]`. The object takes nine.
const STAMP: usize = 3 + 9 + 2 + 2 + 1;

/// The stamp of the first message in a datagram.
fn stamp(datagram: &[u8]) -> Option<u32> {
    let bytes = datagram.get(STAMP..STAMP + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}
