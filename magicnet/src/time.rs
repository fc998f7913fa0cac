//! Time as an argument: nothing below `drive` has a clock.

use std::fmt;
use std::time::Duration;

/// A moment, as the time since its driver's beginning.
///
/// Ours rather than `std::time::Instant`, which cannot be made up by a test and panics in browsers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time(Duration);

impl Time {
    /// The driver's beginning.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// The moment `elapsed` after the driver's beginning.
    pub const fn after_start(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// The time since the driver's beginning.
    pub const fn since_start(self) -> Duration {
        self.0
    }

    /// How long it is from `earlier` to here; zero if it is not earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl std::ops::Add<Duration> for Time {
    type Output = Self;

    fn add(self, later: Duration) -> Self {
        Self(self.0.saturating_add(later))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
