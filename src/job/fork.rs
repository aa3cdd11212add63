//! Fork jobs: the second half of a `join`, in the frame of the thread that called it.
//!
//! A fork job begins private: a pointer on its owner's join stack and nothing more. The owner writes the latch and the
//! region, which only a thief needs, when it publishes the job.

use crate::job::latch::{Latch, OnceLatch, SamePool};
use crate::job::payload::JobPayload;
use crate::job::slab::Slab;
use crate::job::{Execute, Header, JobRef, Region};
use crate::trace::{self, EventKind};
use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::thread;

/// The part of a fork job that does not depend on its closure.
///
/// 1. `execute` is valid from the start. The owner writes `published` when it publishes the job, before the
///    reference goes to a public queue. Afterwards the owner only reads it.
/// 2. Until the job is published only its owner reaches it. From then on, until the latch opens or the owner gets the
///    reference back from a queue, the payload belongs to the thread that takes the reference from a queue.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct ForkHeader {
    execute: Execute,
    published: UnsafeCell<MaybeUninit<Published>>,
    /// The link of the owner's join stack (see there). Only the owner uses it.
    pub(crate) older: Cell<*const ForkHeader>,
}

/// The part of a fork job that only a thief needs. The region comes first, so that the front of a published
/// [`ForkHeader`] is laid out as a [`Header`].
#[derive(Debug)]
#[repr(C)]
struct Published {
    region: Region,
    latch: OnceLatch<SamePool>,
}

const _: () = {
    assert!(std::mem::offset_of!(Header, execute) == std::mem::offset_of!(ForkHeader, execute));
    assert!(std::mem::offset_of!(Header, region) == std::mem::offset_of!(ForkHeader, published));
    assert!(std::mem::offset_of!(Published, region) == 0);
};

impl ForkHeader {
    /// Makes the job ready for thieves. Returns the reference for the public queue.
    ///
    /// # Safety
    ///
    /// The caller must be the owner, must publish the job once, and must keep it in its frame until it has the
    /// reference back or has seen the latch open.
    pub(crate) unsafe fn publish(this: *const ForkHeader, region: Region, waker: SamePool) -> JobRef {
        // SAFETY: the caller is the owner, and keeps the job alive.
        let published = unsafe { &(*this).published };
        let value = Published { region, latch: OnceLatch::new(waker) };
        // SAFETY: until now only the owner, who calls, reaches the job (invariant 2).
        unsafe { published.get().write(MaybeUninit::new(value)) };
        ForkHeader::job_ref(this)
    }

    /// The reference by which queues know the job once it is published.
    pub(crate) fn job_ref(this: *const ForkHeader) -> JobRef {
        JobRef(NonNull::new(this.cast_mut()).expect("a job has an address").cast())
    }

    /// The latch of a published job.
    ///
    /// # Safety
    ///
    /// The job must have been published, and must be alive.
    pub(crate) unsafe fn latch(this: *const ForkHeader) -> *const OnceLatch<SamePool> {
        // SAFETY: the job is alive, by the caller's duty.
        let published = unsafe { &(*this).published };
        // `MaybeUninit<Published>` is laid out as `Published`.
        let published = published.get().cast::<Published>();
        // SAFETY: the owner wrote it when it published the job (invariant 1).
        unsafe { &raw const (*published).latch }
    }
}

/// A fork's second half, which a thief can run.
pub(crate) trait Forked<R>: Send {
    /// Runs it on a thread other than its owner's.
    fn run_migrated(self) -> R;
}

/// The second half of a `join`: a closure that learns whether it runs on a thread other than its owner's.
impl<F, R> Forked<R> for F
where
    F: FnOnce(bool) -> R + Send,
{
    fn run_migrated(self) -> R {
        self(true)
    }
}

/// A fork: its second half, and the result of that.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct ForkJob<F, R> {
    header: ForkHeader,
    payload: JobPayload<F, R>,
}

impl<F, R> ForkJob<F, R>
where
    F: Forked<R>,
    R: Send,
{
    /// A private job. Its link leads to `older`.
    ///
    /// The link is set here, not when the job goes on the stack. With a constant in its place the compiler would write
    /// one constant over the whole header, and so fill in the part that is meant to stay unwritten.
    #[inline(always)]
    pub(crate) fn new(forked: F, older: *const ForkHeader) -> Self {
        let published = UnsafeCell::new(MaybeUninit::uninit());
        let header = ForkHeader { execute: Self::execute, published, older: Cell::new(older) };
        ForkJob { header, payload: JobPayload::new(forked) }
    }

    /// The header, by a pointer that may reach the whole job.
    #[inline(always)]
    pub(crate) fn header(&self) -> *const ForkHeader {
        ptr::from_ref(self).cast()
    }

    /// Gives the second half to the owner, which runs it itself.
    ///
    /// # Safety
    ///
    /// The job must be private, or the caller must have its reference back from a queue (invariant 2). It must be
    /// called once.
    #[inline(always)]
    pub(crate) unsafe fn take(&self) -> F {
        // SAFETY: the payload belongs to the caller, and the second half is still in it: this is the only call.
        unsafe { self.payload.take() }
    }

    /// The result that a thief stored.
    ///
    /// # Safety
    ///
    /// The caller must have seen the latch open. It must be called once.
    pub(crate) unsafe fn result(&self) -> thread::Result<R> {
        // SAFETY: the latch's acquire makes the thief's writes visible, and the payload is the owner's again.
        unsafe { self.payload.move_result() }
    }

    unsafe fn execute(header: NonNull<Header>, _: &Slab) {
        let this = header.as_ptr().cast_const().cast::<Self>();
        // SAFETY: the pointer comes from `header()`, and the job is alive until its latch opens.
        let payload = unsafe { &(*this).payload };
        trace::job_is(EventKind::Fork);
        // SAFETY: by invariant 2 the payload belongs to this thread; a job is executed once.
        unsafe { payload.run(Forked::run_migrated) };
        trace::job_ends();
        // SAFETY: only published jobs are executed through a reference.
        let latch = unsafe { ForkHeader::latch(this.cast()) };
        // SAFETY: the latch is alive up to here, and is set once; this thread touches nothing of the job afterwards.
        unsafe { Latch::set(latch) };
    }
}
