//! The system's clock, or a stand-in where there is none.

use std::time::Duration;

#[cfg(not(any(sim, all(target_family = "wasm", target_os = "unknown"))))]
pub(crate) use std::time::Instant;

#[cfg(sim)]
pub(crate) use crate::sync::sim::clock::Instant;

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub(crate) use self::counted::Instant;

/// A moment of the system's clock, as a program gives it.
pub(crate) type Deadline = std::time::Instant;

/// The time until a moment of the system's clock; zero if it has passed.
pub(crate) fn left_until(deadline: Deadline) -> Duration {
    deadline.saturating_duration_since(Deadline::now())
}

/// On WebAssembly without a system, `std::time::Instant::now` panics. Here the time is the number of calls that have
/// asked for it, so that every loop that waits for some time to pass ends.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod counted {
    use crate::sync::atomic::{Ordering, StaticAtomicUsize};
    use std::time::Duration;

    /// The time that passes between two calls.
    const BETWEEN_LOOKS: Duration = Duration::from_nanos(100);

    /// Relaxed suffices: the time orders nothing.
    static LOOKS: StaticAtomicUsize = StaticAtomicUsize::new(0);

    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub(crate) struct Instant {
        looks: usize,
    }

    impl Instant {
        pub(crate) fn now() -> Self {
            Instant { looks: LOOKS.fetch_add(1, Ordering::Relaxed) }
        }

        pub(crate) fn elapsed(&self) -> Duration {
            let looks = Instant::now().looks.wrapping_sub(self.looks);
            BETWEEN_LOOKS * looks as u32
        }

        pub(crate) fn saturating_duration_since(&self, earlier: Instant) -> Duration {
            BETWEEN_LOOKS * self.looks.saturating_sub(earlier.looks) as u32
        }

        pub(crate) fn checked_add(&self, time: Duration) -> Option<Instant> {
            let looks = usize::try_from(time.as_nanos() / BETWEEN_LOOKS.as_nanos()).ok()?;
            Some(Instant { looks: self.looks.checked_add(looks)? })
        }
    }
}
