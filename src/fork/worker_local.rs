//! `WorkerLocal`: a value for each worker of a pool.

use crate::fork::slot_values::{InUse, SlotValues};
use std::fmt;
use std::vec;

/// Keeps a `T` for each worker of a pool, so that jobs can count, collect or reuse memory without sharing.
///
/// The pool is the one that is current when the `WorkerLocal` is made: outside all pools, the global one. A worker
/// makes its value, by the closure, when it first asks for it, so there are never more values than the pool has
/// threads. When the work is done, [`iter_mut`](Self::iter_mut) and `into_iter` give them all.
///
/// Values belong to workers and not to threads: a thread from outside that takes the place of a thread of the global
/// pool for the time of a call uses that worker's value meanwhile. A thread that is no worker of the pool at all gets a
/// spare value for one call, which is made if none is free. No call blocks, except for a moment when two such threads
/// ask at the same time.
///
/// # Examples
///
/// ```
/// use paceline::WorkerLocal;
/// use paceline::prelude::*;
///
/// let found = WorkerLocal::new(Vec::new);
/// (0..10_000_u32).into_par_iter().filter(|n| n % 1000 == 7).for_each(|n| found.with_mut(|found| found.push(n)));
/// let mut found: Vec<u32> = found.into_iter().flatten().collect();
/// found.sort();
/// assert_eq!(found, [7, 1007, 2007, 3007, 4007, 5007, 6007, 7007, 8007, 9007]);
/// ```
pub struct WorkerLocal<T, F = fn() -> T> {
    values: SlotValues<T>,
    init: F,
}

impl<T: Send, F: Fn() -> T> WorkerLocal<T, F> {
    /// Makes no value yet: `init` will, once for each worker of the current pool that asks for one.
    ///
    /// ```
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    /// let calls = pool.install(|| paceline::WorkerLocal::new(|| 0));
    /// pool.broadcast(|_| calls.with_mut(|calls| *calls += 1));
    /// assert_eq!(calls.into_iter().collect::<Vec<_>>(), [1, 1]);
    /// ```
    pub fn new(init: F) -> Self {
        WorkerLocal { values: SlotValues::new(), init }
    }

    /// Calls `f` with the calling worker's value. No other call has access to it meanwhile.
    ///
    /// # Panics
    ///
    /// When the value is in use: a worker must not ask for its value again in `f` or in the closure that makes it. Nor
    /// may another job that runs on that worker meanwhile. While a worker waits (in a `join`, a scope, a parallel
    /// iterator) other jobs run on it, so it is best not to wait within `f`.
    ///
    /// A panic of `f` goes on to the caller, and leaves the value as it is.
    ///
    /// ```
    /// let longest = paceline::WorkerLocal::new(String::new);
    /// let length = longest.with_mut(|longest| {
    ///     longest.push_str("a row of riders");
    ///     longest.len()
    /// });
    /// assert_eq!(length, 15);
    /// ```
    #[track_caller]
    pub fn with_mut<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        match self.values.with_mut(&self.init, f) {
            Ok(result) => result,
            Err(InUse) => in_use(),
        }
    }

    /// Calls `f` with the calling worker's value. No other thread has access to it meanwhile, so `T` need not be
    /// `Sync`.
    ///
    /// Within `f`, and in jobs that its thread runs while it waits there, `with` may be called again.
    ///
    /// # Panics
    ///
    /// When the value is in use by [`with_mut`](Self::with_mut) or is being made. Also when it is in use by `with` on
    /// another thread; this happens only where a worker's own thread runs a broadcast while another thread holds its
    /// place and waits within `f`.
    ///
    /// A panic of `f` goes on to the caller.
    ///
    /// ```
    /// use std::cell::Cell;
    ///
    /// let calls = paceline::WorkerLocal::new(|| Cell::new(0));
    /// calls.with(|calls| calls.set(calls.get() + 1));
    /// assert_eq!(calls.into_iter().map(Cell::into_inner).sum::<i32>(), 1);
    /// ```
    #[track_caller]
    pub fn with<R>(&self, f: impl FnOnce(&T) -> R) -> R {
        match self.values.with(&self.init, f) {
            Ok(result) => result,
            Err(InUse) => in_use(),
        }
    }

    /// The values that have been made: those of workers by their index, then those of other threads.
    ///
    /// ```
    /// let mut tallies = paceline::WorkerLocal::new(|| [0; 2]);
    /// tallies.with_mut(|tally| tally[1] += 3);
    /// assert_eq!(tallies.iter_mut().map(|tally| tally[1]).sum::<i32>(), 3);
    /// ```
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.values.iter_mut()
    }
}

#[cold]
#[track_caller]
fn in_use() -> ! {
    panic!(
        "this worker's value of a WorkerLocal is in use: it was asked for again within `with` or `with_mut`, perhaps by \
         another job that the worker ran while it waited there"
    )
}

/// The values that have been made: those of workers by their index, then those of other threads.
///
/// ```
/// let sums = paceline::WorkerLocal::new(|| 0);
/// paceline::join(|| sums.with_mut(|sum| *sum += 1), || sums.with_mut(|sum| *sum += 2));
/// assert_eq!(sums.into_iter().sum::<i32>(), 3);
/// ```
impl<T: Send, F: Fn() -> T> IntoIterator for WorkerLocal<T, F> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.into_values().into_iter()
    }
}

/// The values begin as `T`'s default.
///
/// ```
/// let counts = paceline::WorkerLocal::<u64>::default();
/// counts.with(|count| assert_eq!(*count, 0));
/// ```
impl<T: Send + Default> Default for WorkerLocal<T> {
    fn default() -> Self {
        WorkerLocal::new(T::default)
    }
}

impl<T, F> fmt::Debug for WorkerLocal<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerLocal").field("values", &self.values).finish_non_exhaustive()
    }
}
