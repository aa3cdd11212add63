//! Layer 4: `par_bridge`, which distributes the items of a sequential iterator over many threads.
//!
//! The iterator is behind a lock, and passing a lock from thread to thread costs several times as much as a light item.
//! So a consumer of light items takes several under one lock. But iterators may wait: for a message, or even until an
//! earlier item was worked on. And heavy items may follow many light ones. So these rules hold:
//!
//! 1. Each item that a consumer has taken and not begun is in its stealable buffer. Any other consumer can steal it
//!    from there.
//! 2. A consumer waits for the lock only when it has announced that it waits and then found the buffers empty.
//! 3. A consumer calls `next` once more only after putting the item it has in its buffer and seeing that no other
//!    consumer waits.
//! 4. A consumer takes several items only while there is a consumer on another thread, which can steal them by rule 1.
//! 5. A consumer that runs on top of another job gives up when it has waited for long. The iterator may itself work in
//!    parallel, and the thread that is within it may wait for that job. That thread goes on taking items, so none is
//!    lost.
//! 6. A consumer ends when the iterator has ended and all buffers are empty: then all items have been begun. Until then
//!    more consumers may join.
//!
//! By 1 and 6 a run of heavy items is spread over all threads, wherever it is: a consumer can be split between two
//! items, so that an idle thread becomes a further consumer.
//!
//! By 2 and 3 no consumer waits for the lock while its holder keeps an item back. The holder has a fence between
//! putting an item in a buffer and checking whether a consumer waits; a waiting consumer has one between announcing
//! that it waits and looking at the buffers. So either the holder sees the waiting consumer, or the consumer sees the
//! item. The holder passes its fence for each item, and consumers seldom wait: so where the system allows it, the
//! holder's fence costs nothing and the consumer's costs more (`sync/asymmetric`). So even if a call of `next` never
//! returns, it keeps back no item that a consumer is free to work on. The documentation of
//! [`ParallelBridge::par_bridge`] has the remaining restrictions.
//!
//! A consumer begins its own items oldest first. While the consumer is within the iterator, thieves take its oldest
//! item too, because `next` may wait for the work on that item. While the consumer works on items, thieves take its
//! newest, so that the consumer needs no lock.
//!
//! By 4 a lone consumer takes one item at a time: `next` may wait for the item before, and no other thread would work
//! on that one.

mod consumer;
mod shared_iter;
mod stealable_buffer;

#[cfg(all(test, loom))]
mod loom;

use crate::fork::LoopContext;
use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use crate::iter::schedule::thread_count;
use crate::iter::schedule::tuning::LONG_ASKED;

use self::consumer::BridgeConsumer;
use self::shared_iter::SharedIter;

/// Sequential iterators that can be turned into parallel ones.
///
/// ```
/// use paceline::prelude::*;
///
/// /// Adds up the numbers in lines of text, wherever they come from.
/// fn total<'text>(lines: impl ParallelBridge + Iterator<Item = &'text str> + Send) -> u32 {
///     lines.par_bridge().map(|line| line.parse::<u32>().unwrap_or(0)).sum()
/// }
///
/// assert_eq!(total("1\n2\nthree".lines()), 3);
/// ```
pub trait ParallelBridge: Sized {
    /// Makes a parallel iterator of a sequential one.
    ///
    /// One thread at a time calls `next`, under a lock. The adaptors after it run outside of the lock, in parallel and
    /// in no particular order. A parallel iterator over a slice, a range or a collection of its own has less overhead
    /// and keeps the order.
    ///
    /// If items are light, a thread takes up to 256 of them under one lock, unless it is the only thread that works on
    /// this iterator. Another thread that has finished its own items, and finds the iterator occupied or at its end,
    /// takes over items that the first thread has not begun: so heavy items after light ones are spread over all
    /// threads. If the loop ends early, as with [`find_any`](ParallelIterator::find_any), items that were taken and not
    /// begun are dropped.
    ///
    /// `next` may block, even until an item that it gave before has been worked on. Meanwhile the calling thread cannot
    /// work on the items it took before: another thread of this loop takes them over, as soon as it is free. And `next`
    /// may itself use parallel calls; if its thread, while it waits in one, comes back to this iterator, it finds no
    /// items there.
    ///
    /// An item must not wait for the work on a later one, because the same thread may have to begin that one. And where
    /// `next` waits for the work on an earlier item, that work must neither panic nor end the loop early.
    ///
    /// # Panics
    ///
    /// If the iterator panics, `next` is not called again, and the panic reaches the caller of the terminal method.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// std::thread::spawn(move || (0..10).for_each(|n| sender.send(n).unwrap()));
    /// assert_eq!(receiver.into_iter().par_bridge().map(|n| n * n).sum::<i32>(), 285);
    /// ```
    fn par_bridge(self) -> IterBridge<Self>;
}

impl<T: Iterator<Item: Send> + Send> ParallelBridge for T {
    fn par_bridge(self) -> IterBridge<Self> {
        IterBridge { iter: self }
    }
}

/// A parallel iterator over the items of a sequential one; made by [`par_bridge`](ParallelBridge::par_bridge).
///
/// ```
/// use paceline::iter::IterBridge;
/// use paceline::prelude::*;
///
/// let lines: IterBridge<_> = "1\n2\n3".lines().par_bridge();
/// assert_eq!(lines.map(|line| line.parse::<u32>().unwrap()).sum::<u32>(), 6);
/// ```
#[derive(Clone, Debug)]
pub struct IterBridge<Iter> {
    iter: Iter,
}

impl<Iter: Iterator<Item: Send> + Send> ParallelIterator for IterBridge<Iter> {
    type Item = Iter::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<Iter::Item>>(self, consumer: C) -> C::Result {
        match thread_count() {
            1 => bridge_unindexed(Alone(self.iter), consumer),
            threads => bridge_unindexed(BridgeProducer::new(&SharedIter::new(self.iter, threads)), consumer),
        }
    }
}

/// A sequential iterator in a pool of one thread: there can be no other consumer, so it is not shared.
struct Alone<Iter>(Iter);

impl<Iter: Iterator<Item: Send> + Send> UnindexedProducer for Alone<Iter> {
    type Item = Iter::Item;

    #[inline]
    fn split(self) -> (Self, Option<Self>) {
        (self, None)
    }

    #[inline]
    fn fold_with<F: Folder<Iter::Item>>(self, folder: F) -> F {
        folder.consume_iter(self.0)
    }
}

/// The producer of one consumer's share. It can be split between two items, for a further consumer.
struct BridgeProducer<'s, Iter: Iterator> {
    shared: &'s SharedIter<Iter>,
    /// Made at the first item. The consumer stays on its thread: only producers that are split off move to another.
    consumer: Option<Box<BridgeConsumer<'s, Iter>>>,
}

impl<'s, Iter: Iterator> BridgeProducer<'s, Iter> {
    fn new(shared: &'s SharedIter<Iter>) -> Self {
        BridgeProducer { shared, consumer: None }
    }
}

impl<Iter: Iterator<Item: Send> + Send> UnindexedProducer for BridgeProducer<'_, Iter> {
    type Item = Iter::Item;

    #[inline]
    fn split(self) -> (Self, Option<Self>) {
        let shared = self.shared;
        let more = shared.has_more() && shared.splits.draw();
        (self, more.then(|| BridgeProducer::new(shared)))
    }

    #[inline]
    fn fold_with<F: Folder<Iter::Item>>(self, mut folder: F) -> F {
        let mut rest = Some(self);
        while let Some(producer) = rest.filter(|_| !folder.full()) {
            (folder, rest) = producer.fold_some(usize::MAX, folder);
        }
        folder
    }

    /// It gives the items in the consumer's buffer even beyond `len`: other consumers can steal those meanwhile.
    #[inline]
    fn fold_some<F: Folder<Iter::Item>>(mut self, len: usize, mut folder: F) -> (F, Option<Self>) {
        let consumer = self.consumer.get_or_insert_with(|| Box::new(BridgeConsumer::new(self.shared)));
        let asked_before = LoopContext::requested_for();
        let mut fetched = 0;
        while !folder.full() {
            let item = match consumer.pop() {
                Some(item) => item,
                None if fetched == len => break,
                None => {
                    fetched += 1;
                    let Some(item) = consumer.fetch() else { return (folder, None) };
                    item
                }
            };
            folder = folder.consume(item);
            // The items may be heavier than the ones that determined `len`.
            if LoopContext::requested_for() > asked_before + LONG_ASKED {
                break;
            }
        }
        (folder, Some(self))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{BridgeProducer, LONG_ASKED, SharedIter};
    use crate::fork::LoopContext;
    use crate::iter::plumbing::{Folder, UnindexedProducer};

    struct Count(usize);

    impl Folder<usize> for Count {
        type Result = usize;

        #[inline]
        fn consume(self, _: usize) -> Self {
            Count(self.0 + 1)
        }

        #[inline]
        fn complete(self) -> usize {
            self.0
        }

        #[inline]
        fn full(&self) -> bool {
            false
        }
    }

    /// Makes the thread that made a steal request, if there is one, wait long for each item.
    fn heavy() {
        let before = LoopContext::requested_for();
        while before > 0 && LoopContext::requested_for() <= before + LONG_ASKED {}
    }

    #[test]
    fn a_consumer_that_is_asked_for_work_can_be_split_after_the_next_item() {
        let count_of_eight = || {
            let shared = SharedIter::new((0..100).inspect(|_| heavy()), 2);
            let (count, rest) = BridgeProducer::new(&shared).fold_some(8, Count(0));
            assert!(rest.is_some());
            count.complete()
        };
        LoopContext::beside_a_busy_worker(|_| assert_eq!(count_of_eight(), 8));
        LoopContext::beside_a_sleeper(|_| assert_eq!(count_of_eight(), 1));
    }

    #[test]
    fn one_that_is_not_to_be_split_gives_all_items() {
        LoopContext::beside_a_sleeper(|_| {
            let shared = SharedIter::new((0..100).inspect(|_| heavy()), 2);
            assert_eq!(BridgeProducer::new(&shared).fold_with(Count(0)).complete(), 100);
        });
    }
}
