//! An event count: threads and futures wait there until an attempt of theirs succeeds.

use crate::sync::atomic::{AtomicUsize, Ordering, fence};
use crate::sync::clock::Instant;
use crate::sync::lock::{Condvar, Guard, Mutex};
use crate::sync::quiet::Quiet;
use crate::sync::unwind;
use std::collections::BTreeMap;
use std::task::Waker;
use std::time::Duration;

#[cfg(all(test, loom))]
mod loom;

/// Threads and futures that attempt something, and sleep until they are told that it may succeed.
///
/// An attempt reads memory of its own, a queue for example, with an order of its own.
///
/// 1. A thread or a future that waits counts itself, fences, and makes an attempt before it sleeps. A thread that tells
///    has changed that memory, fences, and looks at the count. One of the two fences is the first. So either the
///    attempt finds the change, or the telling thread sees the count and takes the lock; by then the waiting thread
///    sleeps, and the waiting future is in line.
/// 2. `waiting` is the number of threads in `wait` plus the length of the line. Both change under the lock.
/// 3. A future that waits has its waker in line. The telling thread takes the waker out; from then on the future is
///    *called*. A called future makes an attempt when it is polled, and is back in line if that fails.
/// 4. A called future that is dropped calls the next in line. So a call is lost only with a future that is neither
///    polled nor dropped.
/// 5. `tell_one` wakes one thread and calls one future. So no thread waits for a future that is called and not polled.
#[derive(Debug)]
pub(crate) struct EventCount {
    waiting: AtomicUsize,
    lock: Mutex<WakerLine>,
    told: Condvar,
}

/// The futures that wait, by their numbers. The first has waited longest.
#[derive(Debug)]
struct WakerLine {
    wakers: BTreeMap<u64, Quiet<Waker>>,
    next: u64,
}

/// A future's number in line, which it keeps until its attempt succeeds. `None` as long as it has not waited.
#[derive(Debug, Default)]
pub(crate) struct Place(Option<u64>);

impl Place {
    /// True if the future does not wait: it is not in line, and is not called.
    pub(crate) fn is_fresh(&self) -> bool {
        self.0.is_none()
    }
}

impl EventCount {
    pub(crate) fn new() -> Self {
        let line = WakerLine { wakers: BTreeMap::new(), next: 0 };
        EventCount { waiting: AtomicUsize::new(0), lock: Mutex::new(line), told: Condvar::new() }
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
        // Between the count and the attempt. Pairs with the fence in `line_if_waited_for`.
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

    /// Makes an attempt for a future. If that fails, `waker` is woken when the next one may succeed.
    ///
    /// The rules for `attempt` are those of [`wait`](Self::wait). The future must call this again when it is woken,
    /// with the same place, or [`leave`](Self::leave).
    pub(crate) fn poll<R>(&self, place: &mut Place, waker: &Waker, attempt: impl FnOnce() -> Option<R>) -> Option<R> {
        // A waker is code of other crates: it is cloned and dropped without the lock. The clone comes first, because it
        // may panic.
        let waker = Quiet::new(waker.clone());
        let mut line = self.lock.lock();
        let number = match place.0 {
            Some(number) => number,
            None => {
                line.next += 1;
                line.next
            }
        };
        place.0 = Some(number);
        let replaced = line.wakers.insert(number, waker);
        if replaced.is_none() {
            // Relaxed suffices: the fence orders it.
            self.waiting.fetch_add(1, Ordering::Relaxed);
        }
        // Between the count and the attempt. Pairs with the fence in `line_if_waited_for`.
        fence(Ordering::SeqCst);
        let found = attempt();
        let mut unneeded = None;
        if found.is_some() {
            unneeded = self.take_out(&mut line, number);
            place.0 = None;
        }
        drop(line);
        drop((replaced, unneeded));
        found
    }

    /// A future goes away without another attempt. If it was called, the next in line is called in its place.
    pub(crate) fn leave(&self, place: &mut Place) {
        let Some(number) = place.0.take() else { return };
        // In a forked child the line may be lost.
        let Some(mut line) = self.lock.lock_unless_abandoned() else { return };
        let own = self.take_out(&mut line, number);
        // No fence is needed to pass a call on: the call came under this lock. So a future that is in line later finds the
        // change that was told.
        let next = if own.is_none() { self.take_first(&mut line) } else { None };
        drop(line);
        drop(own);
        call(next);
    }

    /// Wakes one of the threads that wait, and the first of the futures. The caller must have made the change that lets
    /// one succeed.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn tell_one(&self) {
        if let Some(mut line) = self.line_if_waited_for() {
            let first = self.take_first(&mut line);
            drop(line);
            self.told.notify_one();
            call(first);
        }
    }

    /// Wakes all threads and futures that wait.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn tell_all(&self) {
        if let Some(mut line) = self.line_if_waited_for() {
            let all: Vec<_> = std::iter::from_fn(|| self.take_first(&mut line)).collect();
            drop(line);
            self.told.notify_all();
            all.into_iter().map(Some).for_each(call);
        }
    }

    /// The lock, if any thread or future waits. Then every one that may have missed the caller's change sleeps, or is
    /// in line.
    fn line_if_waited_for(&self) -> Option<Guard<'_, WakerLine>> {
        // Between the caller's change and the look. Pairs with the fences in `wait` and `poll`.
        fence(Ordering::SeqCst);
        (self.waiting.load(Ordering::Relaxed) > 0).then(|| self.lock.lock())
    }

    fn take_first(&self, line: &mut WakerLine) -> Option<Quiet<Waker>> {
        let number = *line.wakers.first_key_value()?.0;
        self.take_out(line, number)
    }

    fn take_out(&self, line: &mut WakerLine, number: u64) -> Option<Quiet<Waker>> {
        let waker = line.wakers.remove(&number)?;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        Some(waker)
    }
}

/// Wakes a future that was taken out of the line.
fn call(waker: Option<Quiet<Waker>>) {
    if let Some(waker) = waker {
        // A waker is code of the runtime, or of the user. Its panic does not concern the thread that tells.
        unwind::dispose(unwind::halt(|| waker.into_inner().wake()));
    }
}
