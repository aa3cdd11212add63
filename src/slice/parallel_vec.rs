//! Layer 5: `ParallelVec`, the parallel methods of vectors that slices do not have.

use super::dedup;

/// Methods of vectors that remove repeated neighbours in parallel.
///
/// They are implemented for [`Vec`] only; the [prelude of our own methods](crate::extra::prelude) imports them.
///
/// ```
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
///
/// let mut words = vec!["row", "row", "row", "your", "boat"];
/// words.par_dedup();
/// assert_eq!(words, ["row", "your", "boat"]);
/// ```
pub trait ParallelVec<T: Send> {
    /// Removes all but the first of equal neighbours, as std's [`Vec::dedup`] does. A sorted vector then has no equal
    /// items.
    ///
    /// It takes no memory for items. Short vectors are processed by the calling thread alone. The result is that of std
    /// if the equality of the items is an equivalence, as [`Eq`] demands; otherwise see
    /// [`par_dedup_by`](Self::par_dedup_by).
    ///
    /// # Panics
    ///
    /// If a comparison panics. The vector then has all its items, in some order, or those that std leaves.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = vec![3, 1, 2, 1, 3, 3];
    /// numbers.par_sort();
    /// numbers.par_dedup();
    /// assert_eq!(numbers, [1, 2, 3]);
    /// ```
    fn par_dedup(&mut self)
    where
        T: PartialEq;

    /// Removes all but the first of neighbours for which `same_bucket` returns true, as std's [`Vec::dedup_by`] does.
    ///
    /// `same_bucket` is called with the later item first and the earlier one second; if it returns true, the first
    /// argument is removed.
    ///
    /// If `same_bucket` is an equivalence the result is std's. If it is not, std compares each item with the last one
    /// before it that stays. This method does the same within pieces of the vector, with unspecified borders. Then it
    /// compares the items left at the front of each piece, up to the first that stays for good, with the last item that
    /// stays before the piece. In any case `same_bucket` has returned false for all neighbours in the result.
    ///
    /// # Panics
    ///
    /// If `same_bucket` panics. The vector then has all its items, in some order, or those that std leaves.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let mut words = vec!["To", "to", "be", "BE", "not"];
    /// words.par_dedup_by(|later, earlier| later.eq_ignore_ascii_case(earlier));
    /// assert_eq!(words, ["To", "be", "not"]);
    /// ```
    fn par_dedup_by<F>(&mut self, same_bucket: F)
    where
        F: Fn(&mut T, &mut T) -> bool + Sync;

    /// Removes all but the first of neighbours with equal keys, as std's [`Vec::dedup_by_key`] does.
    ///
    /// The key is computed anew for each comparison. Otherwise as [`par_dedup`](Self::par_dedup).
    ///
    /// # Panics
    ///
    /// If `key` or a comparison of keys panics. The vector then has all its items, in some order, or those that std
    /// leaves.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = vec![10, 12, 20, 25, 11];
    /// numbers.par_dedup_by_key(|n| *n / 10);
    /// assert_eq!(numbers, [10, 20, 11]);
    /// ```
    fn par_dedup_by_key<K, F>(&mut self, key: F)
    where
        K: PartialEq,
        F: Fn(&mut T) -> K + Sync;
}

impl<T: Send> ParallelVec<T> for Vec<T> {
    fn par_dedup(&mut self)
    where
        T: PartialEq,
    {
        dedup::dedup_by(self, &|later: &mut T, earlier: &mut T| later == earlier);
    }

    fn par_dedup_by<F>(&mut self, same_bucket: F)
    where
        F: Fn(&mut T, &mut T) -> bool + Sync,
    {
        dedup::dedup_by(self, &same_bucket);
    }

    fn par_dedup_by_key<K, F>(&mut self, key: F)
    where
        K: PartialEq,
        F: Fn(&mut T) -> K + Sync,
    {
        dedup::dedup_by(self, &|later: &mut T, earlier: &mut T| key(later) == key(earlier));
    }
}
