//! Layer 5: `ParallelSliceMut`, the parallel iterators over a slice by unique reference, and the sorts.

use std::cmp::Ordering;

use super::sort::{cached_key, stable, unstable};
use super::{ChunkByMut, ChunksExactMut, ChunksMut, RChunksExactMut, RChunksMut, SplitInclusiveMut, SplitMut};

/// Parallel iterators over parts of a slice by unique reference, and parallel sorts.
///
/// The sorts give the same order as std's. If a comparison is not a total order, the items end up in some order, and no
/// sort panics. But std's sorts, which are used inside, may notice it and call the panic hook; a program that is built
/// to abort on panics then aborts. If a closure panics, the slice holds all its items, in some order.
///
/// ```
/// use paceline::prelude::*;
///
/// let mut words = vec!["parallel", "sorts", "and", "chunks"];
/// words.par_sort_by_key(|word| word.len());
/// assert_eq!(words, ["and", "sorts", "chunks", "parallel"]);
/// ```
pub trait ParallelSliceMut<T: Send> {
    /// The slice that the other methods work on.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [1, 2, 3];
    /// numbers.as_parallel_slice_mut()[0] = 9;
    /// assert_eq!(numbers, [9, 2, 3]);
    /// ```
    fn as_parallel_slice_mut(&mut self) -> &mut [T];

    /// Iterates over the parts between the items for which `separator` returns true.
    ///
    /// The separators belong to no part. There is one more part than separators; parts may be empty.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [3, 1, 0, 5, 2];
    /// numbers.par_split_mut(|&n| n == 0).for_each(|part| part.sort());
    /// assert_eq!(numbers, [1, 3, 0, 2, 5]);
    /// ```
    fn par_split_mut<P>(&mut self, separator: P) -> SplitMut<'_, T, P>
    where
        P: Fn(&T) -> bool + Sync + Send,
    {
        SplitMut { slice: self.as_parallel_slice_mut(), closure: separator }
    }

    /// Iterates over the parts that end with an item for which `separator` returns true.
    ///
    /// The last part may end without a separator. No part is empty.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [3, 1, 0, 5, 2];
    /// numbers.par_split_inclusive_mut(|&n| n == 0).for_each(|part| part.sort());
    /// assert_eq!(numbers, [0, 1, 3, 2, 5]);
    /// ```
    fn par_split_inclusive_mut<P>(&mut self, separator: P) -> SplitInclusiveMut<'_, T, P>
    where
        P: Fn(&T) -> bool + Sync + Send,
    {
        SplitInclusiveMut { slice: self.as_parallel_slice_mut(), closure: separator }
    }

    /// Iterates over chunks of `chunk_size` items; the last may be shorter.
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [1, 2, 3, 4, 5];
    /// numbers.par_chunks_mut(2).enumerate().for_each(|(row, chunk)| chunk.fill(row));
    /// assert_eq!(numbers, [0, 0, 1, 1, 2]);
    /// ```
    #[track_caller]
    fn par_chunks_mut(&mut self, chunk_size: usize) -> ChunksMut<'_, T> {
        ChunksMut::new(self.as_parallel_slice_mut(), chunk_size)
    }

    /// Iterates over chunks of exactly `chunk_size` items.
    ///
    /// The items left at the end, fewer than `chunk_size`, are returned by
    /// [`into_remainder`](ChunksExactMut::into_remainder) or [`take_remainder`](ChunksExactMut::take_remainder).
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [1, 2, 3, 4, 5];
    /// numbers.par_chunks_exact_mut(2).enumerate().for_each(|(row, chunk)| chunk.fill(row));
    /// assert_eq!(numbers, [0, 0, 1, 1, 5]);
    /// ```
    #[track_caller]
    fn par_chunks_exact_mut(&mut self, chunk_size: usize) -> ChunksExactMut<'_, T> {
        ChunksExactMut::new(self.as_parallel_slice_mut(), chunk_size)
    }

    /// Iterates over chunks of `chunk_size` items from the back; the last, at the slice's start, may be shorter.
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [1, 2, 3, 4, 5];
    /// numbers.par_rchunks_mut(2).enumerate().for_each(|(row, chunk)| chunk.fill(row));
    /// assert_eq!(numbers, [2, 1, 1, 0, 0]);
    /// ```
    #[track_caller]
    fn par_rchunks_mut(&mut self, chunk_size: usize) -> RChunksMut<'_, T> {
        RChunksMut::new(self.as_parallel_slice_mut(), chunk_size)
    }

    /// Iterates over chunks of exactly `chunk_size` items from the back.
    ///
    /// The items left at the slice's start, fewer than `chunk_size`, are returned by
    /// [`into_remainder`](RChunksExactMut::into_remainder) or [`take_remainder`](RChunksExactMut::take_remainder).
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [1, 2, 3, 4, 5];
    /// numbers.par_rchunks_exact_mut(2).enumerate().for_each(|(row, chunk)| chunk.fill(row));
    /// assert_eq!(numbers, [1, 1, 1, 0, 0]);
    /// ```
    #[track_caller]
    fn par_rchunks_exact_mut(&mut self, chunk_size: usize) -> RChunksExactMut<'_, T> {
        RChunksExactMut::new(self.as_parallel_slice_mut(), chunk_size)
    }

    /// Sorts the slice, and keeps the order of equal items.
    ///
    /// It takes O(*n* log *n*) comparisons in the worst case, and few if the slice consists of long runs that are
    /// sorted already, forwards or backwards. While it runs it holds memory for a second copy of the items; if the
    /// order of equal items does not matter, [`par_sort_unstable`](Self::par_sort_unstable) mostly needs none and is
    /// faster.
    ///
    /// # Panics
    ///
    /// If a comparison panics; the slice then holds all its items in some order. It does not panic if the items' order
    /// is not total: then they end up in some order.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [4, -5, 1, -3, 2];
    /// numbers.par_sort();
    /// assert_eq!(numbers, [-5, -3, 1, 2, 4]);
    /// ```
    fn par_sort(&mut self)
    where
        T: Ord,
    {
        stable::sort(self.as_parallel_slice_mut(), &T::cmp);
    }

    /// Sorts the slice by a comparison, and keeps the order of equal items.
    ///
    /// `compare` should be a total order. For time and memory see [`par_sort`](Self::par_sort).
    ///
    /// # Panics
    ///
    /// If `compare` panics; the slice then holds all its items in some order. It does not panic if `compare` is not a
    /// total order: then the items end up in some order.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut floats = [2.5_f64, -1.0, 9.0];
    /// floats.par_sort_by(|a, b| b.total_cmp(a));
    /// assert_eq!(floats, [9.0, 2.5, -1.0]);
    /// ```
    fn par_sort_by<F>(&mut self, compare: F)
    where
        F: Fn(&T, &T) -> Ordering + Sync,
    {
        stable::sort(self.as_parallel_slice_mut(), &compare);
    }

    /// Sorts the slice by a key, and keeps the order of items with equal keys.
    ///
    /// The key is computed anew for each comparison; [`par_sort_by_cached_key`](Self::par_sort_by_cached_key) is for
    /// keys that are costly to compute. For time and memory see [`par_sort`](Self::par_sort).
    ///
    /// # Panics
    ///
    /// As [`par_sort_by`](Self::par_sort_by).
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [4_i32, -5, 1, -3, 2];
    /// numbers.par_sort_by_key(|n| n.abs());
    /// assert_eq!(numbers, [1, 2, -3, 4, -5]);
    /// ```
    fn par_sort_by_key<K, F>(&mut self, f: F)
    where
        K: Ord,
        F: Fn(&T) -> K + Sync,
    {
        stable::sort(self.as_parallel_slice_mut(), &|a: &T, b: &T| f(a).cmp(&f(b)));
    }

    /// Sorts the slice by a key that is computed once for each item, in parallel, and keeps the order of items with
    /// equal keys.
    ///
    /// While it runs it holds memory for a key and an index for each item.
    ///
    /// # Panics
    ///
    /// If `f` or a comparison of keys panics; the slice is then unchanged. It does not panic if the keys' order is not
    /// total: then the items end up in some order.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [10, 9, 100, 8];
    /// numbers.par_sort_by_cached_key(|n| n.to_string());
    /// assert_eq!(numbers, [10, 100, 8, 9]);
    /// ```
    fn par_sort_by_cached_key<K, F>(&mut self, f: F)
    where
        F: Fn(&T) -> K + Sync,
        K: Ord + Send,
    {
        cached_key::sort(self.as_parallel_slice_mut(), &f);
    }

    /// Sorts the slice, mostly in place; equal items may change their order.
    ///
    /// It takes O(*n* log *n*) comparisons in the worst case. It takes few if at least half of the items lie in long
    /// runs that are sorted already, forwards or backwards, or if many items are equal. It needs memory in three cases
    /// only. Long runs are merged, which takes memory for a second copy of the items; if the system grants none, the
    /// slice is sorted without it. Items of one byte take one more byte of memory each while a thread sorts them, and
    /// items of 96 bytes and more take four bytes each.
    ///
    /// # Panics
    ///
    /// If a comparison panics; the slice then holds all its items in some order. It does not panic if the items' order
    /// is not total: then they end up in some order.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [4, -5, 1, -3, 2];
    /// numbers.par_sort_unstable();
    /// assert_eq!(numbers, [-5, -3, 1, 2, 4]);
    /// ```
    fn par_sort_unstable(&mut self)
    where
        T: Ord,
    {
        unstable::sort(self.as_parallel_slice_mut(), &T::cmp);
    }

    /// Sorts the slice in place by a comparison; equal items may change their order.
    ///
    /// `compare` should be a total order. For time and memory see [`par_sort_unstable`](Self::par_sort_unstable).
    ///
    /// # Panics
    ///
    /// If `compare` panics; the slice then holds all its items in some order. It does not panic if `compare` is not a
    /// total order: then the items end up in some order.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut floats = [2.5_f64, -1.0, 9.0];
    /// floats.par_sort_unstable_by(|a, b| b.total_cmp(a));
    /// assert_eq!(floats, [9.0, 2.5, -1.0]);
    /// ```
    fn par_sort_unstable_by<F>(&mut self, compare: F)
    where
        F: Fn(&T, &T) -> Ordering + Sync,
    {
        unstable::sort(self.as_parallel_slice_mut(), &compare);
    }

    /// Sorts the slice in place by a key; items of equal keys may change their order.
    ///
    /// The key is computed anew for each comparison. For time and memory see
    /// [`par_sort_unstable`](Self::par_sort_unstable).
    ///
    /// # Panics
    ///
    /// As [`par_sort_unstable_by`](Self::par_sort_unstable_by).
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [4_i32, -5, 1, -3, 2];
    /// numbers.par_sort_unstable_by_key(|n| n.abs());
    /// assert_eq!(numbers, [1, 2, -3, 4, -5]);
    /// ```
    fn par_sort_unstable_by_key<K, F>(&mut self, f: F)
    where
        K: Ord,
        F: Fn(&T) -> K + Sync,
    {
        unstable::sort(self.as_parallel_slice_mut(), &|a: &T, b: &T| f(a).cmp(&f(b)));
    }

    /// Iterates over the longest runs in which `pred` returns true for all pairs of neighbours.
    ///
    /// No run is empty.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [1, 2, 4, 3, 5];
    /// numbers.par_chunk_by_mut(|a, b| a <= b).for_each(|run| run.reverse());
    /// assert_eq!(numbers, [4, 2, 1, 5, 3]);
    /// ```
    fn par_chunk_by_mut<F>(&mut self, pred: F) -> ChunkByMut<'_, T, F>
    where
        F: Fn(&T, &T) -> bool + Send + Sync,
    {
        ChunkByMut { slice: self.as_parallel_slice_mut(), closure: pred }
    }
}

impl<T: Send> ParallelSliceMut<T> for [T] {
    #[inline]
    fn as_parallel_slice_mut(&mut self) -> &mut [T] {
        self
    }
}
