//! Layer 4: two collections from one iterator: `unzip`, `partition` and `partition_map`.
//!
//! A collection takes in a parallel iterator, and drives it with a consumer of its own. To extend two collections at
//! once, the first gets an iterator `LeftSide`. When it is driven, it passes an iterator `RightSide` to the second
//! collection. When `RightSide` is driven, both consumers are known, and it drives the base with both together.

use either::Either;

use super::in_place;
use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};
use crate::iter::{IndexedParallelIterator, KnowsLen, ParallelExtend, ParallelIterator};

/// Sends each item to one folder or to both.
pub(in crate::iter) trait Sorter<T>: Sync + Send {
    /// The type of the items for the left folder.
    type Left: Send;

    /// The type of the items for the right folder.
    type Right: Send;

    /// True if each folder gets exactly one item for each item.
    const KEEPS_LENGTH: bool;

    fn send<FA, FB>(&self, item: T, left: FA, right: FB) -> (FA, FB)
    where
        FA: Folder<Self::Left>,
        FB: Folder<Self::Right>;
}

/// Sends the halves of a pair to both folders.
pub(in crate::iter) struct Halves;

impl<A: Send, B: Send> Sorter<(A, B)> for Halves {
    type Left = A;
    type Right = B;

    const KEEPS_LENGTH: bool = true;

    #[inline]
    fn send<FA: Folder<A>, FB: Folder<B>>(&self, (a, b): (A, B), left: FA, right: FB) -> (FA, FB) {
        (left.consume(a), right.consume(b))
    }
}

/// Sends an item to the left folder if a predicate is true, else to the right.
pub(in crate::iter) struct Partition<P>(pub(in crate::iter) P);

impl<T: Send, P: Fn(&T) -> bool + Sync + Send> Sorter<T> for Partition<P> {
    type Left = T;
    type Right = T;

    const KEEPS_LENGTH: bool = false;

    #[inline]
    fn send<FA: Folder<T>, FB: Folder<T>>(&self, item: T, left: FA, right: FB) -> (FA, FB) {
        if (self.0)(&item) { (left.consume(item), right) } else { (left, right.consume(item)) }
    }
}

/// Sends the result of a closure for an item to one of the folders.
pub(in crate::iter) struct PartitionMap<P>(pub(in crate::iter) P);

impl<T, L, R, P> Sorter<T> for PartitionMap<P>
where
    L: Send,
    R: Send,
    P: Fn(T) -> Either<L, R> + Sync + Send,
{
    type Left = L;
    type Right = R;

    const KEEPS_LENGTH: bool = false;

    #[inline]
    fn send<FA: Folder<L>, FB: Folder<R>>(&self, item: T, left: FA, right: FB) -> (FA, FB) {
        match (self.0)(item) {
            Either::Left(item) => (left.consume(item), right),
            Either::Right(item) => (left, right.consume(item)),
        }
    }
}

/// Runs `base`, and extends both collections by the items that `sorter` sends them.
pub(in crate::iter) fn extend<I, S, A, B>(base: I, sorter: &S, left: &mut A, right: &mut B)
where
    I: ParallelIterator,
    S: Sorter<I::Item>,
    A: ParallelExtend<S::Left>,
    B: ParallelExtend<S::Right> + Send,
{
    left.par_extend(LeftSide { base, sorter, right });
}

/// Runs `base`, an iterator over pairs, and replaces the contents of two vectors by the halves, in place.
pub(in crate::iter) fn into_vecs<I, A, B>(base: I, left: &mut Vec<A>, right: &mut Vec<B>)
where
    I: IndexedParallelIterator<Item = (A, B)>,
    A: Send,
    B: Send,
{
    left.clear();
    right.clear();
    let len = base.len();
    in_place::append(left, len, |left| {
        let mut left_result = None;
        in_place::append(right, len, |right| {
            let sorter = &Halves;
            let (left, right) = base.drive(PairConsumer { left, right, sorter });
            left_result = Some(left);
            right
        });
        left_result.expect("the iterator has just been run")
    });
}

/// The iterator for the left collection.
struct LeftSide<'s, I, S, B> {
    base: I,
    sorter: &'s S,
    right: &'s mut B,
}

impl<I, S, B> ParallelIterator for LeftSide<'_, I, S, B>
where
    I: ParallelIterator,
    S: Sorter<I::Item>,
    B: ParallelExtend<S::Right> + Send,
{
    type Item = S::Left;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<S::Left>>(self, consumer: C) -> C::Result {
        let mut result = None;
        self.right.par_extend(RightSide {
            base: self.base,
            sorter: self.sorter,
            left: consumer,
            left_result: &mut result,
        });
        result.expect("a collection did not run the parallel iterator that it was extended by")
    }

    const __KNOWS_LEN: KnowsLen = if S::KEEPS_LENGTH { I::__KNOWS_LEN } else { KnowsLen::Never };

    fn opt_len(&self) -> Option<usize> {
        if S::KEEPS_LENGTH { self.base.opt_len() } else { None }
    }

    fn __len_upper_bound(&self) -> Option<usize> {
        self.base.__len_upper_bound()
    }
}

/// The iterator for the right collection.
struct RightSide<'s, I, S, CA, RA> {
    base: I,
    sorter: &'s S,
    left: CA,
    left_result: &'s mut Option<RA>,
}

impl<I, S, CA> ParallelIterator for RightSide<'_, I, S, CA, CA::Result>
where
    I: ParallelIterator,
    S: Sorter<I::Item>,
    CA: UnindexedConsumer<S::Left>,
{
    type Item = S::Right;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<S::Right>>(self, consumer: C) -> C::Result {
        let (left, right) =
            self.base.drive_unindexed(PairConsumer { left: self.left, right: consumer, sorter: self.sorter });
        *self.left_result = Some(left);
        right
    }

    const __KNOWS_LEN: KnowsLen = if S::KEEPS_LENGTH { I::__KNOWS_LEN } else { KnowsLen::Never };

    fn opt_len(&self) -> Option<usize> {
        if S::KEEPS_LENGTH { self.base.opt_len() } else { None }
    }

    fn __len_upper_bound(&self) -> Option<usize> {
        self.base.__len_upper_bound()
    }
}

/// Combines two consumers.
struct PairConsumer<'s, CA, CB, S> {
    left: CA,
    right: CB,
    sorter: &'s S,
}

impl<'s, T, CA, CB, S> Consumer<T> for PairConsumer<'s, CA, CB, S>
where
    S: Sorter<T>,
    CA: Consumer<S::Left>,
    CB: Consumer<S::Right>,
{
    type Folder = PairFolder<'s, CA::Folder, CB::Folder, S>;
    type Reducer = PairReducer<CA::Reducer, CB::Reducer>;
    type Result = (CA::Result, CB::Result);

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer) {
        let sorter = self.sorter;
        let (left, left_rest, left_reducer) = self.left.split_at(index);
        let (right, right_rest, right_reducer) = self.right.split_at(index);
        let first = Self { left, right, sorter };
        let second = Self { left: left_rest, right: right_rest, sorter };
        (first, second, PairReducer(left_reducer, right_reducer))
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        self.left.can_split_running() && self.right.can_split_running()
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        Self { left: self.left.split_off_front(), right: self.right.split_off_front(), sorter: self.sorter }
    }

    #[inline]
    fn split_running(self, folder: Self::Folder, index: usize) -> (Self::Folder, Self, Self, Self::Reducer) {
        let sorter = self.sorter;
        let (left_folder, left_tail, left, left_reducer) = self.left.split_running(folder.left, index);
        let (right_folder, right_tail, right, right_reducer) = self.right.split_running(folder.right, index);
        let folder = PairFolder { left: left_folder, right: right_folder, sorter };
        let tail = Self { left: left_tail, right: right_tail, sorter };
        (folder, tail, Self { left, right, sorter }, PairReducer(left_reducer, right_reducer))
    }

    #[inline]
    fn rejoin(self, folder: Self::Folder) -> (Self::Folder, Self) {
        let sorter = self.sorter;
        let (left_folder, left) = self.left.rejoin(folder.left);
        let (right_folder, right) = self.right.rejoin(folder.right);
        (PairFolder { left: left_folder, right: right_folder, sorter }, Self { left, right, sorter })
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        PairFolder { left: self.left.into_folder(), right: self.right.into_folder(), sorter: self.sorter }
    }

    #[inline]
    fn full(&self) -> bool {
        self.left.full() && self.right.full()
    }
}

impl<T, CA, CB, S> UnindexedConsumer<T> for PairConsumer<'_, CA, CB, S>
where
    S: Sorter<T>,
    CA: UnindexedConsumer<S::Left>,
    CB: UnindexedConsumer<S::Right>,
{
    #[inline]
    fn split_off_left(&self) -> Self {
        Self { left: self.left.split_off_left(), right: self.right.split_off_left(), sorter: self.sorter }
    }

    #[inline]
    fn to_reducer(&self) -> Self::Reducer {
        PairReducer(self.left.to_reducer(), self.right.to_reducer())
    }
}

struct PairFolder<'s, FA, FB, S> {
    left: FA,
    right: FB,
    sorter: &'s S,
}

impl<T, FA, FB, S> Folder<T> for PairFolder<'_, FA, FB, S>
where
    S: Sorter<T>,
    FA: Folder<S::Left>,
    FB: Folder<S::Right>,
{
    type Result = (FA::Result, FB::Result);

    #[inline]
    fn consume(self, item: T) -> Self {
        let (left, right) = self.sorter.send(item, self.left, self.right);
        Self { left, right, sorter: self.sorter }
    }

    // Both folders are locals of the loop, and so stay in registers.
    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        let Self { mut left, mut right, sorter } = self;
        for item in iter {
            (left, right) = sorter.send(item, left, right);
            if left.full() && right.full() {
                break;
            }
        }
        Self { left, right, sorter }
    }

    #[inline]
    fn complete(self) -> Self::Result {
        (self.left.complete(), self.right.complete())
    }

    #[inline]
    fn full(&self) -> bool {
        self.left.full() && self.right.full()
    }
}

struct PairReducer<RA, RB>(RA, RB);

impl<A, B, RA: Reducer<A>, RB: Reducer<B>> Reducer<(A, B)> for PairReducer<RA, RB> {
    const IN_ORDER: bool = RA::IN_ORDER || RB::IN_ORDER;

    #[inline]
    fn reduce(self, left: (A, B), right: (A, B)) -> (A, B) {
        (self.0.reduce(left.0, right.0), self.1.reduce(left.1, right.1))
    }
}
