//! Looking for work elsewhere: in other slots' deques and in the pool's queues.

use crate::job::{JobRef, Region};
use crate::pool::registry::{Shared, Worker};
use crate::pool::sleep::SearchPermit;
use crate::sync::atomic::spin_loop;
use crate::sync::deque::{self, Steal};

impl Worker {
    /// Looks once at every queue that this worker may take from: jobs of high priority, its mailbox, the other workers'
    /// deques from a random one on, the injector, the deferred jobs, and jobs of low priority.
    pub(crate) fn look_round(&self, permit: SearchPermit) -> Option<JobRef> {
        let high = self.registry().queues().take_high();
        high.or_else(|| self.take_mail()).or_else(|| self.steal(permit)).or_else(|| self.look_round_alone())
    }

    /// As [`Worker::look_round`], for a worker without public jobs that is not counted as searching and goes back to work.
    pub(super) fn look_round_in_passing(&self) -> Option<JobRef> {
        let found = self.look_round(SearchPermit::Refused);
        if self.public_jobs() > 0 {
            // The rest of a batch. Who looked for it meanwhile has found it nowhere, and no `end_search` will tell of it.
            self.registry().sleep().work_published(Region::NONE);
        }
        found
    }

    /// Looks once into those of the pool's queues that come after a worker's own jobs.
    pub(crate) fn look_round_alone(&self) -> Option<JobRef> {
        let queues = self.registry().queues();
        queues.take_normal().or_else(|| queues.take_low())
    }

    /// As [`Worker::look_round`], for a worker that will not look again soon: also waits for what is not ripe yet. But if it
    /// `is_sentinel`, or another does, whoever watches sees whether an owner is held up.
    pub(crate) fn look_round_closely(&self, permit: SearchPermit, is_sentinel: bool) -> Option<JobRef> {
        loop {
            let found = self.look_round(permit);
            let is_awaited = |index| {
                let shared = self.registry().shared(index);
                shared.has_public_job() && !(is_sentinel && shared.hold_off.is_for_held_up())
            };
            if found.is_some() || !self.victims().any(is_awaited) {
                return found;
            }
            spin_loop();
        }
    }

    #[inline(never)]
    fn steal(&self, permit: SearchPermit) -> Option<JobRef> {
        let registry = self.registry();
        for index in self.victims() {
            let victim = registry.shared(index);
            let Some(job) = victim.rob(self.deque(), registry.num_workers()) else { continue };
            self.sift();
            // The thief that takes the last public job asks for more on behalf of those who are still idle.
            let idle = registry.sleep().idle();
            let others = idle - usize::from(permit == SearchPermit::Granted).min(idle);
            if others > 0 && victim.stealer.is_empty() {
                victim.request();
            }
            return Some(job);
        }
        None
    }

    /// Asks every other worker to publish: nothing that was public could be found.
    pub(crate) fn request_all(&self) {
        for index in self.victims() {
            self.registry().shared(index).request();
        }
    }

    /// The other workers, each once, from a random one on.
    pub(super) fn victims(&self) -> Victims {
        let workers = self.registry().num_workers();
        Victims { next: self.rng.below(workers), left: workers, workers, thief: self.index.get() }
    }
}

/// For a thread that runs only jobs of its region.
impl Worker {
    /// Looks once at every queue where jobs of the region can be. Deep in its stack it takes on none but those that were
    /// deferred: its own may be among them.
    pub(super) fn look_round_in_region(&self) -> Option<JobRef> {
        let at_hand = self.take_of_region().or_else(|| self.take_mail());
        at_hand.or_else(|| if self.is_deep() { None } else { self.steal_restricted() })
    }

    /// A public job of a worker that runs a job of the region.
    fn steal_restricted(&self) -> Option<JobRef> {
        self.helpers().find_map(|index| self.steal_from(index))
    }

    /// The oldest public job of the worker `index`, which may have turned to something else meanwhile.
    pub(super) fn steal_from(&self, index: usize) -> Option<JobRef> {
        let job = self.registry().shared(index).rob(None, usize::MAX)?;
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

    /// Whether there seems to be work that the owner has left, after a look for work of its region.
    pub(super) fn has_foreign_work(&self) -> bool {
        self.public_jobs() > 0 || self.registry().has_common_work() || self.strangers().any(Shared::has_ready_job)
    }

    /// The workers that run a job of another region now, or none.
    pub(super) fn strangers(&self) -> impl Iterator<Item = &Shared> {
        let region = self.region();
        let shared = self.victims().map(|index| self.registry().shared(index));
        shared.filter(move |shared| shared.region() != region)
    }

    /// Asks those who run jobs of the region to publish.
    pub(super) fn request_of_helpers(&self) {
        for index in self.helpers() {
            self.registry().shared(index).request();
        }
    }
}

/// The indices of [`Worker::victims`]. (Of one type with one loop: adaptors would be compiled for each who asks.)
pub(super) struct Victims {
    next: usize,
    /// How many indices have not been looked at, the thief's own among them.
    left: usize,
    workers: usize,
    thief: usize,
}

impl Iterator for Victims {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.left > 0 {
            let index = self.next;
            self.left -= 1;
            self.next = if index + 1 == self.workers { 0 } else { index + 1 };
            if index != self.thief {
                return Some(index);
            }
        }
        None
    }
}

impl Shared {
    /// Whether the worker has a public job.
    pub(crate) fn has_public_job(&self) -> bool {
        !self.stealer.is_empty()
    }

    /// Whether the worker has a public job that its owner has not just offered.
    ///
    /// The owner of a fork of small work is back for it sooner than a thief could have moved it.
    pub(super) fn has_ready_job(&self) -> bool {
        self.has_public_job() && self.hold_off.is_over()
    }

    /// Steals the oldest public job, and perhaps more for the thief's `own` deque. An attempt pins an epoch, so look first.
    ///
    /// A deque that holds more than one job for each of the pool's `workers` is one with a burst of spawns in it. From
    /// such a one the thief takes several at once, up to half of them, into its own deque: one by one, thief and owner
    /// would meet at the deque for each of what are mostly tiny jobs.
    fn rob(&self, own: Option<&deque::Worker<JobRef>>, workers: usize) -> Option<JobRef> {
        loop {
            if !self.has_ready_job() {
                return None;
            }
            let stolen = match (self.stealer.len(), own) {
                (0, _) => return None,
                (len, Some(own)) if len > workers => self.stealer.steal_batch_and_pop(own),
                _ => self.stealer.steal(),
            };
            match stolen {
                Steal::Success(job) => return Some(job),
                Steal::Empty => return None,
                Steal::Retry => spin_loop(),
            }
        }
    }
}
