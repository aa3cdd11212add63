//! Which threads may search for long: in the gaps between regions of work, and in phases.

use super::Sleep;
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

impl Sleep {
    /// How many threads may search at once: half of the pool, or in a phase all but one, and at least one. The slot of
    /// that one is left for the thread that begins the regions of the phase.
    pub(super) fn max_searching(&self) -> usize {
        let slots = self.parkers.len();
        if self.is_in_phase() { slots - 1 } else { slots / 2 }.max(1)
    }

    /// True if no more than two thirds of the processors run threads of this pool, and two of them in any case, so that
    /// one may search for long. A snapshot.
    pub(crate) fn spares_processors(&self) -> bool {
        let now = self.counters.load(Ordering::Relaxed);
        let asleep = now.sleeping() + self.counters.restricted() + self.counters.coming();
        self.parkers.len().saturating_sub(asleep) <= self.max_awake()
    }

    /// The system is asked once, and only by a thread that has nothing else to do.
    fn max_awake(&self) -> usize {
        let known = self.long_searches.max_awake.load(Ordering::Relaxed);
        if known > 0 {
            return known;
        }
        let most = (processors::available().get() * 2 / 3).max(2);
        self.long_searches.max_awake.store(most, Ordering::Relaxed);
        most
    }

    pub(crate) fn is_in_phase(&self) -> bool {
        self.long_searches.phases.load(Ordering::Relaxed) > 0
    }

    /// A phase begins. Wakes as many threads as may search in it.
    pub(crate) fn begin_phase(&self) {
        self.long_searches.phases.fetch_add(1, Ordering::Relaxed);
        loop {
            let mut sleepers = self.sleepers.lock();
            if self.counters.load(Ordering::Relaxed).searching() >= self.max_searching() {
                return;
            }
            let Some(parker) = self.take_sleeper(&mut sleepers) else { return };
            drop(sleepers);
            parker.notify();
        }
    }

    pub(crate) fn end_phase(&self) {
        self.long_searches.phases.fetch_sub(1, Ordering::Relaxed);
    }
}
