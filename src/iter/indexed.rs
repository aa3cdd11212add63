//! Layer 4: `IndexedParallelIterator`, for iterators that know the positions of their items.

use std::cmp::Ordering;

use super::adaptor::chunked::assert_chunk_size;
use super::adaptor::{
    blocks::{ExponentialBlocks, UniformBlocks},
    chunks::Chunks,
    enumerate::Enumerate,
    fold_chunks::{FoldChunks, FoldChunksWith},
    interleave::{Interleave, InterleaveShortest},
    len_bounds::{MaxLen, MinLen},
    positions::Positions,
    rev::Rev,
    step_by::StepBy,
    take_skip::{Skip, Take},
    zip::Zip,
    zip_eq::ZipEq,
};
use super::collect::{in_place, unzip};
use super::plumbing::{Consumer, ProducerCallback};
use super::terminal::compare::{all_equal, lexicographic};
use super::terminal::find::anywhere::FindAny;
use super::terminal::find::ordered::{First, Last, find};
use super::terminal::reduction::reduce;
use super::{IntoParallelIterator, ParallelIterator};

/// A parallel iterator with a known number of items, which can be split at any position.
///
/// ```
/// use paceline::prelude::*;
///
/// /// Where two sequences differ first.
/// fn first_difference(
///     a: impl IndexedParallelIterator<Item = u8>,
///     b: impl IndexedParallelIterator<Item = u8>,
/// ) -> Option<usize> {
///     a.zip(b).position_first(|(a, b)| a != b)
/// }
///
/// assert_eq!(first_difference("parallel".par_bytes(), "parable".par_bytes()), Some(4));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not know the positions of its items",
    label = "not an indexed parallel iterator",
    note = "iterators behind `filter`, `flat_map` or `par_bridge`, and over ranges of `u64`, `i64` or more, are not indexed",
    note = "filter later, use a range of `usize`, or collect into a vector first"
)]
#[expect(clippy::len_without_is_empty, reason = "the trait has exactly the methods of the one that it stands in for")]
pub trait IndexedParallelIterator: ParallelIterator {
    /// Runs the iterator in parallel blocks that come one after another, each twice as long as the one before.
    ///
    /// So `find_first`, for instance, does not begin with items far behind before the first ones are done.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let doubled: Vec<u32> = (0..100_u32).into_par_iter().by_exponential_blocks().map(|n| 2 * n).collect();
    /// assert_eq!(doubled[99], 198);
    /// ```
    fn by_exponential_blocks(self) -> ExponentialBlocks<Self> {
        ExponentialBlocks { base: self }
    }

    /// Runs the iterator in parallel blocks of `block_size` items that come one after another.
    ///
    /// So the data that the items of a block need stay in the caches, and data for items far away do not displace them.
    ///
    /// # Panics
    ///
    /// If `block_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let sum: u32 = (0..1000_u32).into_par_iter().by_uniform_blocks(100).sum();
    /// assert_eq!(sum, 499_500);
    /// ```
    #[track_caller]
    fn by_uniform_blocks(self, block_size: usize) -> UniformBlocks<Self> {
        assert!(block_size > 0, "block_size must be at least 1, but is 0");
        UniformBlocks { base: self, block_size }
    }

    /// Replaces the contents of `target` by the items, in order, each written to its final place once.
    ///
    /// The vector's memory is used again if it suffices. The call returns when all items are there.
    ///
    /// # Panics
    ///
    /// If a closure panics, `target` is left empty.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut squares = vec![7; 100];
    /// (0..4).into_par_iter().map(|n| n * n).collect_into_vec(&mut squares);
    /// assert_eq!(squares, [0, 1, 4, 9]);
    /// ```
    fn collect_into_vec(self, target: &mut Vec<Self::Item>) {
        target.clear();
        in_place::append(target, self.len(), |stretch| self.drive(stretch));
    }

    /// Replaces the contents of two vectors by the halves of the pairs, in order, each written to its final
    /// place once.
    ///
    /// # Panics
    ///
    /// If a closure panics, both vectors are left empty.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let (mut small, mut large) = (Vec::new(), Vec::new());
    /// (1..4).into_par_iter().map(|n| (n, n * 100)).unzip_into_vecs(&mut small, &mut large);
    /// assert_eq!((small, large), (vec![1, 2, 3], vec![100, 200, 300]));
    /// ```
    fn unzip_into_vecs<A, B>(self, left: &mut Vec<A>, right: &mut Vec<B>)
    where
        Self: IndexedParallelIterator<Item = (A, B)>,
        A: Send,
        B: Send,
    {
        unzip::into_vecs(self, left, right);
    }

    /// Pairs the items of two iterators; surplus items of the longer one are left out.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let (a, b) = ([1, 2, 3], [10, 20, 30]);
    /// let product: i32 = a.par_iter().zip(&b).map(|(x, y)| x * y).sum();
    /// assert_eq!(product, 140);
    /// ```
    fn zip<Z>(self, zip_op: Z) -> Zip<Self, Z::Iter>
    where
        Z: IntoParallelIterator<Iter: IndexedParallelIterator>,
    {
        Zip { a: self, b: zip_op.into_par_iter() }
    }

    /// Pairs the items of two iterators of the same length.
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let pairs: Vec<(i32, char)> = (0..2).into_par_iter().zip_eq(['a', 'b']).collect();
    /// assert_eq!(pairs, [(0, 'a'), (1, 'b')]);
    /// ```
    #[track_caller]
    fn zip_eq<Z>(self, zip_op: Z) -> ZipEq<Self, Z::Iter>
    where
        Z: IntoParallelIterator<Iter: IndexedParallelIterator>,
    {
        ZipEq::new(self, zip_op.into_par_iter())
    }

    /// Takes items of this iterator and the other in turn; when one has no more, the rest of the other follows.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mixed: Vec<i32> = [1, 2, 3, 4].into_par_iter().interleave([10, 20]).collect();
    /// assert_eq!(mixed, [1, 10, 2, 20, 3, 4]);
    /// ```
    fn interleave<I>(self, other: I) -> Interleave<Self, I::Iter>
    where
        I: IntoParallelIterator<Item = Self::Item, Iter: IndexedParallelIterator>,
    {
        Interleave { i: self, j: other.into_par_iter() }
    }

    /// Takes items of this iterator and the other in turn, until the iterator that is next has no more.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mixed: Vec<i32> = [1, 2, 3, 4].into_par_iter().interleave_shortest([10, 20]).collect();
    /// assert_eq!(mixed, [1, 10, 2, 20, 3]);
    /// ```
    fn interleave_shortest<I>(self, other: I) -> InterleaveShortest<Self, I::Iter>
    where
        I: IntoParallelIterator<Item = Self::Item, Iter: IndexedParallelIterator>,
    {
        InterleaveShortest::new(self, other.into_par_iter())
    }

    /// Gathers every `chunk_size` items into a vector; the last one may be shorter.
    ///
    /// For slices, `par_chunks` does the same without copying.
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let chunks: Vec<Vec<i32>> = (0..5).into_par_iter().chunks(2).collect();
    /// assert_eq!(chunks, [vec![0, 1], vec![2, 3], vec![4]]);
    /// ```
    #[track_caller]
    fn chunks(self, chunk_size: usize) -> Chunks<Self> {
        assert_chunk_size(chunk_size);
        Chunks { base: self, chunk_size }
    }

    /// Folds every `chunk_size` items into one, from `identity()`; the last chunk may be shorter.
    ///
    /// It does what `chunks` and a sequential `fold` of each chunk would do, without the vectors.
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let sums: Vec<i32> = (1..6).into_par_iter().fold_chunks(2, || 0, |a, b| a + b).collect();
    /// assert_eq!(sums, [3, 7, 5]);
    /// ```
    #[track_caller]
    fn fold_chunks<T, ID, F>(self, chunk_size: usize, identity: ID, fold_op: F) -> FoldChunks<Self, ID, F>
    where
        ID: Fn() -> T + Send + Sync,
        F: Fn(T, Self::Item) -> T + Send + Sync,
        T: Send,
    {
        assert_chunk_size(chunk_size);
        FoldChunks { base: self, chunk_size, identity, fold_op }
    }

    /// Folds every `chunk_size` items into one, from a clone of `init`; the last chunk may be shorter.
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let words: Vec<String> = ["a", "b", "c"]
    ///     .par_iter()
    ///     .fold_chunks_with(2, String::new(), |word, letter| word + letter)
    ///     .collect();
    /// assert_eq!(words, ["ab", "c"]);
    /// ```
    #[track_caller]
    fn fold_chunks_with<T, F>(self, chunk_size: usize, init: T, fold_op: F) -> FoldChunksWith<Self, T, F>
    where
        T: Send + Clone,
        F: Fn(T, Self::Item) -> T + Send + Sync,
    {
        assert_chunk_size(chunk_size);
        FoldChunksWith { base: self, chunk_size, init, fold_op }
    }

    /// Compares two iterators lexicographically.
    ///
    /// ```
    /// use std::cmp::Ordering;
    /// use paceline::prelude::*;
    ///
    /// assert_eq!([1, 2].par_iter().cmp(&[1, 3]), Ordering::Less);
    /// assert_eq!([1, 2].par_iter().cmp(&[1]), Ordering::Greater);
    /// ```
    fn cmp<I>(self, other: I) -> Ordering
    where
        I: IntoParallelIterator<Item = Self::Item, Iter: IndexedParallelIterator>,
        Self::Item: Ord,
    {
        let order = |(a, b): (Self::Item, Self::Item)| a.cmp(&b);
        lexicographic(self, other.into_par_iter(), order, |order| order.is_ne(), |by| by)
    }

    /// Compares two iterators lexicographically; `None` if the first pair that is not equal has no order.
    ///
    /// ```
    /// use std::cmp::Ordering;
    /// use paceline::prelude::*;
    ///
    /// assert_eq!([1.0, 2.0].par_iter().partial_cmp(&[1.0, 3.0]), Some(Ordering::Less));
    /// assert_eq!([1.0, f64::NAN].par_iter().partial_cmp(&[1.0, 3.0]), None);
    /// ```
    fn partial_cmp<I>(self, other: I) -> Option<Ordering>
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialOrd<I::Item>,
    {
        let order = |(a, b): (Self::Item, I::Item)| a.partial_cmp(&b);
        lexicographic(self, other.into_par_iter(), order, |order| *order != Some(Ordering::Equal), Some)
    }

    /// True if both iterators have the same items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert!([1, 2].par_iter().eq(&[1, 2]));
    /// assert!(!(1..3).into_par_iter().eq(1..4));
    /// ```
    fn eq<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialEq<I::Item>,
    {
        all_equal(self, other.into_par_iter(), |(a, b): (Self::Item, I::Item)| a == b)
    }

    /// True if the iterators differ in any item, or in length.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert!([1, 2].par_iter().ne(&[1, 3]));
    /// ```
    fn ne<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialEq<I::Item>,
    {
        !self.eq(other)
    }

    /// True if this iterator is less than the other, lexicographically.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert!((1..3).into_par_iter().lt(1..4));
    /// ```
    fn lt<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialOrd<I::Item>,
    {
        self.partial_cmp(other).is_some_and(Ordering::is_lt)
    }

    /// True if this iterator is at most the other, lexicographically.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert!((1..3).into_par_iter().le(1..3));
    /// ```
    fn le<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialOrd<I::Item>,
    {
        self.partial_cmp(other).is_some_and(Ordering::is_le)
    }

    /// True if this iterator is greater than the other, lexicographically.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert!((2..3).into_par_iter().gt(1..4));
    /// ```
    fn gt<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialOrd<I::Item>,
    {
        self.partial_cmp(other).is_some_and(Ordering::is_gt)
    }

    /// True if this iterator is at least the other, lexicographically.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert!((1..4).into_par_iter().ge(1..3));
    /// ```
    fn ge<I>(self, other: I) -> bool
    where
        I: IntoParallelIterator<Iter: IndexedParallelIterator>,
        Self::Item: PartialOrd<I::Item>,
    {
        self.partial_cmp(other).is_some_and(Ordering::is_ge)
    }

    /// Pairs each item with its position.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let places: Vec<(usize, char)> = vec!['a', 'b'].into_par_iter().enumerate().collect();
    /// assert_eq!(places, [(0, 'a'), (1, 'b')]);
    /// ```
    fn enumerate(self) -> Enumerate<Self> {
        Enumerate { base: self }
    }

    /// Gives the first item and every `step`th after it.
    ///
    /// # Panics
    ///
    /// If `step` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let tens: Vec<i32> = (3..40).into_par_iter().step_by(10).collect();
    /// assert_eq!(tens, [3, 13, 23, 33]);
    /// ```
    #[track_caller]
    fn step_by(self, step: usize) -> StepBy<Self> {
        assert!(step > 0, "step must be at least 1, but is 0");
        StepBy { base: self, step }
    }

    /// Leaves out the first `n` items. They are still computed, for their side effects, and dropped.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let rest: Vec<i32> = (0..5).into_par_iter().skip(3).collect();
    /// assert_eq!(rest, [3, 4]);
    /// ```
    fn skip(self, n: usize) -> Skip<Self> {
        Skip::new(self, n)
    }

    /// Gives only the first `n` items; the other items are not computed.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let first: Vec<i32> = (0..5).into_par_iter().take(3).collect();
    /// assert_eq!(first, [0, 1, 2]);
    /// ```
    fn take(self, n: usize) -> Take<Self> {
        Take::new(self, n)
    }

    /// Finds the position of some item for which `predicate` is true.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let found = [5, 8, 2, 9].par_iter().position_any(|&n| n > 5);
    /// assert!(matches!(found, Some(1 | 3)));
    /// ```
    fn position_any<P>(self, predicate: P) -> Option<usize>
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        let marked = self.map(predicate).enumerate();
        let is_match = |&(_, matches): &(usize, bool)| matches;
        reduce(marked, FindAny::new(is_match)).map(|(position, _)| position)
    }

    /// Finds the position of the first item for which `predicate` is true.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let found = [5, 8, 2, 9].par_iter().position_first(|&n| n > 5);
    /// assert_eq!(found, Some(1));
    /// ```
    fn position_first<P>(self, predicate: P) -> Option<usize>
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        let marked = self.map(predicate).enumerate();
        let is_match = |&(_, matches): &(usize, bool)| matches;
        find::<First, _, _>(marked, is_match).map(|(position, _)| position)
    }

    /// Finds the position of the last item for which `predicate` is true.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let found = [5, 8, 2, 9].par_iter().position_last(|&n| n > 5);
    /// assert_eq!(found, Some(3));
    /// ```
    fn position_last<P>(self, predicate: P) -> Option<usize>
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        let marked = self.map(predicate).enumerate();
        let is_match = |&(_, matches): &(usize, bool)| matches;
        find::<Last, _, _>(marked, is_match).map(|(position, _)| position)
    }

    /// Deprecated: use `position_any`, `position_first` or `position_last`.
    #[doc(hidden)]
    #[deprecated(
        note = "parallel `position` does not say which: use `position_any`, `position_first` or `position_last`"
    )]
    fn position<P>(self, predicate: P) -> Option<usize>
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        self.position_any(predicate)
    }

    /// Gives the positions of the items for which `predicate` is true.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let at: Vec<usize> = [5, 8, 2, 9].par_iter().positions(|&n| n > 5).collect();
    /// assert_eq!(at, [1, 3]);
    /// ```
    fn positions<P>(self, predicate: P) -> Positions<Self, P>
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        Positions { base: self, predicate }
    }

    /// Reverses the order of the items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let down: Vec<i32> = (0..3).into_par_iter().rev().collect();
    /// assert_eq!(down, [2, 1, 0]);
    /// ```
    fn rev(self) -> Rev<Self> {
        Rev { base: self }
    }

    /// Sets the minimal length of parts: none is split into halves of fewer than `min` items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let total: u32 = (0..1000_u32).into_par_iter().with_min_len(100).sum();
    /// assert_eq!(total, 499_500);
    /// ```
    fn with_min_len(self, min: usize) -> MinLen<Self> {
        MinLen { base: self, min }
    }

    /// Sets the maximal length of parts: longer ones are split further, as far as the minimal length allows.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let total: u32 = (0..1000_u32).into_par_iter().with_max_len(10).sum();
    /// assert_eq!(total, 499_500);
    /// ```
    fn with_max_len(self, max: usize) -> MaxLen<Self> {
        MaxLen { base: self, max }
    }

    /// The number of items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!((0..10).into_par_iter().chunks(3).len(), 4);
    /// ```
    fn len(&self) -> usize;

    /// Runs the iterator against a consumer, which is split by position, and returns its result.
    ///
    /// Implementations usually call [`bridge`](super::plumbing::bridge).
    ///
    /// With the `Adder` of the example at [`Consumer`]:
    ///
    /// ```
    #[doc = include_str!("plumbing/examples.txt")]
    /// assert_eq!((0..100_usize).into_par_iter().rev().drive(Adder), 4950);
    /// ```
    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result;

    /// Makes the producer of all items and passes it to `callback`, because the producer may borrow from this call.
    ///
    /// ```
    /// use paceline::iter::plumbing::{Producer, ProducerCallback};
    /// use paceline::prelude::*;
    ///
    /// /// Collects all items, on this thread.
    /// struct Sequentially;
    ///
    /// impl ProducerCallback<u32> for Sequentially {
    ///     type Output = Vec<u32>;
    ///
    ///     fn callback<P: Producer<Item = u32>>(self, producer: P) -> Vec<u32> {
    ///         producer.into_iter().collect()
    ///     }
    /// }
    ///
    /// assert_eq!((0..3_u32).into_par_iter().with_producer(Sequentially), [0, 1, 2]);
    /// ```
    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output;
}
