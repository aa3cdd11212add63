//! What a worker runs next of the jobs that are close at hand: those in its slot's deque, its mail, and now and then one from
//! another queue, so that none is starved.

use crate::job::{JobRef, Region};
use crate::pool::queues::Class;
use crate::pool::registry::{DequeOrder, Kind, Worker};
use crate::pool::tuning::{DUG_AT_ONCE, IN_A_ROW};
use crate::pool::worker::policy::Policy;
use crate::sync::deque;
use std::iter;

/// When in a row the jobs that were handed in have their turn, and those of low priority.
const INJECTED: u32 = IN_A_ROW / 2;
const LOW: u32 = IN_A_ROW - 1;

impl Worker {
    /// A job of high priority, or one of the worker's own. Now and then it is the turn of one that others go before.
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
    /// A thread in a job leaves the others in their order, for thieves and for the thread that takes its slot. A bound one cannot
    /// rely on either, and defers them; so does one whose deque gives the oldest first.
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

    /// Puts jobs back into the deque, the one that was taken out last first.
    fn restore(&self, deque: &deque::Worker<JobRef>, held: Vec<JobRef>) {
        let Some(youngest) = held.first() else { return };
        // Once they are public they may have been run, and be gone.
        let region = youngest.region();
        for job in held.into_iter().rev() {
            deque.push(job);
        }
        // A thread on its way to sleep may have looked for them in vain while they were out.
        self.registry().sleep().work_published(region);
    }

    /// Takes a job out of the slot's deque if it is `wanted`: the one that [`Worker::take_own`] would take there.
    pub(crate) fn take_next_if(&self, wanted: impl FnOnce(JobRef) -> bool) -> Option<JobRef> {
        let next = self.pop()?;
        if wanted(next) {
            return Some(next);
        }
        // A thread may have looked for it in vain while it was out.
        self.push(next);
        None
    }

    /// The oldest job that was posted to this slot's own thread and that it may run. Only that thread has any.
    ///
    /// It runs on top of a wait whatever its region, and also without the slot, which may not come back before it has run: it is
    /// for this thread and no other.
    pub(crate) fn take_mail(&self) -> Option<JobRef> {
        if !self.has_mail() {
            return None;
        }
        let mailbox = &self.shared().mailbox;
        if self.is_bound() { mailbox.take_of(self.region()) } else { mailbox.take_first() }
    }

    /// Whether anything has been posted that the calling thread is to run: as the slot's own, or as a standby thread while
    /// that one blocks.
    pub(crate) fn has_mail(&self) -> bool {
        let shared = self.shared();
        shared.has_mail() && (self.kind == Kind::Own || self.kind == Kind::Standby && shared.own_blocks())
    }

    /// Puts a job, which this thread must not run, where the threads of its region look for it, and all others.
    pub(super) fn defer(&self, job: JobRef) {
        // Once it is public it may have been run, and be gone.
        let region = job.region();
        self.registry().queues().push(job, Class::Deferred);
        self.registry().sleep().work_published(region);
    }

    /// The oldest deferred job of the region.
    pub(super) fn take_of_region(&self) -> Option<JobRef> {
        self.registry().queues().take_of(self.region())
    }

    /// Defers the jobs of isolated regions that a batch of stolen jobs has brought into the slot's deque: the threads that
    /// wait for them do not look here, and this worker may block before it comes to them.
    pub(super) fn sift(&self) {
        let Some(deque) = self.deque().filter(|deque| Region::isolation_is_used() && !deque.is_empty()) else { return };
        let jobs: Vec<JobRef> = iter::from_fn(|| deque.pop()).collect();
        for job in jobs.into_iter().rev() {
            if job.region().is_isolated() {
                self.defer(job);
            } else {
                deque.push(job);
            }
        }
    }
}
