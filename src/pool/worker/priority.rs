//! When a worker turns to the jobs of high and of low priority.

use crate::job::JobRef;
use crate::pool::worker::Worker;
use crate::pool::worker::restricted::Policy;

/// So many other jobs go before one of low priority; then it has its turn.
const LOW_AFTER: u32 = 63;

impl Worker {
    /// What goes before the worker's own: a job of high priority, or one of low priority that has been passed over for
    /// long enough. Where nobody uses priorities this is one load.
    #[inline]
    pub(super) fn take_by_priority(&self, policy: Policy) -> Option<JobRef> {
        // They are strangers' jobs, all of them.
        if policy == Policy::Any && self.registry().priority_queues().are_in_use() {
            self.take_by_priority_slow()
        } else {
            None
        }
    }

    #[cold]
    fn take_by_priority_slow(&self) -> Option<JobRef> {
        if self.is_deep() {
            return None;
        }
        let priority_queues = self.registry().priority_queues();
        let passed = self.passed_low.get();
        if !priority_queues.has_low() {
            self.passed_low.set(0);
        } else if passed < LOW_AFTER {
            self.passed_low.set(passed + 1);
        } else if let Some(job) = self.take_low() {
            return Some(job);
        }
        priority_queues.take_high()
    }

    /// The oldest job of low priority.
    #[inline]
    pub(super) fn take_low(&self) -> Option<JobRef> {
        let job = self.registry().priority_queues().take_low()?;
        self.passed_low.set(0);
        Some(job)
    }
}
