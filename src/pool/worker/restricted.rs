//! What a worker does that runs only jobs of its region while it waits: a guest, or somebody in an isolated call.
//!
//! Whoever waits so may hold a lock that a stranger's job wants.

use crate::job::latch::Wait;
use crate::job::{JobRef, Region};
use crate::pool::sleep::{RestrictedSleeper, Sitter};
use crate::pool::worker::Worker;
use crate::pool::worker::wait::RING_AFTER;
use crate::sync::atomic::spin_loop;
use crate::sync::clock::Instant;
use std::iter;
use std::time::Duration;

/// How long a restricted worker searches before it sleeps. Somebody is at work for it, and likely to be done soon.
const RESTRICTED_SEARCH: Duration = if cfg!(loom) { Duration::ZERO } else { Duration::from_micros(20) };

/// Takes a worker back to the region around, also when the call in between panics.
#[derive(Debug)]
struct Restore<'a> {
    worker: &'a Worker,
    outer: Region,
}

impl Drop for Restore<'_> {
    fn drop(&mut self) {
        debug_assert!(!self.worker.has_private_fork(), "joins nest within the call");
        self.worker.shared.running.replace(self.outer);
    }
}

impl Worker {
    /// Runs `f` as a part of the region.
    pub(crate) fn in_region<R>(&self, region: Region, f: impl FnOnce() -> R) -> R {
        // A fork is published for the region that its owner is in, and those that are private now are of the one around.
        self.publish_all();
        let _restore = Restore { worker: self, outer: self.shared.running.replace(region) };
        f()
    }

    /// Whether the owner runs only jobs of its region while it waits.
    #[inline]
    pub(super) fn is_restricted(&self) -> bool {
        self.is_guest.get() || self.region().is_isolated()
    }

    /// Whether the job is one that the owner may run while it waits.
    #[inline]
    pub(super) fn may_run(&self, job: JobRef) -> bool {
        // SAFETY: the caller has just taken it from a queue, or has it there under the queue's lock.
        !self.is_restricted() || unsafe { job.is_of(self.region()) }
    }

    /// Leaves a job, which a restricted worker has come upon and must not run, to others.
    pub(super) fn put_aside(&self, job: JobRef) {
        // Once it is public it may have been run, and be gone.
        let region = job.region();
        self.registry().strays().push(job);
        self.registry().sleep().work_published(region);
    }

    /// Puts aside what a batch of stolen jobs has brought into the worker's deque of isolated regions: whoever waits for
    /// it does not look here, and this worker may block before it comes to it.
    pub(super) fn sift(&self) {
        if !Region::isolation_is_used() || self.deque.is_empty() {
            return;
        }
        let jobs: Vec<JobRef> = iter::from_fn(|| self.deque.pop()).collect();
        for job in jobs.into_iter().rev() {
            if job.region().is_isolated() {
                self.put_aside(job);
            } else {
                self.deque.push(job);
            }
        }
    }

    /// Looks once at every queue where jobs of the region can be. Deep in its stack it takes on none but those that were
    /// put aside: its own may be among them.
    pub(super) fn look_round_restricted(&self) -> Option<JobRef> {
        let at_hand = self.take_stray().or_else(|| if self.is_guest.get() { None } else { self.take_mail() });
        at_hand.or_else(|| if self.is_deep() { None } else { self.steal_restricted() })
    }

    /// A public job of a worker that runs a job of the region.
    fn steal_restricted(&self) -> Option<JobRef> {
        self.helpers().find_map(|index| self.steal_from(index))
    }

    /// The oldest public job of the worker `index`, which may have turned to something else meanwhile.
    pub(super) fn steal_from(&self, index: usize) -> Option<JobRef> {
        let job = self.registry().shared(index).rob_one()?;
        if self.may_run(job) {
            return Some(job);
        }
        self.put_aside(job);
        // Deep in its stack, its owner is not counted as idle, but may be the only one that can run it.
        self.registry().sleep().notify(index);
        None
    }

    /// The workers that run a job of the region now.
    fn helpers(&self) -> impl Iterator<Item = usize> {
        let region = self.region();
        self.victims().filter(move |&index| self.registry().shared(index).running.get() == region)
    }

    /// A job of the region that lies among the strays.
    pub(super) fn take_stray(&self) -> Option<JobRef> {
        self.registry().strays().take_of(self.region())
    }

    /// Without work of its own: finds some of the region, or waits for the latch. `None` when something has happened that
    /// the caller should look at.
    pub(super) fn idle_restricted(&self, latch: &dyn Wait) -> Option<JobRef> {
        self.slab().settle();
        let sleep = self.registry().sleep();
        let sitter = if self.is_guest.get() { Sitter::Guest } else { Sitter::Resident };
        let sleeper = RestrictedSleeper { index: self.index, sitter, region: self.region() };
        sleep.restricted_waits();
        let found = loop {
            if let Some(job) = self.search_restricted(latch) {
                break Some(job);
            }
            if !latch.fall_asleep() {
                break None;
            }
            sleep.register_restricted(sleeper);
            let last_look = self.look_round_restricted();
            if last_look.is_none() {
                self.ring_helpers();
                self.lie_restricted(sitter);
            }
            match sitter {
                Sitter::Guest => sleep.guest_gets_up(self.index),
                Sitter::Resident => sleep.resident_gets_up(self.index),
            }
            latch.wake_up();
            if last_look.is_some() || latch.probe() {
                break last_look;
            }
        };
        sleep.restricted_goes_on();
        found
    }

    /// Sleeps, registered as it is, until somebody notifies it.
    fn lie_restricted(&self, sitter: Sitter) {
        let parker = self.parker();
        if sitter == Sitter::Guest {
            let sleep = self.registry().sleep();
            // From here on the worker's own thread may sit here, until the guest has got up.
            sleep.leave_seat(self.index);
            if self.has_mail() {
                sleep.notify(self.index);
            }
        }
        parker.park();
    }

    fn search_restricted(&self, latch: &dyn Wait) -> Option<JobRef> {
        let takes_more = !self.is_deep();
        let begun = Instant::now();
        let mut next_ring = RING_AFTER;
        while !latch.probe() {
            if let Some(job) = self.look_round_restricted() {
                return Some(job);
            }
            let searched = begun.elapsed();
            if searched >= RESTRICTED_SEARCH {
                return None;
            }
            if takes_more && searched >= next_ring {
                self.ring_helpers();
                next_ring = searched + RING_AFTER;
            }
            spin_loop();
        }
        None
    }

    /// Asks those who run jobs of the region to publish.
    fn ring_helpers(&self) {
        for index in self.helpers() {
            self.registry().bell(index).ring();
        }
    }
}
