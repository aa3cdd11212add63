//! Which jobs may run on top of a frame that waits.
//!
//! Every job has a region: the call from outside, the detached job, the task or the isolated call that it descends from. On top
//! of a frame within a job only jobs of the frame's region run. A job of another region could wait for what the frames beneath
//! it do, or for a lock that they hold, and would wait for ever.

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

/// Takes a worker back to the region around a call, also when the call panics.
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
}
