//! Rates: so many in a time, and so many at once. Time is an argument.

use std::fmt;
use std::time::Duration;

use crate::time::Time;

/// So many in a time, and so many at once: what a peer may send, or how often it may make a call.
///
/// It is counted as by a bucket of tokens: it holds [`burst`](Self::burst) of them, each thing takes one out, and they
/// come back evenly over the time. `Rate::per_second(20).burst(40)` lets 40 come at once after a pause, and 20 a second
/// for as long as one likes.
///
/// ```
/// use magicnet::Rate;
///
/// assert_eq!(Rate::per_second(20).burst(40).to_string(), "20/s, burst 40");
/// assert_eq!(Rate::per_minute(3).to_string(), "3/min");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    amount: u32,
    period: Period,
    burst: u32,
}

/// What the amount is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Second,
    Minute,
    Hour,
    /// Whatever the amount.
    Never,
}

impl Rate {
    /// No bound at all.
    pub const UNLIMITED: Self = Self { amount: 0, period: Period::Never, burst: 0 };

    /// So many a second; as many at once, unless [`burst`](Self::burst) says otherwise.
    pub const fn per_second(amount: u32) -> Self {
        Self { amount, period: Period::Second, burst: amount }
    }

    /// So many a minute; as many at once, unless [`burst`](Self::burst) says otherwise.
    pub const fn per_minute(amount: u32) -> Self {
        Self { amount, period: Period::Minute, burst: amount }
    }

    /// So many an hour; as many at once, unless [`burst`](Self::burst) says otherwise.
    pub const fn per_hour(amount: u32) -> Self {
        Self { amount, period: Period::Hour, burst: amount }
    }

    /// How many may come at once, after a pause that was long enough.
    #[must_use]
    pub const fn burst(mut self, burst: u32) -> Self {
        self.burst = burst;
        self
    }

    fn nanos(self) -> u64 {
        const SECOND: u64 = 1_000_000_000;
        match self.period {
            Period::Second => SECOND,
            Period::Minute => 60 * SECOND,
            Period::Hour => 3_600 * SECOND,
            Period::Never => 0,
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.period {
            Period::Second => "s",
            Period::Minute => "min",
            Period::Hour => "h",
            Period::Never => return f.write_str("unlimited"),
        };
        write!(f, "{}/{unit}", self.amount)?;
        if self.burst == self.amount { Ok(()) } else { write!(f, ", burst {}", self.burst) }
    }
}

/// How much of a [`Rate`] is used up. It begins with nothing used.
///
/// It is counted in parts of one that come back in a nanosecond, so nothing is divided and nothing is rounded.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket {
    used: u128,
    since: Time,
}

impl Bucket {
    /// Uses `amount` if there is as much left; says whether there was.
    pub(crate) fn take(&mut self, now: Time, rate: Rate, amount: usize) -> bool {
        let used = self.with(now, rate, amount);
        let fits = used <= capacity(rate);
        if fits {
            *self = Self { used, since: now };
        }
        fits
    }

    /// Uses `amount`, whether or not as much is left; says whether it was.
    pub(crate) fn charge(&mut self, now: Time, rate: Rate, amount: usize) -> bool {
        *self = Self { used: self.with(now, rate, amount), since: now };
        self.used <= capacity(rate)
    }

    /// What is used once `amount` is.
    fn with(&self, now: Time, rate: Rate, amount: usize) -> u128 {
        let left = if now == self.since {
            self.used
        } else {
            let elapsed = nanos_of(now.since(self.since));
            self.used.saturating_sub(u128::from(elapsed) * u128::from(rate.amount))
        };
        // No more than fits: nothing that came over a network is as large.
        let amount = u32::try_from(amount).unwrap_or(u32::MAX);
        left + u128::from(amount) * u128::from(rate.nanos())
    }
}

fn capacity(rate: Rate) -> u128 {
    u128::from(rate.burst) * u128::from(rate.nanos())
}

fn nanos_of(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::after_start(Duration::from_millis(millis))
    }

    #[test]
    fn a_burst_is_there_at_once_and_comes_back_evenly() {
        let rate = Rate::per_second(20).burst(40);
        let mut bucket = Bucket::default();
        let mut taken = |millis| (0..100).filter(|_| bucket.take(at(millis), rate, 1)).count();
        assert_eq!(taken(0), 40);
        assert_eq!(taken(49), 0);
        assert_eq!(taken(50), 1);
        assert_eq!(taken(1_050), 20);
        assert_eq!(taken(60_000), 40, "no more than a burst is saved up");
    }

    #[test]
    fn what_does_not_fit_is_not_taken_but_charged_if_it_has_been_done() {
        let rate = Rate::per_second(10);
        let mut bucket = Bucket::default();
        assert!(!bucket.take(at(0), rate, 11));
        assert!(bucket.take(at(0), rate, 10));
        assert!(!bucket.charge(at(0), rate, 10));
        assert!(!bucket.take(at(1_000), rate, 1), "the debt is paid first");
        assert!(bucket.take(at(2_000), rate, 10));
    }

    #[test]
    fn slow_rates_lose_nothing_to_rounding() {
        let rate = Rate::per_hour(7).burst(1);
        let mut bucket = Bucket::default();
        let taken =
            (0..10 * 3_600_000).step_by(13).filter(|millis| bucket.take(at(*millis), rate, 1)).count();
        assert_eq!(taken, 70);
    }

    #[test]
    fn without_a_bound_everything_fits() {
        let mut bucket = Bucket::default();
        assert!((0..3).all(|_| bucket.charge(at(0), Rate::UNLIMITED, usize::MAX)));
    }

    #[test]
    fn time_that_runs_backwards_gives_nothing_back() {
        let rate = Rate::per_second(1);
        let mut bucket = Bucket::default();
        assert!(bucket.take(at(5_000), rate, 1));
        assert!(!bucket.take(at(4_000), rate, 1));
    }
}
