//! Looking for work elsewhere.

use crate::job::{JobRef, Region};
use crate::pool::sleep::SearchPermit;
use crate::pool::slot::Shared;
use crate::pool::worker::restricted::Policy;
use crate::pool::worker::{Kind, Worker};
use crate::sync::atomic::spin_loop;
use crate::sync::deque::{self, Injector, Steal};

/// So many jobs at the young end of its own deque a waiting worker looks at for one of its region. More of them are met
/// where a job has spawned a burst, and are then left to the thread that takes the place over.
const DUG_AT_ONCE: usize = 64;

impl Worker {
    /// The youngest job in the deque of the worker's slot.
    #[inline]
    pub(super) fn pop(&self) -> Option<JobRef> {
        self.deque()?.pop()
    }

    /// The youngest of the worker's own public jobs that the policy admits, or what is in its mailbox.
    pub(crate) fn take_own(&self, policy: Policy) -> Option<JobRef> {
        let own = match policy {
            Policy::Any => self.pop(),
            Policy::OwnRegion => self.dig(DUG_AT_ONCE),
        };
        own.or_else(|| self.take_mail())
    }

    /// Takes a job out of the worker's own deque if it is `wanted`: the one that [`Worker::take_own`] would take there.
    pub(crate) fn take_next_if(&self, wanted: impl FnOnce(JobRef) -> bool) -> Option<JobRef> {
        let next = self.pop()?;
        if wanted(next) {
            return Some(next);
        }
        // Somebody may have looked for it in vain while it was out.
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

    /// Looks once at every queue that this worker may take from: jobs of high priority, its mailbox, the other workers'
    /// deques from a random one on, the injector, what was put aside, and jobs of low priority.
    pub(crate) fn look_round(&self, permit: SearchPermit) -> Option<JobRef> {
        let registry = self.registry();
        registry
            .priority_queues()
            .take_high()
            .or_else(|| self.take_mail())
            .or_else(|| self.steal(permit))
            .or_else(|| self.look_round_alone())
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

    /// Looks once into the injector, at what was put aside, and for jobs of low priority: all that there is beside its
    /// own, and those that go before them, for a worker that is alone.
    pub(crate) fn look_round_alone(&self) -> Option<JobRef> {
        let registry = self.registry();
        take_first(registry.injector())
            .or_else(|| registry.deferred().take_first())
            .or_else(|| registry.priority_queues().take_low())
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

    /// Steals the oldest public job. An attempt pins an epoch, so look first.
    pub(super) fn rob_one(&self) -> Option<JobRef> {
        while self.has_ready_job() {
            match self.stealer.steal() {
                Steal::Success(job) => return Some(job),
                Steal::Empty => return None,
                Steal::Retry => spin_loop(),
            }
        }
        None
    }

    /// Steals the oldest public job, and perhaps more.
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

/// The oldest job in a queue that everybody may take from.
pub(crate) fn take_first(queue: &Injector<JobRef>) -> Option<JobRef> {
    while !queue.is_empty() {
        match queue.steal() {
            Steal::Success(job) => return Some(job),
            Steal::Empty => return None,
            Steal::Retry => spin_loop(),
        }
    }
    None
}
