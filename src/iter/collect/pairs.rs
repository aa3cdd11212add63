//! Layer 4: collecting into a pair of collections.

use either::Either;

use super::unzip::{self, Halves, PartitionMap};
use crate::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend};

/// Extends the collections by the halves of pairs.
///
/// ```
/// use paceline::prelude::*;
///
/// let mut both = (vec![0], vec!['-']);
/// both.par_extend([(1, 'a'), (2, 'b')]);
/// assert_eq!(both, (vec![0, 1, 2], vec!['-', 'a', 'b']));
/// ```
impl<A, B, FromA, FromB> ParallelExtend<(A, B)> for (FromA, FromB)
where
    A: Send,
    B: Send,
    FromA: Send + ParallelExtend<A>,
    FromB: Send + ParallelExtend<B>,
{
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = (A, B)>,
    {
        unzip::extend(par_iter.into_par_iter(), &Halves, &mut self.0, &mut self.1);
    }
}

/// Extends the first collection by the `Left` values, and the second by the `Right` values.
impl<L, R, A, B> ParallelExtend<Either<L, R>> for (A, B)
where
    L: Send,
    R: Send,
    A: Send + ParallelExtend<L>,
    B: Send + ParallelExtend<R>,
{
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = Either<L, R>>,
    {
        let sorter = PartitionMap(|item| item);
        unzip::extend(par_iter.into_par_iter(), &sorter, &mut self.0, &mut self.1);
    }
}

/// Collects the halves of pairs. Unlike [`unzip`](crate::iter::ParallelIterator::unzip), this also works for
/// collections that can be made but not extended.
///
/// ```
/// use paceline::prelude::*;
///
/// let pairs = [("1", Some(1)), ("two", None)];
/// let (words, numbers): (Vec<_>, Option<Vec<_>>) = pairs.into_par_iter().collect();
/// assert_eq!((words, numbers), (vec!["1", "two"], None));
/// ```
impl<A, B, FromA, FromB> FromParallelIterator<(A, B)> for (FromA, FromB)
where
    A: Send,
    B: Send,
    FromA: Send + FromParallelIterator<A>,
    FromB: Send + FromParallelIterator<B>,
{
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = (A, B)>,
    {
        let mut both = (Fresh(None), Fresh(None));
        both.par_extend(par_iter);
        (both.0.into_inner(), both.1.into_inner())
    }
}

/// Collects the `Left` values into the first collection, and the `Right` values into the second.
impl<L, R, A, B> FromParallelIterator<Either<L, R>> for (A, B)
where
    L: Send,
    R: Send,
    A: Send + FromParallelIterator<L>,
    B: Send + FromParallelIterator<R>,
{
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = Either<L, R>>,
    {
        let mut both = (Fresh(None), Fresh(None));
        both.par_extend(par_iter);
        (both.0.into_inner(), both.1.into_inner())
    }
}

/// A collection that is made when it is extended, which happens once.
struct Fresh<C>(Option<C>);

impl<C> Fresh<C> {
    fn into_inner(self) -> C {
        self.0.expect("both collections have just been made")
    }
}

impl<T: Send, C: FromParallelIterator<T>> ParallelExtend<T> for Fresh<C> {
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = T>,
    {
        self.0 = Some(C::from_par_iter(par_iter));
    }
}
