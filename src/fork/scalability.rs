//! `scalability`: a call that is measured on one thread, as if there were any number.

use crate::pool::builder::ThreadPoolBuilder;
use crate::trace::Scalability;

/// Calls `f` on one thread and measures how far more cores could speed it up, and what holds it back.
///
/// `f` runs in a pool of its own with one thread. That thread runs both halves of every `join`, all parts of every loop
/// and all jobs of every scope one after the other, and measures each. From this follow the *work* (the time of all of
/// them) and the *span* (the time that would be left if all that may run at the same time did). The work divided by the
/// span is the greatest speedup that any number of cores can give. Give phases a name with
/// [`trace::named`](crate::trace::named): then the result says how much of the span each has.
///
/// # What the measurement counts
///
/// - `join`, parallel iterators, sorts and scopes. A loop is measured in blocks of some microseconds, or single items if
///   those take longer; so the span of a loop is too long by less than a block.
/// - What [`spawn`](crate::spawn()), tasks and streams do counts as work of the frame that waits for it, and so as serial,
///   or not at all if no frame waits.
/// - What runs in another pool, by [`install`](crate::ThreadPool::install), counts with the time that the caller waits.
/// - Time in which a thread blocks counts as work.
/// - Threads share caches and memory: work that is bound by memory scales worse than this says.
/// - The measurement itself costs some hundred nanoseconds for each fork and each block; it is not counted, but for what it
///   costs the caches. So the call takes longer than on one thread without it.
///
/// A job of a scope runs within `spawn`. So a caller must not hold a lock there that the job takes, and halves of a `join`
/// or jobs that wait for each other wait for ever.
///
/// # Panics
///
/// With `f`'s panic, and if the system does not start a thread.
///
/// # Examples
///
/// ```
/// use paceline::prelude::*;
/// use paceline::trace;
///
/// let (sum, scalability) = paceline::scalability(|| {
///     let numbers: Vec<u64> = trace::named("make", || (0..100_000).collect());
///     trace::named("add", || numbers.par_iter().map(|number| number % 7).sum::<u64>())
/// });
/// assert_eq!(sum, (0..100_000).map(|number| number % 7).sum());
/// // "on no number of cores more than … times as fast", "of the span are in `make` … %"
/// println!("{scalability}");
/// assert!(scalability.span() <= scalability.work());
/// assert!(scalability.names().iter().any(|share| share.name() == Some("make")));
/// ```
pub fn scalability<R, F>(f: F) -> (R, Scalability)
where
    F: FnOnce() -> R + Send,
    R: Send,
{
    let pool = ThreadPoolBuilder::new().num_threads(1).build().expect("the system starts a thread");
    pool.install(|| Scalability::measure(f))
}

#[cfg(all(test, not(any(loom, sim))))]
pub(crate) mod tests;
