//! Layer 5: what the items of a stream cost, and what follows from it: who maps them, and for how many results the consumer
//! sleeps at a time.

use crate::fork::Ticks;
use crate::iter::schedule::grain::Cost;
use crate::iter::schedule::tuning::WAKE_UP;
use std::time::Duration;

/// A window of items that takes no longer is over before another worker could be woken for its other half.
const WORTH_MOVING: u64 = WAKE_UP;

/// So much work is done between two wake-ups of the consumer, so that their cost is no more than a part of it.
const BETWEEN_WAKE_UPS: u64 = 2 * WAKE_UP;

/// How long a sleep for several results is at most; then one is enough.
pub(super) const NAP: Duration = Duration::from_nanos(4 * WAKE_UP / Ticks::PER_NANOSECOND);

/// What the latest items have cost, pulled and mapped.
#[derive(Debug)]
pub(super) struct ItemCost(Cost);

/// Who maps the items of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// The consumer: a whole window of them is not worth moving to another thread.
    Light,
    /// Jobs. Or nothing is known of them.
    Heavy,
}

impl ItemCost {
    /// Nothing is known.
    pub(super) fn new() -> Self {
        ItemCost(Cost::UNKNOWN)
    }

    /// Items that cost nothing, in a model.
    #[cfg(all(test, loom))]
    pub(super) fn light() -> Self {
        ItemCost(Cost { ticks: 0, items: 1 })
    }

    /// Takes in an item that cost so many ticks, in a window of so many. What came two windows ago counts for little. Not in
    /// a model, where time would differ between two runs of the same interleaving.
    pub(super) fn learn(&mut self, ticks: u64, window: usize) {
        if cfg!(loom) {
            return;
        }
        let item = Cost::of(1, ticks);
        self.0 = if self.0.is_known() { self.0.and(item, 2 * window as u64 + 1) } else { item };
    }

    /// What the items are in a window of so many.
    pub(super) fn weight(&self, window: usize) -> Weight {
        if self.0.is_known() && self.0.fits(window, WORTH_MOVING) { Weight::Light } else { Weight::Heavy }
    }

    /// For how many results to sleep, in a window of so many, while so many threads make them.
    pub(super) fn batch(&self, window: usize, threads: usize) -> usize {
        if cfg!(loom) || !self.0.is_known() {
            return 1;
        }
        self.0.items_in(BETWEEN_WAKE_UPS).saturating_mul(threads).clamp(1, (window / 2).max(1))
    }
}
