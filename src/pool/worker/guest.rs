//! What a guest does at a worker: a thread from outside the pool that has borrowed the seat of a sleeping worker.
//!
//! A guest works as the worker would, with one exception: while it waits it runs only what belongs to its own call, that
//! is to its region. It may hold a lock across the call that a stranger's job wants.

use crate::job::latch::Wait;
use crate::job::{JobRef, Region};
use crate::pool::worker::stack_depth::Threshold;
use crate::pool::worker::wait::RING_AFTER;
use crate::pool::worker::{Worker, steal};
use crate::sync::atomic::spin_loop;
use std::time::{Duration, Instant};

/// So much of its stack a guest is trusted to have left when it comes. Nobody tells how large the stack of a thread is
/// that others have started; the smallest in common use have two megabytes.
const STACK_LEFT: usize = 1 << 20;

/// How long a guest searches before it sleeps. Somebody is at work for it, and likely to be done soon.
const GUESTS_SEARCH: Duration = if cfg!(loom) { Duration::ZERO } else { Duration::from_micros(20) };

/// What differs between those who use a worker one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occupancy {
    is_guest: bool,
    region: Region,
    deep: Threshold,
    nesting: usize,
}

impl Worker {
    /// The calling thread, a guest, sits down. Returns what is to be restored when it leaves.
    #[inline]
    pub(crate) fn receive_guest(&self) -> Occupancy {
        let deep = Threshold::below(STACK_LEFT);
        self.occupy(Occupancy { is_guest: true, region: Region::fresh(), deep, nesting: 1 })
    }

    /// The guest leaves, with nothing begun.
    #[inline]
    pub(crate) fn see_guest_off(&self, own: Occupancy) {
        debug_assert!(self.desk.stack.is_empty(), "joins nest within the guest's call");
        self.occupy(own);
    }

    fn occupy(&self, next: Occupancy) -> Occupancy {
        Occupancy {
            is_guest: self.is_guest.replace(next.is_guest),
            region: self.shared.running.replace(next.region),
            deep: self.deep.replace(next.deep),
            nesting: self.nesting.replace(next.nesting),
        }
    }

    /// The worker's own thread, while its guest sleeps, runs what was posted to it.
    pub(super) fn visit(&self) {
        let deep = self.own_deep.get();
        let guest = self.occupy(Occupancy { is_guest: false, region: Region::NONE, deep, nesting: 0 });
        while let Some(job) = self.take_mail() {
            // SAFETY: it has just been taken from the mailbox.
            unsafe { self.execute(job) };
        }
        self.occupy(guest);
    }

    /// Whether the job is one that the owner may run while it waits.
    #[inline]
    pub(super) fn may_run(&self, job: JobRef) -> bool {
        !self.is_guest.get() || job.region() == self.region()
    }

    /// Leaves a job, which a guest has come upon and must not run, to the workers.
    pub(super) fn put_aside(&self, job: JobRef) {
        // Once it is public it may have been run, and be gone.
        let region = job.region();
        self.registry().strays().push(job);
        self.registry().sleep().work_published(region);
    }

    /// Looks once at every queue where jobs of the guest's region can be. Deep in its stack it takes on none but those
    /// that were put aside: its own may be among them.
    pub(super) fn look_round_as_guest(&self) -> Option<JobRef> {
        let stolen = if self.is_deep() { None } else { self.steal_as_guest() };
        stolen.or_else(|| self.take_stray())
    }

    /// A public job of a worker that runs a job of the guest's region.
    fn steal_as_guest(&self) -> Option<JobRef> {
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

    /// The workers that run a job of the guest's region now.
    fn helpers(&self) -> impl Iterator<Item = usize> {
        let region = self.region();
        self.victims().filter(move |&index| self.registry().shared(index).running.get() == region)
    }

    /// A job of the owner's region that a guest has put aside.
    pub(super) fn take_stray(&self) -> Option<JobRef> {
        let strays = self.registry().strays();
        for _ in 0..strays.len() {
            let job = steal::take_first(strays)?;
            if job.region() == self.region() {
                return Some(job);
            }
            // Somebody may have looked for it in vain while it was out.
            self.put_aside(job);
        }
        None
    }

    /// A guest without work of its own finds some of its region, or waits for the latch. `None` when something has
    /// happened that the caller should look at.
    pub(super) fn idle_as_guest(&self, latch: &dyn Wait) -> Option<JobRef> {
        self.slab().settle();
        let sleep = self.registry().sleep();
        sleep.guest_waits();
        let found = loop {
            if let Some(job) = self.search_as_guest(latch) {
                break Some(job);
            }
            if !latch.fall_asleep() {
                break None;
            }
            self.parker().bind();
            sleep.guest_lies_down(self.index, self.region());
            let last_look = self.look_round_as_guest();
            if last_look.is_none() {
                self.ring_helpers();
                let parker = self.parker();
                // From here on the worker's own thread may sit here, until the guest has got up.
                sleep.leave_seat(self.index);
                if self.has_mail() {
                    sleep.notify(self.index);
                }
                parker.park();
            }
            sleep.guest_gets_up(self.index);
            latch.wake_up();
            if last_look.is_some() || latch.probe() {
                break last_look;
            }
        };
        sleep.guest_goes_on();
        found
    }

    fn search_as_guest(&self, latch: &dyn Wait) -> Option<JobRef> {
        let takes_more = !self.is_deep();
        let begun = Instant::now();
        let mut next_ring = RING_AFTER;
        while !latch.probe() {
            if let Some(job) = self.look_round_as_guest() {
                return Some(job);
            }
            let searched = begun.elapsed();
            if searched >= GUESTS_SEARCH {
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

    /// Asks those who run jobs of the guest's region to publish.
    fn ring_helpers(&self) {
        for index in self.helpers() {
            self.registry().bell(index).ring();
        }
    }
}
