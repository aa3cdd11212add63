//! How a parallel loop shares what is left of it: what it knows of the worker that it runs on, and how it forks.

use crate::fork::join::fork_and_run;
use crate::pool::global;
use crate::pool::worker::Worker;

/// A loop's stay on a worker.
#[derive(Debug)]
pub(crate) struct LoopContext<'w> {
    worker: &'w Worker,
    migrated: bool,
}

impl LoopContext<'_> {
    /// Runs `op` on a worker: in place if the caller is one, else on one of the global pool's.
    #[inline]
    pub(crate) fn enter<R: Send>(op: impl FnOnce(&LoopContext<'_>) -> R + Send) -> R {
        Worker::with_current(|worker| match worker {
            Some(worker) => op(&LoopContext { worker, migrated: false }),
            None => global::registry().in_worker(|worker, _| op(&LoopContext { worker, migrated: false })),
        })
    }

    /// Whether this part was taken by another worker than the one that forked it.
    #[inline]
    pub(crate) fn is_migrated(&self) -> bool {
        self.migrated
    }

    /// How many workers have nothing to do. A snapshot.
    #[inline]
    pub(crate) fn idle(&self) -> usize {
        self.worker.registry().sleep().idle()
    }

    /// How many threads work here.
    #[inline]
    pub(crate) fn threads(&self) -> usize {
        self.worker.registry().num_threads()
    }

    /// Whether somebody has asked for work. To be looked at often.
    #[inline(always)]
    pub(crate) fn is_asked(&self) -> bool {
        self.worker.bell_is_on()
    }

    /// Gives those who ask what this worker has forked so far. Says whether they want more.
    pub(crate) fn answer(&self) -> bool {
        self.worker.answer_bell();
        self.worker.bell_is_on()
    }

    /// Sees to it that what was forked and nobody has taken yet is looked for, by a system call if need be.
    pub(crate) fn urge(&self) {
        self.worker.urge();
    }

    /// Says whether the part that has just run was worth being taken by another worker. As with this one, so it will be
    /// with the next: a program runs the same loop again and again.
    #[inline]
    pub(crate) fn remember_weight(&self, was_worth_taking: bool) {
        self.worker.remember_weight(was_worth_taking);
    }

    /// Runs `left`, and `right` too, perhaps at the same time, on another worker. Whoever is idle is offered `right`
    /// before `left` begins.
    #[inline]
    pub(crate) fn fork<A, B, RA, RB>(&self, left: A, right: B) -> (RA, RB)
    where
        A: FnOnce(&LoopContext<'_>) -> RA,
        B: FnOnce(&LoopContext<'_>) -> RB + Send,
        RB: Send,
    {
        self.fork_and(left, right, || self.worker.offer())
    }

    /// As [`LoopContext::fork`], when somebody has asked for work and [`LoopContext::answer`] said that it wants more.
    #[inline]
    pub(crate) fn fork_on_demand<A, B, RA, RB>(&self, left: A, right: B) -> (RA, RB)
    where
        A: FnOnce(&LoopContext<'_>) -> RA,
        B: FnOnce(&LoopContext<'_>) -> RB + Send,
        RB: Send,
    {
        self.fork_and(left, right, || self.worker.answer_bell())
    }

    #[inline(always)]
    fn fork_and<A, B, RA, RB>(&self, left: A, right: B, forked: impl FnOnce()) -> (RA, RB)
    where
        A: FnOnce(&LoopContext<'_>) -> RA,
        B: FnOnce(&LoopContext<'_>) -> RB + Send,
        RB: Send,
    {
        let worker = self.worker;
        let left = |_| left(&LoopContext { worker, migrated: false });
        let right = |migrated| {
            Worker::with_current(|worker| {
                let worker = worker.expect("forks are run by workers");
                right(&LoopContext { worker, migrated })
            })
        };
        fork_and_run(worker, left, right, false, forked)
    }
}
