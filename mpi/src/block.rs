//! `Block`: the items of a rank, as an indexed parallel iterator that knows the index of the item a panic comes from.

use std::fmt;
use std::ops::Range;
use std::thread;

use paceline::iter::plumbing::{Consumer, Producer, ProducerCallback, UnindexedConsumer, bridge};
use paceline::iter::{IndexedParallelIterator, ParallelIterator};

use crate::fault;

/// The items of one rank, in order: an indexed parallel iterator, made by [`World::block`](crate::World::block) and
/// [`World::scatter`](crate::World::scatter).
///
/// If an item's closure panics, the message that ends the program names the item's index among all items.
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct Block<I> {
    base: I,
    /// The items of `base` that belong to the block.
    range: Range<usize>,
    /// The index of the first of them among the items of all ranks.
    first: usize,
}

impl<I> Block<I> {
    /// Those items of `base` that `range` names, if `base` has the items of all ranks.
    pub(crate) fn of_all(base: I, range: Range<usize>) -> Self {
        Self { base, first: range.start, range }
    }

    /// All `len` items of `base`, which are those of all ranks from `first` on.
    pub(crate) fn of_own(base: I, len: usize, first: usize) -> Self {
        Self { base, range: 0..len, first }
    }

    /// The indices of the block's items among the items of all ranks.
    pub fn indices(&self) -> Range<usize> {
        self.first..self.first + self.range.len()
    }
}

impl<I> fmt::Debug for Block<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block").field("indices", &self.indices()).finish_non_exhaustive()
    }
}

impl<I: IndexedParallelIterator> ParallelIterator for Block<I> {
    type Item = I::Item;

    fn drive_unindexed<C: UnindexedConsumer<I::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.range.len())
    }
}

impl<I: IndexedParallelIterator> IndexedParallelIterator for Block<I> {
    fn len(&self) -> usize {
        self.range.len()
    }

    fn drive<C: Consumer<I::Item>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    fn with_producer<CB: ProducerCallback<I::Item>>(self, callback: CB) -> CB::Output {
        let Self { base, range, first } = self;
        base.with_producer(Select { range, first, callback })
    }
}

/// Selects the block from the producer of all items.
struct Select<CB> {
    range: Range<usize>,
    first: usize,
    callback: CB,
}

impl<T, CB: ProducerCallback<T>> ProducerCallback<T> for Select<CB> {
    type Output = CB::Output;

    fn callback<P: Producer<Item = T>>(self, producer: P) -> CB::Output {
        let Self { range, first, callback } = self;
        let (_, from_start) = producer.split_at(range.start);
        let (base, _) = from_start.split_at(range.len());
        callback.callback(BlockProducer { base, first })
    }
}

/// A part of a block, with the index of its first item.
struct BlockProducer<P> {
    base: P,
    first: usize,
}

impl<P: Producer> Producer for BlockProducer<P> {
    type Item = P::Item;
    type IntoIter = Numbered<P::IntoIter>;

    fn into_iter(self) -> Self::IntoIter {
        let base = self.base.into_iter();
        let place = Place { next: self.first, end: self.first + base.len(), newest: self.first };
        Numbered { base, place }
    }

    fn min_len(&self) -> usize {
        self.base.min_len()
    }

    fn max_len(&self) -> usize {
        self.base.max_len()
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.base.split_at(index);
        (Self { base: left, first: self.first }, Self { base: right, first: self.first + index })
    }

    fn can_run_in_blocks(&self) -> bool {
        self.base.can_run_in_blocks()
    }
}

/// Counts items as it gives them.
struct Numbered<I> {
    base: I,
    place: Place,
}

/// Where an iterator is. Notes the newest item if it is dropped by a panic.
struct Place {
    next: usize,
    end: usize,
    newest: usize,
}

impl Place {
    #[inline]
    fn advance(&mut self) {
        self.newest = self.next;
        self.next += 1;
    }
}

impl Drop for Place {
    #[inline]
    fn drop(&mut self) {
        if thread::panicking() {
            fault::note_item(self.newest);
        }
    }
}

impl<I: Iterator> Iterator for Numbered<I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        let item = self.base.next()?;
        self.place.advance();
        Some(item)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.base.size_hint()
    }

    #[inline]
    fn fold<A, F: FnMut(A, I::Item) -> A>(self, init: A, mut f: F) -> A {
        let Self { base, mut place } = self;
        base.fold(init, |so_far, item| {
            place.advance();
            f(so_far, item)
        })
    }
}

impl<I: DoubleEndedIterator> DoubleEndedIterator for Numbered<I> {
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        let item = self.base.next_back()?;
        self.place.end -= 1;
        self.place.newest = self.place.end;
        Some(item)
    }
}

impl<I: ExactSizeIterator> ExactSizeIterator for Numbered<I> {}
