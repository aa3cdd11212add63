//! Waits on top of which only jobs of the same region run: in a job, in an isolated call, or of an external caller.
//!
//! A job of another region could wait for what the frames beneath it do, or for a lock that they hold, and would wait for
//! ever. A thread in a job gives its slot to another where there are such jobs (`suspend`). Isolated calls leave them to other
//! workers.

use crate::job::latch::Wait;
use crate::job::{Isolation, JobRef, Region};
use crate::pool::sleep::{RestrictedSleeper, Restriction, WakeUp};
use crate::pool::slot::Shared;
use crate::pool::worker::wait::{Next, REQUEST_AFTER};
use crate::pool::worker::{Order, Worker};
use crate::sync::atomic::spin_loop;
use crate::sync::clock::Instant;
use crate::sync::deque;
use std::iter;
use std::sync::Arc;
use std::time::Duration;

/// How long a restricted worker searches before it sleeps or hands its place over, which costs about a third of this. Another
/// thread is at work for it, and likely to be done soon.
const RESTRICTED_SEARCH: Duration = if cfg!(loom) { Duration::ZERO } else { Duration::from_micros(20) };

/// Which jobs may run on top of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// All of them.
    Any,
    /// Those of the region that the owner is in.
    OwnRegion,
}

/// Takes a worker back to the region around, also when the call in between panics.
#[derive(Debug)]
struct Restore<'a> {
    worker: &'a Worker,
    outer: Region,
}

impl Drop for Restore<'_> {
    fn drop(&mut self) {
        debug_assert!(!self.worker.has_private_fork(), "joins nest within the call");
        self.worker.running.replace(self.outer);
    }
}

impl Worker {
    /// Runs `f` as a part of the region.
    pub(crate) fn in_region<R>(&self, region: Region, f: impl FnOnce() -> R) -> R {
        // A fork is published for the region that its owner is in, and those that are private now are of the one around.
        self.publish_all();
        let _restore = Restore { worker: self, outer: self.running.replace(region) };
        f()
    }

    /// Runs `f` as a part of its own, on top of whose waits nothing runs but what it has begun.
    pub(crate) fn apart<R>(f: impl FnOnce() -> R) -> R {
        Self::in_part(Region::fresh(), f)
    }

    /// Runs `f` as a part of its own, with a region that nothing else has: on the calling worker, if the thread is one. In an
    /// isolated call the part is a call within.
    pub(crate) fn in_part<R>(region: Region, f: impl FnOnce() -> R) -> R {
        Worker::with_current(|worker| match worker {
            Some(worker) if worker.region().is_isolated() => {
                let isolation = Isolation::within(worker.region());
                worker.in_region(isolation.region(), f)
            }
            Some(worker) => worker.in_region(region, f),
            None => f(),
        })
    }

    /// What may run on top of a frame that waits. With nothing begun a worker runs whatever there is.
    #[inline]
    pub(super) fn policy_of_wait(&self) -> Policy {
        if self.nesting.get() > 0 || self.is_bound() { Policy::OwnRegion } else { Policy::Any }
    }

    /// What may run on top of a frame that yields, which asks for others to go first.
    pub(super) fn policy_of_yield(&self) -> Policy {
        if self.is_bound() { Policy::OwnRegion } else { Policy::Any }
    }

    /// Whether the owner is in a job, or is an external caller, and not in an isolated call.
    pub(crate) fn is_in_plain_job(&self) -> bool {
        self.nesting.get() > 0 && !self.region().is_isolated()
    }

    /// Whether the thread runs only jobs of its region, whatever happens.
    #[inline]
    pub(super) fn is_bound(&self) -> bool {
        self.is_external() || self.region().is_isolated()
    }

    /// Whether the job belongs to the region that the owner is in, or to an isolated call within.
    #[inline]
    pub(super) fn is_of_region(&self, job: JobRef) -> bool {
        // SAFETY: the caller has just taken it from a queue, or has it there under the queue's lock.
        unsafe { job.is_of(self.region()) }
    }

    /// The youngest job of the region in the worker's own deque, if it is among the `most` youngest.
    ///
    /// An owner in a job leaves the others in their order, for thieves and for the thread that takes its place. A bound one
    /// cannot rely on either, and puts them aside; so is done with the oldest, which a first-in, first-out deque gives.
    pub(super) fn dig(&self, most: usize) -> Option<JobRef> {
        let deque = self.deque()?;
        let mut held = Vec::new();
        let found = loop {
            match deque.pop() {
                Some(job) if self.is_of_region(job) => break Some(job),
                Some(job) if self.is_bound() || self.slot().order() == Order::OldestFirst => self.defer(job),
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

    /// Leaves a job, which a restricted worker has come upon and must not run, to others.
    pub(super) fn defer(&self, job: JobRef) {
        // Once it is public it may have been run, and be gone.
        let region = job.region();
        self.registry().deferred().push(job);
        self.registry().sleep().work_published(region);
    }

    /// Puts aside what a batch of stolen jobs has brought into the worker's deque of isolated regions: whoever waits for
    /// it does not look here, and this worker may block before it comes to it.
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

    /// Looks once at every queue where jobs of the region can be. Deep in its stack it takes on none but those that were
    /// put aside: its own may be among them.
    pub(super) fn look_round_restricted(&self) -> Option<JobRef> {
        let at_hand = self.take_deferred().or_else(|| self.take_mail());
        at_hand.or_else(|| if self.is_deep() { None } else { self.steal_restricted() })
    }

    /// A public job of a worker that runs a job of the region.
    fn steal_restricted(&self) -> Option<JobRef> {
        self.helpers().find_map(|index| self.steal_from(index))
    }

    /// The oldest public job of the worker `index`, which may have turned to something else meanwhile.
    pub(super) fn steal_from(&self, index: usize) -> Option<JobRef> {
        let job = self.registry().shared(index).rob_one()?;
        if self.is_of_region(job) {
            return Some(job);
        }
        if self.is_bound() {
            self.defer(job);
        } else {
            // As any thief would have it: for the thread that takes the slot over, and for other thieves.
            self.push(job);
        }
        // Deep in its stack, its owner is not counted as idle, but may be the only one that can run it.
        if let Some(holder) = self.registry().shared(index).holder() {
            holder.parker().notify();
        }
        None
    }

    /// The workers that run a job of the region now.
    fn helpers(&self) -> impl Iterator<Item = usize> {
        let region = self.region();
        self.victims().filter(move |&index| self.registry().shared(index).region() == region)
    }

    /// A job of the region that lies among the deferred.
    pub(super) fn take_deferred(&self) -> Option<JobRef> {
        self.registry().deferred().take_of(self.region())
    }

    /// Without work of its own: finds some of the region, or sleeps until there is some, or the latch is open, or there is
    /// other work to hand the slot over for.
    pub(super) fn idle_restricted(&self, latch: &dyn Wait) -> Next {
        self.slab().settle();
        if self.is_external() && self.may_give_up_slot() {
            return self.idle_as_caller(latch);
        }
        let sleep = self.registry().sleep();
        let kind = self.restriction();
        sleep.restricted_waits(kind);
        let mut wake_up = WakeUp::OfItsOwn;
        let next = loop {
            if let Some(job) = self.search_restricted(latch) {
                break Next::Run(job);
            }
            if self.should_hand_over(kind, latch) {
                break Next::HandOver;
            }
            if !latch.fall_asleep() {
                break Next::LookAgain;
            }
            let parker = Arc::clone(self.parker());
            sleep.register_restricted(RestrictedSleeper { parker, kind, region: self.region() });
            let last_look = self.look_round_restricted();
            if last_look.is_none() && !self.should_hand_over_at_last(kind, latch) {
                self.request_of_helpers();
                self.rest(kind);
            }
            wake_up = sleep.restricted_wakes_up(self.parker());
            latch.wake_up();
            if let Some(job) = last_look {
                break Next::Run(job);
            }
            if latch.probe() || !self.has_slot() {
                break Next::LookAgain;
            }
        };
        sleep.restricted_goes_on(kind);
        if wake_up == WakeUp::ByPublisher && !matches!(next, Next::HandOver) {
            sleep.pass_on(|| self.registry().more_work());
        }
        if kind == Restriction::InJob && !self.has_slot() {
            self.come_back(latch);
        }
        next
    }

    /// As [`Worker::idle_restricted`], for an external caller: the slot's own thread works in its place while it sleeps.
    fn idle_as_caller(&self, latch: &dyn Wait) -> Next {
        if let Some(job) = self.search_restricted(latch) {
            return Next::Run(job);
        }
        if latch.fall_asleep() {
            self.leave_until(latch);
        }
        Next::LookAgain
    }

    fn restriction(&self) -> Restriction {
        if self.is_bound() || !self.has_slot() || self.pinned.get() > 0 {
            Restriction::Bound
        } else {
            Restriction::InJob
        }
    }

    /// Whether there are jobs that the thread must not run, but another may that takes the slot.
    fn should_hand_over(&self, kind: Restriction, latch: &dyn Wait) -> bool {
        kind == Restriction::InJob && !latch.probe() && self.has_foreign_work()
    }

    /// Whether there seems to be work that the owner has left, after a look for work of its region.
    fn has_foreign_work(&self) -> bool {
        self.public_jobs() > 0 || self.registry().has_common_work() || self.strangers().any(Shared::has_ready_job)
    }

    /// As [`Worker::should_hand_over`], for a thread that will not look again soon: waits for what is held off yet.
    fn should_hand_over_at_last(&self, kind: Restriction, latch: &dyn Wait) -> bool {
        loop {
            if self.should_hand_over(kind, latch) {
                return true;
            }
            let may_become_ready = kind == Restriction::InJob && self.strangers().any(Shared::has_public_job);
            if !may_become_ready || latch.probe() {
                return false;
            }
            spin_loop();
        }
    }

    /// The workers that run a job of another region now, or none.
    fn strangers(&self) -> impl Iterator<Item = &Shared> {
        let region = self.region();
        let shared = self.victims().map(|index| self.registry().shared(index));
        shared.filter(move |shared| shared.region() != region)
    }

    fn search_restricted(&self, latch: &dyn Wait) -> Option<JobRef> {
        let takes_more = !self.is_deep();
        let begun = Instant::now();
        let mut next_request = REQUEST_AFTER;
        while !latch.probe() {
            if let Some(job) = self.look_round_restricted() {
                return Some(job);
            }
            let searched = begun.elapsed();
            if searched >= RESTRICTED_SEARCH {
                return None;
            }
            if takes_more && searched >= next_request {
                self.request_of_helpers();
                next_request = searched + REQUEST_AFTER;
            }
            spin_loop();
        }
        None
    }

    /// Asks those who run jobs of the region to publish.
    fn request_of_helpers(&self) {
        for index in self.helpers() {
            self.registry().shared(index).request();
        }
    }
}
