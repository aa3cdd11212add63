//! A parker: where one thread sleeps until another notifies it.

use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::lock::Mutex;
use crate::sync::process;
use crate::sync::thread::{self, Thread};
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

#[cfg(all(test, loom))]
mod loom;

/// Nobody sleeps and no notice is pending.
const EMPTY: u32 = 0;
/// The bound thread sleeps, or is about to.
const PARKED: u32 = 1;
/// A notice waits to be consumed by the next [`Parker::park`].
const NOTIFIED: u32 = 2;

/// One thread's place to sleep, with room for one pending notice.
///
/// It stands on [`std::thread::park`], whose own token is shared with user code on the same thread; the state here
/// is what counts, so a token that user code spends or leaves behind costs a spurious look and nothing else.
///
/// Ordering: `notify` releases and the `park` that consumes the notice acquires, so what was written before a notice
/// is seen after it.
#[derive(Debug)]
pub(crate) struct Parker {
    state: AtomicU32,
    /// Whom to unpark. Locked only around a sleep, never to leave a notice.
    thread: Mutex<Option<Thread>>,
}

impl Parker {
    /// A parker that no thread is bound to yet.
    pub(crate) fn new() -> Self {
        Parker { state: AtomicU32::new(EMPTY), thread: Mutex::new(None) }
    }

    /// Binds the calling thread, the only one that may park here until another binds itself.
    pub(crate) fn bind(&self) {
        *self.thread.lock() = Some(thread::current());
    }

    /// Calls `f` with the calling thread's own parker, for threads that are nobody's worker.
    pub(crate) fn with_own<R>(f: impl FnOnce(&Arc<Parker>) -> R) -> R {
        thread_local! {
            static OWN: RefCell<(usize, Arc<Parker>)> = RefCell::new((process::incarnation(), Parker::bound()));
        }
        let own = OWN.try_with(|own| {
            let (process, parker) = &mut *own.borrow_mut();
            if *process != process::incarnation() {
                // This thread was forked off while another, which it left behind, was perhaps notifying it.
                (*process, *parker) = (process::incarnation(), Parker::bound());
            }
            Arc::clone(parker)
        });
        // A thread that is being torn down has lost its locals; it gets a parker for this once.
        f(&own.unwrap_or_else(|_| Parker::bound()))
    }

    fn bound() -> Arc<Self> {
        let parker = Arc::new(Parker::new());
        parker.bind();
        parker
    }

    /// Sleeps until notified; returns at once if a notice is pending, and consumes it.
    pub(crate) fn park(&self) {
        if self.state.compare_exchange(EMPTY, PARKED, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            while self.state.load(Ordering::Relaxed) != NOTIFIED {
                thread::park();
            }
        }
        self.state.swap(EMPTY, Ordering::Acquire);
    }

    /// Sleeps until notified, but not much longer than for `time`. Says whether it was notified.
    pub(crate) fn park_for(&self, time: Duration) -> bool {
        if self.state.compare_exchange(EMPTY, PARKED, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            thread::park_timeout(time);
            // A notice may have come while the time ran out: then it is consumed below.
            if self.state.compare_exchange(PARKED, EMPTY, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                return false;
            }
        }
        self.state.swap(EMPTY, Ordering::Acquire);
        true
    }

    /// Wakes the bound thread, or leaves a notice for its next [`Parker::park`].
    pub(crate) fn notify(&self) {
        if self.state.swap(NOTIFIED, Ordering::Release) == PARKED {
            let thread = self.thread.lock().clone();
            if let Some(thread) = thread {
                thread.unpark();
            }
        }
    }
}
