//! Layer 4: `Positions`, the positions of the items for which a predicate is true.

use crate::iter::plumbing::UnindexedConsumer;
use crate::iter::{IndexedParallelIterator, ParallelIterator};

/// The positions of the items for which a predicate is true; made by [`positions`](IndexedParallelIterator::positions).
///
/// ```
/// use paceline::iter::Positions;
/// use paceline::prelude::*;
///
/// let spaces: Positions<_, _> = b"to be or".par_iter().positions(|&byte| byte == b' ');
/// assert_eq!(spaces.collect::<Vec<_>>(), [2, 5]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct Positions<I, P> {
    pub(in crate::iter) base: I,
    pub(in crate::iter) predicate: P,
}

debug_base! { Positions { base } <I, P> }

impl<I, P> ParallelIterator for Positions<I, P>
where
    I: IndexedParallelIterator,
    P: Fn(I::Item) -> bool + Sync + Send,
{
    type Item = usize;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<usize>>(self, consumer: C) -> C::Result {
        let Self { base, predicate } = self;
        let matching = base.enumerate().filter_map(|(position, item)| predicate(item).then_some(position));
        matching.drive_unindexed(consumer)
    }
}
