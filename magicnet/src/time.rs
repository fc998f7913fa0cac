//! Time as an argument: nothing below `drive` has a clock.

use std::fmt;
use std::time::Duration;

/// A moment, as the time since its driver's beginning.
///
/// Ours rather than `std::time::Instant`, which cannot be made up by a test and panics in browsers. It is counted in
/// nanoseconds and ends, like everything, after 584 years.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time {
    nanos: u64,
}

impl Time {
    /// The driver's beginning.
    pub const ZERO: Self = Self { nanos: 0 };

    /// Later than everything.
    #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "a timer that was not set"))]
    pub(crate) const NEVER: Self = Self { nanos: u64::MAX };

    /// The moment `elapsed` after the driver's beginning.
    pub const fn after_start(elapsed: Duration) -> Self {
        Self { nanos: nanos(elapsed) }
    }

    /// The time since the driver's beginning.
    pub const fn since_start(self) -> Duration {
        Duration::from_nanos(self.nanos)
    }

    /// How long it is from `earlier` to here; zero if it is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.nanos.saturating_sub(earlier.nanos))
    }

    /// The nanoseconds since the driver's beginning.
    pub(crate) const fn nanos(self) -> u64 {
        self.nanos
    }
}

/// The earlier of two moments that may not come.
#[inline]
pub(crate) fn earlier(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The nanoseconds of a duration, as many as can be counted.
pub(crate) const fn nanos(duration: Duration) -> u64 {
    duration.as_secs().saturating_mul(1_000_000_000).saturating_add(duration.subsec_nanos() as u64)
}

impl std::ops::Add<Duration> for Time {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self { nanos: self.nanos.saturating_add(nanos(later)) }
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Time").field(&self.since_start()).finish()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.since_start())
    }
}
