//! Layer 4: `par_bridge`, which hands the items of a sequential iterator out to many threads.
//!
//! The iterator is behind a lock, and passing a lock from thread to thread costs several times what a light item does.
//! So a taker that gets through its items in next to no time takes several under one lock. But iterators may wait: for
//! a message, or even until an earlier item was worked on. So these rules hold:
//!
//! 1. Whatever was taken and not begun lies on its taker's shelf, from which any other taker can have it. Only a taker
//!    that works, and so is not within the iterator, has a few items off its shelf, for the loop that works on them.
//! 2. A taker waits for the lock only when it has found the shelves empty after saying that it waits.
//! 3. A taker asks for one item more only after putting what it has on its shelf and seeing that nobody waits.
//! 4. It takes several only while there is a taker on another thread, to whom rule 1 is of use.
//! 5. A taker whose thread has begun another job before gives up when it has waited for long. The iterator may itself work
//!    in parallel, and who is within it may wait for that job. It goes on taking, so no item is lost.
//!
//! By 2 and 3 nobody waits for the lock while its holder keeps an item back. There is a fence between putting an item on
//! the shelf and looking whether somebody waits, and one between saying that one waits and looking at the shelves, so
//! either the holder sees the waiting taker or that one sees the item. The holder passes its fence for each item, takers
//! seldom wait: so the system spares the holder's if it can, and the taker's costs more (`sync/asymmetric`). So an
//! iterator that never answers keeps back no item that some taker is free to work on. What remains is in the documentation
//! of [`ParallelBridge::par_bridge`].
//!
//! By 4 a lone taker takes one by one: `next` may wait for the item before, which nobody else would work on.

mod desk;
mod shelf;
mod taker;

#[cfg(all(test, loom))]
mod loom;

use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use crate::iter::schedule::thread_count;

use self::desk::Desk;
use self::taker::Taker;

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
    /// only one that works on this iterator. It begins up to 16 of them in a row, and those are its own. The others any
    /// thread takes over that is done with its own and finds the iterator occupied or at its end. When the work ends
    /// early, as that of [`find_any`](ParallelIterator::find_any) does, items that were taken and not worked on are
    /// dropped.
    ///
    /// `next` may block, even until an item that it gave before was worked on. The thread that is within it then cannot
    /// work on the items it took before: another that works on this iterator does, as soon as it is free. And `next`
    /// may work in parallel itself; if its thread is led back to this iterator while it waits, that finds no items.
    ///
    /// So an item must not wait for the work on a later one, which may be next in the same thread's row. And where
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

    fn drive_unindexed<C: UnindexedConsumer<Iter::Item>>(self, consumer: C) -> C::Result {
        match thread_count() {
            1 => bridge_unindexed(Alone(self.iter), consumer),
            threads => bridge_unindexed(&Desk::new(self.iter, threads), consumer),
        }
    }
}

/// A sequential iterator in a pool of one thread: there can be no other taker, so it is not shared.
struct Alone<Iter>(Iter);

impl<Iter: Iterator<Item: Send> + Send> UnindexedProducer for Alone<Iter> {
    type Item = Iter::Item;

    fn split(self) -> (Self, Option<Self>) {
        (self, None)
    }

    fn fold_with<F: Folder<Iter::Item>>(self, folder: F) -> F {
        folder.consume_iter(self.0)
    }
}

impl<Iter: Iterator<Item: Send> + Send> UnindexedProducer for &Desk<Iter> {
    type Item = Iter::Item;

    fn split(self) -> (Self, Option<Self>) {
        let more = !self.is_over() && self.splits.draw();
        (self, more.then_some(self))
    }

    fn fold_with<F: Folder<Iter::Item>>(self, mut folder: F) -> F {
        let mut taker = Taker::new(self);
        while !folder.full() && taker.gather() {
            for item in taker.begun.drain(..) {
                folder = folder.consume(item);
                if folder.full() {
                    break;
                }
            }
        }
        folder
    }
}
