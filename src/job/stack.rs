//! Stack jobs: an operation that a caller hands to a pool, and for which it waits in its own frame.

#[cfg(all(test, loom))]
mod loom;

use crate::job::latch::{Latch, OnceLatch};
use crate::job::payload::JobPayload;
use crate::job::slab::Slab;
use crate::job::{Header, JobRef, Region};
use crate::sync::parker::Parker;
use crate::sync::unwind;
use crate::trace::{self, EventKind};
use std::ptr::NonNull;
use std::sync::Arc;
use std::thread;

/// A closure, its result, and the latch on which the caller waits. The caller is a thread outside the pool, or a worker
/// of another pool.
///
/// 1. From [`StackJob::job_ref`] until the latch is set the payload belongs to the worker that executes the job;
///    afterwards it belongs to the caller again.
/// 2. The caller keeps the job in its frame until the latch is set.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct StackJob<F, R> {
    header: Header,
    /// Set when the result is there.
    pub(crate) latch: OnceLatch<Arc<Parker>>,
    payload: JobPayload<F, R>,
}

impl<F, R> StackJob<F, R>
where
    F: FnOnce() -> R + Send,
    R: Send,
{
    /// A job of the given region. Its caller sleeps at `parker`.
    pub(crate) fn new(region: Region, parker: Arc<Parker>, closure: F) -> Self {
        StackJob {
            header: Header { execute: Self::execute, region },
            latch: OnceLatch::new(parker),
            payload: JobPayload::new(closure),
        }
    }

    /// The reference to hand to a pool.
    ///
    /// # Safety
    ///
    /// It must be called once, and the job must stay in place until its latch is set (invariant 2).
    pub(crate) unsafe fn job_ref(&self) -> JobRef {
        // From the whole job, not from its header, so that the pointer may reach the other fields.
        JobRef(NonNull::from(self).cast())
    }

    /// The result of the operation; its panic goes on in the caller.
    ///
    /// # Safety
    ///
    /// The caller must have seen the latch open.
    pub(crate) unsafe fn into_result(self) -> R {
        // SAFETY: the caller has the same duty.
        unsafe { self.into_outcome() }.unwrap_or_else(|payload| unwind::resume(payload))
    }

    /// The result of the operation, or the payload of its panic.
    ///
    /// # Safety
    ///
    /// The caller must have seen the latch open.
    pub(crate) unsafe fn into_outcome(self) -> thread::Result<R> {
        // SAFETY: the latch's acquire makes the worker's writes visible, and by invariant 1 the payload belongs to the
        // caller.
        unsafe { self.payload.move_result() }
    }

    unsafe fn execute(header: NonNull<Header>, _: &Slab) {
        let this = header.cast::<Self>().as_ptr().cast_const();
        // SAFETY: the pointer comes from `job_ref`, and the job is alive until its latch is set.
        let payload = unsafe { &(*this).payload };
        trace::job_is(EventKind::Call);
        // SAFETY: by invariant 1 the payload belongs to this thread; a job is executed once.
        unsafe { payload.run(|closure| closure()) };
        trace::job_ends();
        // SAFETY: the job is alive until its latch is set, as above; this thread touches nothing of the job afterwards.
        let latch = unsafe { &raw const (*this).latch };
        // SAFETY: the latch is alive up to here, and is set once.
        unsafe { Latch::set(latch) };
    }
}
