//! Layer 4: `par_bridge`, which hands the items of a sequential iterator out to many threads.
//!
//! The iterator is behind a lock, and passing a lock from thread to thread costs several times what a light item does.
//! So a consumer whose items are light takes several under one lock. But iterators may wait: for a message, or even
//! until an earlier item was worked on. And items may be heavy after many light ones. So these rules hold:
//!
//! 1. Each item that a consumer has taken and not begun lies in its stealable buffer, from which any other consumer can
//!    have it.
//! 2. A consumer waits for the lock only when it has found the buffers empty after saying that it waits.
//! 3. A consumer asks for one item more only after putting what it has in its buffer and seeing that no other waits.
//! 4. It takes several only while there is a consumer on another thread, to which rule 1 is of use.
//! 5. A consumer whose thread has begun another job before gives up when it has waited for long. The iterator may itself
//!    work in parallel, and the thread that is within it may wait for that job. It goes on taking, so no item is lost.
//! 6. A consumer ends when the iterator has ended and all buffers are empty: then all items have been begun. Until then
//!    more consumers may join.
//!
//! By 1 and 6 a row of heavy items is spread over all threads, wherever it is: a consumer that is at work can be split
//! between two items, so that an idle thread becomes one more.
//!
//! By 2 and 3 no consumer waits for the lock while its holder keeps an item back. There is a fence between putting an
//! item in a buffer and looking whether a consumer waits, and one between saying that one waits and looking at the
//! buffers. So either the holder sees the waiting consumer, or that one sees the item. The holder passes its fence for each
//! item, consumers seldom wait: so the system standby_threads the holder's if it can, and the other costs more
//! (`sync/asymmetric`). So an iterator that never answers keeps back no item that some consumer is free to work on. What
//! remains is in the documentation of [`ParallelBridge::par_bridge`].
//!
//! A consumer begins its own items oldest first. While it is within the iterator thieves take its oldest item too, since
//! `next` may wait for the work on that one. While it is at work they take its newest, so that it needs no lock.
//!
//! By 4 a lone consumer takes one by one: `next` may wait for the item before, which no other thread would work on.

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

/// Sequential iterators whose items can be worked on in parallel.
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
    /// One thread at a time calls `next`, under a lock. What comes after in the pipeline runs outside of the lock, in
    /// parallel and in no particular order. A parallel iterator over a slice, a range or a collection of its own has
    /// less overhead and keeps the order.
    ///
    /// While items come and go in next to no time, a thread takes up to 256 of them under one lock, unless it is the
    /// only one that works on this iterator. Any other thread takes over those that it has not begun, as soon as that
    /// thread is done with its own and finds the iterator occupied or at its end: so heavy items after light ones are
    /// spread over all threads. When the work ends early, as that of [`find_any`](ParallelIterator::find_any) does,
    /// items that were taken and not worked on are dropped.
    ///
    /// `next` may block, even until an item that it gave before was worked on. The thread that is within it then cannot
    /// work on the items it took before: another that works on this iterator does, as soon as it is free. And `next`
    /// may work in parallel itself; if its thread is led back to this iterator while it waits, that finds no items.
    ///
    /// So an item must not wait for the work on a later one, which the same thread may have to begin. And where
    /// `next` waits for the work on an earlier item, that work must neither panic nor end the whole early.
    ///
    /// # Panics
    ///
    /// If the iterator panics it is not asked again, and the panic reaches the caller of the terminal method.
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

/// A parallel iterator over the items of a sequential one: what [`par_bridge`](ParallelBridge::par_bridge)
/// makes.
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

/// What one consumer gets of the iterator. It can be split between two items, for one consumer more.
struct BridgeProducer<'s, Iter: Iterator> {
    shared: &'s SharedIter<Iter>,
    /// From the first item on. It stays on its thread: only what is split off moves to another.
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

    /// Of the items in the consumer's buffer it gives more than `len`: they are within reach of all others meanwhile.
    #[inline]
    fn fold_some<F: Folder<Iter::Item>>(mut self, len: usize, mut folder: F) -> (F, Option<Self>) {
        let consumer = self.consumer.get_or_insert_with(|| Box::new(BridgeConsumer::new(self.shared)));
        let asked_before = LoopContext::rung_for();
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
            // The items may be heavier than those by which the length was chosen.
            if LoopContext::rung_for() > asked_before + LONG_ASKED {
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

    /// Has the thread that asks, if one does, wait for long for each item.
    fn heavy() {
        let before = LoopContext::rung_for();
        while before > 0 && LoopContext::rung_for() <= before + LONG_ASKED {}
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
