//! A signal: how the wakers of a future reach the thread that blocks on it.

use crate::job::latch::Wait;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::parker::Parker;
use std::sync::Arc;
use std::task::Wake;

/// No waker has been called since the last reset, and the owner is awake.
const QUIET: u32 = 0;
/// No waker has been called, and the owner sleeps or is about to.
const ASLEEP: u32 = 1;
/// A waker has been called: the owner must poll again.
const GIVEN: u32 = 2;

/// A latch that every wake opens, and that its owner shuts before it polls.
///
/// The swap in `give` releases, and the owner's swap in `reset` acquires: the poll sees the writes before the
/// wake. A wake between reset and poll costs one poll too many; a later one opens the latch.
#[derive(Debug)]
pub(super) struct Signal {
    state: AtomicU32,
    parker: Arc<Parker>,
}

impl Signal {
    /// A signal to an owner that sleeps at `parker`.
    pub(super) fn new(parker: Arc<Parker>) -> Self {
        Signal { state: AtomicU32::new(QUIET), parker }
    }

    /// Shuts the latch. Only the owner may call it, and only while it is awake.
    pub(super) fn reset(&self) {
        self.state.swap(QUIET, Ordering::Acquire);
    }

    fn give(&self) {
        if self.state.swap(GIVEN, Ordering::Release) == ASLEEP {
            self.parker.notify();
        }
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.give();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.give();
    }
}

impl Wait for Signal {
    // Relaxed suffices: the reset that follows acquires what the wakers wrote.
    fn probe(&self) -> bool {
        self.state.load(Ordering::Relaxed) == GIVEN
    }

    fn fall_asleep(&self) -> bool {
        self.state.compare_exchange(QUIET, ASLEEP, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn wake_up(&self) {
        // The exchange fails if the signal has been given by now. That is no harm: the owner is awake.
        let _ = self.state.compare_exchange(ASLEEP, QUIET, Ordering::Relaxed, Ordering::Relaxed);
    }
}
