//! What the operating system says: how much of its processors a process had, what others had meanwhile, and how many
//! files may be open. Linux alone says it in this way.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;

/// The time that the threads of a process have spent on a processor. `proc` is its folder under `/proc`.
pub(crate) fn cpu(proc: &Path) -> anyhow::Result<Duration> {
    let mut total = 0;
    for task in fs::read_dir(proc.join("task"))? {
        // A thread may have ended since; what it cost is lost, which no server here does while it is measured.
        let Ok(stat) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        total += stat.split_whitespace().next().context("schedstat is empty")?.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(total))
}

/// The same of this process, which is the load.
pub(crate) fn own_cpu() -> anyhow::Result<Duration> {
    cpu(Path::new("/proc/self"))
}

/// The bytes of memory that belong to a process alone: its anonymous resident pages.
pub(crate) fn memory(proc: &Path) -> anyhow::Result<u64> {
    let status = fs::read_to_string(proc.join("status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).context("no RssAnon")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib * 1024)
}

/// Lets this process, and those that it starts, open as many files as they may at all, and returns how many.
pub(crate) fn open_files() -> anyhow::Result<u64> {
    rlimit::increase_nofile_limit(u64::MAX).context("the limit of open files cannot be raised")
}

/// How many connections this machine can make to one address: each takes a port of its own.
pub(crate) fn ports() -> u64 {
    let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    let mut ends = range.split_whitespace().map(str::parse::<u64>);
    match (ends.next(), ends.next()) {
        (Some(Ok(first)), Some(Ok(last))) => last.saturating_sub(first),
        // The range that the kernel has by itself.
        _ => 28_000,
    }
}

/// How much of the machine others have: what was busy and is not ours.
#[derive(Debug)]
pub(crate) struct Others {
    since: Instant,
    foreign: f64,
}

impl Others {
    pub(crate) fn watch() -> anyhow::Result<Self> {
        Ok(Self { since: Instant::now(), foreign: foreign_seconds()? })
    }

    /// How many cores others had since, on an average. The servers that were started since must have ended.
    pub(crate) fn cores(&self) -> anyhow::Result<f64> {
        Ok((foreign_seconds()? - self.foreign).max(0.0) / self.since.elapsed().as_secs_f64())
    }
}

/// Seconds of processor time that neither this process nor a child that has ended had, since the machine started.
fn foreign_seconds() -> anyhow::Result<f64> {
    let machine = fs::read_to_string("/proc/stat")?;
    // user nice system idle iowait irq softirq steal
    let all = ticks(machine.lines().next().and_then(|line| line.strip_prefix("cpu")));
    let busy: f64 = [0, 1, 2, 5, 6, 7].iter().filter_map(|place| all.get(*place)).sum();
    let this = fs::read_to_string("/proc/self/stat")?;
    // Behind the name, which may have spaces: the 12th to the 15th are our time and that of children.
    let ours: f64 = ticks(this.rsplit_once(')').map(|(_, rest)| rest)).iter().skip(12 - 1).take(4).sum();
    Ok((busy - ours) / TICKS_PER_SECOND)
}

/// The numbers in a line. What is no number counts as none.
fn ticks(line: Option<&str>) -> Vec<f64> {
    line.unwrap_or_default().split_whitespace().map(|word| word.parse().unwrap_or(0.0)).collect()
}

/// The unit of what `/proc` counts for people, on every Linux of today.
const TICKS_PER_SECOND: f64 = 100.0;
