//! The latch of a single job: one word, opened by one thread.

use crate::job::latch::{Latch, Wait, Wake};
use crate::sync::atomic::{AtomicU32, Ordering};

/// The work is not done and the owner is awake.
const SHUT: u32 = 0;
/// The work is not done and the owner sleeps or is about to: whoever opens the latch must wake it.
const ASLEEP: u32 = 1;
/// The work is done.
const OPEN: u32 = 2;

/// Opens when one job is done.
///
/// Transitions: the owner moves SHUT → ASLEEP → SHUT, the one setter moves either to OPEN, and there it stays.
/// The setter's swap releases and the owner's load, or failed exchange, acquires: the job's result is visible behind
/// an open latch.
#[derive(Debug)]
pub(crate) struct OnceLatch<W> {
    state: AtomicU32,
    waker: W,
}

impl<W: Wake> OnceLatch<W> {
    /// A shut latch whose owner is reached through `waker`.
    #[inline]
    pub(crate) fn new(waker: W) -> Self {
        OnceLatch { state: AtomicU32::new(SHUT), waker }
    }

    /// Tells the model checker that from here on nobody may touch the latch; `waker` does so for the waker.
    #[cfg(all(test, loom))]
    pub(in crate::job) fn expire(&mut self, waker: impl FnOnce(&mut W)) {
        waker(&mut self.waker);
        self.state.with_mut(|_| ());
    }
}

impl<W: Wake> Latch for OnceLatch<W> {
    unsafe fn set(this: *const Self) {
        // SAFETY: alive at the call. The waker is copied while it surely is.
        let waker = unsafe { &(*this).waker }.clone();
        // SAFETY: still alive: nobody but us opens it.
        let state = unsafe { &(*this).state };
        // From the swap on `this` may be gone. Acquire has no partner here that needs it; release pairs with the
        // owner's acquire in `probe` and `fall_asleep`.
        if state.swap(OPEN, Ordering::Release) == ASLEEP {
            waker.wake();
        }
    }
}

impl<W> Wait for OnceLatch<W> {
    #[inline]
    fn probe(&self) -> bool {
        self.state.load(Ordering::Acquire) == OPEN
    }

    fn fall_asleep(&self) -> bool {
        self.state.compare_exchange(SHUT, ASLEEP, Ordering::Relaxed, Ordering::Acquire).is_ok()
    }

    fn wake_up(&self) {
        // Fails when the latch is open by now, which is as well.
        let _ = self.state.compare_exchange(ASLEEP, SHUT, Ordering::Relaxed, Ordering::Relaxed);
    }
}
