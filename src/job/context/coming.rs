//! The contexts of the jobs that run on a thread.
//!
//! A spawned closure lies in a block of the slab. A context that lay there too would make every job larger, with hooks or
//! without. So a job with a context goes into a job of its own, which brings the context. It is entered there, and left by the
//! closure itself: when the closure tells the thread that waits for it, the context must have been left, and dropped.

use super::{CarriedContext, EnteredContext, is_carried};
use crate::job::slab::Slab;
use crate::job::{Header, JobRef};
use crate::sync::local::thread_local;
use std::cell::RefCell;
use std::ptr::NonNull;

thread_local! {
    /// For each job on the thread's stack that began while contexts were carried, its context if it has one and has not left
    /// it.
    static OPEN: RefCell<Vec<Option<OpenContext>>> = const { RefCell::new(Vec::new()) };
}

/// A context on the thread that runs its job. It is left before it is dropped.
struct OpenContext {
    _entered: EnteredContext,
    _context: CarriedContext,
}

/// A job from a queue begins, and contexts are carried. [`end_job`] must follow.
#[cold]
#[inline(never)]
pub(crate) fn begin_job() {
    _ = OPEN.try_with(|open| open.borrow_mut().push(None));
}

/// The job that began last ends, and leaves its context if it has not done so.
#[cold]
#[inline(never)]
pub(crate) fn end_job() {
    // Dropped when the list is free again: this calls the program's code.
    drop(OPEN.try_with(|open| open.borrow_mut().pop()));
}

/// The running job leaves its context and drops it. Each spawned closure calls this when its body is over.
///
/// If contexts are carried only since the job began, all jobs beneath it began before too, and it finds no context.
#[inline(always)]
pub(crate) fn leave_job() {
    if is_carried() {
        leave_now();
    }
}

#[cold]
#[inline(never)]
fn leave_now() {
    drop(OPEN.try_with(|open| open.borrow_mut().last_mut().and_then(Option::take)));
}

impl CarriedContext {
    /// The running job, which has none yet, enters the context. While the thread ends it does without.
    fn enter_job(self) {
        let context = Some(OpenContext { _entered: self.enter(), _context: self });
        let none = OPEN.try_with(|open| {
            let mut open = open.borrow_mut();
            let place = open.last_mut().expect("contexts are carried since before the job was spawned");
            std::mem::replace(place, context)
        });
        debug_assert!(!matches!(none, Ok(Some(_))), "a job has one context");
    }
}

/// A job in front of the job that it runs.
#[derive(Debug)]
#[repr(C)]
struct ContextJob {
    header: Header,
    context: CarriedContext,
    inner: JobRef,
}

/// The job to be queued in place of `job`, which calls [`leave_job`]: the same one, or one that brings it the calling thread's
/// context.
///
/// # Safety
///
/// The caller gives up `job`: it executes the returned reference instead.
#[inline]
pub(in crate::job) unsafe fn with_context(job: JobRef) -> JobRef {
    if is_carried() { ContextJob::place(job) } else { job }
}

impl ContextJob {
    #[cold]
    #[inline(never)]
    fn place(inner: JobRef) -> JobRef {
        let Some(context) = CarriedContext::capture() else { return inner };
        let header = Header { execute: Self::execute, region: inner.region() };
        let job = Box::leak(Box::new(ContextJob { header, context, inner }));
        JobRef(NonNull::from(job).cast())
    }

    unsafe fn execute(header: NonNull<Header>, slab: &Slab) {
        // SAFETY: the pointer comes from the leaked box in `place`, and a job is executed once.
        let job = unsafe { Box::from_raw(header.cast::<Self>().as_ptr()) };
        let ContextJob { context, inner, .. } = *job;
        context.enter_job();
        // SAFETY: the maker of this job gave up the reference, so this is the only use of it.
        unsafe { inner.execute(slab) };
    }
}
