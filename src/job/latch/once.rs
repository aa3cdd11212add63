//! The latch of a single job: one word, which one thread opens.

use crate::job::latch::{Latch, Wait, Wake};
use crate::sync::atomic::{AtomicU32, Ordering};

/// The work is not done and the owner is awake.
const SHUT: u32 = 0;
/// The work is not done, and the owner sleeps or is about to: the thread that opens the latch must wake it.
const ASLEEP: u32 = 1;
/// The work is done.
const OPEN: u32 = 2;

/// Opens when one job is done.
///
/// Transitions: the owner moves SHUT → ASLEEP → SHUT; the one setter moves either to OPEN, where it stays. The setter's
/// swap releases, and the owner's load in `probe`, or its failed exchange in `fall_asleep`, acquires: behind an open
/// latch the job's result is visible.
#[derive(Debug)]
pub(crate) struct OnceLatch<W> {
    state: AtomicU32,
    waker: W,
}

impl<W: Wake> OnceLatch<W> {
    /// A shut latch. `waker` reaches its owner.
    #[inline]
    pub(crate) fn new(waker: W) -> Self {
        OnceLatch { state: AtomicU32::new(SHUT), waker }
    }

    /// Tells the model checker that no thread may touch the latch from here on; `waker` does the same for the waker.
    #[cfg(all(test, loom))]
    pub(in crate::job) fn expire(&mut self, waker: impl FnOnce(&mut W)) {
        waker(&mut self.waker);
        self.state.with_mut(|_| ());
    }
}

impl<W: Wake> Latch for OnceLatch<W> {
    unsafe fn set(this: *const Self) {
        // SAFETY: `this` is alive at the call. The waker is copied now, while it is certainly alive.
        let waker = unsafe { &(*this).waker }.clone();
        // SAFETY: `this` is still alive: only this thread opens it.
        let state = unsafe { &(*this).state };
        // From the swap on `this` may be gone. Release pairs with the owner's acquire in `probe` and `fall_asleep`.
        // Acquire is not needed here.
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
        // The exchange fails if the latch is open by now. That is no harm: an open latch needs no announcement.
        let _ = self.state.compare_exchange(ASLEEP, SHUT, Ordering::Relaxed, Ordering::Relaxed);
    }
}
