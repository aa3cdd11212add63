//! A closure to be run once and the place for what it gives: what all jobs with a waiting owner share.

use crate::sync::unwind;
use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::thread;

/// A closure and, after it has run, its result.
///
/// The fields change hands without a word of state in here: who may touch which is decided by the job around it.
///
/// 1. The closure is there from [`JobPayload::new`] until the first of [`JobPayload::take`] and [`JobPayload::run`].
/// 2. The result is there from the end of [`JobPayload::run`] until [`JobPayload::move_result`].
/// 3. Nothing is dropped on its own: an owner that forgets a payload leaks it, never more.
#[derive(Debug)]
pub(crate) struct JobPayload<F, R> {
    closure: UnsafeCell<ManuallyDrop<F>>,
    result: UnsafeCell<MaybeUninit<thread::Result<R>>>,
}

impl<F, R> JobPayload<F, R> {
    #[inline(always)]
    pub(crate) fn new(closure: F) -> Self {
        JobPayload {
            closure: UnsafeCell::new(ManuallyDrop::new(closure)),
            result: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Moves the closure out.
    ///
    /// # Safety
    ///
    /// The closure is still there (invariant 1) and no other thread touches it meanwhile.
    #[inline(always)]
    pub(crate) unsafe fn take(&self) -> F {
        let closure = self.closure.get();
        // SAFETY: the caller is alone with a closure that is there; `ManuallyDrop<F>` is laid out as `F`, and after
        // this read nobody uses the original (invariants 1 and 3).
        unsafe { closure.cast::<F>().read() }
    }

    /// Takes the closure, runs it through `call`, catches its panic and stores what came of it.
    ///
    /// # Safety
    ///
    /// As for [`JobPayload::take`]; and no other thread touches the result meanwhile.
    pub(crate) unsafe fn run(&self, call: impl FnOnce(F) -> R) {
        // SAFETY: passed on to the caller.
        let closure = unsafe { self.take() };
        let result = unwind::halt_job(|| call(closure));
        // SAFETY: the caller is alone with the result; writing a `MaybeUninit` drops nothing.
        unsafe { self.result.get().write(MaybeUninit::new(result)) }
    }

    /// Moves the result out.
    ///
    /// # Safety
    ///
    /// [`JobPayload::run`] has finished, its writes are visible to the calling thread, and the result has not been
    /// moved out before (invariant 2).
    pub(crate) unsafe fn move_result(&self) -> thread::Result<R> {
        let result = self.result.get();
        // SAFETY: `run` has written it and the caller says that it is still there.
        unsafe { result.cast::<thread::Result<R>>().read() }
    }
}
