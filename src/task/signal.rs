//! A signal: how the wakers of a future reach the thread that blocks on it.

use crate::job::latch::Wait;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::parker::Parker;
use std::sync::Arc;
use std::task::Wake;

/// Nobody has woken the future since the last reset, and its thread is awake.
const QUIET: u32 = 0;
/// Nobody has woken it, and the thread sleeps or is about to.
const ASLEEP: u32 = 1;
/// It is to be polled again.
const GIVEN: u32 = 2;

/// A latch that opens at every wake, and that its owner shuts again before it polls.
///
/// The wakers' swap releases, and the owner's reset acquires: what was done before a wake is seen by the poll after it. A
/// wake that comes between reset and poll costs a poll too many; one that comes later opens the latch.
#[derive(Debug)]
pub(super) struct Signal {
    state: AtomicU32,
    parker: Arc<Parker>,
}

impl Signal {
    /// A signal to the owner of `parker`.
    pub(super) fn new(parker: Arc<Parker>) -> Self {
        Signal { state: AtomicU32::new(QUIET), parker }
    }

    /// Shuts it. For the owner, awake.
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
    // What the wakers did is acquired by the reset that follows.
    fn probe(&self) -> bool {
        self.state.load(Ordering::Relaxed) == GIVEN
    }

    fn fall_asleep(&self) -> bool {
        self.state.compare_exchange(QUIET, ASLEEP, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn wake_up(&self) {
        // Fails when it has been given by now, which is as well.
        let _ = self.state.compare_exchange(ASLEEP, QUIET, Ordering::Relaxed, Ordering::Relaxed);
    }
}
