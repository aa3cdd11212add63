//! Layer 4: `Either` of two parallel iterators is a parallel iterator, and `Either` of two collections can be extended.

use either::Either;

use crate::iter::plumbing::{Consumer, ProducerCallback, UnindexedConsumer};
use crate::iter::{IndexedParallelIterator, IntoParallelIterator, KnowsLen, ParallelExtend, ParallelIterator};

/// `Either<L, R>` is a parallel iterator if both `L` and `R` are, over the same type of items.
impl<L, R> ParallelIterator for Either<L, R>
where
    L: ParallelIterator,
    R: ParallelIterator<Item = L::Item>,
{
    type Item = L::Item;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<L::Item>>(self, consumer: C) -> C::Result {
        match self {
            Either::Left(iter) => iter.drive_unindexed(consumer),
            Either::Right(iter) => iter.drive_unindexed(consumer),
        }
    }

    const __KNOWS_LEN: KnowsLen = L::__KNOWS_LEN.or(R::__KNOWS_LEN);

    fn opt_len(&self) -> Option<usize> {
        match self {
            Either::Left(iter) => iter.opt_len(),
            Either::Right(iter) => iter.opt_len(),
        }
    }
}

impl<L, R> IndexedParallelIterator for Either<L, R>
where
    L: IndexedParallelIterator,
    R: IndexedParallelIterator<Item = L::Item>,
{
    fn len(&self) -> usize {
        match self {
            Either::Left(iter) => iter.len(),
            Either::Right(iter) => iter.len(),
        }
    }

    #[inline]
    fn drive<C: Consumer<L::Item>>(self, consumer: C) -> C::Result {
        match self {
            Either::Left(iter) => iter.drive(consumer),
            Either::Right(iter) => iter.drive(consumer),
        }
    }

    #[inline]
    fn with_producer<CB: ProducerCallback<L::Item>>(self, callback: CB) -> CB::Output {
        match self {
            Either::Left(iter) => iter.with_producer(callback),
            Either::Right(iter) => iter.with_producer(callback),
        }
    }
}

/// `Either<L, R>` can be extended if both `L` and `R` can.
impl<L, R, T> ParallelExtend<T> for Either<L, R>
where
    T: Send,
    L: ParallelExtend<T>,
    R: ParallelExtend<T>,
{
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = T>,
    {
        match self {
            Either::Left(collection) => collection.par_extend(par_iter),
            Either::Right(collection) => collection.par_extend(par_iter),
        }
    }
}
