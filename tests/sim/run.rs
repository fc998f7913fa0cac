//! Runs simulations, and makes those that fail short.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

use crate::plan::{Plan, plan};
use crate::stage::Stage;

/// How often each rule was at work.
pub(crate) type Counts = BTreeMap<&'static str, u64>;

/// A simulation that does not go as the rules say.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The operations that were under way or done.
    done: usize,
    why: String,
}

/// What is left of a failing simulation.
#[derive(Debug)]
pub(crate) struct Report {
    seed: u64,
    why: String,
    plan: Plan,
}

/// Runs the simulations of many seeds on all cores, and says how often each rule was at work in them.
///
/// # Errors
///
/// When something happens that the rules do not say: the first seed in which it does, as far as they were run.
pub(crate) fn run_seeds(seeds: RangeInclusive<u64>) -> Result<Counts, Box<Report>> {
    let next = AtomicU64::new(*seeds.start());
    let outcome = Mutex::new(Ok(Counts::new()));
    let work = || {
        while let Some(seed) = Some(next.fetch_add(1, Relaxed)).filter(|seed| seeds.contains(seed)) {
            let found = run_seed(seed);
            if found.is_err() {
                next.store(u64::MAX / 2, Relaxed);
            }
            add(&mut outcome.lock().unwrap_or_else(PoisonError::into_inner), found);
        }
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        (0..cores).for_each(|_| drop(scope.spawn(work)));
    });
    outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Adds what one seed has shown to what others have.
fn add(all: &mut Result<Counts, Box<Report>>, one: Result<Counts, Box<Report>>) {
    match (&mut *all, one) {
        (Ok(all), Ok(one)) => {
            one.into_iter().for_each(|(rule, often)| *all.entry(rule).or_default() += often)
        }
        (Err(first), Err(report)) if first.seed < report.seed => {}
        (_, Err(report)) => *all = Err(report),
        (Err(_), Ok(_)) => {}
    }
}

/// Runs the simulation of a seed; of one that fails, the shortest beginning and what in it matters.
fn run_seed(seed: u64) -> Result<Counts, Box<Report>> {
    let plan = plan(seed);
    run(&plan).map_err(|failure| Box::new(shorten(seed, plan, failure)))
}

/// Runs a simulation; a panic in a node is a failure like any other.
fn run(plan: &Plan) -> Result<Counts, Failure> {
    let done = Cell::new(0);
    let act = || {
        let mut stage = Stage::new(plan.world);
        for op in &plan.ops {
            done.set(done.get() + 1);
            stage.perform(op)?;
        }
        stage.finish()?;
        Ok(stage.rules.counts)
    };
    let outcome = quietly(|| catch_unwind(AssertUnwindSafe(act)));
    let outcome = outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(format!("a panic: {}", text.unwrap_or("without words")))
    });
    outcome.map_err(|why| Failure { done: done.get(), why })
}

/// First the shortest beginning that fails, then without each operation that it can do without.
fn shorten(seed: u64, mut plan: Plan, mut failure: Failure) -> Report {
    plan.ops.truncate(failure.done);
    for len in 0..plan.ops.len() {
        let beginning = Plan { ops: plan.ops[..len].to_vec(), ..plan };
        if let Err(sooner) = run(&beginning) {
            (plan, failure) = (beginning, sooner);
            break;
        }
    }
    for index in (0..plan.ops.len()).rev() {
        let mut without = plan.clone();
        without.ops.remove(index);
        if let Err(still) = run(&without) {
            (plan, failure) = (without, still);
        }
    }
    Report { seed, why: failure.why, plan }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, why, plan } = self;
        writeln!(f, "seed {seed} does not go as the rules say:")?;
        writeln!(f, "  {why}")?;
        writeln!(f, "The shortest list of operations found that fails, in {:?}:", plan.world)?;
        plan.ops.iter().try_for_each(|op| writeln!(f, "  {op:?}"))?;
        write!(f, "Run it alone: MAGICNET_SEED={seed} cargo test -p magicnet-tests --test sim")
    }
}

/// A panic that is looked for is not printed: shortening meets it again and again.
fn quietly<T>(act: impl FnOnce() -> T) -> T {
    thread_local!(static IS_QUIET: Cell<bool> = const { Cell::new(false) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IS_QUIET.get() {
                before(panic);
            }
        }));
    });
    IS_QUIET.set(true);
    let outcome = act();
    IS_QUIET.set(false);
    outcome
}
