//! Layer 5: `ParallelVec`, what is done to vectors in parallel and not to slices.

use super::dedup;

/// Methods of vectors that remove repeated neighbours in parallel. rayon does not have them.
///
/// They are for [`Vec`], and so reach nothing else; the [prelude](crate::prelude) brings them in.
///
/// ```
/// use paceline::prelude::*;
///
/// let mut words = vec!["row", "row", "row", "your", "boat"];
/// words.par_dedup();
/// assert_eq!(words, ["row", "your", "boat"]);
/// ```
pub trait ParallelVec<T: Send> {
    /// Removes all but the first of equal neighbours, as std's [`Vec::dedup`] does. A sorted vector has then no equal
    /// items.
    ///
    /// It takes no memory for items. Short vectors are gone through by the calling thread alone. Items must be equal to
    /// one another as [`Eq`] demands for the result to be std's; for others see [`par_dedup_by`](Self::par_dedup_by).
    ///
    /// # Panics
    ///
    /// If a comparison panics. The vector then has all its items, in some order, or those that std leaves.
    ///
    /// ```
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

    /// Removes all but the first of neighbours that are the same as `same_bucket` says, as std's [`Vec::dedup_by`] does.
    ///
    /// `same_bucket` is called with the later item and then the earlier one, against the order in which they lie; of two
    /// that are the same the first argument goes.
    ///
    /// If `same_bucket` is an equivalence the result is std's. If it is not, std compares each item with the last one
    /// before it that stays. So does this within some pieces of the vector, of which nobody knows the borders; and then
    /// the items that have stayed at the front of a piece, up to the first that stays for good, with the last one that
    /// stays before the piece. In any case `same_bucket` has returned false for all neighbours in the result.
    ///
    /// # Panics
    ///
    /// If `same_bucket` panics. The vector then has all its items, in some order, or those that std leaves.
    ///
    /// ```
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
    /// The key is made anew for each comparison. For the rest see [`par_dedup`](Self::par_dedup).
    ///
    /// # Panics
    ///
    /// If `key` or a comparison of keys panics. The vector then has all its items, in some order, or those that std
    /// leaves.
    ///
    /// ```
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
