//! Layer 4: `ParallelIterator`, the trait of all parallel iterators.

use std::cmp::Ordering;
use std::iter::{Product, Sum};

use super::FromParallelIterator;
use super::adaptor::{filter::Filter, map::Map};
use super::plumbing::UnindexedConsumer;
use super::terminal::count::Count;
use super::terminal::digest::digest;
use super::terminal::extreme;
use super::terminal::for_each::ForEach;
use super::terminal::reduce::{Reduce, ReduceWith};
use super::terminal::sum::{Multiplying, Summing};

/// A sequence of items that can be worked on in parallel.
///
/// The methods that return another iterator do no work. The others carry the plan out: they return when all
/// items are done, and the current thread helps. Which thread runs which items is not said, but results are
/// combined in the order of the items.
///
/// See the [module's documentation](crate::iter) for panics.
pub trait ParallelIterator: Sized + Send {
    /// The type of the items.
    type Item: Send;

    /// Calls `op` with every item, in no particular order.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use paceline::prelude::*;
    ///
    /// let total = AtomicU32::new(0);
    /// (0..100).into_par_iter().for_each(|n| {
    ///     total.fetch_add(n, Ordering::Relaxed);
    /// });
    /// assert_eq!(total.into_inner(), 4950);
    /// ```
    fn for_each<OP>(self, op: OP)
    where
        OP: Fn(Self::Item) + Sync + Send,
    {
        digest(self, ForEach(op));
    }

    /// Counts the items; all of them are produced.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!((0..100).into_par_iter().filter(|n| n % 3 == 0).count(), 34);
    /// ```
    fn count(self) -> usize {
        digest(self, Count)
    }

    /// Applies `map_op` to each item.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let halves: Vec<f64> = [1.0, 2.0].par_iter().map(|x| x / 2.0).collect();
    /// assert_eq!(halves, [0.5, 1.0]);
    /// ```
    fn map<F, R>(self, map_op: F) -> Map<Self, F>
    where
        F: Fn(Self::Item) -> R + Sync + Send,
        R: Send,
    {
        Map { base: self, map_op }
    }

    /// Lets only those items through for which `filter_op` is true.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let even: Vec<i32> = (0..7).into_par_iter().filter(|n| n % 2 == 0).collect();
    /// assert_eq!(even, [0, 2, 4, 6]);
    /// ```
    fn filter<P>(self, filter_op: P) -> Filter<Self, P>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        Filter { base: self, filter_op }
    }

    /// Combines all items by `op`, which should be associative.
    ///
    /// Each part starts from `identity()`, which is also the result if there are no items; it should change
    /// nothing when it is combined with an item. Neighbours are combined in order, but how they are grouped
    /// may differ from run to run.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let spans = [(4, 9), (1, 3), (5, 12)];
    /// let hull = spans.into_iter().collect::<Vec<_>>().into_par_iter().reduce(
    ///     || (i32::MAX, i32::MIN),
    ///     |a, b| (a.0.min(b.0), a.1.max(b.1)),
    /// );
    /// assert_eq!(hull, (1, 12));
    /// ```
    fn reduce<OP, ID>(self, identity: ID, op: OP) -> Self::Item
    where
        OP: Fn(Self::Item, Self::Item) -> Self::Item + Sync + Send,
        ID: Fn() -> Self::Item + Sync + Send,
    {
        digest(self, Reduce { identity, op })
    }

    /// Combines all items by `op`, which should be associative; `None` if there are no items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let words = vec!["to".to_string(), "get".to_string(), "her".to_string()];
    /// assert_eq!(words.into_par_iter().reduce_with(|a, b| a + &b).unwrap(), "together");
    /// ```
    fn reduce_with<OP>(self, op: OP) -> Option<Self::Item>
    where
        OP: Fn(Self::Item, Self::Item) -> Self::Item + Sync + Send,
    {
        digest(self, ReduceWith(op))
    }

    /// Adds up the items.
    ///
    /// How they are grouped may differ from run to run, and so may the last digits of a sum of floats.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!([1, 2, 3].par_iter().sum::<i32>(), 6);
    /// ```
    fn sum<S>(self) -> S
    where
        S: Send + Sum<Self::Item> + Sum<S>,
    {
        digest(self, Summing::new())
    }

    /// Multiplies the items.
    ///
    /// How they are grouped may differ from run to run, and so may the last digits of a product of floats.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!((1..=4).product::<i32>(), (1..5).into_par_iter().product());
    /// ```
    fn product<P>(self) -> P
    where
        P: Send + Product<Self::Item> + Product<P>,
    {
        digest(self, Multiplying::new())
    }

    /// Finds the least item, the first of equal ones; `None` if there are no items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!([5, 2, 8].par_iter().min(), Some(&2));
    /// ```
    fn min(self) -> Option<Self::Item>
    where
        Self::Item: Ord,
    {
        digest(self, ReduceWith(Ord::min))
    }

    /// Finds the least item by an ordering, the first of equal ones; `None` if there are no items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let least = [0.5_f64, -1.5, 1.0].par_iter().min_by(|a, b| a.total_cmp(b));
    /// assert_eq!(least, Some(&-1.5));
    /// ```
    fn min_by<F>(self, f: F) -> Option<Self::Item>
    where
        F: Sync + Send + Fn(&Self::Item, &Self::Item) -> Ordering,
    {
        extreme::min_by(self, f)
    }

    /// Finds the item with the least key, the first of equal ones; `None` if there are no items.
    ///
    /// The key of each item is computed once.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!([-3_i32, 2, -1].par_iter().min_by_key(|n| n.abs()), Some(&-1));
    /// ```
    fn min_by_key<K, F>(self, f: F) -> Option<Self::Item>
    where
        K: Ord + Send,
        F: Sync + Send + Fn(&Self::Item) -> K,
    {
        let keyed = self.map(extreme::keyed(f));
        extreme::min_by(keyed, extreme::by_key).map(|(_, item)| item)
    }

    /// Finds the greatest item, the last of equal ones; `None` if there are no items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!([5, 2, 8].par_iter().max(), Some(&8));
    /// ```
    fn max(self) -> Option<Self::Item>
    where
        Self::Item: Ord,
    {
        digest(self, ReduceWith(Ord::max))
    }

    /// Finds the greatest item by an ordering, the last of equal ones; `None` if there are no items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let greatest = [0.5_f64, -1.5, 1.0].par_iter().max_by(|a, b| a.total_cmp(b));
    /// assert_eq!(greatest, Some(&1.0));
    /// ```
    fn max_by<F>(self, f: F) -> Option<Self::Item>
    where
        F: Sync + Send + Fn(&Self::Item, &Self::Item) -> Ordering,
    {
        extreme::max_by(self, f)
    }

    /// Finds the item with the greatest key, the last of equal ones; `None` if there are no items.
    ///
    /// The key of each item is computed once.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!([-3_i32, 2, -1].par_iter().max_by_key(|n| n.abs()), Some(&-3));
    /// ```
    fn max_by_key<K, F>(self, f: F) -> Option<Self::Item>
    where
        K: Ord + Send,
        F: Sync + Send + Fn(&Self::Item) -> K,
    {
        let keyed = self.map(extreme::keyed(f));
        extreme::max_by(keyed, extreme::by_key).map(|(_, item)| item)
    }

    /// Makes a collection of the items, in order where it has one.
    ///
    /// A `Vec` of an iterator whose number of items is known is written in place.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let squares: Vec<u32> = (0..5_u32).into_par_iter().map(|n| n * n).collect();
    /// assert_eq!(squares, [0, 1, 4, 9, 16]);
    /// ```
    fn collect<C>(self) -> C
    where
        C: FromParallelIterator<Self::Item>,
    {
        C::from_par_iter(self)
    }

    /// Runs the iterator against a consumer, and returns its result.
    ///
    /// This is what an implementation of the trait has to bring; it usually calls one of the bridges in
    /// [`plumbing`](super::plumbing). If [`opt_len`](Self::opt_len) is `Some`, it must split the consumer by
    /// position only, as an indexed iterator does.
    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<Self::Item>;

    /// The number of items, if it is known exactly.
    ///
    /// It lets `collect` write items in place.
    fn opt_len(&self) -> Option<usize> {
        None
    }
}
