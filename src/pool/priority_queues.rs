//! Jobs of high and of low priority: two queues beside the injector.

use crate::job::JobRef;
use crate::pool::worker::steal::take_first;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::deque::Injector;
use crossbeam_utils::CachePadded;

/// The queues of one pool for spawns that are not of normal priority.
///
/// 1. `waiting` is raised before a job is pushed to either queue and lowered after one was taken: while it is zero both
///    are empty.
#[derive(Debug)]
pub(crate) struct PriorityQueues {
    waiting: CachePadded<AtomicUsize>,
    high: Injector<JobRef>,
    low: Injector<JobRef>,
}

// All is relaxed: a look at `waiting` finds a job for certain only if it comes after a fence that the job's publisher
// has on the other side, as with the other queues.
impl PriorityQueues {
    pub(crate) fn new() -> Self {
        PriorityQueues { waiting: CachePadded::new(AtomicUsize::new(0)), high: Injector::new(), low: Injector::new() }
    }

    /// Whether a job may wait in one of them: the one look that a worker takes where priorities are not used.
    #[inline]
    pub(crate) fn are_in_use(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) != 0
    }

    /// Adds a job that goes before others. The caller sees to it that somebody looks for it.
    pub(crate) fn push_high(&self, job: JobRef) {
        self.push(&self.high, job);
    }

    /// Adds a job that others go before. The caller sees to it that somebody looks for it.
    pub(crate) fn push_low(&self, job: JobRef) {
        self.push(&self.low, job);
    }

    /// The oldest job of high priority.
    #[inline]
    pub(crate) fn take_high(&self) -> Option<JobRef> {
        self.take(&self.high)
    }

    /// The oldest job of low priority.
    #[inline]
    pub(crate) fn take_low(&self) -> Option<JobRef> {
        self.take(&self.low)
    }

    /// Whether a job of low priority waits.
    pub(crate) fn has_low(&self) -> bool {
        !self.low.is_empty()
    }

    /// Whether a job of high priority waits.
    pub(crate) fn has_high(&self) -> bool {
        !self.high.is_empty()
    }

    fn push(&self, queue: &Injector<JobRef>, job: JobRef) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        queue.push(job);
    }

    #[inline]
    fn take(&self, queue: &Injector<JobRef>) -> Option<JobRef> {
        if !self.are_in_use() {
            return None;
        }
        let job = take_first(queue)?;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        Some(job)
    }
}
