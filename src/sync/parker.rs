//! A parker: one thread sleeps there until another notifies it.

use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::local::thread_local;
use crate::sync::lock::{Condvar, Mutex};
use crate::sync::process;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

#[cfg(all(test, loom))]
mod loom;

/// No thread sleeps and no notice is pending.
const EMPTY: u32 = 0;
/// A thread sleeps, or is about to.
const PARKED: u32 = 1;
/// A notice is pending; the next [`Parker::park`] consumes it.
const NOTIFIED: u32 = 2;

/// One thread's place to sleep, with room for one pending notice.
///
/// It does not use [`std::thread::park`]: a thread has one token for that, which belongs to the user's code. A call
/// into this crate neither takes that token nor leaves one behind.
///
/// Ordering: `notify` releases, and the `park` that consumes the notice acquires. So the thread that was parked sees
/// the writes before the notice. The lock orders nothing beside that; it is there for `awakened`.
#[derive(Debug)]
pub(crate) struct Parker {
    state: AtomicU32,
    /// The thread that parks holds it from its last look at `state` until it sleeps.
    lock: Mutex<()>,
    awakened: Condvar,
}

impl Parker {
    /// A parker for any thread; only one may park there at a time.
    pub(crate) fn new() -> Self {
        Parker { state: AtomicU32::new(EMPTY), lock: Mutex::new(()), awakened: Condvar::new() }
    }

    /// Calls `f` with the calling thread's own parker, for threads that are no workers.
    pub(crate) fn with_own<R>(f: impl FnOnce(&Arc<Parker>) -> R) -> R {
        f(&Self::own())
    }

    #[inline(never)]
    fn own() -> Arc<Parker> {
        thread_local! {
            static OWN: RefCell<(usize, Arc<Parker>)> = RefCell::new((process::incarnation(), Arc::new(Parker::new())));
        }
        let own = OWN.try_with(|own| {
            let (process, parker) = &mut *own.borrow_mut();
            if *process != process::incarnation() {
                // This thread was forked off. Another thread, which exists in the parent only, may have been notifying
                // the parker.
                (*process, *parker) = (process::incarnation(), Arc::new(Parker::new()));
            }
            Arc::clone(parker)
        });
        // A thread that is ending has lost its thread-locals; it gets a parker for this once.
        own.unwrap_or_else(|_| Arc::new(Parker::new()))
    }

    /// Sleeps until notified; returns at once if a notice is pending, and consumes it.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn park(&self) {
        if self.state.compare_exchange(EMPTY, PARKED, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let mut lock = self.lock.lock();
            while self.state.load(Ordering::Relaxed) != NOTIFIED {
                lock = self.awakened.wait(lock);
            }
        }
        self.state.swap(EMPTY, Ordering::Acquire);
    }

    /// Sleeps until notified, but not much longer than for `time`. True if it was notified.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn park_for(&self, time: Duration) -> bool {
        if self.state.compare_exchange(EMPTY, PARKED, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let lock = self.lock.lock();
            if self.state.load(Ordering::Relaxed) != NOTIFIED {
                drop(self.awakened.wait_for(lock, time));
            }
            // A notice may have come while the time ran out: the swap below consumes it.
            if self.state.compare_exchange(PARKED, EMPTY, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                return false;
            }
        }
        self.state.swap(EMPTY, Ordering::Acquire);
        true
    }

    /// Wakes the thread that is parked here, or leaves a notice for the next [`Parker::park`].
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn notify(&self) {
        if self.state.swap(NOTIFIED, Ordering::Release) == PARKED {
            // Once this thread has had the lock, the parking thread has seen the notice, or sleeps.
            drop(self.lock.lock());
            self.awakened.notify_one();
        }
    }
}
