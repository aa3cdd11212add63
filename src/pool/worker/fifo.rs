//! Spawns that run in the order they were made, through a deque that yields the youngest job first.

use crate::job::slab::Slab;
use crate::job::{Header, JobRef, Region};
use crate::sync::deque::{Injector, take_first};
use std::ptr::NonNull;

/// A queue of jobs in the order in which they were made. For each job in it there is one ticket in a public deque. A
/// thread that takes any ticket runs the oldest job.
///
/// 1. A job is pushed before its ticket is made, and each ticket takes one job out: so a ticket always finds one.
/// 2. The queue stays in place while one of its tickets is unspent: a slot's queue lives in the registry; a scope's
///    lives as long as the scope, which waits for all its jobs.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Fifo {
    header: Header,
    jobs: Injector<JobRef>,
    /// Executes a job on the calling thread.
    execute: unsafe fn(JobRef),
}

impl Fifo {
    /// A queue of jobs of one region, or of any; `execute` executes them.
    pub(crate) fn with(region: Region, execute: unsafe fn(JobRef)) -> Self {
        Fifo { header: Header::new(Self::spend_ticket, region), jobs: Injector::new(), execute }
    }

    /// Queues a job and makes the ticket for it, which the caller puts into a public queue.
    ///
    /// # Safety
    ///
    /// The queue stays in place until the ticket has been executed (invariant 2).
    pub(crate) unsafe fn push(&self, job: JobRef) -> JobRef {
        self.jobs.push(job);
        // SAFETY: the pointer is to the whole queue; its first field is the header; the caller keeps it in place.
        unsafe { JobRef::new(NonNull::from(self).cast()) }
    }

    unsafe fn spend_ticket(header: NonNull<Header>, _: &Slab) {
        // SAFETY: the pointer comes from `push`, and by invariant 2 the queue is alive.
        let this = unsafe { header.cast::<Self>().as_ref() };
        let (job, execute) = (take_first(&this.jobs), this.execute);
        // From here on `this` may have been freed: the job may be the last that its scope waits for.
        let job = job.expect("a job was queued for every ticket");
        // SAFETY: the job has just been taken from the queue.
        unsafe { execute(job) };
    }
}
