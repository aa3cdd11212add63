//! Layer 5: `into_seq_iter`: the items of a parallel iterator come out of a sequential one, in order, while further
//! ones are made.

use crate::fork::current_num_threads;
use crate::iter::ParallelIterator;
use crate::iter::schedule::in_order;
use crate::job::context::CarriedContext;
use crate::pool::builder::ThreadPoolBuilder;
use crate::pool::thread_pool::ThreadPool;
use crate::stream::map::check;
use crate::stream::ordered_sink::{OrderedSink, SharedSegments};
use crate::sync::lock::Mutex;
use crate::sync::quiet::Quiet;
use crate::sync::unwind;
use std::fmt;
use std::iter::FusedIterator;
use std::sync::Arc;

/// Hands the items of a parallel iterator to a plain loop, in order, while further ones are made in parallel.
///
/// Implemented for every parallel iterator that borrows nothing.
///
/// # Guarantees
///
/// *Order*: the items come in the order in which [`collect`](ParallelIterator::collect) would have them. If there is
/// none, as behind [`par_bridge`](crate::iter::ParallelBridge), they come part by part; to work on the items of a
/// sequential iterator, [`par_map_ordered`](crate::ParallelMap::par_map_ordered) is better.
///
/// *Backpressure*: a thread takes a place in the window before it makes an item, and the place becomes free when the
/// item is handed out. So at most `window` items are being made or wait. Three kinds of items are made before their
/// place is taken. One: those of `fold`, `intersperse` and the like; each thread may hold one more of them. Two: those
/// of an iterator or an adaptor of another crate that forks by itself, which the window holds up only where that is
/// safe. Three, if `intersperse` is applied to the result of `chain`, `flat_map` or blocks: the items of their later
/// parts, because only the end of a part tells whether a separator belongs before it.
///
/// *Progress*: nothing happens before the first `next()`. From then on the window is filled, even between calls of
/// `next()`. The iterator cuts short parts off the front, so that all threads work on the items that are next in order.
///
/// If the iterator is [`deterministic`](crate::extra::IndexedParallelIteratorExt::deterministic), each thread makes a part
/// of the tree at a time, so that `fold` gives the same on any number of threads. Several threads work only if the
/// window has room for several parts, which are shorter with
/// [`with_max_len`](crate::iter::IndexedParallelIterator::with_max_len). One thread makes everything to which
/// `intersperse` is applied, as one part.
///
/// *Where it runs*: the closures run on threads of the iterator's own, as many as the current pool has when the method
/// is called; [`current_num_threads`] and so on are those of the iterator's threads. They start with the first
/// `next()`, which costs some tens of microseconds each. The window may hold them up, but no thread of another pool:
/// the reader may be slow, in a pool of one thread, or in another stream's closure. If the system gives no thread, the
/// first `next()` makes all items.
///
/// *Waiting*: `next()` sleeps while the next item is not made, on a worker of a pool too: threads of the iterator's own
/// make the items. So the closures must not wait for a pool if all its threads are in `next()`.
///
/// *Panics*: a panic in a closure goes on in the `next()` that would return its item, when the closures that run have
/// ended; then there are no more items. If the panic does not concern one item, as in the closure of
/// [`walk_tree`](crate::iter::walk_tree) or [`split`](crate::iter::split), some items before it may be lost.
///
/// *The end*: when the iterator is dropped, no more items are begun. It does not wait for closures that run. If a
/// destructor panics then, in the iterator or on its threads, only the panic's message is seen.
///
/// # What closures should not do
///
/// While a closure waits for parallel work of its own, its thread runs nothing else, as in
/// [`isolate`](crate::isolate()). So a closure should not [`broadcast`](crate::broadcast()), nor wait for another
/// item's closure: the window may hold up the thread that they need.
///
/// # Examples
///
/// ```
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
///
/// // Frames are rendered by all threads, and written one after the other by this one. 32 of them fit into memory.
/// let render = |frame: u32| vec![frame as u8; 4];
/// let frames = (0..100_u32).into_par_iter().map(render).into_seq_iter(32);
///
/// let mut file = Vec::new();
/// for frame in frames {
///     file.extend(frame);
/// }
/// assert_eq!(file.len(), 400);
/// assert!(file.is_sorted());
/// ```
pub trait IntoSeqIterator: ParallelIterator {
    /// Makes a sequential iterator of this one. It gives the items in their order while others are made, up to a window
    /// ahead.
    ///
    /// A window of several times the number of threads keeps them busy; a larger one evens out items that take longer
    /// than others.
    ///
    /// # Panics
    ///
    /// If `window` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let mut primes = (2..10_000_u32)
    ///     .into_par_iter()
    ///     .filter(|n| (2..*n).all(|k| n % k > 0))
    ///     .into_seq_iter(64);
    /// assert_eq!(primes.next(), Some(2));
    /// assert_eq!(primes.nth(8), Some(29));
    /// // Items that have not begun never will.
    /// drop(primes);
    /// ```
    #[track_caller]
    fn into_seq_iter(self, window: usize) -> SeqIter<Self::Item>
    where
        Self: 'static,
        Self::Item: 'static,
    {
        check(window);
        let threads = current_num_threads();
        let left = self.opt_len();
        let context = CarriedContext::capture();
        let start = Box::new(move || {
            let _entered = context.as_ref().map(CarriedContext::enter);
            start(self, window, threads)
        });
        SeqIter { stage: SeqStage::New(Mutex::new(Quiet::new(start))), left }
    }
}

impl<I: ParallelIterator> IntoSeqIterator for I {}

/// Begins the work.
type SeqStart<T> = Box<dyn FnOnce() -> (Arc<SharedSegments<T>>, Option<ThreadPool>) + Send>;

/// An iterator over the items of a parallel one. [`into_seq_iter`](IntoSeqIterator::into_seq_iter) makes it.
///
/// # Examples
///
/// ```
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
/// use paceline::stream::SeqIter;
///
/// let mut squares: SeqIter<u32> = (1..=3).into_par_iter().map(|n| n * n).into_seq_iter(2);
/// assert_eq!(squares.size_hint(), (3, Some(3)));
/// assert_eq!(squares.next(), Some(1));
/// assert_eq!(squares.collect::<Vec<_>>(), [4, 9]);
/// ```
#[must_use = "iterators do nothing unless they are asked for items"]
pub struct SeqIter<T: Send> {
    stage: SeqStage<T>,
    /// How many items are left, if that is known.
    left: Option<usize>,
}

enum SeqStage<T: Send> {
    /// The mutex is never locked: it makes the iterator `Sync`.
    New(Mutex<Quiet<SeqStart<T>>>),
    Begun {
        shared: Arc<SharedSegments<T>>,
        _pool: Option<ThreadPool>,
    },
    Over,
}

/// Starts the work, on threads of its own.
fn start<I>(iter: I, window: usize, threads: usize) -> (Arc<SharedSegments<I::Item>>, Option<ThreadPool>)
where
    I: ParallelIterator + 'static,
    I::Item: 'static,
{
    let Some(pool) = build(threads) else {
        // There is no thread, so the caller makes all items here and now.
        let (shared, sink) = SharedSegments::new(usize::MAX);
        drive(iter, sink, &shared, usize::MAX);
        return (shared, None);
    };
    let (shared, sink) = SharedSegments::new(window);
    // The window has room for two pieces for each thread, so that none must wait for the end of a long one.
    let most = (window / (2 * pool.current_num_threads())).max(1);
    let for_pool = Arc::clone(&shared);
    pool.spawn(move || drive(iter, sink, &for_pool, most));
    (shared, Some(pool))
}

/// A pool of `threads` threads, or of as many as the system gives.
fn build(mut threads: usize) -> Option<ThreadPool> {
    while threads > 0 {
        let name = |index| format!("paceline-seq-{index}");
        if let Ok(pool) = ThreadPoolBuilder::new().num_threads(threads).thread_name(name).build() {
            return Some(pool);
        }
        threads /= 2;
    }
    None
}

/// The whole of the work.
fn drive<I: ParallelIterator>(iter: I, sink: OrderedSink<I::Item>, shared: &SharedSegments<I::Item>, most: usize) {
    let outcome = unwind::halt(|| in_order::lead(most, || iter.drive_unindexed(sink)));
    shared.finish(outcome);
}

impl<T: Send> SeqIter<T> {
    /// The state that the reader and the workers share; `None` after the end. The first call begins the work.
    fn shared(&mut self) -> Option<&Arc<SharedSegments<T>>> {
        if let SeqStage::New(_) = self.stage {
            if let SeqStage::New(start) = std::mem::replace(&mut self.stage, SeqStage::Over) {
                let (shared, pool) = start.into_inner().into_inner()();
                self.stage = SeqStage::Begun { shared, _pool: pool };
            }
        }
        match &self.stage {
            SeqStage::Begun { shared, .. } => Some(shared),
            SeqStage::New(_) | SeqStage::Over => None,
        }
    }
}

impl<T: Send> Iterator for SeqIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match self.shared()?.next() {
            Ok(Some(item)) => {
                self.left = self.left.map(|left| left.saturating_sub(1));
                Some(item)
            }
            Ok(None) => {
                self.stage = SeqStage::Over;
                None
            }
            Err(payload) => {
                self.stage = SeqStage::Over;
                unwind::resume(payload)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match (&self.stage, self.left) {
            (SeqStage::Over, _) => (0, Some(0)),
            (_, Some(left)) => (left, Some(left)),
            (_, None) => (0, None),
        }
    }
}

impl<T: Send> FusedIterator for SeqIter<T> {}

impl<T: Send> Drop for SeqIter<T> {
    fn drop(&mut self) {
        if let SeqStage::Begun { shared, .. } = &self.stage {
            shared.close();
        }
    }
}

impl<T: Send> fmt::Debug for SeqIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeqIter")
            .field("size_hint", &self.size_hint())
            .field("is_over", &matches!(self.stage, SeqStage::Over))
            .finish_non_exhaustive()
    }
}
