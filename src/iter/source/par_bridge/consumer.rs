//! Layer 4: a consumer of `par_bridge`: the number of items it takes at once, and how long it waits for the lock.

use std::ptr;

use super::shared_iter::{ConsumerSlot, NO_THREAD, SharedIter, ThreadToken};
use super::stealable_buffer::{Owner, ROOM};
use crate::fork::{Ticks, nesting};
use crate::iter::schedule::grain::Cost;
use crate::iter::schedule::tuning::{BRIDGED, PATIENCE, WARY};
use crate::sync::atomic::spin_loop;
use crate::sync::local::thread_local;
use crate::sync::lock::Guard;
use crate::sync::thread;

/// The number of items that are taken between two readings of the clock.
const PER_LOOK: usize = 16;

thread_local! {
    static TOKEN: u8 = const { 0 };
}

/// The token of the calling thread.
fn own_token() -> ThreadToken {
    TOKEN.with(|token| ptr::from_ref(token).addr())
}

/// Takes items for a folder.
pub(super) struct BridgeConsumer<'s, Iter: Iterator> {
    shared: &'s SharedIter<Iter>,
    thread: ThreadToken,
    /// None if there is another consumer further down this thread's stack: it would wait in vain for items in this
    /// one's buffer.
    slot: Option<&'s ConsumerSlot<Iter::Item>>,
    /// Set when several items are taken for the first time.
    buffer: Option<Owner<'s, Iter::Item>>,
    /// The number of items to take at once.
    chunk: usize,
    /// When the latest items were taken, if there were other consumers.
    taken: Option<Ticks>,
}

impl<'s, Iter: Iterator> BridgeConsumer<'s, Iter> {
    pub(super) fn new(shared: &'s SharedIter<Iter>) -> Self {
        let thread = own_token();
        BridgeConsumer { shared, thread, slot: shared.arrive(thread), buffer: None, chunk: 1, taken: None }
    }

    /// Takes the oldest item of the consumer's own buffer.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Iter::Item> {
        self.buffer.as_mut().and_then(Owner::pop)
    }

    /// Takes an item of the iterator, or of another consumer's buffer, when the consumer's own is empty; `None` if
    /// there are no more.
    ///
    /// The iterator may itself wait for parallel work, and so run another consumer on the same thread, which could wait
    /// for the lock for ever. That consumer gets no items: the consumer below it on the stack will go on.
    pub(super) fn fetch(&mut self) -> Option<Iter::Item> {
        let shared = self.shared;
        if shared.asking() == self.thread {
            return None;
        }
        self.adapt();
        while !shared.is_over() {
            let item = match self.enter() {
                Some(Ok(iter)) => self.ask(iter),
                Some(Err(item)) => Some(item),
                None => break,
            };
            if item.is_some() {
                return item;
            }
        }
        shared.steal()
    }

    /// Gets access to the iterator, or an item from another consumer's buffer; or `None`, by rule 5.
    fn enter(&self) -> Option<Result<Guard<'s, Iter>, Iter::Item>> {
        if let Some(iter) = self.shared.try_enter().or_else(|| self.be_patient()) {
            return Some(Ok(iter));
        }
        if nesting() > Some(1) { self.wait_warily() } else { Some(self.shared.wait()) }
    }

    /// Waits for a limited time: rule 5.
    #[cold]
    fn wait_warily(&self) -> Option<Result<Guard<'s, Iter>, Iter::Item>> {
        let since = Ticks::now();
        while !Ticks::now().is_past(since, WARY) && !self.shared.is_over() {
            if let Some(iter) = self.shared.try_enter() {
                return Some(Ok(iter));
            }
            if let Some(item) = self.shared.steal() {
                return Some(Err(item));
            }
            thread::yield_now();
        }
        None
    }

    /// Polls for a while until the iterator is free, unless the same consumer stays there all the time.
    #[cold]
    fn be_patient(&self) -> Option<Guard<'s, Iter>> {
        let mut since = Ticks::now();
        let mut before = self.shared.asking();
        while !Ticks::now().is_past(since, PATIENCE) {
            let asking = self.shared.asking();
            if asking == NO_THREAD {
                let iter = self.shared.try_enter();
                if iter.is_some() {
                    return iter;
                }
            } else if asking != before {
                (since, before) = (Ticks::now(), asking);
            }
            spin_loop();
        }
        None
    }

    /// Takes an item from the iterator, or several that go to the buffer. `None` if the iterator has ended, or if all
    /// items in the buffer have been stolen.
    fn ask(&mut self, iter: Guard<'s, Iter>) -> Option<Iter::Item> {
        // A lone consumer measures no time: it takes one item at a time in any case.
        if self.shared.is_shared() {
            let now = Ticks::now();
            self.taken = Some(now);
            if self.chunk > 1 && self.buffer.is_none() {
                self.buffer = self.slot.and_then(ConsumerSlot::own_buffer);
            }
            if let Some(buffer) = self.buffer.as_mut().filter(|_| self.chunk > 1) {
                let chunk = self.chunk;
                let is_slow = |taken| taken % PER_LOOK == 0 && Ticks::now().is_past(now, BRIDGED);
                self.shared.fill(self.thread, iter, buffer, |taken| taken >= chunk || is_slow(taken));
                return self.pop();
            }
        }
        self.shared.ask(self.thread, iter)
    }

    /// Adapts the number of items to the time that the latest ones have taken.
    fn adapt(&mut self) {
        let Some(taken) = self.taken.take() else { return };
        let ticks = Ticks::now().since(taken);
        // The other consumers could not steal items from a consumer without a slot.
        self.chunk = if self.slot.is_none() { 1 } else { Cost::of(self.chunk, ticks).next_batch(BRIDGED).min(ROOM) };
    }
}

impl<Iter: Iterator> Drop for BridgeConsumer<'_, Iter> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot {
            self.shared.leave(slot);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::BridgeConsumer;
    use crate::fork::LoopContext;
    use crate::fork::scope::scope;
    use crate::iter::source::par_bridge::shared_iter::SharedIter;

    /// Rule 5, with an iterator that is occupied all the time.
    #[test]
    fn a_consumer_upon_another_job_gives_up() {
        let shared = SharedIter::new(0..10, 1);
        let occupied = shared.try_enter().unwrap();
        let take = || assert_eq!(BridgeConsumer::new(&shared).fetch(), None);
        LoopContext::beside_a_busy_worker(|_| scope(|outer| outer.spawn(|_| scope(|inner| inner.spawn(|_| take())))));
        drop(occupied);
        assert_eq!(BridgeConsumer::new(&shared).fetch(), Some(0));
    }
}
