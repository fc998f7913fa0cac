//! A game: many clients, each moving its own object twenty times a second and seeing fifty others.

use std::thread;
use std::time::{Duration, Instant};

use magicnet::wire::Writer;

use super::{Bench, CPU_PER_DELIVERY, DELIVERIES, Scenario, Step, quantile, real, settle};
use crate::contenders::Kind;
use crate::load::Swarm;
use crate::load::v3::{self, SERVER};
use crate::machine;
use crate::process::Server;
use crate::report::{Bound, Report, Row, Target, Unit, What};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "crowd",
    about: "a game: 2,000 clients, each moving 20 times a second and seeing 50 others; and how many one core carries",
    steps,
    conclude,
};

const CASE: &str = "crowd";
const CARRIES: &str = "crowd that one core carries";
const CORES: What = What { name: "cores that the server needs", unit: Unit::Cores };
const LOAD: What = What { name: "cores that the load needs", unit: Unit::Cores };
const KEPT: What = What { name: "moves made, of those due", unit: Unit::Ratio };
const MEDIAN: What = What { name: "median from sending to a viewer, on the clock", unit: Unit::Seconds };
const SLOW: What = What { name: "99 of 100 from sending to a viewer, on the clock", unit: Unit::Seconds };
const CLIENTS: What = What { name: "clients", unit: Unit::Pieces };

const TICKED: &str = "ticked";
/// The same without tokio: nothing wakes it between its ticks.
const ON_A_THREAD: &str = "ticked thread";

/// How many see each other.
const GROUP: u64 = 51;
/// The least number of groups that are 2,000 clients.
pub(super) const WHOLE: u64 = 40 * GROUP;
const TICK: Duration = Duration::from_millis(50);
/// The longest that 99 of 100 moves may take.
const LATEST: f64 = 0.06;
/// What of a core a server may need and still be well.
const FULL: f64 = 0.9;
/// When the load can do no more, and what it measures is its own.
const SATURATED: f64 = 0.95;
/// The load keeps up if it makes this part of the moves.
const ALMOST_ALL: f64 = 0.98;
/// Below that the processor's share is too small a number.
const SHORTEST: Duration = Duration::from_secs(2);
/// The load looks for what has come once in this time, and is in nobody's way meanwhile. So much less is known of when
/// something came.
const PAUSE: Duration = Duration::from_micros(500);
/// Stamps begin here, so that all take five bytes.
const EPOCH: u32 = 1 << 28;

fn steps(bench: &Bench) -> Vec<Step> {
    let crowds: &[u64] = if bench.plan.is_quick { &[WHOLE / 4] } else { &[WHOLE / 4, WHOLE / 2, WHOLE] };
    let kinds = [Kind::Ideal, bench.ours(), ticked(bench), ticked_thread(bench)];
    let points = crowds.iter().flat_map(|clients| kinds.clone().map(|kind| (*clients, kind)));
    let mut steps: Vec<Step> = points
        .map(|(clients, kind)| {
            let what = format!("a crowd of {clients}: {}", kind.name());
            Step::new(what, move |bench| point(bench, &kind, clients))
        })
        .collect();
    if !bench.plan.is_quick {
        steps.push(Step::new("how large a crowd one core carries", carries));
    }
    steps
}

/// What a game would have: as many writes as there are ticks.
fn ticked(bench: &Bench) -> Kind {
    Kind::Ours(TICKED, bench.ours_with(&["--flush", "50ms"]))
}

fn ticked_thread(bench: &Bench) -> Kind {
    Kind::Ours(ON_A_THREAD, bench.ours_with(&["--flush", "50ms", "--stack", "threads"]))
}

fn point(bench: &mut Bench, kind: &Kind, clients: u64) -> anyhow::Result<()> {
    let found = Crowd::open(kind, clients)?.measure(bench.plan.seconds)?;
    report(bench, CASE, kind.name(), clients, &found);
    Ok(())
}

/// Adds to the report what a crowd has shown.
pub(super) fn report(
    bench: &mut Bench,
    case: &'static str,
    server: &'static str,
    clients: u64,
    found: &Found,
) {
    let rows = [
        (CORES, found.server),
        (KEPT, found.kept),
        (DELIVERIES, found.deliveries),
        (CPU_PER_DELIVERY, found.server * found.kept / found.deliveries),
        (MEDIAN, found.median),
        (SLOW, found.slow),
        (LOAD, found.load),
    ];
    for (what, value) in rows {
        let at = vec![("clients", clients.into())];
        bench.report.add(Row { case, server, at, what, value });
    }
    if found.load > SATURATED || found.kept < ALMOST_ALL {
        bench.report.note(format!(
            "The load did not keep up with {clients} clients of `{server}`: what the clock says is its own doing."
        ));
    }
}

/// Lets a crowd grow until the server is full, or too slow.
fn carries(bench: &mut Bench) -> anyhow::Result<()> {
    let mut crowd = Crowd::open(&ticked(bench), WHOLE / 4)?;
    let mut carried = 0;
    let why = loop {
        let found = crowd.measure_twice_if_late(bench.plan.seconds)?;
        let clients = crowd.moves.len() as u64;
        if found.server > FULL {
            break format!("{clients} needed {:.2} of it", found.server);
        }
        if found.load > SATURATED || found.kept < ALMOST_ALL {
            break format!("with {clients} the load did not keep up; a machine with more to spare says more");
        }
        if found.slow > LATEST {
            break format!("with {clients}, one in a hundred waited {:.0} ms", found.slow * 1e3);
        }
        carried = clients;
        let more = (clients / GROUP / 4).max(1) * GROUP;
        if clients + more > bench.connections() {
            break "there may be no more open files".to_owned();
        }
        crowd.grow(more)?;
    };
    bench.report.note(format!("One core carries a crowd of {carried}: {why}."));
    let (server, value) = (TICKED, real(carried));
    bench.report.add(Row { case: CARRIES, server, at: Vec::new(), what: CLIENTS, value });
    Ok(())
}

fn conclude(report: &mut Report) {
    for server in [TICKED, ON_A_THREAD] {
        conclude_about(server, report);
    }
}

fn conclude_about(server: &'static str, report: &mut Report) {
    let value = |what| report.value(CASE, server, &[WHOLE.into()], what);
    let (Some(kept), Some(deliveries)) = (value(KEPT), value(DELIVERIES)) else { return };
    // A server that waits for the processor finds newer places in the place of older ones, and has less to say.
    let due = real(WHOLE * GROUP) / TICK.as_secs_f64();
    let is_whole = kept > ALMOST_ALL && deliveries > due * ALMOST_ALL;
    let targets = [
        (CORES, "cores that the server needs", 0.6, Unit::Cores),
        (SLOW, "99 of 100 from sending to a viewer", LATEST, Unit::Seconds),
    ];
    for (what, said, bound, unit) in targets {
        if let Some(measured) = report.value(CASE, server, &[WHOLE.into()], what) {
            let is_sure = is_whole && (what == CORES || !report.is_disturbed);
            let what = format!("a crowd of {WHOLE}, {server}: {said}");
            report.add_target(Target { what, bound: Bound::AtMost(bound), unit, measured, is_sure });
        }
    }
}

/// What a crowd has shown in some time.
pub(super) struct Found {
    /// Which part of the moves that were due the load has made: the machine did not let it make the rest.
    kept: f64,
    /// Cores that the server needs when all are made.
    server: f64,
    /// The same of the load.
    load: f64,
    /// In a second.
    deliveries: f64,
    median: f64,
    slow: f64,
}

pub(super) struct Crowd {
    kind: Kind,
    server: Server,
    swarm: Swarm,
    /// The frame of each client's move; stamp and place are written into it.
    moves: Vec<Vec<u8>>,
    begin: Instant,
    latencies: Vec<f64>,
}

impl Crowd {
    pub(super) fn open(kind: &Kind, clients: u64) -> anyhow::Result<Self> {
        let server = kind.start(&["--app".to_owned(), "mover".to_owned()])?;
        let mut crowd = Self {
            kind: kind.clone(),
            server,
            swarm: Swarm::new()?,
            moves: Vec::new(),
            begin: Instant::now(),
            latencies: Vec::new(),
        };
        crowd.grow(clients)?;
        Ok(crowd)
    }

    /// Lets more clients join, whole groups.
    fn grow(&mut self, clients: u64) -> anyhow::Result<()> {
        self.swarm.talk();
        for _ in 0..clients {
            let zone = u32::try_from(1 + self.moves.len() as u64 / GROUP)?;
            let joined = self.kind.join(&mut self.swarm, &self.server, &[zone])?;
            let object = v3::create(&mut self.swarm, joined, 1, zone)?;
            self.moves.push(v3::call(object, SERVER, 0, place));
        }
        settle(&mut self.swarm)
    }

    pub(super) fn measure(&mut self, time: Duration) -> anyhow::Result<Found> {
        self.play(SHORTEST / 4)?;
        self.latencies.clear();
        self.swarm.count();
        let (begin, server, load) = (Instant::now(), self.server.cpu()?, machine::own_cpu()?);
        let kept = self.play(time.max(SHORTEST))?;
        let elapsed = begin.elapsed().as_secs_f64();
        let server = self.server.cpu()?.saturating_sub(server).as_secs_f64();
        let load = machine::own_cpu()?.saturating_sub(load).as_secs_f64();
        let delivered = self.swarm.received_by_all() / self.message_len() as u64;
        Ok(Found {
            kept,
            server: server / elapsed / kept,
            load: load / elapsed,
            deliveries: real(delivered) / elapsed,
            median: quantile(self.latencies.clone(), 0.5),
            slow: quantile(self.latencies.clone(), 0.99),
        })
    }

    /// A pause of the machine is none of the server's: who is late has a second try.
    fn measure_twice_if_late(&mut self, time: Duration) -> anyhow::Result<Found> {
        let found = self.measure(time)?;
        if found.slow > LATEST { self.measure(time) } else { Ok(found) }
    }

    /// Every client moves once a tick, one after the other over the tick. Returns which part of the moves was made.
    fn play(&mut self, time: Duration) -> anyhow::Result<f64> {
        let begin = Instant::now();
        let crowd = self.moves.len();
        let (mut next, mut left_out) = (0, 0);
        while begin.elapsed() < time {
            let due = begin.elapsed().as_secs_f64() / TICK.as_secs_f64() * real(crowd as u64);
            while real(next as u64) + real(crowd as u64) < due {
                // More than a tick late: nobody moves twice at once because this program was held up.
                (next, left_out) = (next + 1, left_out + 1);
            }
            while real(next as u64) < due {
                self.move_one(next % crowd);
                next += 1;
            }
            thread::sleep(PAUSE);
            self.look()?;
        }
        Ok(1.0 - real(left_out) / real(next as u64))
    }

    /// Takes what has come. Of each group one client looks at how old it is.
    fn look(&mut self) -> anyhow::Result<()> {
        let len = self.message_len();
        let Self { swarm, latencies, begin, .. } = self;
        swarm.take_all(|peer, datagram, is_whole| {
            if is_whole && (peer as u64).is_multiple_of(GROUP) {
                let now = stamp(*begin);
                let ages =
                    datagram.chunks_exact(len).filter_map(stamp_of).map(|sent| now.saturating_sub(sent));
                latencies.extend(ages.map(|micros| f64::from(micros) / 1e6));
            }
        })
    }

    fn move_one(&mut self, client: usize) {
        let stamp = stamp(self.begin).to_be_bytes();
        let frame = &mut self.moves[client];
        let at = frame.len() - STAMP_FROM_END;
        frame[at..at + 4].copy_from_slice(&stamp);
        self.swarm.send(client, frame);
    }

    /// A move is as long as what viewers are told of it: the same things stand in it.
    fn message_len(&self) -> usize {
        self.moves[0].len() - 2
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

/// The microseconds since a crowd's beginning, as a number of five bytes.
fn stamp(begin: Instant) -> u32 {
    EPOCH + u32::try_from(begin.elapsed().as_micros()).unwrap_or(u32::MAX - EPOCH)
}

/// The stamp of a move that a viewer is told.
fn stamp_of(message: &[u8]) -> Option<u32> {
    let bytes = message[message.len() - STAMP_FROM_END..].first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}
