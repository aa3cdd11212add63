//! In which order a worker takes jobs: high priority, its own, then all others, then low priority; and what goes first now and
//! then, so that no queue is starved.

use crate::job::JobRef;
use crate::pool::worker::Worker;
use crate::pool::worker::restricted::Policy;
use crate::pool::worker::steal::take_first;

/// After so many jobs from the queues that go first a worker looks into those that come after them. A chain of jobs each of
/// which spawns the next would keep all others waiting for ever. (As many as in the schedulers of Go and tokio.)
const IN_A_ROW: u32 = 61;

impl Worker {
    /// What is close at hand: a job that goes before the worker's own, or one of those.
    pub(crate) fn take_next(&self, policy: Policy) -> Option<JobRef> {
        if policy == Policy::Any {
            let row = self.row.get();
            self.row.set(row.wrapping_add(1));
            let before_own = if row % IN_A_ROW == IN_A_ROW - 1 { self.take_starved(row) } else { self.take_high() };
            if before_own.is_some() {
                return before_own;
            }
        }
        self.take_own(policy)
    }

    /// A job of high priority, which is a stranger's. Where priorities are not used this is one load.
    #[inline]
    fn take_high(&self) -> Option<JobRef> {
        if self.is_deep() { None } else { self.registry().priority_queues().take_high() }
    }

    /// A job from a queue that others go before, each of the two kinds first in turn.
    #[cold]
    fn take_starved(&self, row: u32) -> Option<JobRef> {
        if self.is_deep() {
            return None;
        }
        let injected = || take_first(self.registry().injector()).or_else(|| self.registry().deferred().take_first());
        let low = || self.registry().priority_queues().take_low();
        let first = if row / IN_A_ROW % 2 == 0 { low().or_else(injected) } else { injected().or_else(low) };
        first.or_else(|| self.take_high())
    }
}
