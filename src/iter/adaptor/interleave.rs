//! Layer 4: `Interleave` and `InterleaveShortest`, which take items of two iterators in turn.

use super::pair::{PairCallback, with_producers};
use super::take_skip::Take;
use crate::iter::IndexedParallelIterator;
use crate::iter::plumbing::{Producer, ProducerCallback};

/// Takes items of two iterators in turn; made by [`interleave`](IndexedParallelIterator::interleave).
///
/// ```
/// use paceline::iter::Interleave;
/// use paceline::prelude::*;
///
/// let items: Interleave<_, _> = [1, 3].into_par_iter().interleave([2, 4, 5, 6]);
/// assert_eq!(items.collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Interleave<I, J> {
    pub(in crate::iter) i: I,
    pub(in crate::iter) j: J,
}

bridged! {
    impl[I, J] Interleave<I, J>
    where [I: IndexedParallelIterator, J: IndexedParallelIterator<Item = I::Item>]
    item: I::Item,
    len: |this| {
        let len = this.i.len().checked_add(this.j.len());
        len.expect("two interleaved iterators have more items than a usize can count")
    },
    producer: |this, callback| {
        let (i_len, j_len) = (this.i.len(), this.j.len());
        let callback = InterleaveCallback { callback, i_len, j_len };
        with_producers(this.i, this.j, callback)
    },
}

/// Takes items of two iterators in turn until the one that is next has no more; made by
/// [`interleave_shortest`](IndexedParallelIterator::interleave_shortest).
///
/// ```
/// use paceline::iter::InterleaveShortest;
/// use paceline::prelude::*;
///
/// let items: InterleaveShortest<_, _> = [1, 3].into_par_iter().interleave_shortest([2, 4, 5, 6]);
/// assert_eq!(items.collect::<Vec<_>>(), [1, 2, 3, 4]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct InterleaveShortest<I, J> {
    interleave: Interleave<Take<I>, Take<J>>,
}

impl<I, J> InterleaveShortest<I, J>
where
    I: IndexedParallelIterator,
    J: IndexedParallelIterator<Item = I::Item>,
{
    pub(in crate::iter) fn new(i: I, j: J) -> Self {
        let (i_len, j_len) = (i.len(), j.len());
        // When the second iterator lacks an item, the first one has given one item more.
        let i = Take::new(i, j_len.saturating_add(1));
        let j = Take::new(j, i_len);
        Self { interleave: Interleave { i, j } }
    }
}

bridged! {
    impl[I, J] InterleaveShortest<I, J>
    where [I: IndexedParallelIterator, J: IndexedParallelIterator<Item = I::Item>]
    item: I::Item,
    len: |this| this.interleave.len(),
    producer: |this, callback| this.interleave.with_producer(callback),
}

struct InterleaveCallback<CB> {
    callback: CB,
    i_len: usize,
    j_len: usize,
}

impl<T, CB: ProducerCallback<T>> PairCallback<T, T> for InterleaveCallback<CB> {
    type Output = CB::Output;

    #[inline]
    fn callback<A, B>(self, i: A, j: B) -> CB::Output
    where
        A: Producer<Item = T>,
        B: Producer<Item = T>,
    {
        self.callback.callback(InterleaveProducer { i, j, i_len: self.i_len, j_len: self.j_len, turn: NextSource::I })
    }
}

/// The iterator that gives the next item, if it has one.
#[derive(Clone, Copy, PartialEq)]
enum NextSource {
    I,
    J,
}

impl NextSource {
    fn other(self) -> Self {
        match self {
            NextSource::I => NextSource::J,
            NextSource::J => NextSource::I,
        }
    }

    /// The numbers of items, among the first `count`, that come from each of two iterators of the given lengths.
    fn shares(self, count: usize, i_len: usize, j_len: usize) -> (usize, usize) {
        let (first_len, second_len) = match self {
            NextSource::I => (i_len, j_len),
            NextSource::J => (j_len, i_len),
        };
        // Each gives half, and in addition the items that the other lacks.
        let mut first = count.div_ceil(2).min(first_len);
        let second = (count - first).min(second_len);
        first = count - second;
        match self {
            NextSource::I => (first, second),
            NextSource::J => (second, first),
        }
    }
}

struct InterleaveProducer<I, J> {
    i: I,
    j: J,
    i_len: usize,
    j_len: usize,
    turn: NextSource,
}

impl<I: Producer, J: Producer<Item = I::Item>> Producer for InterleaveProducer<I, J> {
    type Item = I::Item;
    type IntoIter = InterleaveIter<I::IntoIter, J::IntoIter>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        InterleaveIter { i: self.i.into_iter(), j: self.j.into_iter(), turn: self.turn }
    }

    #[inline]
    fn min_len(&self) -> usize {
        self.i.min_len().max(self.j.min_len())
    }

    #[inline]
    fn max_len(&self) -> usize {
        self.i.max_len().min(self.j.max_len())
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let Self { i_len, j_len, .. } = self;
        let (i_count, j_count) = self.turn.shares(index, i_len, j_len);
        let (i, i_rest) = self.i.split_at(i_count);
        let (j, j_rest) = self.j.split_at(j_count);
        let left = Self { i, j, i_len: i_count, j_len: j_count, turn: self.turn };
        let right = Self {
            i: i_rest,
            j: j_rest,
            i_len: i_len - i_count,
            j_len: j_len - j_count,
            turn: if index % 2 == 0 { self.turn } else { self.turn.other() },
        };
        (left, right)
    }

    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        self.i.can_run_in_blocks() && self.j.can_run_in_blocks()
    }
}

/// Takes items of two sequential iterators in turn.
struct InterleaveIter<I, J> {
    i: I,
    j: J,
    turn: NextSource,
}

impl<I: Iterator, J: Iterator<Item = I::Item>> Iterator for InterleaveIter<I, J> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        let turn = self.turn;
        self.turn = turn.other();
        match turn {
            NextSource::I => self.i.next().or_else(|| self.j.next()),
            NextSource::J => self.j.next().or_else(|| self.i.next()),
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let (i, j) = (self.i.size_hint(), self.j.size_hint());
        let upper = i.1.zip(j.1).and_then(|(i, j)| i.checked_add(j));
        (i.0.saturating_add(j.0), upper)
    }
}

impl<I, J> DoubleEndedIterator for InterleaveIter<I, J>
where
    I: DoubleEndedIterator + ExactSizeIterator,
    J: DoubleEndedIterator<Item = I::Item> + ExactSizeIterator,
{
    #[inline]
    fn next_back(&mut self) -> Option<I::Item> {
        let (i_len, j_len) = (self.i.len(), self.j.len());
        // If both have equally many items left, the last one comes from the iterator that is not next.
        if i_len > j_len || (i_len == j_len && self.turn == NextSource::J) {
            self.i.next_back()
        } else {
            self.j.next_back()
        }
    }
}

impl<I, J> ExactSizeIterator for InterleaveIter<I, J>
where
    I: ExactSizeIterator,
    J: ExactSizeIterator<Item = I::Item>,
{
}
