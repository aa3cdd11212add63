//! Layer 4: `Intersperse`, which puts clones of a value between the items.

mod consumer;
mod producer;

use self::consumer::IntersperseConsumer;
use self::producer::IntersperseCallback;
use crate::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer, bridge};
use crate::iter::{IndexedParallelIterator, KnowsLen, ParallelIterator};

/// Puts clones of a value between the items; made by [`intersperse`](ParallelIterator::intersperse).
///
/// ```
/// use paceline::iter::Intersperse;
/// use paceline::prelude::*;
///
/// let words: Intersperse<_> = ["one", "two"].into_par_iter().intersperse(", ");
/// assert_eq!(words.collect::<String>(), "one, two");
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct Intersperse<I>
where
    I: ParallelIterator,
{
    pub(in crate::iter) base: I,
    pub(in crate::iter) separator: I::Item,
}

/// The number of items and separators for `len` items; `None` if a `usize` is too small for it.
fn interspersed_len(len: usize) -> Option<usize> {
    match len.checked_sub(1) {
        Some(separators) => len.checked_add(separators),
        None => Some(0),
    }
}

impl<T, I> ParallelIterator for Intersperse<I>
where
    T: Clone + Send,
    I: ParallelIterator<Item = T>,
{
    type Item = T;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        let Self { base, separator } = self;
        let consumer = IntersperseConsumer::new(consumer, separator, base.opt_len());
        base.drive_unindexed(consumer).into_result()
    }

    const __KNOWS_LEN: KnowsLen = I::__KNOWS_LEN.unless_too_large();

    fn opt_len(&self) -> Option<usize> {
        interspersed_len(self.base.opt_len()?)
    }
}

impl<T, I> IndexedParallelIterator for Intersperse<I>
where
    T: Clone + Send,
    I: IndexedParallelIterator<Item = T>,
{
    fn len(&self) -> usize {
        let len = interspersed_len(self.base.len());
        len.expect("an interspersed iterator has more items than a usize can count")
    }

    #[inline]
    fn drive<C: Consumer<T>>(self, consumer: C) -> C::Result {
        bridge(self, consumer)
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<T>>(self, callback: CB) -> CB::Output {
        let len = self.len();
        let Self { base, separator } = self;
        base.with_producer(IntersperseCallback { callback, separator, len })
    }
}
