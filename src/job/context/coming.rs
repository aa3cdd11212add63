//! The context of a spawned job, from the queue to the closure.
//!
//! A job's closure lies in a block of the slab. A context that lay there too would make every job larger, with hooks or
//! without. So a job with a context goes into a job of its own, which holds the context. When that one runs, it leaves the
//! context in a thread-local, and the closure picks it up. The closure itself enters it, because the context must have been
//! left, and dropped, when the closure tells the thread that waits for it.

use super::{CarriedContext, is_carried};
use crate::job::slab::Slab;
use crate::job::{Header, JobRef};
use crate::sync::local::thread_local;
use std::cell::Cell;
use std::ptr::NonNull;

thread_local! {
    /// The context of the job that the thread begins just now.
    static COMING: Cell<Option<CarriedContext>> = const { Cell::new(None) };
}

/// A job in front of the job that it runs.
#[derive(Debug)]
#[repr(C)]
struct ContextJob {
    header: Header,
    context: CarriedContext,
    inner: JobRef,
}

/// The job to be queued in place of `job`, which calls [`in_context`] when it begins: the same one, or one that brings it
/// the calling thread's context.
///
/// # Safety
///
/// The caller gives up `job`: it executes the returned reference instead.
#[inline]
pub(in crate::job) unsafe fn with_context(job: JobRef) -> JobRef {
    match CarriedContext::capture() {
        None => job,
        Some(context) => ContextJob::place(context, job),
    }
}

/// Calls `f`, the body of the job that begins, in the context that it was spawned with.
#[inline]
pub(crate) fn in_context<R>(f: impl FnOnce() -> R) -> R {
    let context = if is_carried() { take_coming() } else { None };
    // Left before it is dropped.
    let _entered = context.as_ref().map(CarriedContext::enter);
    f()
}

/// `None` for a job that was spawned before contexts were captured, and while the thread ends.
#[cold]
fn take_coming() -> Option<CarriedContext> {
    COMING.try_with(Cell::take).ok().flatten()
}

impl ContextJob {
    #[cold]
    fn place(context: CarriedContext, inner: JobRef) -> JobRef {
        let header = Header { execute: Self::execute, region: inner.region() };
        let job = Box::leak(Box::new(ContextJob { header, context, inner }));
        JobRef(NonNull::from(job).cast())
    }

    unsafe fn execute(header: NonNull<Header>, slab: &Slab) {
        // SAFETY: the pointer comes from the leaked box in `place`, and a job is executed once.
        let job = unsafe { Box::from_raw(header.cast::<Self>().as_ptr()) };
        let ContextJob { context, inner, .. } = *job;
        _ = COMING.try_with(|coming| coming.set(Some(context)));
        // SAFETY: the maker of this job gave up the reference, so this is the only use of it.
        unsafe { inner.execute(slab) };
    }
}
