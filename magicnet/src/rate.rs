//! Rates: so many in a time, and so many at once. Time is an argument.

use std::fmt;

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
/// assert_eq!(format!("{:?}", Rate::per_minute(3)), "Rate(3/min)");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    amount: u32,
    burst: u32,
    unit: Unit,
    /// How long it takes until one comes back.
    cost: u64,
    /// How long it takes until all that may come at once are back.
    capacity: u64,
}

/// What the amount is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
    /// Whatever the amount.
    Never,
}

impl Rate {
    /// No bound at all.
    pub const UNLIMITED: Self = Self { amount: 0, burst: 0, unit: Unit::Never, cost: 0, capacity: 0 };

    /// So many a second; as many at once, unless [`burst`](Self::burst) says otherwise.
    ///
    /// # Panics
    ///
    /// If it is none, as with [`per_minute`](Self::per_minute) and [`per_hour`](Self::per_hour). In a constant that is
    /// an error of the compiler's.
    pub const fn per_second(amount: u32) -> Self {
        Self::new(amount, Unit::Second, 1)
    }

    /// So many a minute; as many at once, unless [`burst`](Self::burst) says otherwise.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub const fn per_minute(amount: u32) -> Self {
        Self::new(amount, Unit::Minute, 60)
    }

    /// So many an hour; as many at once, unless [`burst`](Self::burst) says otherwise.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub const fn per_hour(amount: u32) -> Self {
        Self::new(amount, Unit::Hour, 3_600)
    }

    /// How many may come at once, after a pause that was long enough; with 0 none ever may.
    #[must_use]
    pub const fn burst(mut self, burst: u32) -> Self {
        self.burst = burst;
        self.capacity = self.cost.saturating_mul(burst as u64);
        self
    }

    const fn new(amount: u32, unit: Unit, seconds: u64) -> Self {
        assert!(amount > 0, "a rate lets something through");
        let cost = seconds * 1_000_000_000 * PARTS / amount as u64;
        Self { amount, burst: 0, unit, cost, capacity: 0 }.burst(amount)
    }
}

/// As it is written: what it is counted by is nobody's business.
impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rate({self})")
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Second => "s",
            Unit::Minute => "min",
            Unit::Hour => "h",
            Unit::Never => return f.write_str("unlimited"),
        };
        write!(f, "{}/{unit}", self.amount)?;
        if self.burst == self.amount { Ok(()) } else { write!(f, ", burst {}", self.burst) }
    }
}

/// How much of a [`Rate`] is used up. It begins with nothing used.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bucket {
    /// When all of it will be back: what is used is the time until then.
    full_at: u64,
}

impl Bucket {
    /// Uses `amount` if there is as much left; says whether there was.
    pub(crate) fn take(&mut self, now: Time, rate: Rate, amount: usize) -> bool {
        let before = *self;
        let fits = self.charge(now, rate, amount);
        if !fits {
            *self = before;
        }
        fits
    }

    /// Uses `amount`, whether or not as much is left; says whether it was.
    #[inline]
    pub(crate) fn charge(&mut self, now: Time, rate: Rate, amount: usize) -> bool {
        let now = parts(now);
        self.full_at = self.full_at.max(now).saturating_add(rate.cost.saturating_mul(amount as u64));
        // Where nothing is used up, nothing is left to come back but by a clock that went backwards.
        rate.cost == 0 || self.full_at - now <= rate.capacity
    }
}

/// Time is counted in parts of a nanosecond, so that a rate of many megabytes a second is true to a thousandth, and
/// thirty years are not too long.
const PARTS: u64 = 16;

#[inline]
fn parts(now: Time) -> u64 {
    now.nanos().saturating_mul(PARTS)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
        assert!((0..3).all(|_| bucket.charge(at(9), Rate::UNLIMITED, usize::MAX)));
        assert!(bucket.charge(at(1), Rate::UNLIMITED, 1), "whatever the clock says");
    }

    #[test]
    fn many_bytes_a_second_are_counted_to_a_thousandth() {
        let rate = Rate::per_second(16 * 1024 * 1024).burst(1_000);
        let mut bucket = Bucket::default();
        let taken = (0..1_000_000)
            .filter(|micros| bucket.take(Time::after_start(Duration::from_micros(*micros)), rate, 100));
        let taken = 100 * taken.count();
        assert!((16_760_000..16_800_000).contains(&taken), "{taken} bytes");
    }

    #[test]
    fn time_that_runs_backwards_gives_nothing_back() {
        let rate = Rate::per_second(1);
        let mut bucket = Bucket::default();
        assert!(bucket.take(at(5_000), rate, 1));
        assert!(!bucket.take(at(4_000), rate, 1));
    }
}
