//! Layer 5: the methods of slices that rayon does not have, in traits of their own, as in `iter::extra`.

use std::cmp::Ordering;

use super::sort::{select, sorted};
use super::{ParallelSlice, ParallelSliceMut};
use crate::iter::scan;

/// More methods for shared slices: whether they are sorted.
///
/// ```
/// use paceline::extra::prelude::*;
///
/// assert!(["chunks", "sorts", "words"].par_is_sorted());
/// ```
pub trait ParallelSliceExt<T: Sync>: ParallelSlice<T> {
    /// True if the items are sorted, that is, if none is greater than the next.
    ///
    /// It stops early if they are not. False if two neighbours cannot be compared, as with NaN.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// assert!([1, 2, 2, 9].par_is_sorted());
    /// assert!(![1, 3, 2, 4].par_is_sorted());
    /// assert!(![0.0, f64::NAN].par_is_sorted());
    /// ```
    fn par_is_sorted(&self) -> bool
    where
        T: PartialOrd,
    {
        sorted::is_sorted(self.as_parallel_slice(), |a, b| a <= b)
    }

    /// True if `compare` returns true for each item and the next. It stops early if `compare` returns false.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// assert!([1, 2, 9].par_is_sorted_by(|a, b| a < b));
    /// assert!(![1, 2, 2, 9].par_is_sorted_by(|a, b| a < b));
    /// ```
    fn par_is_sorted_by<F>(&self, compare: F) -> bool
    where
        F: Fn(&T, &T) -> bool + Sync,
    {
        sorted::is_sorted(self.as_parallel_slice(), compare)
    }

    /// True if the items are sorted by a key. It stops early if they are not.
    ///
    /// The key is computed anew for each comparison, so up to twice for an item.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// assert!(["c", "bb", "aaa"].par_is_sorted_by_key(|word| word.len()));
    /// assert!(![-2_i32, -1, 0, 1].par_is_sorted_by_key(|n| n.abs()));
    /// ```
    fn par_is_sorted_by_key<K, F>(&self, f: F) -> bool
    where
        K: PartialOrd,
        F: Fn(&T) -> K + Sync,
    {
        sorted::is_sorted(self.as_parallel_slice(), |a, b| f(a) <= f(b))
    }
}

impl<T: Sync, S: ParallelSlice<T> + ?Sized> ParallelSliceExt<T> for S {}

/// More methods for slices by unique reference: selection and scans.
///
/// ```
/// use paceline::extra::prelude::*;
///
/// let mut times = [31, 12, 25, 17, 40];
/// let (_, median, _) = times.par_select_nth_unstable(2);
/// assert_eq!(*median, 25);
/// ```
pub trait ParallelSliceMutExt<T: Send>: ParallelSliceMut<T> {
    /// Moves to `index` the item that a sort would put there, and returns the items before it, the item, and those
    /// after it.
    ///
    /// The items before it are less or equal, those after it greater or equal, in any order: this is the parallel form
    /// of std's [`select_nth_unstable`](slice::select_nth_unstable). It takes O(*n*) comparisons, but O(*n* log *n*) in
    /// the worst case, and a little memory if the items are wide.
    ///
    /// # Panics
    ///
    /// If `index` is not less than the slice's length, or if a comparison panics; the slice then holds all its items in
    /// some order. It does not panic if the items' order is not total: then they end up in some order.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [4, -5, 1, -3, 2];
    /// let (less, median, greater) = numbers.par_select_nth_unstable(2);
    /// less.sort();
    /// greater.sort();
    /// assert_eq!((&*less, *median, &*greater), (&[-5, -3][..], 1, &[2, 4][..]));
    /// ```
    #[track_caller]
    fn par_select_nth_unstable(&mut self, index: usize) -> (&mut [T], &mut T, &mut [T])
    where
        T: Ord,
    {
        select::select(self.as_parallel_slice_mut(), index, &T::cmp)
    }

    /// As [`par_select_nth_unstable`](Self::par_select_nth_unstable), by a comparison, which should be a total order.
    ///
    /// # Panics
    ///
    /// As there.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let mut floats = [2.5_f64, -1.0, 9.0];
    /// let (_, greatest, _) = floats.par_select_nth_unstable_by(0, |a, b| b.total_cmp(a));
    /// assert_eq!(*greatest, 9.0);
    /// ```
    #[track_caller]
    fn par_select_nth_unstable_by<F>(&mut self, index: usize, compare: F) -> (&mut [T], &mut T, &mut [T])
    where
        F: Fn(&T, &T) -> Ordering + Sync,
    {
        select::select(self.as_parallel_slice_mut(), index, &compare)
    }

    /// As [`par_select_nth_unstable`](Self::par_select_nth_unstable), by a key, which is computed anew for each
    /// comparison.
    ///
    /// # Panics
    ///
    /// As there.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = [4_i32, -5, 1, -3, 2];
    /// let (_, least, _) = numbers.par_select_nth_unstable_by_key(0, |n| n.abs());
    /// assert_eq!(*least, 1);
    /// ```
    #[track_caller]
    fn par_select_nth_unstable_by_key<K, F>(&mut self, index: usize, f: F) -> (&mut [T], &mut T, &mut [T])
    where
        K: Ord,
        F: Fn(&T) -> K + Sync,
    {
        select::select(self.as_parallel_slice_mut(), index, &|a: &T, b: &T| f(a).cmp(&f(b)))
    }

    /// Replaces each item by the combination by `op` of all items up to and including it: prefix sums, if `op` adds.
    ///
    /// `op` must be associative, and is called with the result of an earlier and of a later stretch. It is called less
    /// than twice for each item, and about once if no other thread takes part. Idle threads begin further on in the
    /// slice, and the combination of all earlier items is then combined with their results (G. E. Blelloch, "Prefix
    /// Sums and Their Applications", 1990). It takes no memory for items. For other sources there is
    /// [`inclusive_scan`](crate::extra::ParallelIteratorExt::inclusive_scan).
    ///
    /// With floats, the last digits depend on the grouping of the calls, and so on timing.
    ///
    /// # Panics
    ///
    /// If `op` panics; the slice then holds some items or results of `op` in each place.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let mut steps = [3, -1, 4, -1, 5];
    /// steps.par_inclusive_scan(|a, b| a + b);
    /// assert_eq!(steps, [3, 2, 6, 5, 10]);
    /// ```
    fn par_inclusive_scan<F>(&mut self, op: F)
    where
        T: Sync,
        F: Fn(&T, &T) -> T + Sync,
    {
        scan::inclusive(self.as_parallel_slice_mut(), &op);
    }

    /// Replaces each item by the combination by `op` of `init` and all items before it, and returns the combination of
    /// all.
    ///
    /// The first item becomes `init`. Otherwise as [`par_inclusive_scan`](Self::par_inclusive_scan).
    ///
    /// # Panics
    ///
    /// If `op` panics; the slice then holds some items or results of `op` in each place.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let mut lengths = [2, 2, 3];
    /// let all = lengths.par_exclusive_scan(0, |a, b| a + b);
    /// assert_eq!((lengths, all), ([0, 2, 4], 7));
    /// ```
    fn par_exclusive_scan<F>(&mut self, init: T, op: F) -> T
    where
        T: Sync,
        F: Fn(&T, &T) -> T + Sync,
    {
        scan::exclusive(self.as_parallel_slice_mut(), init, &op)
    }
}

impl<T: Send, S: ParallelSliceMut<T> + ?Sized> ParallelSliceMutExt<T> for S {}
