//! Which jobs may run on top of a frame that waits.
//!
//! Every job has a region: the call from outside, the detached job, the task or the isolated call that it descends
//! from. On top of a frame within a job only jobs of the frame's region run. A job of another region could wait for the
//! frames beneath it, or for a lock that they hold, and would wait for ever.

use crate::job::{Isolation, JobRef, Region};
use crate::pool::registry::Worker;

/// Which jobs may run on top of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// All of them.
    Any,
    /// Those of the region that the thread is in.
    OwnRegion,
}

/// Restores a worker's region after a call, also when the call panics.
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
        // A fork is published with the worker's region; the private ones belong to the region around this call.
        self.publish_all();
        let _restore = Restore { worker: self, outer: self.running.replace(region) };
        f()
    }

    /// Runs `f` in a region of its own: on top of its waits run only jobs that it has begun.
    pub(crate) fn apart<R>(f: impl FnOnce() -> R) -> R {
        Self::in_part(Region::fresh(), f)
    }

    /// Runs `f` in a region that nothing else has, if the calling thread is a worker. Within an isolated call the
    /// region is a nested isolated one.
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

    /// The policy of a frame that waits. With nothing begun a worker runs any job.
    #[inline]
    pub(super) fn policy_of_wait(&self) -> Policy {
        if self.nesting.get() > 0 || self.is_bound() { Policy::OwnRegion } else { Policy::Any }
    }

    /// The policy of a frame that yields: it asks for other jobs to go first.
    pub(super) fn policy_of_yield(&self) -> Policy {
        if self.is_bound() { Policy::OwnRegion } else { Policy::Any }
    }

    /// True if the thread is in a job or an external call, and not in an isolated one.
    pub(crate) fn is_in_plain_job(&self) -> bool {
        self.nesting.get() > 0 && !self.region().is_isolated()
    }

    /// True if the thread runs only jobs of its region in every case.
    #[inline]
    pub(super) fn is_bound(&self) -> bool {
        self.is_external() || self.region().is_isolated()
    }

    /// True if the job belongs to the worker's region, or to an isolated call within it.
    #[inline]
    pub(super) fn is_of_region(&self, job: JobRef) -> bool {
        // SAFETY: the caller has just taken the job from a queue, or holds the lock of the queue that it is in.
        unsafe { job.is_of(self.region()) }
    }
}
