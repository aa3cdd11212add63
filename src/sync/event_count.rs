//! An event count: where threads wait until something that they try succeeds.

use crate::sync::atomic::{AtomicUsize, Ordering, fence};
use crate::sync::clock::Instant;
use crate::sync::lock::{Condvar, Mutex};
use std::time::Duration;

#[cfg(all(test, loom))]
mod loom;

/// Threads that try something, and sleep until they are told that it may succeed.
///
/// What they try is about memory of its own, with an order of its own: a queue, say. A thread that waits counts itself,
/// fences, and tries before it sleeps; one that tells has done its part, fences, and looks at the count. Of the two fences
/// one is the first. So either the attempt finds what was done, or the teller sees the count, takes the lock, and by then
/// the thread that waits sleeps.
#[derive(Debug)]
pub(crate) struct EventCount {
    /// How many wait. It changes under the lock.
    waiting: AtomicUsize,
    lock: Mutex<()>,
    told: Condvar,
}

impl EventCount {
    pub(crate) fn new() -> Self {
        EventCount { waiting: AtomicUsize::new(0), lock: Mutex::new(()), told: Condvar::new() }
    }

    /// Calls `attempt` until it gives something, and sleeps in between. `None` if it has given nothing by the deadline.
    ///
    /// `attempt` is called with the lock held: it must not wait for a thread that tells, nor panic. It may fail only
    /// where there is nothing to be had, because a thread that was told has used up the word.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn wait<R>(&self, deadline: Option<Instant>, mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
        let mut lock = self.lock.lock();
        // Relaxed: the fence orders it.
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // Between the count and the attempt: pairs with the one in `is_waited_for`.
        fence(Ordering::SeqCst);
        let found = loop {
            let found = attempt();
            if found.is_some() {
                break found;
            }
            lock = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                None => self.told.wait(lock),
                // An attempt was made after the time was up, or a thread was told: no word is lost.
                Some(Duration::ZERO) => break None,
                Some(left) => self.told.wait_for(lock, left),
            };
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        drop(lock);
        found
    }

    /// Wakes one of the threads that wait, after something has been done that lets one succeed.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn tell_one(&self) {
        if self.is_waited_for() {
            self.told.notify_one();
        }
    }

    /// Wakes all of them.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn tell_all(&self) {
        if self.is_waited_for() {
            self.told.notify_all();
        }
    }

    /// Whether any thread waits; if so, those that may have missed what was done sleep by now.
    fn is_waited_for(&self) -> bool {
        // Between what was done and the look: pairs with the one in `wait`.
        fence(Ordering::SeqCst);
        let is_waited_for = self.waiting.load(Ordering::Relaxed) > 0;
        if is_waited_for {
            drop(self.lock.lock());
        }
        is_waited_for
    }
}
