//! Layer 4: the methods of parallel iterators that rayon does not have, in traits of their own.
//!
//! A method in one of rayon's traits would be ambiguous with a program's own method of that name. `crate::extra` makes
//! these traits public; a module that rayon has does not, for a program may import all of its names. One implementation
//! covers all types, so no method can be overridden.

use super::adaptor::{
    deterministic::Deterministic, map_worker_init::MapWorkerInit, with_cancel::WithCancel, with_progress::WithProgress,
};
use super::{FromParallelIterator, IndexedParallelIterator, IntoParallelIterator, ParallelIterator, scan};
use crate::fork::Progress;
use crate::task::cancel::CancelToken;
use crate::task::cancelled::Cancelled;

/// More methods for every [`ParallelIterator`].
///
/// ```
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
///
/// let mut odd = (0..6).into_par_iter().filter(|n| n % 2 == 1).collect_unordered();
/// odd.sort();
/// assert_eq!(odd, [1, 3, 5]);
/// ```
pub trait ParallelIteratorExt: ParallelIterator {
    /// Applies `map_op` to a value and each item; each worker that takes part makes a value by `init`, once in a run.
    ///
    /// So no more values are made than the pool has threads, however the iterator is split: use it for values that are
    /// expensive to make. All parts that a worker runs use the same value, and all values are dropped at the end of the
    /// run. Looking the value up costs a few nanoseconds for each item. Where each part needs a value of its own, use
    /// [`map_init`](ParallelIterator::map_init) or [`fold`](ParallelIterator::fold).
    ///
    /// If `map_op` itself waits, say for a parallel iterator in it, its worker may run another part of this loop
    /// meanwhile. That part cannot use the same value: it gets a spare one, which is made if all are in use.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let digits: Vec<usize> = [7, 10, 1000]
    ///     .par_iter()
    ///     .map_worker_init(String::new, |text, n| {
    ///         text.clear();
    ///         text.push_str(&n.to_string());
    ///         text.len()
    ///     })
    ///     .collect();
    /// assert_eq!(digits, [1, 2, 4]);
    /// ```
    fn map_worker_init<F, INIT, T, R>(self, init: INIT, map_op: F) -> MapWorkerInit<Self, INIT, F>
    where
        F: Fn(&mut T, Self::Item) -> R + Sync + Send,
        INIT: Fn() -> T + Sync + Send,
        T: Send,
        R: Send,
    {
        MapWorkerInit { base: self, init, map_op }
    }

    /// Ends when `token` is cancelled: no further items come, and the result is that of the items so far.
    ///
    /// So `collect` has the items that came through, in order, and `sum` their sum; to be told instead that some are
    /// missing, use [`collect_unless_cancelled`](Self::collect_unless_cancelled). A search returns an item that it
    /// has found, which for `find_first` need not be the first. If [`token.is_cancelled()`](CancelToken::is_cancelled)
    /// is false, no items are missing. Items that are not run are dropped.
    ///
    /// A running closure is not interrupted. Each worker checks the token before it takes an item from the iterator
    /// before this one; once it has seen the token cancelled it begins no other item. When
    /// [`cancel`](CancelToken::cancel) returns, each of the other workers has at most one item to finish: the current
    /// one, or the one that it has just checked the token for; besides, items below it on the stack, if they wait for
    /// parallel work of their own. The worker that cancels from within an item finishes that item. An item of this
    /// adaptor is an item of the iterator before it: after a `filter`, the search for the next item that passes counts
    /// as one item, however long it takes. So put this adaptor close to the source.
    ///
    /// The check costs a load and a branch for each item, half a nanosecond or less. But the compiler cannot vectorise
    /// a loop with such a check, so that the lightest loops take several times as long. After `chunks` or `par_chunks`
    /// there is only one check for each chunk, and the loop over the chunk's items stays as it is. The iterator has no
    /// length, so `enumerate` and `zip` come before it.
    ///
    /// ```
    /// use paceline::CancelToken;
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let token = CancelToken::new();
    /// let numbers: Vec<u32> = (0..1000).collect();
    /// let sum: u32 = numbers.par_chunks(100).with_cancel(&token).map(|chunk| chunk.iter().sum::<u32>()).sum();
    /// assert_eq!(sum, 499_500);
    ///
    /// token.cancel();
    /// assert_eq!(numbers.par_iter().with_cancel(&token).find_any(|&&n| n == 1), None);
    /// ```
    fn with_cancel(self, token: &CancelToken) -> WithCancel<Self> {
        WithCancel { base: self, token: token.clone() }
    }

    /// Collects the items, or says that `token` was cancelled before the end: a collection that it gives is whole.
    ///
    /// It begins no item once the token is cancelled. Here all of the chain before this call counts as the item; if the
    /// source's items are short and something behind it takes long, put [`with_cancel`](Self::with_cancel) close to the
    /// source as well.
    ///
    /// # Errors
    ///
    /// If the token is cancelled, even when that came during the last item. The items so far are dropped.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    /// use paceline::{CancelToken, Cancelled};
    ///
    /// let token = CancelToken::new();
    /// let squares = (0..4).into_par_iter().map(|n| n * n);
    /// assert_eq!(squares.clone().collect_unless_cancelled(&token), Ok(vec![0, 1, 4, 9]));
    ///
    /// token.cancel();
    /// let refused: Result<Vec<i32>, Cancelled> = squares.collect_unless_cancelled(&token);
    /// assert_eq!(refused.unwrap_err().to_string(), "the work was cancelled");
    /// ```
    fn collect_unless_cancelled<C>(self, token: &CancelToken) -> Result<C, Cancelled>
    where
        C: FromParallelIterator<Self::Item>,
    {
        let collected = self.with_cancel(token).collect();
        if token.is_cancelled() { Err(Cancelled) } else { Ok(collected) }
    }

    /// Reports to `progress` how many items are done, while the loop runs.
    ///
    /// `progress` is a [`ProgressCounter`](crate::ProgressCounter), a bar, or whatever else is [`Progress`], or a
    /// reference to one. It is told the length, if that is known, when the loop begins. The iterator keeps its length
    /// and its positions.
    ///
    /// *What counts*: an item that has come out of this adaptor and has ended. An item ends, by a panic too, when its
    /// worker asks for the next one or comes to the end of a run of items. Where a later adaptor collects several items
    /// before it passes them on, as `chunks` does, that is before the work on them; so put this adaptor behind it. When
    /// the loop returns or panics, exactly the items that came out have been reported. These are all items, unless a
    /// method such as `find_any` or `try_for_each` ends the loop early, or a panic, or a `take` or `zip` that does not
    /// ask for the others.
    ///
    /// *When*: an item that takes longer than some 25 microseconds is reported when it ends. Shorter ones are reported
    /// together: every 50 milliseconds, as soon as one of the workers ends an item, and at the end of the loop. After
    /// shorter items a worker can be late to notice that items have become long: by as many items as took two microseconds
    /// before.
    ///
    /// *What it costs*: for each loop some memory for each thread of the pool. For each item a few instructions: below a
    /// nanosecond. Workers count apart from each other, and read the clock about once in two microseconds.
    ///
    /// The method is not called `progress`: indicatif has a trait for rayon's iterators with methods of that name, which
    /// a program may have in scope as well.
    ///
    /// ```
    /// use paceline::ProgressCounter;
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let counter = ProgressCounter::new();
    /// let squares: Vec<u64> = (0..1000_u64).into_par_iter().map(|n| n * n).with_progress(&counter).collect();
    /// assert_eq!(squares[999], 998_001);
    /// assert_eq!((counter.done(), counter.total()), (1000, Some(1000)));
    /// ```
    fn with_progress<P: Progress>(self, progress: P) -> WithProgress<Self, P> {
        WithProgress { length: self.opt_len(), base: self, progress }
    }

    /// Makes a vector of the items in whatever order is cheapest, which may differ from one call to the next.
    ///
    /// Use it where the order does not matter. It returns when all items are there. If a closure panics, the items
    /// collected so far are dropped.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let mut even = (0..10).into_par_iter().filter(|n| n % 2 == 0).collect_unordered();
    /// even.sort();
    /// assert_eq!(even, [0, 2, 4, 6, 8]);
    /// ```
    fn collect_unordered(self) -> Vec<Self::Item> {
        self.collect()
    }

    /// Returns for each item the combination by `op` of all items up to and including it: prefix sums, if `op` adds.
    ///
    /// `op` must be associative, and is called with the result of an earlier and of a later stretch. It is called less
    /// than twice for each item, and about once if no other thread takes part. The items are collected first, in order,
    /// and then scanned in place, as [`par_inclusive_scan`](crate::extra::ParallelSliceMutExt::par_inclusive_scan) does
    /// with a slice. To iterate over the results, call [`into_par_iter`](IntoParallelIterator::into_par_iter).
    ///
    /// With floats, the last digits depend on the grouping of the calls, and so on timing. After
    /// [`deterministic`](IndexedParallelIteratorExt::deterministic) the grouping depends on the number of items
    /// alone; then `op` is called nearly twice for each item on one thread, too.
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let lengths = ["to", "be", "or", "not"].par_iter().map(|word| word.len());
    /// assert_eq!(lengths.inclusive_scan(|a, b| a + b), [2, 4, 6, 9]);
    /// ```
    fn inclusive_scan<F>(self, op: F) -> Vec<Self::Item>
    where
        F: Fn(&Self::Item, &Self::Item) -> Self::Item + Sync + Send,
        Self::Item: Sync,
    {
        let (mut items, cut) = scan::collect(self);
        cut.inclusive(&mut items, &op);
        items
    }

    /// Returns for each item the combination by `op` of `init` and all items before it: if the items are lengths and
    /// `op` adds, the positions at which they begin.
    ///
    /// There are as many results as items: the first is `init`, and the combination of all items is not among them;
    /// [`par_exclusive_scan`](crate::extra::ParallelSliceMutExt::par_exclusive_scan) on a slice returns it. Otherwise as
    /// [`inclusive_scan`](Self::inclusive_scan).
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let lengths = ["to", "be", "or", "not"].par_iter().map(|word| word.len());
    /// assert_eq!(lengths.exclusive_scan(0, |a, b| a + b), [0, 2, 4, 6]);
    /// ```
    fn exclusive_scan<F>(self, init: Self::Item, op: F) -> Vec<Self::Item>
    where
        F: Fn(&Self::Item, &Self::Item) -> Self::Item + Sync + Send,
        Self::Item: Sync,
    {
        let (mut items, cut) = scan::collect(self);
        cut.exclusive(&mut items, init, &op);
        items
    }
}

impl<I: ParallelIterator> ParallelIteratorExt for I {}

/// More methods for every [`IndexedParallelIterator`].
///
/// ```
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
///
/// let halves: Vec<f64> = (0..1000).map(|n| f64::from(n) / 2.0).collect();
/// let sum: f64 = halves.par_iter().deterministic().sum();
/// assert_eq!(sum, 249_750.0);
/// ```
pub trait IndexedParallelIteratorExt: IndexedParallelIterator {
    /// Makes results equal to the last bit in every run, on any number of threads.
    ///
    /// Usually timing decides where an iterator is split into parts, and how their results are grouped; so sums of
    /// floats differ in their last digits from run to run. After this method, only the length decides where the
    /// iterator is split, and [`with_min_len`](IndexedParallelIterator::with_min_len) and [`with_max_len`](IndexedParallelIterator::with_max_len) if they
    /// were called before it. That holds on one thread, too. Within a part items are taken in order, and results are
    /// combined as neighbours in a fixed tree. So `sum`, `product`, `reduce`, `min_by`, `fold` and similar methods give
    /// the same bits on one thread and on sixty-four, on an idle machine and on a busy one. A sum by a tree is also
    /// more exact than one from left to right; the two are not equal.
    ///
    /// - Adaptors that work item by item may come before this method or after it: `.map(f).deterministic()` and
    ///   `.deterministic().map(f)`. Adaptors that need positions, such as `zip`, `enumerate` and `rev`, come before it;
    ///   after it they do not compile.
    /// - `fold` and `map_init` begin anew in each part, and so always at the same items. There are up to 256 parts; up
    ///   to 1,024 if there are more than 16,384 items. A part is run as one loop and not split again: where a few
    ///   neighbouring items are far heavier than the other items, ask for shorter parts by
    ///   [`with_max_len`](IndexedParallelIterator::with_max_len); where each part has a costly state, ask for fewer by
    ///   [`with_min_len`](IndexedParallelIterator::with_min_len).
    /// - A nested parallel iterator, as in `flat_map`, and a second one, as in `chain`, has a tree of its own: make it
    ///   deterministic, too.
    /// - The results of the scans, too, depend on the number of items alone; so do those of a `fold` under
    ///   [`into_seq_iter`](crate::IntoSeqIterator::into_seq_iter).
    /// - Timing still decides the results of `find_any`, `take_any` and all methods with `any` in their names (but not
    ///   `any` itself), of `while_some` and of a loop that is cancelled; the order of `collect_unordered`; which of
    ///   several errors `try_reduce`, `try_for_each` and collecting into a `Result` return; and the states of
    ///   `map_worker_init`.
    ///
    /// ```
    /// use paceline::ThreadPoolBuilder;
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let terms: Vec<f64> = (1..=10_000).map(|n| 1.0 / f64::from(n)).collect();
    /// let sum = || terms.par_iter().deterministic().sum::<f64>();
    /// let sums: Vec<u64> = [1, 2, 7]
    ///     .into_iter()
    ///     .map(|threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(sum).to_bits())
    ///     .collect();
    /// assert_eq!(sums, [sum().to_bits(); 3]);
    /// ```
    fn deterministic(self) -> Deterministic<Self> {
        Deterministic { base: self }
    }
}

impl<I: IndexedParallelIterator> IndexedParallelIteratorExt for I {}

/// A short form for every type that can be turned into a parallel iterator, by value.
///
/// ```
/// use paceline::extra::prelude::*;
///
/// assert_eq!((1..4).par_map(|n| n * n), [1, 4, 9]);
/// ```
pub trait IntoParallelIteratorExt: IntoParallelIterator {
    /// Makes a vector of the results of `f` for each item, in order: short for `into_par_iter().map(f).collect()`.
    ///
    /// As with `into_iter()`, the type of `self` decides what the closure gets: the items themselves of a vector, which
    /// is used up, and references to the items of a slice or of a reference to a vector. The call returns when all
    /// results are there, and the calling thread takes part.
    ///
    /// # Panics
    ///
    /// If `f` does; the results up to then are dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let words = vec!["row".to_string(), "riders".to_string()];
    /// let lengths = words[..].par_map(|word: &String| word.len());
    /// assert_eq!(lengths, (&words).par_map(|word| word.len()));
    /// let shouted = words.par_map(|word: String| word + "!");
    /// assert_eq!((lengths, shouted), (vec![3, 6], vec!["row!".into(), "riders!".into()]));
    /// ```
    fn par_map<R, F>(self, f: F) -> Vec<R>
    where
        Self: Sized,
        F: Fn(Self::Item) -> R + Sync + Send,
        R: Send,
    {
        self.into_par_iter().map(f).collect()
    }
}

impl<I: IntoParallelIterator> IntoParallelIteratorExt for I {}
