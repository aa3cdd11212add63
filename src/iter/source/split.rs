//! Layer 4: `split`, which splits a value into parts by a closure.

use std::fmt;

use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};

/// Makes a parallel iterator over the parts into which `splitter` splits `data`.
///
/// The closure returns the two halves of its argument, or the whole and `None` if that cannot be split. It is called
/// only as often as parts are wanted, so an item may be a part that could still be split.
///
/// ```
/// use paceline::iter::split;
/// use paceline::prelude::*;
///
/// let halve = |range: std::ops::Range<u64>| {
///     let middle = range.start + (range.end - range.start) / 2;
///     if range.end - range.start < 2 {
///         (range, None)
///     } else {
///         (range.start..middle, Some(middle..range.end))
///     }
/// };
/// let sum: u64 = split(0..100, halve).map(|part| part.sum::<u64>()).sum();
/// assert_eq!(sum, 4950);
/// ```
pub fn split<D, S>(data: D, splitter: S) -> Split<D, S>
where
    D: Send,
    S: Fn(D) -> (D, Option<D>) + Sync,
{
    Split { data, splitter }
}

/// A parallel iterator over parts of a value; made by [`split`].
///
/// ```
/// use paceline::iter::{Split, split};
/// use paceline::prelude::*;
///
/// let words: Split<&str, _> = split("to be or", |text: &str| match text.split_once(' ') {
///     Some((word, rest)) => (word, Some(rest)),
///     None => (text, None),
/// });
/// assert_eq!(words.map(|part| part.split(' ').count()).sum::<usize>(), 3);
/// ```
#[derive(Clone)]
pub struct Split<D, S> {
    data: D,
    splitter: S,
}

impl<D: fmt::Debug, S> fmt::Debug for Split<D, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Split").field("data", &self.data).finish_non_exhaustive()
    }
}

impl<D, S> ParallelIterator for Split<D, S>
where
    D: Send,
    S: Fn(D) -> (D, Option<D>) + Sync + Send,
{
    type Item = D;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<D>>(self, consumer: C) -> C::Result {
        let Self { data, splitter } = self;
        let splitter = &splitter;
        bridge_unindexed(SplitProducer { data, splitter }, consumer)
    }
}

struct SplitProducer<'s, D, S> {
    data: D,
    splitter: &'s S,
}

impl<D, S> UnindexedProducer for SplitProducer<'_, D, S>
where
    D: Send,
    S: Fn(D) -> (D, Option<D>) + Sync,
{
    type Item = D;

    #[inline]
    fn split(self) -> (Self, Option<Self>) {
        let splitter = self.splitter;
        let part = |data| Self { data, splitter };
        let (left, right) = splitter(self.data);
        (part(left), right.map(part))
    }

    #[inline]
    fn fold_with<F: Folder<D>>(self, folder: F) -> F {
        folder.consume(self.data)
    }
}
