//! `PoolOrigin`: when a pool was made, and by which rule its number of threads.

use super::rule::NumThreadsRule;
use crate::pool::tuning::TICK_MEASURED_FOR;
use crate::sync::atomic::spin_loop;
use crate::sync::clock::Instant;
use crate::sync::once::{OnceLock, ProcessOnceLock};
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

/// The time since the pool was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Age {
    pub(super) now: Ticks,
    pub(super) time: Duration,
    ns_per_tick: f64,
}

/// How long a tick is. It is measured once in a process, so that no time that has been read is ever a shorter one later.
static NS_PER_TICK: ProcessOnceLock<f64> = ProcessOnceLock::new();

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
        let ns_per_tick = NS_PER_TICK.get().copied().unwrap_or_else(|| {
            // Outside of the lock, on which no thread waits for as long as this takes.
            let measured = self.measure();
            _ = NS_PER_TICK.set(measured);
            NS_PER_TICK.get().copied().unwrap_or(measured)
        });
        let now = Ticks::now();
        let age = Age { now, time: Duration::ZERO, ns_per_tick };
        Age { time: age.time_of(now.since(self.ticks)), ..age }
    }

    /// How long a tick is, from the pool's age on both clocks. If the pool is very young this waits until it is not.
    fn measure(&self) -> f64 {
        let nominal = 1.0 / Ticks::PER_NANOSECOND as f64;
        if cfg!(any(loom, sim)) {
            return nominal;
        }
        while self.instant.elapsed() < TICK_MEASURED_FOR {
            spin_loop();
        }
        let (ticks, time) = (Ticks::now().since(self.ticks), self.instant.elapsed());
        if ticks == 0 { nominal } else { time.as_nanos() as f64 / ticks as f64 }
    }
}

impl Age {
    /// A number of ticks as a time.
    pub(super) fn time_of(&self, ticks: u64) -> Duration {
        Duration::from_nanos((ticks as f64 * self.ns_per_tick) as u64)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Age, PoolOrigin};
    use crate::sync::ticks::Ticks;
    use std::time::Duration;

    #[test]
    fn ticks_are_as_long_as_was_measured() {
        let age = Age { now: Ticks::at(0), time: Duration::ZERO, ns_per_tick: 0.5 };
        assert_eq!([0, 1_000, 4_000_000].map(|ticks| age.time_of(ticks).as_nanos()), [0, 500, 2_000_000]);
    }

    #[test]
    fn the_length_of_a_tick_is_measured_once() {
        let [first, second] = [(); 2].map(|()| PoolOrigin::new().age().ns_per_tick);
        assert!(first > 0.0 && first.to_bits() == second.to_bits(), "{first} {second}");
    }

    #[test]
    fn a_pool_has_one_rule() {
        let origin = PoolOrigin::new();
        assert_eq!(origin.rule(), super::NumThreadsRule::Builder);
        origin.set_rule(super::NumThreadsRule::AffinityMask);
        assert_eq!(origin.rule(), super::NumThreadsRule::AffinityMask);
    }
}
