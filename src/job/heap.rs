//! Heap jobs: spawned closures, which live in memory of their own until they run.

use crate::job::context;
use crate::job::slab::Slab;
use crate::job::{Execute, Header, JobRef, Region};
use std::ptr::NonNull;

/// A spawned closure. It must catch its own panic: no thread waits for it here. It must call
/// [`context::leave_job`] when its body is over.
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
    /// Moves the closure to the memory in which it waits: a block of the spawning worker's slab if there is a worker
    /// and the closure is small, else a box. The memory is free again before the closure runs, so that a closure that
    /// waits does not hold it.
    ///
    /// # Safety
    ///
    /// The caller must see to it that the reference is executed exactly once, and before anything that the closure
    /// borrows ends. The type does not keep those borrows alive.
    #[inline]
    pub(crate) unsafe fn place(region: Region, slab: Option<&Slab>, closure: F) -> JobRef {
        let job = |execute: Execute| HeapJob { header: Header { execute, region }, closure };
        let job = match slab {
            Some(slab) if Slab::fits::<Self>() => {
                let block = slab.cut().cast::<Self>();
                // SAFETY: the block belongs to this thread, is large enough, and is aligned for a `Self`.
                unsafe { block.write(job(Self::execute_in_block)) };
                JobRef(block.cast())
            }
            _ => JobRef(NonNull::from(Box::leak(Box::new(job(Self::execute_in_box)))).cast()),
        };
        // SAFETY: the reference was just made, and is not used otherwise.
        unsafe { context::with_context(job) }
    }

    unsafe fn execute_in_box(header: NonNull<Header>, _: &Slab) {
        // SAFETY: the pointer comes from the leaked box in `place`, and a job is executed once.
        let job = unsafe { Box::from_raw(header.cast::<Self>().as_ptr()) };
        let HeapJob { closure, .. } = *job;
        closure();
    }

    unsafe fn execute_in_block(header: NonNull<Header>, slab: &Slab) {
        // SAFETY: the pointer comes from `place`, and a job is executed once.
        let HeapJob { closure, .. } = unsafe { header.cast::<Self>().read() };
        // SAFETY: the block was cut in `place`, and the job has just moved out.
        unsafe { slab.give_back(header.cast()) };
        closure();
    }
}
