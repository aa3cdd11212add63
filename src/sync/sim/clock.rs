//! The system's clock, in virtual time.

use super::machine::{self, point_alone};
use super::trace::Access;
use std::time::Duration;

/// A moment of virtual time, as [`std::time::Instant`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(u64);

/// The nanoseconds since the run began; 0 outside of runs.
pub(crate) fn nanoseconds() -> u64 {
    machine::with(|machine| machine.map_or(0, |machine| machine.with_state(|state| state.now())))
}

/// Charges the cost of reading the clock.
#[track_caller]
pub(crate) fn read() {
    point_alone(Access::Clock);
}

impl Instant {
    #[track_caller]
    pub(crate) fn now() -> Self {
        read();
        Instant(nanoseconds())
    }

    #[track_caller]
    pub(crate) fn elapsed(&self) -> Duration {
        Instant::now().saturating_duration_since(*self)
    }

    pub(crate) fn saturating_duration_since(&self, earlier: Instant) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    pub(crate) fn checked_add(&self, time: Duration) -> Option<Instant> {
        let ns = u64::try_from(time.as_nanos()).ok()?;
        self.0.checked_add(ns).map(Instant)
    }
}
