//! Which threads may search for long: in the gaps between regions of work, and in phases.

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::processors;

/// What bounds the long searches of a pool. All its accesses are relaxed: searches are only a matter of time.
#[derive(Debug, Default)]
pub(super) struct LongSearches {
    /// The number of processors; 0 if that is not known yet.
    processors: AtomicUsize,
    /// How many phases have begun and not ended.
    phases: AtomicUsize,
}

impl LongSearches {
    /// How many threads of a pool with so many slots may search at once: half of them, or in a phase all but one, and at
    /// least one. The slot of that one is left for the thread that begins the regions of the phase.
    pub(super) fn max_searching(&self, slots: usize) -> usize {
        if self.is_in_phase() { slots - 1 } else { slots / 2 }.max(1)
    }

    /// How many threads of the pool may be awake while one of them searches for long outside of a phase: two thirds of the
    /// processors, and two in any case.
    pub(super) fn max_awake(&self) -> usize {
        (self.processors() * 2 / 3).max(2)
    }

    /// On a single processor a search would only delay what it waits for.
    pub(super) fn are_useful(&self) -> bool {
        self.processors() > 1
    }

    /// The system is asked once, and only by a thread that has nothing else to do.
    fn processors(&self) -> usize {
        match self.processors.load(Ordering::Relaxed) {
            0 => {
                let processors = processors::available().get();
                self.processors.store(processors, Ordering::Relaxed);
                processors
            }
            known => known,
        }
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
