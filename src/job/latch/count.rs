//! The latch of a scope: opens when as many pieces of work have ended as were begun.
//!
//! Most spawns of a scope are made, and most of them run, on the thread that opened the scope. So that those cost no
//! atomic operation, the count stands in two parts: `here`, which only the owner touches, and `elsewhere`, which
//! belongs to everybody else. Their sum is the number of pieces begun and not ended; either part alone may be
//! negative. (The idea of a count biased towards one thread: Choi, Shull, Torrellas, PACT 2018.)

use crate::job::latch::{Wait, Wake};
use crate::sync::atomic::{AtomicIsize, Ordering};
use std::cell::Cell;

/// Set in `elsewhere` while the owner sleeps or is about to; the count stands above it.
const ASLEEP: isize = 1;
/// One piece of work in `elsewhere`.
const ONE: isize = 2;

/// Counts pieces of work, and opens for its owner when none is left.
///
/// 1. Every piece is counted by [`CountLatch::begin_here`] or [`CountLatch::begin_elsewhere`] before it can end, and
///    by someone who holds a piece himself, or by the owner before it waits. So once the sum is zero it stays zero.
/// 2. `here` is touched by the owner alone.
/// 3. While ASLEEP is set `here` is zero: the whole count stands in `elsewhere`, so whoever takes it to zero knows.
///
/// Orderings: an end elsewhere releases; the owner's load in `probe`, and its exchange in `fall_asleep`, acquire. A
/// chain of ends is one release sequence (they are all read-modify-writes), so an owner that sees zero sees what was
/// written before each of them.
#[derive(Debug)]
pub(crate) struct CountLatch<W> {
    here: Cell<isize>,
    elsewhere: AtomicIsize,
    waker: W,
}

impl<W: Wake> CountLatch<W> {
    /// A latch with no work counted.
    pub(crate) fn new(waker: W) -> Self {
        CountLatch { here: Cell::new(0), elsewhere: AtomicIsize::new(0), waker }
    }

    /// Tells the model checker that from here on nobody may touch the latch; `waker` does so for the waker.
    #[cfg(all(test, loom))]
    pub(super) fn expire(&mut self, waker: impl FnOnce(&mut W)) {
        waker(&mut self.waker);
        self.elsewhere.with_mut(|_| ());
    }

    /// The owner begins a piece of work.
    #[inline]
    pub(crate) fn begin_here(&self) {
        self.here.set(self.here.get() + 1);
    }

    /// The owner ends a piece of work.
    #[inline]
    pub(crate) fn end_here(&self) {
        self.here.set(self.here.get() - 1);
    }

    /// Another thread than the owner, which holds a piece of work, begins another.
    #[inline]
    pub(crate) fn begin_elsewhere(&self) {
        // It orders nothing: the piece that the caller holds keeps the sum above zero until after this.
        self.elsewhere.fetch_add(ONE, Ordering::Relaxed);
    }

    /// Another thread than the owner ends a piece of work.
    ///
    /// # Safety
    ///
    /// `this` is alive at the call. It may be gone before the call returns.
    pub(crate) unsafe fn end_elsewhere(this: *const Self) {
        // SAFETY: alive at the call. The waker is copied while it surely is.
        let waker = unsafe { &(*this).waker }.clone();
        // SAFETY: alive, because the piece that the caller still holds keeps the owner waiting.
        let elsewhere = unsafe { &(*this).elsewhere };
        // Release pairs with the owner's acquire. From here on `this` may be gone.
        if elsewhere.fetch_sub(ONE, Ordering::Release) == ONE + ASLEEP {
            waker.wake();
        }
    }
}

impl<W: Wake> Wait for CountLatch<W> {
    #[inline]
    fn probe(&self) -> bool {
        // Called by the owner while ASLEEP is not set.
        self.here.get() * ONE + self.elsewhere.load(Ordering::Acquire) == 0
    }

    fn fall_asleep(&self) -> bool {
        let here = self.here.replace(0) * ONE;
        if self.elsewhere.fetch_add(here + ASLEEP, Ordering::Acquire) + here == 0 {
            self.wake_up();
            return false;
        }
        true
    }

    fn wake_up(&self) {
        self.elsewhere.fetch_sub(ASLEEP, Ordering::Relaxed);
    }
}
