//! Layer 5: `par_map_ordered` and `par_map_unordered`: threads work in parallel on the items of a sequential iterator,
//! and the results come out of a sequential iterator.

use crate::fork::Progress;
use crate::fork::scope::Scope;
use crate::stream::capacity::{Capacity, WeightLimit};
use crate::stream::executor::PoolExecutor;
use crate::stream::output::{ParMapOrdered, ParMapUnordered, ReadAhead, StreamHandle};
use crate::stream::pipeline::Pipeline;
use crate::stream::readahead::PatientInput;
use crate::stream::reorder_buffer::{AsDone, InOrder};
use crate::stream::scoped_map::ScopedParMap;
use crate::stream::weighed::{MOST_ITEMS, WeighedInput, WeighedTap};
use crate::stream::with_progress::ProgressIter;
use std::convert::identity;

/// Maps the items of a sequential iterator in parallel, within a window, and gives the results as a sequential
/// iterator.
///
/// Implemented for every iterator that can be sent to another thread and borrows nothing.
///
/// # Guarantees
///
/// *Backpressure*: at most `window` items are on their way at any moment, that is pulled and not yet handed out. While
/// the window is full nothing is pulled.
///
/// *Progress*: nothing happens before the first `next()`, as with any iterator. From then on the pool pulls up to
/// `window` items and works on them, even between calls of `next()`, unless the items are *light*: a window of them
/// takes less time than waking a thread, some 25 microseconds. The thread that calls `next()` pulls light items and
/// works on them itself, one at each call; when one of them takes longer than that, the pool goes on with the others
/// some time later. A stream keeps no thread while it has nothing to do, because the window is full or because the
/// input has not given its next item to the thread that has asked it.
///
/// *Where it runs*: the closure runs on threads of the pool in which the method was called, outside a pool on those of
/// the global one; at most as many calls run at a time as the pool has threads. One thread at a time asks the input:
/// one of the pool's, or the one that calls `next()` while no item is on its way. If the pool ends before the stream,
/// the thread that calls `next()` does all the rest.
///
/// An input that may block, such as a channel, keeps the thread that asks it while it does.
///
/// *Waiting*: `next()` waits while the next item in order is not done. A worker of a pool works on the stream
/// meanwhile; any other thread sleeps. So a stream may be consumed in a pool of one thread, in another stream's
/// closure, and as another stream's input.
///
/// *Panics*: a panic in the closure goes on in the `next()` that would return that item; the item is lost, and the next
/// call returns the one behind it, as with [`Iterator::map`]. A panic in the input goes on in a `next()` after the
/// items that came before it, and ends the stream.
///
/// *The end*: dropping the stream drops the input and all items and results in the window. It does not wait for a
/// closure that runs, and drops its result; none begins any more. If a destructor panics then, in the stream or on
/// its threads, only the panic's message is seen.
///
/// *Errors*: results may be `Result`s. `?` in a loop, or a `collect` into a `Result`, stops at the first error in the order
/// of the items, whichever item failed first: the stream is dropped then, and no more items are begun. So there is no
/// `try_` form. Not more than a window of items behind the error have been begun.
///
/// ```
/// use paceline::ParallelMap;
///
/// let parse = |line: &str| line.parse::<u32>().map_err(|error| format!("{line:?}: {error}"));
/// let numbers = ["1", "2", "four", "8", "sixteen"].into_iter().par_map_ordered(16, parse);
/// let numbers = numbers.collect::<Result<Vec<u32>, String>>();
/// assert_eq!(numbers.unwrap_err(), "\"four\": invalid digit found in string");
/// ```
///
/// ```
/// use paceline::ParallelMap;
///
/// let (orders, incoming) = std::sync::mpsc::channel();
/// std::thread::spawn(move || (1..=4).for_each(|order: u64| orders.send(order).unwrap()));
/// // As the orders come in, at most 8 of them at a time, and in the order in which they came.
/// let mut filled = incoming.into_iter().par_map_ordered(8, |order| order * 100);
/// assert_eq!(filled.next(), Some(100));
/// assert_eq!(filled.sum::<u64>(), 900);
/// ```
pub trait ParallelMap: Iterator + Sized {
    /// Maps the items in parallel by `f`; the results come in the order of the items.
    ///
    /// A window of twice the number of threads keeps them busy if the items take about as long each. A larger one evens
    /// out items that do not, since the results behind a long one wait for it in the window.
    ///
    /// # Panics
    ///
    /// If `window` is 0, before anything is pulled.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let lines = ["3 4", "1 2", "5 6"].into_iter();
    /// let sums = lines.par_map_ordered(16, |line| line.split(' ').map(|n| n.parse::<u32>().unwrap()).sum::<u32>());
    /// assert_eq!(sums.collect::<Vec<_>>(), [7, 3, 11]);
    /// ```
    #[track_caller]
    fn par_map_ordered<F, R>(self, window: usize, f: F) -> ParMapOrdered<R>
    where
        Self: Send + 'static,
        Self::Item: Send + 'static,
        F: Fn(Self::Item) -> R + Send + Sync + 'static,
        R: Send + 'static,
    {
        check(window);
        ParMapOrdered::new(StreamHandle::new(
            self.size_hint(),
            Pipeline::<_, _, InOrder<R>, _>::new(self, window, f, PoolExecutor::current()),
        ))
    }

    /// Maps the items in parallel by `f`; the results come in the order in which they are done.
    ///
    /// # Panics
    ///
    /// If `window` is 0, before anything is pulled.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let sum: u64 = (1..=1000_u64).par_map_unordered(16, |n| n * n).sum();
    /// assert_eq!(sum, 333_833_500);
    /// ```
    #[track_caller]
    fn par_map_unordered<F, R>(self, window: usize, f: F) -> ParMapUnordered<R>
    where
        Self: Send + 'static,
        Self::Item: Send + 'static,
        F: Fn(Self::Item) -> R + Send + Sync + 'static,
        R: Send + 'static,
    {
        check(window);
        ParMapUnordered::new(StreamHandle::new(
            self.size_hint(),
            Pipeline::<_, _, AsDone<R>, _>::new(self, window, f, PoolExecutor::current()),
        ))
    }

    /// As [`par_map_ordered`](Self::par_map_ordered), in a window of weight: so many bytes, say. `weigh` returns the weight
    /// of an item.
    ///
    /// Items are pulled while those on their way are lighter than `max_weight` together. So they weigh less than
    /// `max_weight` and one item more, and one item is always let in, whatever it weighs. An item is on its way until
    /// the result behind its own is asked for: the result that the caller has in its hands counts too. There are never
    /// more than 65,536 items on their way.
    ///
    /// `weigh` is called for each item once, in order, by the thread that pulls. Its panic is one of the input.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    ///
    /// // Of these files some are a thousand times as long as others.
    /// let files = (0..100_usize).map(|n| vec![b' '; if n % 10 == 0 { 100_000 } else { 100 }]);
    /// let blanks = |file: Vec<u8>| file.iter().filter(|byte| **byte == b' ').count();
    /// let blanks = files.par_map_ordered_weighted(1 << 20, |file| file.len(), blanks);
    /// assert_eq!(blanks.sum::<usize>(), 1_009_000);
    /// ```
    fn par_map_ordered_weighted<W, F, R>(self, max_weight: usize, weigh: W, f: F) -> ParMapOrdered<R>
    where
        Self: Send + 'static,
        Self::Item: Send + 'static,
        W: FnMut(&Self::Item) -> usize + Send + 'static,
        F: Fn(Self::Item) -> R + Send + Sync + 'static,
        R: Send + 'static,
    {
        let (hint, limit) = (self.size_hint(), WeightLimit::new(max_weight));
        let input = WeighedInput::new(self, weigh, &limit);
        let capacity = Capacity::within(&limit, MOST_ITEMS);
        let tap = Pipeline::<_, _, InOrder<R>, _>::new(input, capacity, f, PoolExecutor::current());
        ParMapOrdered::new(StreamHandle::new(hint, WeighedTap::new(tap, limit)))
    }

    /// Maps the items in parallel by `f`, as jobs of a scope; the results come in the order of the items.
    ///
    /// The items, the results and `f` may borrow what the scope's jobs may. The input may borrow anything, and need not
    /// be [`Send`]: only the thread that calls `next()` pulls from it, as from `text.lines()` or `stdin().lines()`.
    /// [`in_place_scope`](crate::in_place_scope()) lets that be the thread that opens the scope.
    ///
    /// Each `next()` first pulls items until the window is full, then waits for the next result in order. So an input
    /// that waits for its next item holds back results that are done. An input that can be sent to another thread can go
    /// through [`readahead`](Self::readahead) first, or through [`par_map_ordered`](Self::par_map_ordered).
    ///
    /// A job maps one item, or several if they are light. Where even a whole window is light, the thread that calls
    /// `next()` maps the items itself. So `f` must not wait until another item is mapped.
    ///
    /// If the iterator is dropped, no more items are begun; if it is leaked, they are. The scope waits for those that
    /// run. Panics of `f` and of the input go on as in the other methods. A panic that unwinds out of the scope's
    /// closure drops the iterator too.
    ///
    /// # Panics
    ///
    /// If `window` is 0, before anything is pulled.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    ///
    /// let text = String::from("one fish\ntwo fish\nred fish\nblue bird");
    /// let wanted = String::from("fish");
    ///
    /// paceline::in_place_scope(|s| {
    ///     let hits = text.lines().par_map_ordered_in(s, 64, |line| line.contains(&wanted).then_some(line));
    ///     // A second stage, over the results of the first.
    ///     let lengths = hits.flatten().par_map_ordered_in(s, 64, str::len);
    ///     assert_eq!(lengths.collect::<Vec<_>>(), [8, 8, 8]);
    /// });
    /// ```
    ///
    /// Filter programs read a locked standard input, which cannot be sent to another thread:
    ///
    /// ```no_run
    /// use paceline::extra::prelude::*;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// paceline::in_place_scope(|s| {
    ///     let lines = std::io::stdin().lines();
    ///     for line in lines.par_map_ordered_in(s, 64, |line| line.map(|line| line.to_uppercase())) {
    ///         println!("{}", line?);
    ///     }
    ///     Ok(())
    /// })
    /// # }
    /// ```
    ///
    /// What the jobs borrow must outlive the scope:
    ///
    /// ```compile_fail,E0597
    /// use paceline::extra::prelude::*;
    ///
    /// paceline::in_place_scope(|s| {
    ///     let text = String::from("too short a life");
    ///     text.lines().par_map_ordered_in(s, 64, str::len).count()
    /// });
    /// ```
    fn par_map_ordered_in<'s, 'scope, F, R>(
        self,
        scope: &'s Scope<'scope>,
        window: usize,
        f: F,
    ) -> ScopedParMap<'s, 'scope, Self, F, R>
    where
        Self::Item: Send + 'scope,
        F: Fn(Self::Item) -> R + Send + Sync + 'scope,
        R: Send + 'scope,
    {
        check(window);
        ScopedParMap::new(self, scope, window, f)
    }

    /// Pulls up to `window` items ahead of the caller, on a thread of the pool: for an input that makes the caller wait,
    /// such as a file, a pipe or a channel.
    ///
    /// It begins with the first `next()`. Items that take no time to pull are pulled by the caller, as
    /// [`par_map_ordered`](Self::par_map_ordered) says. The thread that waits for a slow input is not missing in the pool:
    /// another one works in its place, as in [`blocking`](crate::blocking()), from the second slow item on.
    ///
    /// # Panics
    ///
    /// If `window` is 0, before anything is pulled.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use std::io::BufRead;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let file = std::io::BufReader::new(std::fs::File::open("Cargo.toml")?);
    /// let mut bytes = 0;
    /// // While this thread works on a line, another one reads the next lines.
    /// for line in file.lines().readahead(1000) {
    ///     bytes += line?.len();
    /// }
    /// assert!(bytes > 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It hands the items on to a scope, where they need not wait for one another:
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    ///
    /// let names = vec![String::from("row"), String::from("of"), String::from("riders")];
    /// let (orders, incoming) = std::sync::mpsc::channel();
    /// std::thread::spawn(move || (0..3).for_each(|order: usize| orders.send(order).unwrap()));
    /// let lengths = paceline::in_place_scope(|s| {
    ///     incoming.into_iter().readahead(8).par_map_ordered_in(s, 8, |order| names[order].len()).sum::<usize>()
    /// });
    /// assert_eq!(lengths, 11);
    /// ```
    fn readahead(self, window: usize) -> ReadAhead<Self::Item>
    where
        Self: Send + 'static,
        Self::Item: Send + 'static,
    {
        check(window);
        let (hint, input) = (self.size_hint(), PatientInput::new(self));
        let pipeline = Pipeline::<_, _, InOrder<Self::Item>, _>::new(input, window, identity, PoolExecutor::current());
        ReadAhead::new(StreamHandle::new(hint, pipeline))
    }

    /// Reports to `progress` how many items are done, while they are taken.
    ///
    /// An item is done when the next one is asked for, or the iterator ends or is dropped. An item for which that takes
    /// longer than some 25 microseconds is reported at once, shorter ones every 50 milliseconds. The first call of `next()`
    /// says the length, if the iterator knows it.
    ///
    /// ```
    /// use paceline::ProgressCounter;
    /// use paceline::extra::prelude::*;
    ///
    /// let counter = ProgressCounter::new();
    /// let lengths = ["one", "two", "three"].into_iter().par_map_ordered(16, str::len).with_progress(&counter);
    /// assert_eq!(lengths.sum::<usize>(), 11);
    /// assert_eq!((counter.done(), counter.total()), (3, Some(3)));
    /// ```
    fn with_progress<P: Progress>(self, progress: P) -> ProgressIter<Self, P> {
        ProgressIter::new(self, progress)
    }
}

impl<I: Iterator> ParallelMap for I {}

/// Panics if the window has room for no item.
#[track_caller]
pub(super) fn check(window: usize) {
    assert!(window > 0, "the argument `window` is 0: nothing could ever be pulled");
}
