//! Looking for work elsewhere: in other slots' deques and in the pool's queues.

use crate::job::JobRef;
use crate::pool::registry::{Shared, Worker};
use crate::pool::sleep::SearchPermit;
use crate::sync::atomic::spin_loop;
use crate::sync::deque::Steal;

impl Worker {
    /// Looks once at every queue that this worker may take from: jobs of high priority, its mailbox, the other workers'
    /// deques from a random one on, the injector, the deferred jobs, and jobs of low priority.
    pub(crate) fn look_round(&self, permit: SearchPermit) -> Option<JobRef> {
        let high = self.registry().queues().take_high();
        high.or_else(|| self.take_mail())
            .or_else(|| self.steal(permit))
            .or_else(|| self.look_round_alone())
            .or_else(|| self.count_empty_look())
    }

    /// Looks once into the pool's queues that come after a worker's own jobs.
    pub(crate) fn look_round_alone(&self) -> Option<JobRef> {
        let queues = self.registry().queues();
        queues.take_normal().or_else(|| queues.take_low())
    }

    /// As [`Worker::look_round`], for a worker that will not look again soon: also waits for jobs in their hold-off. If
    /// it `is_sentinel`, it does not wait for jobs that are wanted only if their worker is held up: the sentinel will
    /// see those again.
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
            let Some(job) = victim.rob() else { continue };
            self.count_steal();
            // The thief that takes the last public job makes a request on behalf of the workers that are still idle.
            let idle = registry.sleep().idle();
            let others = idle - usize::from(permit == SearchPermit::Granted).min(idle);
            if others > 0 && victim.stealer.is_empty() {
                victim.request();
            }
            return Some(job);
        }
        None
    }

    /// Makes a steal request to every other worker, because no public job was found.
    pub(crate) fn request_all(&self) {
        for index in self.victims() {
            self.registry().shared(index).request();
        }
    }

    /// The indices of the other slots, each once, from a random one on.
    pub(super) fn victims(&self) -> Victims {
        let workers = self.registry().num_workers();
        Victims { next: self.rng.below(workers), left: workers, workers, thief: self.index.get() }
    }
}

/// The search of a thread that runs only jobs of its region.
impl Worker {
    /// Looks once at every queue where jobs of the region can be. Deep in its stack a thread takes only mail and
    /// deferred jobs: its own forks may be among those.
    pub(super) fn look_round_in_region(&self) -> Option<JobRef> {
        let at_hand = self.take_of_region().or_else(|| self.take_mail());
        let found = at_hand.or_else(|| if self.is_deep() { None } else { self.steal_restricted() });
        found.or_else(|| self.count_empty_look())
    }

    /// A public job of a worker that runs a job of the region.
    fn steal_restricted(&self) -> Option<JobRef> {
        self.helpers().find_map(|index| self.steal_from(index))
    }

    /// The oldest public job at the slot `index`, if it is of the region; its worker may have turned to another region
    /// meanwhile.
    pub(super) fn steal_from(&self, index: usize) -> Option<JobRef> {
        let job = self.registry().shared(index).rob()?;
        if self.is_of_region(job) {
            self.count_steal();
            return Some(job);
        }
        if self.is_bound() {
            self.defer(job);
        } else {
            // Other threads find it here: thieves, and the thread that takes the slot over.
            self.push(job);
        }
        None
    }

    /// The slots where a job of the region runs now.
    fn helpers(&self) -> impl Iterator<Item = usize> {
        let region = self.region();
        self.victims().filter(move |&index| self.registry().shared(index).region() == region)
    }

    /// True if there seems to be work of other regions, after a search for work of this one.
    pub(super) fn has_foreign_work(&self) -> bool {
        self.public_jobs() > 0 || self.registry().has_common_work() || self.strangers().any(Shared::has_ready_job)
    }

    /// The slots where a job of another region runs now, or none.
    pub(super) fn strangers(&self) -> impl Iterator<Item = &Shared> {
        let region = self.region();
        let shared = self.victims().map(|index| self.registry().shared(index));
        shared.filter(move |shared| shared.region() != region)
    }

    /// Makes a steal request to the workers that run jobs of the region.
    pub(super) fn request_of_helpers(&self) {
        for index in self.helpers() {
            self.registry().shared(index).request();
        }
    }
}

/// The indices of [`Worker::victims`]. (One type with one loop: adaptors would be compiled for each caller.)
pub(super) struct Victims {
    next: usize,
    /// How many indices are left, the thief's own among them.
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
    /// True if there is a public job at the slot.
    pub(crate) fn has_public_job(&self) -> bool {
        !self.stealer.is_empty()
    }

    /// True if there is a public job at the slot, and it is not in its hold-off.
    pub(super) fn has_ready_job(&self) -> bool {
        self.has_public_job() && self.hold_off.is_over()
    }

    /// Steals the oldest public job, and never more than one: a search may end only with the oldest, and the thief may not
    /// come to it if it takes a younger one first. An attempt pins an epoch, so this looks first.
    fn rob(&self) -> Option<JobRef> {
        while self.has_ready_job() {
            match self.stealer.steal() {
                Steal::Success(job) => return Some(job),
                Steal::Empty => return None,
                Steal::Retry => spin_loop(),
            }
        }
        None
    }
}
