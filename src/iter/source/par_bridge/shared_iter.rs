//! Layer 4: a sequential iterator from which many consumers take items, one at a time: the protocol of `par_bridge`,
//! without its clock.

use super::stealable_buffer::{Owner, StealableBuffer};
use crate::fork::{Pinned, for_shared_iter};
use crate::iter::signal::{Halt, Tickets};
use crate::sync::asymmetric::Fences;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::lock::{Guard, Mutex};
use crate::sync::once::OnceLock;
use crate::sync::thread;
use crossbeam_utils::CachePadded;

/// A number that no other living thread has.
pub(super) type ThreadToken = usize;

/// The token of no thread.
pub(super) const NO_THREAD: ThreadToken = 0;

/// A sequential iterator that many threads take items from.
///
/// Fields that one thread writes for each item share no cache line with fields that other threads read meanwhile.
pub(super) struct SharedIter<Iter: Iterator> {
    iter: CachePadded<Mutex<Iter>>,
    /// Halted when the iterator has ended, or has panicked.
    over: Halt,
    /// One ticket for each further consumer that is worth while.
    pub(super) splits: Tickets,
    /// The thread that is within the iterator, written by that thread alone. Relaxed: other threads only estimate from
    /// it how long they will wait.
    asking: CachePadded<AtomicUsize>,
    /// The number of consumers that wait for the lock, or are about to.
    waiting: CachePadded<AtomicUsize>,
    /// The fences between putting an item in a buffer and checking for a waiting consumer, and between announcing a
    /// wait and looking at the buffers.
    fences: Fences,
    /// The number of threads that have a consumer. Relaxed: only rule 4 needs it.
    present: AtomicUsize,
    /// One slot for each consumer.
    slots: Box<[CachePadded<ConsumerSlot<Iter::Item>>]>,
    given_out: AtomicUsize,
}

/// A consumer's slot, where the other consumers find its items.
pub(super) struct ConsumerSlot<T> {
    /// The consumer's thread. Relaxed: only that thread has to see it.
    thread: AtomicUsize,
    /// Set when the consumer first takes several items. It stays when the consumer has left or panicked.
    buffer: OnceLock<StealableBuffer<T>>,
}

impl<T> ConsumerSlot<T> {
    /// Makes the caller the owner of this slot's buffer. Only for the consumer that has the slot, and only once.
    pub(super) fn own_buffer(&self) -> Option<Owner<'_, T>> {
        self.buffer.get_or_init(StealableBuffer::new).own()
    }
}

impl<Iter: Iterator> SharedIter<Iter> {
    pub(super) fn new(iter: Iter, threads: usize) -> Self {
        let slot = |_| CachePadded::new(ConsumerSlot { thread: AtomicUsize::new(NO_THREAD), buffer: OnceLock::new() });
        SharedIter {
            iter: CachePadded::new(Mutex::new(iter)),
            over: Halt::new(),
            splits: Tickets::new(threads),
            asking: CachePadded::new(AtomicUsize::new(NO_THREAD)),
            waiting: CachePadded::new(AtomicUsize::new(0)),
            fences: Fences::new(),
            present: AtomicUsize::new(0),
            // There is a consumer for each ticket, and one from the start.
            slots: (0..=threads).map(slot).collect(),
            given_out: AtomicUsize::new(0),
        }
    }

    /// Makes all buffers, because the model checker does not see that `OnceLock` orders their construction before their
    /// use.
    #[cfg(all(test, loom))]
    pub(super) fn make_buffers(&self) {
        for slot in &self.slots {
            slot.buffer.get_or_init(StealableBuffer::new);
        }
    }

    /// The slot of one of the consumers 1, 2 and so on, in models.
    #[cfg(all(test, loom))]
    pub(super) fn slot(&self, token: ThreadToken) -> &ConsumerSlot<Iter::Item> {
        &self.slots[token - 1]
    }

    /// Gives the calling thread's consumer a slot; none if there is another consumer further down the thread's stack.
    pub(super) fn arrive(&self, thread: ThreadToken) -> Option<&ConsumerSlot<Iter::Item>> {
        if self.slots.iter().any(|slot| slot.thread.load(Ordering::Relaxed) == thread) {
            return None;
        }
        let slot = self.slots.get(self.given_out.fetch_add(1, Ordering::Relaxed))?;
        slot.thread.store(thread, Ordering::Relaxed);
        self.present.fetch_add(1, Ordering::Relaxed);
        Some(slot)
    }

    /// Removes a consumer that leaves.
    pub(super) fn leave(&self, slot: &ConsumerSlot<Iter::Item>) {
        slot.thread.store(NO_THREAD, Ordering::Relaxed);
        self.present.fetch_sub(1, Ordering::Relaxed);
    }

    /// True if there are consumers on several threads.
    pub(super) fn is_shared(&self) -> bool {
        self.present.load(Ordering::Relaxed) > 1
    }

    /// True if the iterator gives no more items.
    pub(super) fn is_over(&self) -> bool {
        self.over.is_halted()
    }

    /// True if a further consumer would find items, in the iterator or in a buffer. A guess.
    pub(super) fn has_more(&self) -> bool {
        !self.is_over() || self.buffers().any(StealableBuffer::has_items)
    }

    fn buffers(&self) -> impl Iterator<Item = &StealableBuffer<Iter::Item>> {
        self.slots.iter().filter_map(|slot| slot.buffer.get())
    }

    /// The thread that is within the iterator; a guess.
    pub(super) fn asking(&self) -> ThreadToken {
        self.asking.load(Ordering::Relaxed)
    }

    /// The iterator, if no thread is within it.
    pub(super) fn try_enter(&self) -> Option<Guard<'_, Iter>> {
        self.iter.try_lock()
    }

    /// Waits for the iterator; or takes an item from a buffer, if there is one.
    pub(super) fn wait(&self) -> Result<Guard<'_, Iter>, Iter::Item> {
        let _listed = for_shared_iter();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let is_seen = self.fences.heavy();
        let found = match self.steal() {
            Some(item) => Err(item),
            None if is_seen => Ok(self.iter.lock()),
            None => self.look_again_and_again(),
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        found
    }

    /// Waits by polling, for the case that the holder may not see the announcement.
    #[cold]
    fn look_again_and_again(&self) -> Result<Guard<'_, Iter>, Iter::Item> {
        loop {
            thread::yield_now();
            if let Some(iter) = self.try_enter() {
                return Ok(iter);
            }
            if let Some(item) = self.steal() {
                return Err(item);
            }
        }
    }

    /// True if a consumer waits. A consumer that is not seen here will see each item that was put in a buffer before.
    fn is_awaited(&self) -> bool {
        self.fences.light();
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Takes an item from any consumer's buffer.
    pub(super) fn steal(&self) -> Option<Iter::Item> {
        self.buffers().find_map(StealableBuffer::steal)
    }

    /// Takes an item from the iterator.
    pub(super) fn ask(&self, thread: ThreadToken, mut iter: Guard<'_, Iter>) -> Option<Iter::Item> {
        let stay = self.begin_stay(thread)?;
        let _pinned = Pinned::here();
        let item = iter.next()?;
        stay.end();
        Some(item)
    }

    /// Takes items from the iterator, and puts them in `buffer`, which is empty, until `is_enough` is true for their
    /// number or a consumer waits.
    pub(super) fn fill(
        &self,
        thread: ThreadToken,
        mut iter: Guard<'_, Iter>,
        buffer: &mut Owner<'_, Iter::Item>,
        is_enough: impl Fn(usize) -> bool,
    ) {
        let Some(stay) = self.begin_stay(thread) else { return };
        let _pinned = Pinned::here();
        let mut filling = buffer.fill();
        for taken in 1.. {
            // If there is none, dropping the stay ends the iterator.
            let Some(item) = iter.next() else { return filling.finish() };
            filling.put(item);
            if is_enough(taken) || self.is_awaited() {
                break;
            }
        }
        filling.finish();
        stay.end();
    }

    /// Called with the lock held; `None` if `next` must not be called any more.
    fn begin_stay(&self, thread: ThreadToken) -> Option<Stay<'_, Iter>> {
        if self.is_over() {
            return None;
        }
        self.asking.store(thread, Ordering::Relaxed);
        Some(Stay(self))
    }
}

/// A stay within the iterator. When it is dropped, because there was no item or by a panic, the iterator is over.
struct Stay<'s, Iter: Iterator>(&'s SharedIter<Iter>);

impl<Iter: Iterator> Stay<'_, Iter> {
    /// Ends the stay of a thread that got items: the iterator is not over.
    fn end(self) {
        self.0.asking.store(NO_THREAD, Ordering::Relaxed);
        std::mem::forget(self);
    }
}

impl<Iter: Iterator> Drop for Stay<'_, Iter> {
    fn drop(&mut self) {
        self.0.over.halt();
        self.0.asking.store(NO_THREAD, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::SharedIter;

    #[test]
    fn a_consumer_that_may_not_be_seen_to_wait_looks_at_the_lock_and_at_the_buffers() {
        let shared = SharedIter::new(0..10, 1);
        let mut buffer = shared.arrive(1).and_then(|slot| slot.own_buffer()).unwrap();
        shared.fill(1, shared.try_enter().unwrap(), &mut buffer, |taken| taken == 2);
        let iter = shared.try_enter().unwrap();
        assert_eq!([(); 2].map(|()| shared.look_again_and_again().err()), [Some(1), Some(0)]);
        drop(iter);
        assert!(shared.look_again_and_again().is_ok_and(|mut iter| iter.next() == Some(2)));
    }

    #[test]
    fn one_more_consumer_is_worth_while_until_all_items_are_begun() {
        let shared = SharedIter::new(0..2, 1);
        let mut buffer = shared.arrive(1).and_then(|slot| slot.own_buffer()).unwrap();
        shared.fill(1, shared.try_enter().unwrap(), &mut buffer, |_| false);
        assert!(shared.is_over());
        for item in 0..2 {
            assert!(shared.has_more(), "item {item} is not begun");
            assert_eq!(buffer.pop(), Some(item));
        }
        assert!(!shared.has_more());
    }
}
