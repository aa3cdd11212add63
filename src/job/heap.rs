//! Heap jobs: spawned closures, which live in a box of their own until they run.

use crate::job::{Header, JobRef, Region};
use std::ptr::NonNull;

/// A spawned closure. It must deal with its own panic: nobody waits for it here.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct HeapJob<F> {
    header: Header,
    closure: F,
}

impl<F> HeapJob<F>
where
    F: FnOnce() + Send,
{
    /// Boxes the closure; the reference owns the box, which is freed when the job has been moved out to run.
    ///
    /// # Safety
    ///
    /// The reference is executed exactly once, and before anything that the closure borrows ends: what it borrows
    /// is for the caller to keep alive, since the type does not.
    #[inline]
    pub(crate) unsafe fn boxed(region: Region, closure: F) -> JobRef {
        let job = Box::new(HeapJob { header: Header { execute: Self::execute, region }, closure });
        JobRef(NonNull::from(Box::leak(job)).cast())
    }

    unsafe fn execute(header: NonNull<Header>) {
        let this = header.cast::<Self>().as_ptr();
        // SAFETY: the pointer comes from the leaked box in `boxed`, and a job is executed once.
        let job = unsafe { Box::from_raw(this) };
        // The box is freed before the closure runs: a closure that waits does not hold its memory.
        let HeapJob { closure, .. } = *job;
        closure();
    }
}
