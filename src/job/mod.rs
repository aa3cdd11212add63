//! Layer 1: jobs, the erased closures that queues hold, and the latches that open when they are done.
//!
//! Queues know a job as a [`JobRef`]: a thin pointer to its [`Header`], which says how to run it and which [`Region`]
//! it belongs to. There are three kinds of jobs:
//!
//! - [`fork::ForkJob`]: the second half of a `join`, in the frame of its caller, private until published;
//! - [`stack::StackJob`]: an operation that a caller hands to a pool, and for which it waits in its own frame;
//! - [`heap::HeapJob`]: a spawned closure, in memory of its own that is freed when it runs.

pub(crate) mod context;
pub(crate) mod fork;
pub(crate) mod heap;
pub(crate) mod latch;
mod payload;
mod region;
pub(crate) mod slab;
pub(crate) mod stack;

pub(crate) use self::region::{Isolation, Region, RunningRegion};

use self::slab::Slab;
use crate::sync::unwind::AbortOnUnwind;
use std::ptr::NonNull;

/// How to run a job: takes a pointer to its header, and the slab of the worker that runs it, for the job's memory.
pub(crate) type Execute = unsafe fn(NonNull<Header>, &Slab);

/// The part of a job that queues read. It is the first field of every job, so a pointer to it is a pointer to the job.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Header {
    /// Runs the job. The pointer must lead to this very header.
    execute: Execute,
    /// The region that the job belongs to.
    region: Region,
}

impl Header {
    pub(crate) fn new(execute: Execute, region: Region) -> Self {
        Header { execute, region }
    }
}

/// A pointer to a job that waits to be run.
///
/// Invariants:
///
/// 1. The thread that makes a `JobRef` keeps the job in place, alive and untouched, until the job's latch is set (fork
///    and stack jobs) or for good (heap jobs, which free themselves).
/// 2. Of all the copies of a `JobRef` at most one is executed. Queues hand each element to one thread; an owner that
///    takes a job back takes it from the queue. (A `Fifo`'s tickets are the exception, and say how they are used.)
/// 3. A job's closure and result may be sent to another thread: the constructors demand `Send`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct JobRef(NonNull<Header>);

// SAFETY: by invariants 1 and 3 it is sound to run the job on a thread other than the one that made it.
unsafe impl Send for JobRef {}

impl JobRef {
    /// # Safety
    ///
    /// The pointer must lead to the header of a job, at the front of the whole job, for which invariants 1 to 3 hold.
    #[inline]
    pub(crate) unsafe fn new(header: NonNull<Header>) -> Self {
        JobRef(header)
    }

    /// Runs the job on a worker with the given slab. It never unwinds: other threads have pointers into the frames
    /// beneath the caller. So a job catches its own panic, and those of all values that it drops. If a panic gets out
    /// all the same, the process is aborted.
    ///
    /// # Safety
    ///
    /// The caller must know that no other copy of this reference has been or will be executed (invariant 2).
    #[inline]
    pub(crate) unsafe fn execute(self, slab: &Slab) {
        // SAFETY: by invariant 1 the header is alive.
        let execute = unsafe { self.0.as_ref() }.execute;
        let guard = AbortOnUnwind { because: "a panic escaped from a job" };
        // SAFETY: `execute` was stored for this very pointer, and the caller runs it once.
        unsafe { execute(self.0, slab) }
        std::mem::forget(guard);
    }

    /// True if the job belongs to `region`, or to an isolated call within it.
    ///
    /// # Safety
    ///
    /// The job must not have been executed.
    #[inline]
    pub(crate) unsafe fn is_of(self, region: Region) -> bool {
        // SAFETY: the caller has the same duty.
        unsafe { self.region().is_within(region) }
    }

    /// The pointer from which the reference was made.
    pub(crate) fn header(self) -> NonNull<Header> {
        self.0
    }

    /// The region that the job belongs to.
    pub(crate) fn region(self) -> Region {
        // SAFETY: by invariant 1 the header is alive; it does not change after the reference was made.
        unsafe { self.0.as_ref() }.region
    }
}
