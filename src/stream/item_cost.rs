//! Layer 5: the cost of a stream's items. It decides which thread maps them, and for how many results the consumer
//! sleeps at a time.

use crate::fork::Ticks;
use crate::iter::schedule::grain::Cost;
use crate::iter::schedule::tuning::WAKE_UP;
use std::time::Duration;

/// If a window of items takes no longer, it is over before another worker could be woken for its other half.
const WORTH_MOVING: u64 = WAKE_UP;

/// The consumer is woken once for so much work, so that wake-ups cost only a part of it.
const BETWEEN_WAKE_UPS: u64 = 2 * WAKE_UP;

/// The longest sleep for several results; afterwards one result is enough.
pub(super) const NAP: Duration = Duration::from_nanos(4 * WAKE_UP / Ticks::PER_NANOSECOND);

/// The cost of the latest items, of pulling and mapping together.
#[derive(Debug)]
pub(super) struct ItemCost(Cost);

/// Which threads map the items of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// The consumer: a whole window of items is not worth moving to another thread.
    Light,
    /// Jobs. This also holds while the cost is unknown.
    Heavy,
}

impl ItemCost {
    /// The cost is unknown.
    pub(super) fn new() -> Self {
        ItemCost(Cost::UNKNOWN)
    }

    /// Items that cost nothing, for a model.
    #[cfg(all(test, loom))]
    pub(super) fn light() -> Self {
        ItemCost(Cost { ticks: 0, items: 1 })
    }

    /// Takes in an item that cost `ticks`, in a window of `window` items. Items of two windows ago count for little. A
    /// model learns nothing, because time would differ between two runs of the same interleaving.
    pub(super) fn learn(&mut self, ticks: u64, window: usize) {
        if cfg!(loom) {
            return;
        }
        let item = Cost::of(1, ticks);
        self.0 = if self.0.is_known() { self.0.and(item, 2 * window as u64 + 1) } else { item };
    }

    /// Takes in `items` items that cost `ticks` together; the rest as [`learn`](Self::learn).
    pub(super) fn learn_batch(&mut self, items: usize, ticks: u64, window: usize) {
        if items > 0 {
            let batch = Cost::of(items, ticks);
            self.0 = if self.0.is_known() { self.0.and(batch, (2 * window + items) as u64) } else { batch };
        }
    }

    /// How many items a job should map that is begun for them alone, in a window of `window` items that `threads`
    /// threads share. One while the cost is unknown.
    pub(super) fn batch_of_job(&self, window: usize, threads: usize) -> usize {
        let share = window / (2 * threads.max(1));
        if self.0.is_known() { self.0.items_in(BETWEEN_WAKE_UPS).min(share).max(1) } else { 1 }
    }

    /// The weight of the items, in a window of `window`.
    pub(super) fn weight(&self, window: usize) -> Weight {
        if self.0.is_known() && self.0.fits(window, WORTH_MOVING) { Weight::Light } else { Weight::Heavy }
    }

    /// For how many results the consumer should sleep, in a window of `window` items, while `threads` threads make
    /// them.
    pub(super) fn batch(&self, window: usize, threads: usize) -> usize {
        if cfg!(loom) || !self.0.is_known() {
            return 1;
        }
        self.0.items_in(BETWEEN_WAKE_UPS).saturating_mul(threads).clamp(1, (window / 2).max(1))
    }
}
