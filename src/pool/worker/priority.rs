//! In which order a worker takes jobs: high priority, its own, then all others, then low priority; and what goes first now and
//! then, so that no queue is starved.

use crate::job::JobRef;
use crate::pool::worker::Worker;
use crate::pool::worker::restricted::Policy;
use crate::pool::worker::steal::take_first;

/// After so many jobs from the queues that go first a worker looks into those that come after them. Jobs that spawn each other in
/// a chain would keep all others waiting for ever. (As many as in the schedulers of Go and tokio.)
const IN_A_ROW: u32 = 61;

/// When in a row each of the two kinds has its turn.
const INJECTED: u32 = IN_A_ROW / 2;
const LOW: u32 = IN_A_ROW - 1;

impl Worker {
    /// What is close at hand: a job that goes before the worker's own, or one of those.
    pub(crate) fn take_next(&self, policy: Policy) -> Option<JobRef> {
        let before_own = if policy == Policy::Any { self.take_before_own() } else { None };
        before_own.or_else(|| self.take_own(policy))
    }

    /// A job of high priority. Or it is the turn of one that others go before.
    #[inline]
    fn take_before_own(&self) -> Option<JobRef> {
        let row = self.row.get();
        self.row.set(if row == IN_A_ROW - 1 { 0 } else { row + 1 });
        if self.is_deep() {
            return None;
        }
        let queues = self.registry().priority_queues();
        let starved = match row {
            INJECTED => take_first(self.registry().injector()).or_else(|| self.registry().deferred().take_first()),
            LOW => queues.take_low(),
            _ => None,
        };
        starved.or_else(|| queues.take_high())
    }
}
