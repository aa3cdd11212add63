//! `PoolOrigin`: when a pool was made, and by which rule its number of threads.

use super::rule::NumThreadsRule;
use crate::sync::clock::Instant;
use crate::sync::once::OnceLock;
use crate::sync::ticks::Ticks;
use std::time::Duration;

/// The beginning of a pool, by the processor's counter, which the threads read, and by the system's clock.
#[derive(Debug)]
pub(in crate::pool) struct PoolOrigin {
    ticks: Ticks,
    instant: Instant,
    /// Set by the pool's builder.
    rule: OnceLock<NumThreadsRule>,
}

/// The time since the pool was made, on both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Age {
    pub(super) now: Ticks,
    pub(super) time: Duration,
    ticks: u64,
}

impl PoolOrigin {
    pub(in crate::pool) fn new() -> Self {
        PoolOrigin { ticks: Ticks::now(), instant: Instant::now(), rule: OnceLock::new() }
    }

    /// Keeps the rule that gave the number of threads. The builder calls it once.
    pub(in crate::pool) fn set_rule(&self, rule: NumThreadsRule) {
        _ = self.rule.set(rule);
    }

    /// The rule; a pool that no builder has made has the number that its maker gave.
    pub(super) fn rule(&self) -> NumThreadsRule {
        self.rule.get().copied().unwrap_or(NumThreadsRule::Builder)
    }

    pub(super) fn age(&self) -> Age {
        let (now, time) = (Ticks::now(), self.instant.elapsed());
        Age { now, time, ticks: now.since(self.ticks) }
    }
}

impl Age {
    /// A number of ticks as a time. The rate is that of the pool's whole life, which measures it the better the longer
    /// that is.
    pub(super) fn time_of(&self, ticks: u64) -> Duration {
        if self.ticks == 0 {
            return Duration::from_nanos(ticks / Ticks::PER_NANOSECOND);
        }
        Duration::from_nanos((ticks as f64 * (self.time.as_nanos() as f64 / self.ticks as f64)) as u64)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Age, PoolOrigin};
    use crate::sync::ticks::Ticks;
    use std::time::Duration;

    #[test]
    fn ticks_are_as_long_as_the_clock_says() {
        let age = Age { now: Ticks::at(0), time: Duration::from_millis(2), ticks: 4_000_000 };
        assert_eq!(age.time_of(4_000_000), Duration::from_millis(2));
        assert_eq!(age.time_of(1_000), Duration::from_nanos(500));
        let unknown = Age { ticks: 0, ..age };
        assert_eq!(unknown.time_of(Ticks::PER_NANOSECOND * 70), Duration::from_nanos(70));
    }

    #[test]
    fn a_pool_has_one_rule() {
        let origin = PoolOrigin::new();
        assert_eq!(origin.rule(), super::NumThreadsRule::Builder);
        origin.set_rule(super::NumThreadsRule::AffinityMask);
        assert_eq!(origin.rule(), super::NumThreadsRule::AffinityMask);
    }
}
