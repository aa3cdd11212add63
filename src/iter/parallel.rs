//! Layer 4: `ParallelIterator`, the trait of all parallel iterators.
//!
//! Longer than 400 lines because a trait cannot be split, and it contains the documentation and example of each method.

use std::cmp::Ordering;
use std::collections::LinkedList;
use std::iter::{Product, Sum};

use either::Either;

use super::adaptor::{
    any_count::{SkipAny, TakeAny},
    any_while::{SkipAnyWhile, TakeAnyWhile},
    chain::Chain,
    cloned::{Cloned, Copied},
    filter::Filter,
    filter_map::FilterMap,
    flat_map::{FlatMap, Flatten},
    flat_map_iter::{FlatMapIter, FlattenIter},
    fold::plain::{Fold, FoldWith},
    fold::tried::{TryFold, TryFoldWith},
    inspect::Inspect,
    intersperse::Intersperse,
    map::Map,
    map_with::{MapInit, MapWith},
    panic_fuse::PanicFuse,
    update::Update,
    while_some::WhileSome,
};
use super::collect::{gather, unzip};
use super::fallible::Try;
use super::length::KnowsLen;
use super::plumbing::UnindexedConsumer;
use super::terminal::count::Count;
use super::terminal::extreme;
use super::terminal::find::anywhere::FindAny;
use super::terminal::find::ordered::{First, Last, find};
use super::terminal::for_each::ForEach;
use super::terminal::reduce::{Reduce, ReduceWith};
use super::terminal::reduction::reduce;
use super::terminal::sum::{Multiplying, Summing};
use super::terminal::try_reduce::{TryReduce, TryReduceWith};
use super::{FromParallelIterator, IntoParallelIterator, ParallelExtend};

/// A sequence of items that can be worked on in parallel.
///
/// The methods that return another iterator do no work. The other methods run the iterator: they return when all items
/// are done, and the current thread helps. Which thread runs which items is unspecified, but results are combined in
/// the order of the items.
///
/// See the [module's documentation](crate::iter) for panics.
///
/// ```
/// use paceline::prelude::*;
///
/// /// The share of even numbers.
/// fn even_share(numbers: impl ParallelIterator<Item = u32> + Clone) -> f64 {
///     let even = numbers.clone().filter(|n| n % 2 == 0).count();
///     even as f64 / numbers.count() as f64
/// }
///
/// assert_eq!(even_share((0..4).into_par_iter().map(|n| n * n)), 0.5);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a parallel iterator",
    label = "not a parallel iterator",
    note = "`par_iter` and `into_par_iter` make a parallel iterator of a collection, and `par_bridge` of any `Iterator`"
)]
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
    ///
    /// Several threads call `op` at the same time, so it cannot push into a vector. [`collect`](Self::collect) makes one:
    ///
    /// ```compile_fail,E0596
    /// use paceline::prelude::*;
    ///
    /// let mut squares = Vec::new();
    /// (0..100).into_par_iter().for_each(|n| squares.push(n * n));
    /// ```
    fn for_each<OP>(self, op: OP)
    where
        OP: Fn(Self::Item) + Sync + Send,
    {
        reduce(self, ForEach(op));
    }

    /// Calls `op` with a value and every item, in no particular order; each part has a clone of `init`.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use paceline::prelude::*;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// (0..4).into_par_iter().for_each_with(sender, |sender, n| sender.send(n).unwrap());
    /// let mut received: Vec<i32> = receiver.iter().collect();
    /// received.sort();
    /// assert_eq!(received, [0, 1, 2, 3]);
    /// ```
    fn for_each_with<OP, T>(self, init: T, op: OP)
    where
        OP: Fn(&mut T, Self::Item) + Sync + Send,
        T: Send + Clone,
    {
        reduce(self.map_with(init, op), ForEach(drop));
    }

    /// Calls `op` with a value and every item, in no particular order; each part that is run makes a value by
    /// `init`.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let numbers = [1.0, 2.0, 3.0];
    /// numbers.par_iter().for_each_init(String::new, |text, number| {
    ///     // The text's memory is used for many numbers.
    ///     text.clear();
    ///     text.push_str(&number.to_string());
    /// });
    /// ```
    fn for_each_init<OP, INIT, T>(self, init: INIT, op: OP)
    where
        OP: Fn(&mut T, Self::Item) + Sync + Send,
        INIT: Fn() -> T + Sync + Send,
    {
        reduce(self.map_init(init, op), ForEach(drop));
    }

    /// Calls `op` with every item, until a call fails; returns one of the failures if there were any.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let result = ["1", "2", "x"].par_iter().try_for_each(|s| s.parse::<i32>().map(drop));
    /// assert!(result.is_err());
    /// ```
    fn try_for_each<OP, R>(self, op: OP) -> R
    where
        OP: Fn(Self::Item) -> R + Sync + Send,
        R: Try<Output = ()> + Send,
    {
        self.map(op).try_reduce(|| (), |(), ()| R::from_output(()))
    }

    /// Calls `op` with a value and every item, until a call fails; each part has a clone of `init`.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use paceline::prelude::*;
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// drop(receiver);
    /// let result = [1, 2].into_par_iter().try_for_each_with(sender, |sender, n| sender.send(n));
    /// assert!(result.is_err());
    /// ```
    fn try_for_each_with<OP, T, R>(self, init: T, op: OP) -> R
    where
        OP: Fn(&mut T, Self::Item) -> R + Sync + Send,
        T: Send + Clone,
        R: Try<Output = ()> + Send,
    {
        let mapped = self.map_with(init, op);
        mapped.try_reduce(|| (), |(), ()| R::from_output(()))
    }

    /// Calls `op` with a value and every item, until a call fails; each part that is run makes a value by
    /// `init`.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let result = (0..9).into_par_iter().try_for_each_init(Vec::new, |seen, n| {
    ///     seen.push(n);
    ///     (n < 5).then_some(())
    /// });
    /// assert_eq!(result, None);
    /// ```
    fn try_for_each_init<OP, INIT, T, R>(self, init: INIT, op: OP) -> R
    where
        OP: Fn(&mut T, Self::Item) -> R + Sync + Send,
        INIT: Fn() -> T + Sync + Send,
        R: Try<Output = ()> + Send,
    {
        let mapped = self.map_init(init, op);
        mapped.try_reduce(|| (), |(), ()| R::from_output(()))
    }

    /// Counts the items; all of them are produced.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!((0..100).into_par_iter().filter(|n| n % 3 == 0).count(), 34);
    /// ```
    fn count(self) -> usize {
        reduce(self, Count)
    }

    /// Applies `map_op` to each item.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let halves: Vec<f64> = [1.0, 2.0].par_iter().map(|x| x / 2.0).collect();
    /// assert_eq!(halves, [0.5, 1.0]);
    /// ```
    ///
    /// Several threads call `map_op` at the same time, so it can capture an `Arc`, but not an `Rc`. The same holds for the
    /// closures of all adaptors:
    ///
    /// ```compile_fail,E0277
    /// use std::rc::Rc;
    ///
    /// use paceline::prelude::*;
    ///
    /// let offset = Rc::new(1);
    /// let sum: i32 = (0..100).into_par_iter().map(|n| n + *offset).sum();
    /// ```
    fn map<F, R>(self, map_op: F) -> Map<Self, F>
    where
        F: Fn(Self::Item) -> R + Sync + Send,
        R: Send,
    {
        Map { base: self, map_op }
    }

    /// Applies `map_op` to a value and each item; each part has a clone of `init`.
    ///
    /// The number of clones depends on how the iterator is split.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let texts: Vec<String> = (0..3)
    ///     .into_par_iter()
    ///     .map_with(String::from("no. "), |prefix, n| format!("{prefix}{n}"))
    ///     .collect();
    /// assert_eq!(texts, ["no. 0", "no. 1", "no. 2"]);
    /// ```
    fn map_with<F, T, R>(self, init: T, map_op: F) -> MapWith<Self, T, F>
    where
        F: Fn(&mut T, Self::Item) -> R + Sync + Send,
        T: Send + Clone,
        R: Send,
    {
        MapWith { base: self, init, map_op }
    }

    /// Applies `map_op` to a value and each item; each part that is run makes a value by `init`.
    ///
    /// The value stays on one thread and may be of any type. The number of values depends on how the iterator is split.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let digits: Vec<usize> = [7, 10, 1000]
    ///     .par_iter()
    ///     .map_init(String::new, |text, n| {
    ///         text.clear();
    ///         text.push_str(&n.to_string());
    ///         text.len()
    ///     })
    ///     .collect();
    /// assert_eq!(digits, [1, 2, 4]);
    /// ```
    fn map_init<F, INIT, T, R>(self, init: INIT, map_op: F) -> MapInit<Self, INIT, F>
    where
        F: Fn(&mut T, Self::Item) -> R + Sync + Send,
        INIT: Fn() -> T + Sync + Send,
        R: Send,
    {
        MapInit { base: self, init, map_op }
    }

    /// Clones the items behind references.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let words: Vec<String> = ["a".to_string()].par_iter().cloned().collect();
    /// assert_eq!(words, ["a"]);
    /// ```
    fn cloned<'a, T>(self) -> Cloned<Self>
    where
        T: 'a + Clone + Send,
        Self: ParallelIterator<Item = &'a T>,
    {
        Cloned { base: self }
    }

    /// Copies the items behind references.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!([3, 1, 2].par_iter().copied().max(), Some(3));
    /// ```
    fn copied<'a, T>(self) -> Copied<Self>
    where
        T: 'a + Copy + Send,
        Self: ParallelIterator<Item = &'a T>,
    {
        Copied { base: self }
    }

    /// Calls `inspect_op` with a reference to each item, and passes the item on.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    /// use paceline::prelude::*;
    ///
    /// let seen = AtomicUsize::new(0);
    /// let sum: i32 = (0..10)
    ///     .into_par_iter()
    ///     .inspect(|_| {
    ///         seen.fetch_add(1, Ordering::Relaxed);
    ///     })
    ///     .sum();
    /// assert_eq!((sum, seen.into_inner()), (45, 10));
    /// ```
    fn inspect<OP>(self, inspect_op: OP) -> Inspect<Self, OP>
    where
        OP: Fn(&Self::Item) + Sync + Send,
    {
        Inspect { base: self, inspect_op }
    }

    /// Changes each item by `update_op` and passes it on.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let words = vec!["a".to_string(), "b".to_string()];
    /// let shouted: Vec<String> = words.into_par_iter().update(|word| word.push('!')).collect();
    /// assert_eq!(shouted, ["a!", "b!"]);
    /// ```
    fn update<F>(self, update_op: F) -> Update<Self, F>
    where
        F: Fn(&mut Self::Item) + Sync + Send,
    {
        Update { base: self, update_op }
    }

    /// Keeps only the items for which `filter_op` is true.
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

    /// Applies `filter_op` to each item, and keeps the results that are `Some`.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let numbers: Vec<i32> = ["1", "x", "3"].par_iter().filter_map(|s| s.parse().ok()).collect();
    /// assert_eq!(numbers, [1, 3]);
    /// ```
    fn filter_map<P, R>(self, filter_op: P) -> FilterMap<Self, P>
    where
        P: Fn(Self::Item) -> Option<R> + Sync + Send,
        R: Send,
    {
        FilterMap { base: self, filter_op }
    }

    /// Applies `map_op` to each item, and iterates over each result in parallel.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let numbers: Vec<usize> = (0..4_usize).into_par_iter().flat_map(|n| vec![n; n]).collect();
    /// assert_eq!(numbers, [1, 2, 2, 3, 3, 3]);
    /// ```
    fn flat_map<F, PI>(self, map_op: F) -> FlatMap<Self, F>
    where
        F: Fn(Self::Item) -> PI + Sync + Send,
        PI: IntoParallelIterator,
    {
        FlatMap { base: self, map_op }
    }

    /// Iterates in parallel over each item, which is itself a parallel iterator or can be turned into one.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let numbers: Vec<i32> = vec![vec![1, 2], vec![3]].into_par_iter().flatten().collect();
    /// assert_eq!(numbers, [1, 2, 3]);
    /// ```
    fn flatten(self) -> Flatten<Self>
    where
        Self::Item: IntoParallelIterator,
    {
        Flatten { base: self }
    }

    /// Applies `map_op` to each item, and iterates sequentially over each result.
    ///
    /// This suits results that are cheap to iterate over; [`flat_map`](Self::flat_map) iterates over each of them in
    /// parallel.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let letters: Vec<char> = ["ab", "cd"].par_iter().flat_map_iter(|word| word.chars()).collect();
    /// assert_eq!(letters, ['a', 'b', 'c', 'd']);
    /// ```
    fn flat_map_iter<F, SI>(self, map_op: F) -> FlatMapIter<Self, F>
    where
        F: Fn(Self::Item) -> SI + Sync + Send,
        SI: IntoIterator<Item: Send>,
    {
        FlatMapIter { base: self, map_op }
    }

    /// Iterates sequentially over each item.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let numbers: Vec<i32> = vec![vec![1, 2], vec![3]].into_par_iter().flatten_iter().collect();
    /// assert_eq!(numbers, [1, 2, 3]);
    /// ```
    fn flatten_iter(self) -> FlattenIter<Self>
    where
        Self::Item: IntoIterator<Item: Send>,
    {
        FlattenIter { base: self }
    }

    /// Combines all items by `op`, which should be associative.
    ///
    /// Each part starts from `identity()`, which is also the result if there are no items; combining it with an item
    /// should give the item. Neighbours are combined in order, but their grouping may differ from run to run.
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
        reduce(self, Reduce { identity, op })
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
        reduce(self, ReduceWith(op))
    }

    /// Combines the successes among the items by `op`, until an item or a call of `op` fails.
    ///
    /// Each part starts from `identity()`, which is also the result if there are no items. If there are several
    /// failures, any one of them is returned.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let sum = |numbers: [i8; 3]| {
    ///     numbers.into_par_iter().map(Some).try_reduce(|| 0, |a, b| a.checked_add(b))
    /// };
    /// assert_eq!(sum([1, 2, 3]), Some(6));
    /// assert_eq!(sum([100, 20, 30]), None);
    /// ```
    fn try_reduce<T, OP, ID>(self, identity: ID, op: OP) -> Self::Item
    where
        OP: Fn(T, T) -> Self::Item + Sync + Send,
        ID: Fn() -> T + Sync + Send,
        Self::Item: Try<Output = T>,
    {
        reduce(self, TryReduce::new(identity, op))
    }

    /// Combines the successes among the items by `op`, until an item or a call of `op` fails; `None` if there
    /// are no items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let longest = |words: &[&'static str]| {
    ///     let words = words.par_iter().map(|&word| word.is_ascii().then_some(word));
    ///     words.try_reduce_with(|a, b| Some(if b.len() > a.len() { b } else { a }))
    /// };
    /// assert_eq!(longest(&["to", "get"]), Some(Some("get")));
    /// assert_eq!(longest(&["tö", "get"]), Some(None));
    /// assert_eq!(longest(&[]), None);
    /// ```
    fn try_reduce_with<T, OP>(self, op: OP) -> Option<Self::Item>
    where
        OP: Fn(T, T) -> Self::Item + Sync + Send,
        Self::Item: Try<Output = T>,
    {
        reduce(self, TryReduceWith::new(op))
    }

    /// Folds the items of each part that is run into one, from `identity()`, and gives the results, in order.
    ///
    /// The number of parts depends on how the iterator is split; a `reduce` or `sum` usually follows.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let letters = ['a', 'b', 'c'];
    /// let word = letters
    ///     .into_par_iter()
    ///     .fold(String::new, |mut word, letter| {
    ///         word.push(letter);
    ///         word
    ///     })
    ///     .reduce(String::new, |left, right| left + &right);
    /// assert_eq!(word, "abc");
    /// ```
    fn fold<T, ID, F>(self, identity: ID, fold_op: F) -> Fold<Self, ID, F>
    where
        F: Fn(T, Self::Item) -> T + Sync + Send,
        ID: Fn() -> T + Sync + Send,
        T: Send,
    {
        Fold { base: self, identity, fold_op }
    }

    /// Folds the items of each part that is run into one, from a clone of `init`, and gives the results, in
    /// order.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let sum: i32 = (0..10).into_par_iter().fold_with(0, |a, b| a + b).sum();
    /// assert_eq!(sum, 45);
    /// ```
    fn fold_with<F, T>(self, init: T, fold_op: F) -> FoldWith<Self, T, F>
    where
        F: Fn(T, Self::Item) -> T + Sync + Send,
        T: Send + Clone,
    {
        FoldWith { base: self, init, fold_op }
    }

    /// Folds the items of each part that is run into one, from `identity()`; a part ends when `fold_op` fails.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let sum: Option<u8> = [100_u8, 100, 100]
    ///     .into_par_iter()
    ///     .try_fold(|| 0_u8, |sum, n| sum.checked_add(n))
    ///     .try_reduce(|| 0, |a, b| a.checked_add(b));
    /// assert_eq!(sum, None);
    /// ```
    fn try_fold<T, R, ID, F>(self, identity: ID, fold_op: F) -> TryFold<Self, R, ID, F>
    where
        F: Fn(T, Self::Item) -> R + Sync + Send,
        ID: Fn() -> T + Sync + Send,
        R: Try<Output = T> + Send,
    {
        TryFold::new(self, identity, fold_op)
    }

    /// Folds the items of each part that is run into one, from a clone of `init`; a part ends when `fold_op` fails.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let sums: Result<i32, String> = ["1", "2"]
    ///     .par_iter()
    ///     .try_fold_with(0, |sum, s| s.parse::<i32>().map(|n| sum + n).map_err(|e| e.to_string()))
    ///     .try_reduce(|| 0, |a, b| Ok(a + b));
    /// assert_eq!(sums, Ok(3));
    /// ```
    fn try_fold_with<F, T, R>(self, init: T, fold_op: F) -> TryFoldWith<Self, R, F>
    where
        F: Fn(T, Self::Item) -> R + Sync + Send,
        R: Try<Output = T> + Send,
        T: Clone + Send,
    {
        TryFoldWith { base: self, init, fold_op }
    }

    /// Adds up the items.
    ///
    /// The grouping may differ from run to run, and so may the last digits of a sum of floats.
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
        reduce(self, Summing::new())
    }

    /// Multiplies the items.
    ///
    /// The grouping may differ from run to run, and so may the last digits of a product of floats.
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
        reduce(self, Multiplying::new())
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
        reduce(self, ReduceWith(Ord::min))
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
        extreme::max_by(self, Ord::cmp)
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

    /// Puts another iterator after this one; both run at the same time.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let all: Vec<i32> = (0..2).into_par_iter().chain([7, 8]).collect();
    /// assert_eq!(all, [0, 1, 7, 8]);
    /// ```
    fn chain<C>(self, chain: C) -> Chain<Self, C::Iter>
    where
        C: IntoParallelIterator<Item = Self::Item>,
    {
        Chain { a: self, b: chain.into_par_iter() }
    }

    /// Finds an item for which `predicate` is true.
    ///
    /// Any such item may be found; all parts end as soon as one is.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let found = [5, 8, 2, 9].into_par_iter().find_any(|&n| n > 5);
    /// assert!(matches!(found, Some(8 | 9)));
    /// ```
    fn find_any<P>(self, predicate: P) -> Option<Self::Item>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        reduce(self, FindAny::new(predicate))
    }

    /// Finds the first item for which `predicate` is true.
    ///
    /// Once one is found, later items are left out as soon as possible.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let found = [5, 8, 2, 9].into_par_iter().find_first(|&n| n > 5);
    /// assert_eq!(found, Some(8));
    /// ```
    fn find_first<P>(self, predicate: P) -> Option<Self::Item>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        find::<First, _, _>(self, predicate)
    }

    /// Finds the last item for which `predicate` is true.
    ///
    /// Once one is found, earlier items are left out as soon as possible.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let found = [5, 8, 2, 9].into_par_iter().find_last(|&n| n > 5);
    /// assert_eq!(found, Some(9));
    /// ```
    fn find_last<P>(self, predicate: P) -> Option<Self::Item>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        find::<Last, _, _>(self, predicate)
    }

    /// Applies `predicate` to items, and returns the result for some item for which it is `Some`.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let found = ["a", "1", "b", "3"].par_iter().find_map_any(|s| s.parse::<i32>().ok());
    /// assert!(matches!(found, Some(1 | 3)));
    /// ```
    fn find_map_any<P, R>(self, predicate: P) -> Option<R>
    where
        P: Fn(Self::Item) -> Option<R> + Sync + Send,
        R: Send,
    {
        let found = self.filter_map(predicate);
        reduce(found, FindAny::new(|_: &R| true))
    }

    /// Applies `predicate` to items, and returns the result for the first item for which it is `Some`.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let found = ["a", "1", "b", "3"].par_iter().find_map_first(|s| s.parse::<i32>().ok());
    /// assert_eq!(found, Some(1));
    /// ```
    fn find_map_first<P, R>(self, predicate: P) -> Option<R>
    where
        P: Fn(Self::Item) -> Option<R> + Sync + Send,
        R: Send,
    {
        let found = self.filter_map(predicate);
        find::<First, _, _>(found, |_| true)
    }

    /// Applies `predicate` to items, and returns the result for the last item for which it is `Some`.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let found = ["a", "1", "b", "3"].par_iter().find_map_last(|s| s.parse::<i32>().ok());
    /// assert_eq!(found, Some(3));
    /// ```
    fn find_map_last<P, R>(self, predicate: P) -> Option<R>
    where
        P: Fn(Self::Item) -> Option<R> + Sync + Send,
        R: Send,
    {
        let found = self.filter_map(predicate);
        find::<Last, _, _>(found, |_| true)
    }

    /// Deprecated: use `find_any`, `find_first` or `find_last`.
    #[doc(hidden)]
    #[deprecated(note = "parallel `find` does not say which: use `find_any`, `find_first` or `find_last`")]
    fn find<P>(self, predicate: P) -> Option<Self::Item>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        self.find_any(predicate)
    }

    /// True if `predicate` is true for any item; all parts end as soon as it is.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert!([5, 8].par_iter().any(|&n| n > 5));
    /// ```
    fn any<P>(self, predicate: P) -> bool
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        let answers = self.map(predicate);
        reduce(answers, FindAny::new(|&answer: &bool| answer)).is_some()
    }

    /// True if `predicate` is true for all items; all parts end as soon as it is false for one.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert!(![5, 8].par_iter().all(|&n| n > 5));
    /// ```
    fn all<P>(self, predicate: P) -> bool
    where
        P: Fn(Self::Item) -> bool + Sync + Send,
    {
        let answers = self.map(predicate);
        reduce(answers, FindAny::new(|&answer: &bool| !answer)).is_none()
    }

    /// Unwraps items that are `Some`, and ends as soon as any part finds a `None`.
    ///
    /// Items beside the `None` may or may not have been produced by then, on either side of it.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let all: Vec<i32> = [Some(1), Some(2)].into_par_iter().while_some().collect();
    /// assert_eq!(all, [1, 2]);
    /// let none = [None::<i32>; 3].into_par_iter().while_some().count();
    /// assert_eq!(none, 0);
    /// ```
    fn while_some<T>(self) -> WhileSome<Self>
    where
        Self: ParallelIterator<Item = Option<T>>,
        T: Send,
    {
        WhileSome { base: self }
    }

    /// Ends all parts as soon as possible after one of them has panicked.
    ///
    /// The panic reaches the caller in any case, after the other running parts. This adaptor costs a check for each
    /// item. Under [`into_seq_iter`](crate::IntoSeqIterator::into_seq_iter) it has no effect: there the items before
    /// the panic are given.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let result = std::panic::catch_unwind(|| {
    ///     (0..1_000_000).into_par_iter().panic_fuse().for_each(|n| assert!(n < 1000));
    /// });
    /// assert!(result.is_err());
    /// ```
    fn panic_fuse(self) -> PanicFuse<Self> {
        PanicFuse { base: self }
    }

    /// Makes a collection of each half of the pairs.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let (numbers, letters): (Vec<i32>, Vec<char>) = [(1, 'a'), (2, 'b')].into_par_iter().unzip();
    /// assert_eq!((numbers, letters), (vec![1, 2], vec!['a', 'b']));
    /// ```
    fn unzip<A, B, FromA, FromB>(self) -> (FromA, FromB)
    where
        Self: ParallelIterator<Item = (A, B)>,
        FromA: Default + Send + ParallelExtend<A>,
        FromB: Default + Send + ParallelExtend<B>,
        A: Send,
        B: Send,
    {
        let (mut left, mut right) = (FromA::default(), FromB::default());
        unzip::extend(self, &unzip::Halves, &mut left, &mut right);
        (left, right)
    }

    /// Makes a collection of the items for which `predicate` is true, and one of the others.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let (even, odd): (Vec<i32>, Vec<i32>) = (0..5).into_par_iter().partition(|n| n % 2 == 0);
    /// assert_eq!((even, odd), (vec![0, 2, 4], vec![1, 3]));
    /// ```
    fn partition<A, B, P>(self, predicate: P) -> (A, B)
    where
        A: Default + Send + ParallelExtend<Self::Item>,
        B: Default + Send + ParallelExtend<Self::Item>,
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        let (mut left, mut right) = (A::default(), B::default());
        unzip::extend(self, &unzip::Partition(predicate), &mut left, &mut right);
        (left, right)
    }

    /// Applies `predicate` to each item, and makes a collection of the `Left` results and one of the `Right` results.
    ///
    /// ```
    /// use paceline::iter::Either;
    /// use paceline::prelude::*;
    ///
    /// let (numbers, words): (Vec<i32>, Vec<&str>) =
    ///     ["1", "x", "3"].par_iter().partition_map(|&s| match s.parse::<i32>() {
    ///         Ok(number) => Either::Left(number),
    ///         Err(_) => Either::Right(s),
    ///     });
    /// assert_eq!((numbers, words), (vec![1, 3], vec!["x"]));
    /// ```
    fn partition_map<A, B, P, L, R>(self, predicate: P) -> (A, B)
    where
        A: Default + Send + ParallelExtend<L>,
        B: Default + Send + ParallelExtend<R>,
        P: Fn(Self::Item) -> Either<L, R> + Sync + Send,
        L: Send,
        R: Send,
    {
        let (mut left, mut right) = (A::default(), B::default());
        unzip::extend(self, &unzip::PartitionMap(predicate), &mut left, &mut right);
        (left, right)
    }

    /// Makes a list of vectors of the items, in order, without copying the items into one vector.
    ///
    /// The number of vectors depends on how the iterator is split. None of them is empty.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let list = (0..100).into_par_iter().filter(|n| n % 2 == 0).collect_vec_list();
    /// assert_eq!(list.into_iter().flatten().count(), 50);
    /// ```
    fn collect_vec_list(self) -> LinkedList<Vec<Self::Item>> {
        gather::list(self)
    }

    /// Puts clones of `element` between the items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let list: String = ["a", "b", "c"].par_iter().copied().intersperse(", ").collect::<Vec<_>>().concat();
    /// assert_eq!(list, "a, b, c");
    /// ```
    fn intersperse(self, element: Self::Item) -> Intersperse<Self>
    where
        Self::Item: Clone,
    {
        Intersperse { base: self, separator: element }
    }

    /// Takes any `n` items, or all if there are fewer; they keep their order.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let some: Vec<i32> = (0..100).into_par_iter().take_any(5).collect();
    /// assert_eq!(some.len(), 5);
    /// assert!(some.is_sorted());
    /// ```
    fn take_any(self, n: usize) -> TakeAny<Self> {
        TakeAny { base: self, count: n }
    }

    /// Leaves any `n` items out, or all if there are fewer; the others keep their order.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let others: Vec<i32> = (0..100).into_par_iter().skip_any(5).collect();
    /// assert_eq!(others.len(), 95);
    /// assert!(others.is_sorted());
    /// ```
    fn skip_any(self, n: usize) -> SkipAny<Self> {
        SkipAny { base: self, count: n }
    }

    /// Takes items from anywhere until `predicate` is false for one; they keep their order.
    ///
    /// Items for which the predicate is true at the same time as it becomes false elsewhere are taken.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let some: Vec<i32> = (0..100).into_par_iter().take_any_while(|&n| n != 50).collect();
    /// assert!(!some.contains(&50));
    /// assert!(some.is_sorted());
    /// ```
    fn take_any_while<P>(self, predicate: P) -> TakeAnyWhile<Self, P>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        TakeAnyWhile { base: self, predicate }
    }

    /// Leaves items out, anywhere, until `predicate` is false for one; the others keep their order.
    ///
    /// Items for which the predicate is true at the same time as it becomes false elsewhere are left out.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let others: Vec<i32> = (0..100).into_par_iter().skip_any_while(|&n| n != 50).collect();
    /// assert!(others.contains(&50));
    /// assert!(others.is_sorted());
    /// ```
    fn skip_any_while<P>(self, predicate: P) -> SkipAnyWhile<Self, P>
    where
        P: Fn(&Self::Item) -> bool + Sync + Send,
    {
        SkipAnyWhile { base: self, predicate }
    }

    /// Makes a collection of the items, in their order if the collection has one.
    ///
    /// If the number of items is known, a `Vec` is written in place.
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
    /// The method that an implementation of the trait must define; it usually calls one of the bridges in
    /// [`plumbing`](super::plumbing). If [`opt_len`](Self::opt_len) is `Some`, it must split the consumer by position
    /// only, as an indexed iterator does.
    ///
    /// ```
    /// use paceline::iter::plumbing::UnindexedConsumer;
    /// use paceline::prelude::*;
    ///
    /// /// The even numbers below a limit.
    /// struct Even(u32);
    ///
    /// impl ParallelIterator for Even {
    ///     type Item = u32;
    ///
    ///     fn drive_unindexed<C: UnindexedConsumer<u32>>(self, consumer: C) -> C::Result {
    ///         (0..self.0).into_par_iter().filter(|n| n % 2 == 0).drive_unindexed(consumer)
    ///     }
    /// }
    ///
    /// assert_eq!(Even(9).collect::<Vec<_>>(), [0, 2, 4, 6, 8]);
    /// ```
    fn drive_unindexed<C>(self, consumer: C) -> C::Result
    where
        C: UnindexedConsumer<Self::Item>;

    /// The number of items, if it is known exactly.
    ///
    /// It lets `collect` write items in place.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let numbers = (0..5).into_par_iter();
    /// assert_eq!(numbers.opt_len(), Some(5));
    /// assert_eq!(numbers.filter(|n| n % 2 == 0).opt_len(), None);
    /// ```
    fn opt_len(&self) -> Option<usize> {
        None
    }

    /// When `opt_len` is `Some`: saves compiling the code that collects the items in the other case.
    ///
    /// Adaptors override it, so it cannot be in a trait of our own: it is hidden, under a name that no program has.
    #[doc(hidden)]
    const __KNOWS_LEN: KnowsLen = KnowsLen::Perhaps;

    /// An upper bound for the number of items, if one is known.
    ///
    /// It lets `collect` reserve memory for filtered items, so that fewer of them move. A hint: no unsafe code relies
    /// on it. Hidden, and named so, as [`__KNOWS_LEN`](Self::__KNOWS_LEN) is.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let numbers = (0..5).into_par_iter();
    /// assert_eq!(numbers.__len_upper_bound(), Some(5));
    /// assert_eq!(numbers.filter(|n| n % 2 == 0).__len_upper_bound(), Some(5));
    /// ```
    #[doc(hidden)]
    fn __len_upper_bound(&self) -> Option<usize> {
        self.opt_len()
    }
}
