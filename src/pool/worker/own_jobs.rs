//! A worker's next job among those close at hand: in its slot's deque, in its mailbox, and now and then in another
//! queue, so that none is starved.

use crate::job::JobRef;
use crate::pool::queues::Class;
use crate::pool::registry::{DequeOrder, Kind, Worker};
use crate::pool::tuning::{DUG_AT_ONCE, IN_A_ROW};
use crate::pool::worker::policy::Policy;
use crate::sync::deque;

/// The values of `Worker::row` at which the injector, and the queue of low priority, have their turn.
const INJECTED: u32 = IN_A_ROW / 2;
const LOW: u32 = IN_A_ROW - 1;

impl Worker {
    /// A job of high priority, or one of the worker's own. Now and then a job from a queue that comes after those.
    pub(crate) fn take_next(&self, policy: Policy) -> Option<JobRef> {
        let before_own = if policy == Policy::Any { self.take_before_own() } else { None };
        before_own.or_else(|| self.take_own(policy))
    }

    #[inline]
    fn take_before_own(&self) -> Option<JobRef> {
        let row = self.row.get();
        self.row.set(if row == IN_A_ROW - 1 { 0 } else { row + 1 });
        if self.is_deep() {
            return None;
        }
        let queues = self.registry().queues();
        let starved = match row {
            INJECTED => queues.take_normal(),
            LOW => queues.take_low(),
            _ => None,
        };
        starved.or_else(|| queues.take_high())
    }

    /// The youngest of the worker's own public jobs that the policy admits, or a job from its mailbox.
    pub(crate) fn take_own(&self, policy: Policy) -> Option<JobRef> {
        self.take_from_deque(policy, DUG_AT_ONCE).or_else(|| self.take_mail())
    }

    /// The youngest job in the slot's deque that the policy admits, if it is among the `most` youngest.
    #[inline]
    pub(super) fn take_from_deque(&self, policy: Policy, most: usize) -> Option<JobRef> {
        match policy {
            Policy::Any => self.pop(),
            Policy::OwnRegion => self.dig(most),
        }
    }

    /// The youngest job in the slot's deque.
    #[inline]
    pub(super) fn pop(&self) -> Option<JobRef> {
        self.deque()?.pop()
    }

    /// The youngest job of the region in the slot's deque, if it is among the `most` youngest.
    ///
    /// A thread in a job leaves the other jobs in their order, for thieves and for the thread that takes its slot. A
    /// bound one cannot rely on either, and defers them. So does a thread of a deque that yields the oldest first.
    fn dig(&self, most: usize) -> Option<JobRef> {
        let deque = self.deque()?;
        let mut held = Vec::new();
        let found = loop {
            match deque.pop() {
                Some(job) if self.is_of_region(job) => break Some(job),
                Some(job) if self.is_bound() || self.slot().order() == DequeOrder::OldestFirst => self.defer(job),
                Some(job) => held.push(job),
                None => break None,
            }
            if held.len() == most {
                break None;
            }
        };
        self.restore(deque, held);
        found
    }

    /// Puts jobs back into the deque; the one taken out last goes in first.
    fn restore(&self, deque: &deque::Worker<JobRef>, held: Vec<JobRef>) {
        let Some(youngest) = held.first() else { return };
        // Once the jobs are public other threads may have run them and freed them.
        let region = youngest.region();
        for job in held.into_iter().rev() {
            deque.push(job);
        }
        // A thread on its way to sleep may have missed them while they were out.
        self.registry().sleep().work_published(region);
    }

    /// Takes the job out of the slot's deque that [`Worker::take_own`] would take there, if it is `wanted`.
    pub(crate) fn take_next_if(&self, wanted: impl FnOnce(JobRef) -> bool) -> Option<JobRef> {
        let next = self.pop()?;
        if wanted(next) {
            return Some(next);
        }
        // A thread may have missed it while it was out.
        self.push(next);
        None
    }

    /// The oldest job in the mailbox of this slot that the calling thread may run.
    ///
    /// Mail runs on top of a wait whatever its region, and also without the slot, which may not come back before it has
    /// run: no other thread may run it.
    pub(crate) fn take_mail(&self) -> Option<JobRef> {
        if !self.has_mail() {
            return None;
        }
        let mailbox = &self.shared().mailbox;
        if self.is_bound() { mailbox.take_of(self.region()) } else { mailbox.take_first() }
    }

    /// True if there is mail for the calling thread: for the slot's own thread, or for a standby thread while the own
    /// thread blocks.
    pub(crate) fn has_mail(&self) -> bool {
        let shared = self.shared();
        shared.has_mail() && (self.kind == Kind::Own || self.kind == Kind::Standby && shared.own_blocks())
    }

    /// Puts a job that this thread must not run in the deferred list: the threads of its region look there, and all
    /// others.
    pub(super) fn defer(&self, job: JobRef) {
        // Once the job is public another thread may have run it and freed it.
        let region = job.region();
        self.registry().queues().push(job, Class::Deferred);
        self.registry().sleep().work_published(region);
    }

    /// The oldest deferred job of the region.
    pub(super) fn take_of_region(&self) -> Option<JobRef> {
        self.registry().queues().take_of(self.region())
    }
}
