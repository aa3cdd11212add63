//! An event count: threads wait there until an attempt of theirs succeeds.

use crate::sync::atomic::{AtomicUsize, Ordering, fence};
use crate::sync::clock::Instant;
use crate::sync::lock::{Condvar, Mutex};
use std::time::Duration;

#[cfg(all(test, loom))]
mod loom;

/// Threads that attempt something, and sleep until they are told that it may succeed.
///
/// An attempt reads memory of its own, a queue for example, with an order of its own. A thread that waits counts
/// itself, fences, and makes an attempt before it sleeps. A thread that tells has changed that memory, fences, and
/// looks at the count. One of the two fences is the first. So either the attempt finds the change, or the telling
/// thread sees the count and takes the lock; by then the waiting thread sleeps.
#[derive(Debug)]
pub(crate) struct EventCount {
    /// The number of threads that wait. It changes under the lock.
    waiting: AtomicUsize,
    lock: Mutex<()>,
    told: Condvar,
}

impl EventCount {
    pub(crate) fn new() -> Self {
        EventCount { waiting: AtomicUsize::new(0), lock: Mutex::new(()), told: Condvar::new() }
    }

    /// Calls `attempt` until it returns something, and sleeps in between. `None` if it has returned nothing by the
    /// deadline.
    ///
    /// The lock is held when `attempt` is called: `attempt` must not wait for a thread that tells, and must not panic.
    /// It may fail only where nothing is available. A thread that was told and fails has used up the word.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn wait<R>(&self, deadline: Option<Instant>, mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
        let mut lock = self.lock.lock();
        // Relaxed suffices: the fence orders it.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // Between the count and the attempt. Pairs with the fence in `is_waited_for`.
        fence(Ordering::SeqCst);
        let found = loop {
            let found = attempt();
            if found.is_some() {
                break found;
            }
            lock = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                None => self.told.wait(lock),
                // An attempt was made after the deadline, or a thread was told: no word is lost.
                Some(Duration::ZERO) => break None,
                Some(left) => self.told.wait_for(lock, left),
            };
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        drop(lock);
        found
    }

    /// Wakes one of the threads that wait. The caller must have made the change that lets one succeed.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn tell_one(&self) {
        if self.is_waited_for() {
            self.told.notify_one();
        }
    }

    /// Wakes all threads that wait.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn tell_all(&self) {
        if self.is_waited_for() {
            self.told.notify_all();
        }
    }

    /// True if a thread waits. Then every thread that may have missed the caller's change sleeps by now.
    fn is_waited_for(&self) -> bool {
        // Between the caller's change and the look. Pairs with the fence in `wait`.
        fence(Ordering::SeqCst);
        let is_waited_for = self.waiting.load(Ordering::Relaxed) > 0;
        if is_waited_for {
            drop(self.lock.lock());
        }
        is_waited_for
    }
}
