//! The state of each schedule, which chooses the thread that goes on.

use super::config::Schedule;

/// Steele's SplitMix64 (2014). Not `sync::rng`: the library uses that generator, and its seed depends on the run's.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Chance(seed)
    }

    #[inline]
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `0..bound`; `bound` must not be 0.
    #[inline]
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

/// The state of Burckhardt's schedule.
#[derive(Debug)]
pub(super) struct Pct {
    /// The points at which the running thread falls, the next last.
    falls: Vec<u64>,
    /// The lowest priority so far. The next thread that falls goes below it.
    lowest: i64,
    /// The step since which the same thread has run.
    pub(super) since: u64,
}

/// A thread that has run alone for this number of points falls: it may be waiting for other threads without a point
/// that shows it.
const LONGEST_TURN: u64 = 20_000;

impl Pct {
    pub(super) fn new(depth: u32, length: u64, chance: &mut Chance) -> Self {
        let mut falls: Vec<u64> = (1..depth).map(|_| 1 + chance.below(length.max(1) as usize) as u64).collect();
        falls.sort_unstable_by(|a, b| b.cmp(a));
        Pct { falls, lowest: 0, since: 0 }
    }

    /// True if the running thread falls at this point.
    #[inline]
    pub(super) fn is_to_fall(&mut self, step: u64) -> bool {
        if self.falls.last().is_some_and(|&fall| fall <= step) {
            self.falls.pop();
            return true;
        }
        step - self.since > LONGEST_TURN
    }

    /// A new priority below all others.
    pub(super) fn fall(&mut self) -> i64 {
        self.lowest -= 1;
        self.lowest
    }
}

/// The state of a schedule.
#[derive(Debug)]
pub(super) enum Picker {
    Uniform,
    Pct(Pct),
    Discrete,
}

impl Picker {
    pub(super) fn new(schedule: Schedule, chance: &mut Chance) -> Self {
        match schedule {
            Schedule::Uniform => Picker::Uniform,
            Schedule::Pct { depth, length } => Picker::Pct(Pct::new(depth, length, chance)),
            Schedule::Discrete => Picker::Discrete,
        }
    }
}
