//! The latch of a scope: opens when as many pieces of work have ended as have begun.
//!
//! The thread that opened a scope makes most of its spawns, and runs most of them. So that those cost no atomic
//! operation, the count is kept in two parts: `here`, which only the owner touches, and `elsewhere`, which all other
//! threads use. Their sum is the number of pieces that have begun and not ended; either part alone may be negative.
//! (The idea of a count biased towards one thread: Choi, Shull, Torrellas, PACT 2018.)

use crate::job::latch::{Wait, Wake};
use crate::sync::atomic::{AtomicIsize, Ordering};
use std::cell::Cell;

/// This bit of `elsewhere` is set while the owner sleeps or is about to; the count stands above it.
const ASLEEP: isize = 1;
/// One piece of work in `elsewhere`.
const ONE: isize = 2;

/// Counts pieces of work. Opens for its owner when none is left.
///
/// 1. Every piece is counted by [`CountLatch::begin_here`] or [`CountLatch::begin_elsewhere`] before it can end. A
///    thread counts one only while it holds a piece itself, or as the owner before it waits. So once the sum is zero it
///    stays zero.
/// 2. Only the owner touches `here`.
/// 3. While ASLEEP is set `here` is zero: the whole count is in `elsewhere`, so the thread that takes it to zero knows
///    that it was the last.
///
/// Orderings: `end_elsewhere` releases; the owner's load in `probe`, and its exchange in `fall_asleep`, acquire. A
/// chain of ends is one release sequence (all are read-modify-writes), so an owner that sees zero sees the writes
/// before each of them.
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

    /// Tells the model checker that no thread may touch the latch from here on; `waker` does the same for the waker.
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

    /// A thread other than the owner, which holds a piece of work, begins another.
    #[inline]
    pub(crate) fn begin_elsewhere(&self) {
        // Relaxed suffices: the caller's own piece keeps the sum above zero until after this.
        self.elsewhere.fetch_add(ONE, Ordering::Relaxed);
    }

    /// A thread other than the owner ends a piece of work.
    ///
    /// # Safety
    ///
    /// `this` must be alive at the call. It may be gone before the call returns.
    pub(crate) unsafe fn end_elsewhere(this: *const Self) {
        // SAFETY: `this` is alive at the call. The waker is copied now, while it is certainly alive.
        let waker = unsafe { &(*this).waker }.clone();
        // SAFETY: `this` is alive: the piece that the caller still holds keeps the owner waiting.
        let elsewhere = unsafe { &(*this).elsewhere };
        // Release pairs with the owner's acquire in `probe` and `fall_asleep`. From here on `this` may be gone.
        if elsewhere.fetch_sub(ONE, Ordering::Release) == ONE + ASLEEP {
            waker.wake();
        }
    }
}

impl<W: Wake> Wait for CountLatch<W> {
    #[inline]
    fn probe(&self) -> bool {
        // The owner calls it, and only while ASLEEP is not set.
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
