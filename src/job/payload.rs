//! A closure that runs once, and the place for its result. All jobs with a waiting owner have one.

use crate::sync::unwind;
use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::thread;

/// A closure and, after it has run, its result.
///
/// The fields change hands, but no state is kept here: the job around the payload decides which thread may touch them.
///
/// 1. The closure is there from [`JobPayload::new`] until the first call of [`JobPayload::take`] or
///    [`JobPayload::run`].
/// 2. The result is there from the end of [`JobPayload::run`] until [`JobPayload::move_result`].
/// 3. The payload drops neither field. An owner that forgets a payload leaks it, and nothing worse happens.
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
    /// The closure must still be there (invariant 1), and no other thread may touch it meanwhile.
    #[inline(always)]
    pub(crate) unsafe fn take(&self) -> F {
        let closure = self.closure.get();
        // SAFETY: only the caller uses the closure, and it is still there; `ManuallyDrop<F>` is laid out as `F`; after
        // this read no thread uses the original (invariants 1 and 3).
        unsafe { closure.cast::<F>().read() }
    }

    /// Takes the closure, runs it through `call`, catches its panic and stores the result or the panic.
    ///
    /// # Safety
    ///
    /// As for [`JobPayload::take`]; and no other thread may touch the result meanwhile.
    pub(crate) unsafe fn run(&self, call: impl FnOnce(F) -> R) {
        // SAFETY: the caller has the same duty.
        let closure = unsafe { self.take() };
        let result = unwind::halt_job(|| call(closure));
        // SAFETY: only the caller uses the result; writing a `MaybeUninit` drops nothing.
        unsafe { self.result.get().write(MaybeUninit::new(result)) }
    }

    /// Moves the result out.
    ///
    /// # Safety
    ///
    /// [`JobPayload::run`] must have finished, its writes must be visible to the calling thread, and the result must
    /// not have been moved out before (invariant 2).
    pub(crate) unsafe fn move_result(&self) -> thread::Result<R> {
        let result = self.result.get();
        // SAFETY: `run` has written it, and by the caller's duty it has not been moved out.
        unsafe { result.cast::<thread::Result<R>>().read() }
    }
}
