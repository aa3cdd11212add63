//! The gate: the bounded queue in front of the workers, how items get in, and how it is closed.

use super::error::{SubmitError, SubmitTimeoutError, TrySubmitError};
use crate::job::context::CarriedContext;
use crate::pool::watchdog::waits::{self, Awaited};
use crate::sync::channel::{Receiver, Sender, TrySendError, bounded};
use crate::sync::clock::Instant;
use crate::sync::event_count::{EventCount, Place};
use crate::sync::lock::{Mutex, RwLock};
use crate::sync::quiet::Quiet;
use crossbeam_utils::CachePadded;
use std::convert::Infallible;
use std::fmt;
use std::ptr;
use std::sync::PoisonError;
use std::task::Waker;

/// The queue of a pool.
///
/// 1. An item gets in under the lock of `entry`, and is numbered there. So the order of the queue is that of the
///    numbers, which have no gaps.
/// 2. `entry` is emptied once, when the gate is closed, and stays empty. So nothing gets in later, and the queue, once
///    found empty, stays empty.
/// 3. `closed` is disconnected when `entry` is emptied, and the submitters that wait for room are told.
/// 4. A thread that takes items from the queue holds `taking`: many workers at once, or the one thread that takes back
///    all that is left. So the items that workers took come before those that were taken back, without gaps.
pub(crate) struct Gate<T> {
    entry: CachePadded<Mutex<Option<OpenGate<T>>>>,
    queue: Receiver<QueuedItem<T>>,
    /// Workers sleep with it. They release it when there is an item, and when the gate is closed.
    taking: CachePadded<RwLock<()>>,
    closed: Receiver<Infallible>,
    /// Where submitters wait for room, threads and futures. Each item that is taken wakes one of either.
    room: EventCount,
}

/// An item in the queue.
pub(crate) struct QueuedItem<T> {
    pub(crate) number: u64,
    pub(crate) item: Quiet<T>,
    /// That of the thread that submitted it.
    pub(crate) context: Option<CarriedContext>,
}

/// The parts that only an open gate has.
struct OpenGate<T> {
    queue: Sender<QueuedItem<T>>,
    next: u64,
    /// Nothing is sent; it keeps `Gate::closed` connected.
    open: Sender<Infallible>,
}

impl<T> Gate<T> {
    /// An open gate before a queue for `capacity` items.
    pub(crate) fn new(capacity: usize) -> Self {
        let (sender, queue) = bounded(capacity);
        let (open, closed) = bounded(0);
        let entry = Mutex::new(Some(OpenGate { queue: sender, next: 0, open }));
        // Submitters write to `entry`, workers to `taking`. Each has cache lines of its own, and does not share those
        // of the rest.
        let (entry, taking) = (CachePadded::new(entry), CachePadded::new(RwLock::new(())));
        Gate { entry, queue, taking, closed, room: EventCount::new() }
    }

    /// Lets an item in and returns its number, if there is room.
    pub(crate) fn try_enter(&self, item: T) -> Result<u64, TrySubmitError<T>> {
        // A context is code of the program: it is not captured, nor dropped, under the lock.
        let context = CarriedContext::capture();
        let mut entry = self.entry.lock();
        let Some(open) = entry.as_mut() else {
            return Err(TrySubmitError::Closed(item));
        };
        let number = open.next;
        let sent = open.queue.try_send(QueuedItem { number, item: Quiet::new(item), context });
        open.next += u64::from(sent.is_ok());
        drop(entry);
        match sent {
            Ok(()) => Ok(number),
            Err(TrySendError::Full(back)) => Err(TrySubmitError::Full(back.item.into_inner())),
            Err(TrySendError::Disconnected(back)) => Err(TrySubmitError::Closed(back.item.into_inner())),
        }
    }

    /// Lets an item in and returns its number. Waits for room until `deadline`, or without end if there is none.
    pub(crate) fn enter(&self, item: T, deadline: Option<Instant>) -> Result<u64, SubmitTimeoutError<T>> {
        match self.try_enter(item) {
            Ok(number) => Ok(number),
            Err(TrySubmitError::Closed(item)) => Err(SubmitTimeoutError::Closed(item)),
            Err(TrySubmitError::Full(item)) => self.enter_slow(item, deadline),
        }
    }

    #[cold]
    fn enter_slow(&self, item: T, deadline: Option<Instant>) -> Result<u64, SubmitTimeoutError<T>> {
        let mut outside = Some(item);
        let _listed = waits::list(Awaited::Room(ptr::from_ref(&self.closed).addr()));
        match self.room.wait(deadline, || self.attempt(&mut outside)) {
            Some(Ok(number)) => Ok(number),
            Some(Err(SubmitError(item))) => Err(SubmitTimeoutError::Closed(item)),
            None => Err(SubmitTimeoutError::Timeout(outside.expect("it was not let in"))),
        }
    }

    /// As [`enter`](Self::enter), for a future: if there is no room, `waker` is woken when there is, and the item stays
    /// in `outside`. With a `place` that is not fresh, the future must come again or [`leave`](Self::leave).
    pub(crate) fn poll_enter(
        &self,
        outside: &mut Option<T>,
        place: &mut Place,
        waker: &Waker,
    ) -> Option<Result<u64, SubmitError<T>>> {
        if place.is_fresh() {
            if let Some(answer) = self.attempt(outside) {
                return Some(answer);
            }
        }
        self.room.poll(place, waker, || self.attempt(outside))
    }

    /// A future does not wait for room any more.
    pub(crate) fn leave(&self, place: &mut Place) {
        self.room.leave(place);
    }

    /// One attempt of a submitter that waits. If there is no room, the item stays in `outside`.
    fn attempt(&self, outside: &mut Option<T>) -> Option<Result<u64, SubmitError<T>>> {
        match self.try_enter(outside.take()?) {
            Ok(number) => Some(Ok(number)),
            Err(TrySubmitError::Closed(item)) => Some(Err(SubmitError(item))),
            Err(TrySubmitError::Full(item)) => {
                *outside = Some(item);
                None
            }
        }
    }

    /// Waits for the next item; `None` once the gate is closed and the queue empty.
    pub(crate) fn next(&self) -> Option<QueuedItem<T>> {
        let one_of_many = self.taking.read().unwrap_or_else(PoisonError::into_inner);
        let next = self.queue.recv().ok()?;
        drop(one_of_many);
        self.room.tell_one();
        Some(next)
    }

    /// Lets no item in from now on.
    pub(crate) fn close(&self) {
        self.entry.lock().take();
        self.room.tell_all();
    }

    /// Lets no item in from now on, and takes back all that is in the queue, in order.
    pub(crate) fn close_and_clear(&self) -> Vec<Quiet<T>> {
        let entry = self.entry.lock().take();
        self.room.tell_all();
        let open = entry.map(|OpenGate { queue, open, .. }| {
            // This disconnects the queue, so that no worker sleeps with the lock that is taken next.
            drop(queue);
            open
        });
        let alone = self.taking.write().unwrap_or_else(PoisonError::into_inner);
        let queued: Vec<_> = self.queue.try_iter().collect();
        // Only now may workers that wait for room for a result look again: no more items are begun.
        drop(open);
        drop(alone);
        queued.into_iter().map(|queued| queued.item).collect()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.entry.lock().is_none()
    }

    /// A receiver that gets nothing and is disconnected when the gate is closed.
    pub(crate) fn closed(&self) -> &Receiver<Infallible> {
        &self.closed
    }

    /// How many items wait.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// How many items can wait.
    pub(crate) fn capacity(&self) -> usize {
        self.queue.capacity().unwrap_or(usize::MAX)
    }
}

impl<T> fmt::Debug for Gate<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("len", &self.len()).field("capacity", &self.capacity()).finish_non_exhaustive()
    }
}
