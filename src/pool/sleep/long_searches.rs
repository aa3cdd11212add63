//! Which threads may search for long: in the gaps between regions of work, and in phases.

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::processors;

/// What bounds the long searches of a pool. All its accesses are relaxed: searches are only a matter of time.
#[derive(Debug, Default)]
pub(super) struct LongSearches {
    /// How many threads of the pool may be awake while one of them searches for long outside of a phase; 0 if that is not
    /// known yet.
    max_awake: AtomicUsize,
    /// How many phases have begun and not ended.
    phases: AtomicUsize,
}

impl LongSearches {
    /// How many threads of a pool with so many slots may search at once: half of them, or in a phase all but one, and at
    /// least one. The slot of that one is left for the thread that begins the regions of the phase.
    pub(super) fn max_searching(&self, slots: usize) -> usize {
        if self.is_in_phase() { slots - 1 } else { slots / 2 }.max(1)
    }

    /// Two thirds of the processors, and two in any case. The system is asked once, and only by a thread that has nothing
    /// else to do.
    pub(super) fn max_awake(&self) -> usize {
        let known = self.max_awake.load(Ordering::Relaxed);
        if known > 0 {
            return known;
        }
        let most = (processors::available().get() * 2 / 3).max(2);
        self.max_awake.store(most, Ordering::Relaxed);
        most
    }

    pub(super) fn is_in_phase(&self) -> bool {
        self.phases.load(Ordering::Relaxed) > 0
    }

    pub(super) fn begin_phase(&self) {
        self.phases.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn end_phase(&self) {
        self.phases.fetch_sub(1, Ordering::Relaxed);
    }
}
