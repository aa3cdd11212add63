//! Latches: gates that open once, and wake the one thread that waits behind them.
//!
//! A latch knows how to wake its owner and nothing else: no pool and no queue. Only the owner waits; any thread may
//! set. A thread that sets a latch must assume that the owner's frame, with the latch in it, is gone as soon as the
//! state says "open". Therefore it must copy the owner's waker *before* it changes the state.

mod count;
mod once;

#[cfg(all(test, loom))]
mod loom;

pub(crate) use self::count::CountLatch;
pub(crate) use self::once::OnceLatch;

use crate::sync::parker::Parker;
use std::ptr::NonNull;
use std::sync::Arc;

/// The side of a latch for threads that have finished the work behind it.
pub(crate) trait Latch {
    /// Opens the latch, or counts down by one.
    ///
    /// # Safety
    ///
    /// `this` must be alive at the call. It may be gone before the call returns.
    unsafe fn set(this: *const Self);
}

/// The side of a latch for its owner, which waits. Only the owner may call the methods.
pub(crate) trait Wait {
    /// True if the latch is open. Then the writes before it was set are visible.
    fn probe(&self) -> bool;

    /// Announces that the owner is about to park. Returns false, and announces nothing, if the latch is open.
    fn fall_asleep(&self) -> bool;

    /// Takes the announcement back, whatever woke the owner.
    fn wake_up(&self);
}

/// How a setter reaches the owner's parker once the latch itself may be gone.
pub(crate) trait Wake: Clone {
    /// Notifies the owner.
    fn wake(self);
}

impl Wake for Arc<Parker> {
    fn wake(self) {
        self.notify();
    }
}

/// The parker of a worker, for latches that only threads set that work in the same pool.
///
/// 1. It lives as long as the pool's registry, which every thread of the pool keeps alive while it runs, and every external
///    caller borrows for as long: so the pointer is good for as long as any of them holds it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SamePool(NonNull<Parker>);

impl SamePool {
    /// # Safety
    ///
    /// Only workers of the parker's own pool may use the value and its clones (invariant 1).
    #[inline]
    pub(crate) unsafe fn new(parker: &Parker) -> Self {
        SamePool(NonNull::from(parker))
    }
}

// SAFETY: a `Parker` may be notified from any thread.
unsafe impl Send for SamePool {}
// SAFETY: as above; the pointer itself is plain data.
unsafe impl Sync for SamePool {}

impl Wake for SamePool {
    fn wake(self) {
        // SAFETY: invariant 1.
        unsafe { self.0.as_ref() }.notify();
    }
}
