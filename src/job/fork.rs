//! Fork jobs: the second half of a `join`, in the frame of the thread that called it.
//!
//! A fork job begins private: a pointer on its owner's join stack and nothing more. What only a thief needs, the
//! latch and the region, is written when the owner publishes it.

use crate::job::latch::{Latch, OnceLatch, SamePool};
use crate::job::payload::JobPayload;
use crate::job::slab::Slab;
use crate::job::{Execute, Header, JobRef, Region};
use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::thread;

/// The part of a fork job that does not depend on its closure.
///
/// 1. `execute` is there from the start. `published` is written by the owner when it publishes the job, before the
///    reference goes to a public queue, and not touched by the owner afterwards except to read.
/// 2. Until it is published only the owner reaches the job. From then on, until the latch opens or the owner gets
///    the reference back from a queue, the payload belongs to whoever takes the reference from a queue.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct ForkHeader {
    execute: Execute,
    published: UnsafeCell<MaybeUninit<Published>>,
    /// The link of the owner's join stack, which see; for the owner alone.
    pub(crate) older: Cell<*const ForkHeader>,
}

/// What a thief needs of a fork job. The region comes first, so that the front of a published [`ForkHeader`] is laid
/// out as a [`Header`].
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
    /// Makes the job ready for thieves and returns the reference for the public queue.
    ///
    /// # Safety
    ///
    /// The caller is the owner, publishes the job once, and keeps it in its frame until it has the reference back
    /// or has seen the latch open.
    pub(crate) unsafe fn publish(this: *const ForkHeader, region: Region, waker: SamePool) -> JobRef {
        // SAFETY: the owner calls, and keeps the job alive.
        let published = unsafe { &(*this).published };
        let value = Published { region, latch: OnceLatch::new(waker) };
        // SAFETY: until now only the owner reaches the job (invariant 2).
        unsafe { published.get().write(MaybeUninit::new(value)) };
        ForkHeader::job_ref(this)
    }

    /// The reference that the job is known by in the queues once it is published.
    pub(crate) fn job_ref(this: *const ForkHeader) -> JobRef {
        JobRef(NonNull::new(this.cast_mut()).expect("a job has an address").cast())
    }

    /// The latch of a published job.
    ///
    /// # Safety
    ///
    /// The job has been published and is alive.
    pub(crate) unsafe fn latch(this: *const ForkHeader) -> *const OnceLatch<SamePool> {
        // SAFETY: alive, says the caller.
        let published = unsafe { &(*this).published };
        // `MaybeUninit<Published>` is laid out as `Published`.
        let published = published.get().cast::<Published>();
        // SAFETY: written when the job was published (invariant 1).
        unsafe { &raw const (*published).latch }
    }
}

/// What a fork holds: something that a thief can run.
pub(crate) trait Forked<R>: Send {
    /// Runs it on another thread than its owner's.
    fn run_migrated(self) -> R;
}

/// The second half of a `join`: a closure that is told whether it runs on another thread than its owner's.
impl<F, R> Forked<R> for F
where
    F: FnOnce(bool) -> R + Send,
{
    fn run_migrated(self) -> R {
        self(true)
    }
}

/// A fork: something to be run, and its result.
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
    /// A private job, whose link leads to `older`.
    ///
    /// The link is set here, not when the job goes on the stack: a constant in its place would have the compiler write
    /// one constant over the whole header, and so fill in what is meant to stay unwritten.
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

    /// What the job holds, for its owner to run itself.
    ///
    /// # Safety
    ///
    /// The job is private, or the caller has its reference back from a queue (invariant 2). To be called once.
    #[inline(always)]
    pub(crate) unsafe fn take(&self) -> F {
        // SAFETY: the payload belongs to the caller, and what it holds is still there.
        unsafe { self.payload.take() }
    }

    /// What a thief made of the job.
    ///
    /// # Safety
    ///
    /// The latch has been seen open. To be called once.
    pub(crate) unsafe fn result(&self) -> thread::Result<R> {
        // SAFETY: the latch's acquire makes the thief's writes visible, and the payload is the owner's again.
        unsafe { self.payload.move_result() }
    }

    unsafe fn execute(header: NonNull<Header>, _: &Slab) {
        let this = header.as_ptr().cast_const().cast::<Self>();
        // SAFETY: the pointer comes from `header()`, and the job is alive until its latch opens.
        let payload = unsafe { &(*this).payload };
        // SAFETY: by invariant 2 the payload is ours; a job is executed once.
        unsafe { payload.run(Forked::run_migrated) };
        // SAFETY: only published jobs are executed through a reference.
        let latch = unsafe { ForkHeader::latch(this.cast()) };
        // SAFETY: the latch is alive up to here and set once; nothing of the job is touched afterwards.
        unsafe { Latch::set(latch) };
    }
}
