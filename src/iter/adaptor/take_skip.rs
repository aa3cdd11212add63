//! Layer 4: `Take` and `Skip`, the first items and all but the first.

use crate::iter::IndexedParallelIterator;
use crate::iter::plumbing::{Producer, ProducerCallback};
use crate::iter::terminal::for_each::ForEach;
use crate::iter::terminal::reduction::reduce_producer;

/// Only the first items; made by [`take`](IndexedParallelIterator::take).
///
/// ```
/// use paceline::iter::Take;
/// use paceline::prelude::*;
///
/// let first: Take<_> = "words".par_bytes().take(4);
/// assert_eq!(first.collect::<Vec<_>>(), b"word");
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Take<I> {
    base: I,
    /// At most the length of the base.
    count: usize,
}

impl<I: IndexedParallelIterator> Take<I> {
    pub(in crate::iter) fn new(base: I, count: usize) -> Self {
        let count = count.min(base.len());
        Self { base, count }
    }
}

bridged! {
    impl[I] Take<I>
    where [I: IndexedParallelIterator]
    item: I::Item,
    len: |this| this.count,
    producer: |this, callback| {
        let count = this.count;
        this.base.with_producer(TakeCallback { callback, count })
    },
}

struct TakeCallback<CB> {
    callback: CB,
    count: usize,
}

impl<T, CB: ProducerCallback<T>> ProducerCallback<T> for TakeCallback<CB> {
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        let (taken, _) = base.split_at(self.count);
        self.callback.callback(taken)
    }
}

/// All but the first items; made by [`skip`](IndexedParallelIterator::skip).
///
/// ```
/// use paceline::iter::Skip;
/// use paceline::prelude::*;
///
/// let rest: Skip<_> = "words".par_bytes().skip(1);
/// assert_eq!(rest.collect::<Vec<_>>(), b"ords");
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Skip<I> {
    base: I,
    /// At most the length of the base.
    count: usize,
}

impl<I: IndexedParallelIterator> Skip<I> {
    pub(in crate::iter) fn new(base: I, count: usize) -> Self {
        let count = count.min(base.len());
        Self { base, count }
    }
}

bridged! {
    impl[I] Skip<I>
    where [I: IndexedParallelIterator]
    item: I::Item,
    len: |this| this.base.len() - this.count,
    producer: |this, callback| {
        let count = this.count;
        this.base.with_producer(SkipCallback { callback, count })
    },
}

struct SkipCallback<CB> {
    callback: CB,
    count: usize,
}

impl<T, CB: ProducerCallback<T>> ProducerCallback<T> for SkipCallback<CB> {
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        let (skipped, rest) = base.split_at(self.count);
        // The skipped items are still made, for their side effects, for example in a closure of `map`.
        reduce_producer(self.count, skipped, ForEach(drop));
        self.callback.callback(rest)
    }
}
