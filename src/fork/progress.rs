//! `Progress`: what loops, jobs of scopes and streams tell of their progress, and a counter that takes it in.

use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::{thread, unwind};
use std::fmt;
use std::sync::Arc;

#[cfg(all(feature = "indicatif", not(target_family = "wasm")))]
mod indicatif;

/// Takes in how much of some work is done: a bar, a counter, a log.
///
/// [`with_progress`](crate::extra::ParallelIteratorExt::with_progress) has a parallel iterator report to it,
/// [`Scope::spawn_with_progress`](crate::Scope::spawn_with_progress) a job, and
/// [`ParallelMap::with_progress`](crate::ParallelMap::with_progress) a sequential iterator, such as a stream. It is
/// implemented for [`ProgressCounter`], and with the feature `indicatif` for `indicatif::ProgressBar`, but on WebAssembly;
/// and for references and `Arc`s to such types.
///
/// ```
/// use std::sync::Mutex;
///
/// use paceline::Progress;
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
///
/// /// Keeps a line for each report.
/// struct Log(Mutex<Vec<String>>);
///
/// impl Progress for Log {
///     fn begin(&self, length: Option<u64>) {
///         self.0.lock().unwrap().push(format!("a loop of {length:?} begins"));
///     }
///
///     fn add(&self, count: u64) {
///         self.0.lock().unwrap().push(format!("{count} more are done"));
///     }
/// }
///
/// let log = Log(Mutex::new(Vec::new()));
/// let sum: u32 = (0..100_u32).into_par_iter().with_progress(&log).sum();
/// assert_eq!(sum, 4950);
/// let lines = log.0.into_inner().unwrap();
/// assert_eq!(lines[0], "a loop of Some(100) begins");
/// assert!(lines[1].ends_with(" more are done"));
/// ```
pub trait Progress: Send + Sync {
    /// Says that a loop of `length` items begins; `None` if their number is unknown. Does nothing unless overridden.
    ///
    /// Called once for each run of a loop, before its first item. Jobs of scopes do not call it.
    ///
    /// ```
    /// use paceline::{Progress, ProgressCounter};
    ///
    /// let counter = ProgressCounter::new();
    /// counter.begin(Some(8));
    /// assert_eq!(counter.total(), Some(8));
    /// ```
    fn begin(&self, length: Option<u64>) {
        _ = length;
    }

    /// Says that `count` more are done.
    ///
    /// Called by the threads that work, several at the same time. They wait until it returns, so it should be short, and
    /// must not wait for the work that it is told of. Its panic is that of the item or job that was reported; while
    /// another panic unwinds, it is swallowed.
    ///
    /// ```
    /// use paceline::{Progress, ProgressCounter};
    ///
    /// let bytes = ProgressCounter::new();
    /// // Work may also be counted by hand, in whatever unit.
    /// ["row", "of", "riders"].iter().for_each(|word| bytes.add(word.len() as u64));
    /// assert_eq!(bytes.done(), 11);
    /// ```
    fn add(&self, count: u64);
}

impl<P: Progress + ?Sized> Progress for &P {
    fn begin(&self, length: Option<u64>) {
        P::begin(self, length);
    }

    fn add(&self, count: u64) {
        P::add(self, count);
    }
}

impl<P: Progress + ?Sized> Progress for Arc<P> {
    fn begin(&self, length: Option<u64>) {
        P::begin(self, length);
    }

    fn add(&self, count: u64) {
        P::add(self, count);
    }
}

/// Counts work that is done, for other threads to read at any time.
///
/// On 32-bit targets both numbers wrap around at 2³².
///
/// ```
/// use paceline::ProgressCounter;
/// use paceline::extra::prelude::*;
/// use paceline::prelude::*;
///
/// let counter = ProgressCounter::new();
/// std::thread::scope(|threads| {
///     let work = threads.spawn(|| (0..1000_u64).into_par_iter().with_progress(&counter).map(|n| n * n).sum::<u64>());
///     while !work.is_finished() {
///         // Show a bar here, and sleep for a tenth of a second.
///         assert!(counter.done() <= 1000);
///         std::thread::yield_now();
///     }
/// });
/// assert_eq!((counter.done(), counter.total()), (1000, Some(1000)));
/// ```
pub struct ProgressCounter {
    done: AtomicUsize,
    /// The sum of the lengths that are known.
    length: AtomicUsize,
    /// How many lengths that is, and [`UNKNOWN`] more if one of them is not known.
    lengths: AtomicUsize,
    is_fixed: bool,
}

const UNKNOWN: usize = 1 << (usize::BITS - 1);

impl ProgressCounter {
    /// Makes a counter. Its total will be the sum of the lengths of the loops that begin to report to it.
    ///
    /// ```
    /// use paceline::ProgressCounter;
    ///
    /// let counter = ProgressCounter::new();
    /// assert_eq!((counter.done(), counter.total()), (0, None));
    /// ```
    pub fn new() -> Self {
        Self::with(0, false)
    }

    /// Makes a counter with a given total, which stays as it is: for jobs of scopes, and for loops of unknown length.
    ///
    /// ```
    /// use paceline::ProgressCounter;
    ///
    /// let counter = ProgressCounter::with_total(3);
    /// paceline::scope(|s| (0..3).for_each(|_| s.spawn_with_progress(&counter, |_| ())));
    /// assert_eq!((counter.done(), counter.total()), (3, Some(3)));
    /// ```
    pub fn with_total(total: u64) -> Self {
        Self::with(total, true)
    }

    fn with(total: u64, is_fixed: bool) -> Self {
        ProgressCounter {
            done: AtomicUsize::new(0),
            length: AtomicUsize::new(total as usize),
            lengths: AtomicUsize::new(usize::from(is_fixed)),
            is_fixed,
        }
    }

    /// The number that is done so far.
    ///
    /// When a loop or a scope has returned, all of its items or jobs are in it.
    ///
    /// ```
    /// use paceline::ProgressCounter;
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let counter = ProgressCounter::new();
    /// let even = (0..10_u32).into_par_iter().with_progress(&counter).filter(|n| n % 2 == 0).count();
    /// assert_eq!((even, counter.done()), (5, 10));
    /// ```
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed) as u64
    }

    /// The number that there will be in all: the given one, or the sum of the lengths of the loops that have begun. `None`
    /// if none has begun, or the length of one is unknown.
    ///
    /// ```
    /// use paceline::ProgressCounter;
    /// use paceline::extra::prelude::*;
    /// use paceline::prelude::*;
    ///
    /// let counter = ProgressCounter::new();
    /// for _ in 0..2 {
    ///     (0..10).into_par_iter().with_progress(&counter).for_each(|_| ());
    /// }
    /// assert_eq!(counter.total(), Some(20));
    /// ```
    pub fn total(&self) -> Option<u64> {
        let lengths = self.lengths.load(Ordering::Acquire);
        (lengths > 0 && lengths < UNKNOWN).then(|| self.length.load(Ordering::Relaxed) as u64)
    }
}

impl Progress for ProgressCounter {
    fn begin(&self, length: Option<u64>) {
        if self.is_fixed {
            return;
        }
        match length {
            Some(length) => {
                self.length.fetch_add(length as usize, Ordering::Relaxed);
                // Release: pairs with the acquire in `total`, so that a total has the length above in it.
                self.lengths.fetch_add(1, Ordering::Release);
            }
            None => _ = self.lengths.fetch_or(UNKNOWN, Ordering::Relaxed),
        }
    }

    fn add(&self, count: u64) {
        self.done.fetch_add(count as usize, Ordering::Relaxed);
    }
}

impl Default for ProgressCounter {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ProgressCounter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressCounter").field("done", &self.done()).field("total", &self.total()).finish()
    }
}

/// Reports `count`, if it is not zero. For destructors: while a panic unwinds, a panic of the report is swallowed.
pub(crate) fn report(progress: &dyn Progress, count: u64) {
    if count == 0 {
        return;
    }
    if thread::panicking() {
        unwind::dispose(unwind::halt(|| progress.add(count)));
    } else {
        progress.add(count);
    }
}
