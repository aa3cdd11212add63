//! Parallel task execution: `join`, scopes, spawns, thread pools and parallel iterators over a work-stealing scheduler
//! that shares work only when a thread is idle.
//!
//! # Where to begin
//!
//! - To run a loop over a collection in parallel, bring the [`prelude`] into scope and call `par_iter()`,
//!   `par_iter_mut()` or `into_par_iter()` in place of `iter()`. [`iter`] has the adaptors, and [`extra`] those methods
//!   that rayon does not have.
//! - To divide and conquer, call [`join()`] at every level. A fork that no other thread takes costs about as much as a
//!   call, so there is no need for a cut-off.
//! - For any number of jobs that borrow from your frame, open a [`scope()`].
//! - For jobs that the caller does not wait for, [`spawn()`]; for such jobs with a priority, [`spawn_with()`]; for jobs
//!   with a result, to be waited for or awaited, [`spawn_task()`].
//! - For a job that blocks (on a file, a connection, a lock, a channel): [`blocking()`], so that another thread uses
//!   the processor meanwhile.
//! - To have the pool poll a future, [`spawn_future()`]; to wait for one, [`block_on()`].
//! - To work in parallel on the items of any iterator, a window of them at a time, and go on with a plain iterator:
//!   [`ParallelMap::par_map_ordered`].
//! - To run a plain loop over the items of a parallel iterator, in order and while they are made:
//!   [`IntoSeqIterator::into_seq_iter`].
//! - For items that arrive one by one, and threads that keep a state between them, [`workers`].
//! - To see what each thread does, [`trace::record`]; to learn how far more cores can help, [`scalability()`].
//! - To stop a loop or a scope before its end, give it a [`CancelToken`].
//! - To show how far a loop, a scope or a stream is, give it a [`ProgressCounter`] or a bar:
//!   [`with_progress`](extra::ParallelIteratorExt::with_progress).
//! - For counters and memory that jobs do not have to share, one for each worker: [`WorkerLocal`], or
//!   [`map_worker_init`](extra::ParallelIteratorExt::map_worker_init) in a loop.
//! - For a pool with a given number of threads, thread names or stack size, [`ThreadPoolBuilder`]. Everything that is
//!   called inside [`ThreadPool::install`] runs in that pool.
//!
//! ```
//! use paceline::prelude::*;
//!
//! let words = ["row", "of", "riders", "taking", "turns"];
//! let letters: usize = words.par_iter().map(|word| word.len()).sum();
//! assert_eq!(letters, 22);
//! ```
//!
//! # The global pool
//!
//! A call outside all pools runs in the global pool, which is made on first use. By default the global pool has a
//! thread for each processor that the affinity mask and the cgroup quota leave to this process. The environment
//! variable `PACELINE_NUM_THREADS` (else `RAYON_NUM_THREADS`) or [`ThreadPoolBuilder::build_global`] sets another
//! number. In a container that requests processors and has no quota, see
//! [`entitled_processors`](ThreadPoolBuilder::entitled_processors).
//!
//! If a thread outside all pools calls [`join()`], [`scope()`] or a parallel iterator, it works on the call itself. It
//! takes the place of a thread of the global pool that sleeps, and the other threads help. So closures may run on the
//! calling thread, with its name, its thread-locals and its stack, and have a [`current_thread_index`] there. When no
//! thread of the pool sleeps, the call is handed over, and the caller waits. The same happens when the caller has less
//! stack left than std gives a thread (two megabytes, less an eighth of one), so that closures have as much stack as on
//! the pool's threads. That holds on systems that tell how much stack is left: Linux, Android, macOS, iOS and Windows.
//! All closures run on the pool's own threads in any pool but the global one. The same holds for a global pool that was
//! built with a stack size, a start handler, a spawn handler or `use_current_thread`.
//!
//! # Waiting
//!
//! A thread can wait in a job: in `join`, a scope, `install`, a parallel iterator, for a [`JoinHandle`] or in
//! [`block_on()`]. Meanwhile it works on other parts of the task, call or loop that it waits in, and on broadcasts. If
//! there are other jobs, another thread of the pool takes its place and works on those. So no other job runs on top of
//! the wait, and waits there for something that the frames beneath it would do:
//!
//! ```
//! let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
//! let lock = std::sync::Arc::new(std::sync::Mutex::new(20));
//! let shared = std::sync::Arc::clone(&lock);
//! let sum = pool.install(|| {
//!     let mut number = lock.lock().unwrap();
//!     // Another job of the pool, which wants the lock too.
//!     paceline::spawn(move || *shared.lock().unwrap() += 100);
//!     // While the only thread waits for this task it does not begin the job above, which would block for ever.
//!     *number += paceline::spawn_task(|| 22).join().unwrap();
//!     *number
//! });
//! assert_eq!(sum, 42);
//! ```
//!
//! *Locks.* Parts of the same loop, scope or `join` may run on top of each other's waits. If one of them holds a lock
//! across such a wait, and another asks for it, the thread can wait for itself. So make a parallel call under a lock
//! inside of [`isolate()`], where only the call's own parts run on top of a wait. Other jobs that ask for the lock may
//! block in the place of the thread that holds it. When the holder can go on, it waits a tenth of a second for its
//! place, and then goes on without one. (Until one of the two ends its job or waits, there is one more thread at work
//! than the pool has, and the two have the same index.) Nor should one half of a `join` block for something that the
//! other half does: the halves may run one after the other.
//!
//! *A caller from outside* that works in the place of a sleeping thread runs only parts of its own call. So no other
//! job runs on it while it holds a lock, or sees its thread-locals. While the caller waits, the pool's thread has its
//! place back. When the caller goes on it gets this place again, with the same index; or another place, if the pool's
//! thread takes long over a job:
//!
//! ```
//! use std::cell::Cell;
//!
//! thread_local! {
//!     static NAME: Cell<&str> = const { Cell::new("none") };
//! }
//!
//! paceline::spawn(|| NAME.set("the job's"));
//! NAME.set("the caller's");
//! // The first closure runs here, or on a thread of the pool. The job above does not run here, whatever the call waits for.
//! paceline::join(|| (), || ());
//! assert_eq!(NAME.get(), "the caller's");
//! ```
//!
//! *[`yield_now`]* runs one job of the pool on top of the caller, whichever it is; on a caller from outside it runs
//! only a part of that call, or lets another thread run a job in its place. *[`block_on()`]* lets other jobs run
//! between two polls, even if the future has woken itself.
//!
//! [`max_blocking_threads`] bounds the number of threads that take the place of a waiting one. Where no such thread is
//! available (the bound is reached; the pool has a spawn handler; the waiting thread is that of `use_current_thread`),
//! the waiting thread runs other jobs itself.
//!
//! [`max_blocking_threads`]: ThreadPoolBuilder::max_blocking_threads
//!
//! # Numbers about a pool
//!
//! [`metrics()`] and [`ThreadPool::metrics`] tell what the threads of a pool have done so far, and what waits in its queues:
//! whether its threads are at work or asleep, whether jobs pile up and where, and where the number of threads comes from. Each
//! thread counts for itself all the time, which costs next to nothing. [`PoolMetrics`] can be printed, subtracted, and serialised
//! with the feature `serde`:
//!
//! ```
//! use paceline::prelude::*;
//!
//! let before = paceline::metrics();
//! let squares: Vec<u64> = (0..100_000_u64).into_par_iter().map(|x| x * x).collect();
//! assert_eq!(squares[300], 90_000);
//! println!("{}", paceline::metrics().since(&before));
//! ```
//!
//! # Programs that do not go on
//!
//! With the environment variable `PACELINE_WATCHDOG` set to a time (`500ms`, `5s`, `2min`), a thread of the process reports on
//! stderr when nothing has moved for so long although something is owed: which threads run and wait, for what, and at which
//! line of the program; the jobs in queues; and for well-known mistakes the sentence that explains them, with the remedy. The
//! program goes on, and while nothing moves the report comes again after twice the time each time. Where the variable is not
//! set there is no such thread. `docs/watchdog.md` in the repository has a report, and how to read it.
//! # Context
//!
//! A thread-local setting, such as the request that a log line belongs to, stays on its thread, and the parts of a loop do not.
//! [`carry_context`] has such a setting follow the work: every closure that descends from a call finds it, on whichever thread
//! it runs.
//!
//! With the feature `tracing` the current span of the crate `tracing`, and its subscriber, follow the work with nothing more to
//! do. A thread that waits leaves its spans for a job that it runs meanwhile, and is in them again afterwards. Without a
//! subscriber this costs one load for each job; with one, each fork looks for the current span. Set the subscriber before the
//! work begins.
//!
#![cfg_attr(feature = "tracing", doc = "```")]
#![cfg_attr(not(feature = "tracing"), doc = "```ignore")]
//! use paceline::prelude::*;
//! use tracing::{Span, info_span};
//!
//! tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
//!
//! let request = info_span!("request", number = 17);
//! request.in_scope(|| {
//!     // An event in this closure is recorded as one of the request.
//!     (0..10_000).into_par_iter().for_each(|_| assert_eq!(Span::current().id(), request.id()));
//! });
//! ```
//!
//! # Without threads
//!
//! Where the system gives the global pool no thread, as on `wasm32-unknown-unknown`, every call does its work on the
//! calling thread, and a spawned job has run when `spawn` returns. Other pools cannot be built there, except one of the
//! calling thread alone ([`use_current_thread`](ThreadPoolBuilder::use_current_thread)). On WebAssembly, a call that
//! waits for something that only another thread could do panics with a message. In a program for the web that has
//! threads, the feature `web_spin_lock` has the main thread spin where it would block, which browsers forbid.
//!
//! # Coming from rayon
//!
//! Names, signatures and documented behaviour are those of rayon 1.12, `iter::plumbing` included, so
//! `rayon = { package = "paceline", version = "0.1" }` moves a program. If its dependencies use rayon too, they move with
//! it by `[patch.crates-io]`: see `docs/dependencies.md` in the repository. The [`prelude`] and rayon's traits have no
//! other names, so that a program's own extension traits are never ambiguous with ours, which are in [`extra`].

// docs.rs builds with nightly and this cfg: rustdoc then labels each item that a feature brings.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod collections;
pub mod extra;
mod fork;
pub mod iter;
mod job;
mod pool;
pub mod prelude;
pub mod slice;
pub mod stream;
mod sync;
mod task;
mod text;
pub mod trace;

pub mod array {
    //! Iterates over an array in parallel, by value: `into_par_iter()`. For references, see [`slice`](crate::slice).
    //!
    //! ```
    //! use paceline::prelude::*;
    //!
    //! let squares: Vec<u32> = [1, 2, 3].into_par_iter().map(|n| n * n).collect();
    //! assert_eq!(squares, [1, 4, 9]);
    //! ```
    pub use crate::iter::source::array::IntoIter;
}
pub mod option {
    //! Takes an option for a parallel iterator of one item or none: `into_par_iter()`, `par_iter()`, `par_iter_mut()`.
    //!
    //! ```
    //! use paceline::prelude::*;
    //!
    //! let all: Vec<u32> = Some(1).into_par_iter().chain([2, 3]).collect();
    //! assert_eq!(all, [1, 2, 3]);
    //! ```
    pub use crate::iter::source::option::{IntoIter, Iter, IterMut};
}
pub mod range {
    //! Iterates over a range of integers or characters in parallel: `(0..n).into_par_iter()`.
    //!
    //! ```
    //! use paceline::prelude::*;
    //!
    //! let sum: u64 = (0..1000_u64).into_par_iter().map(|n| n * n).sum();
    //! assert_eq!(sum, 332_833_500);
    //! ```
    pub use crate::iter::source::range::Iter;
}
pub mod range_inclusive {
    //! Iterates over a range of integers or characters in parallel, its end included: `(1..=n).into_par_iter()`.
    //!
    //! ```
    //! use paceline::prelude::*;
    //!
    //! let letters: String = ('a'..='e').into_par_iter().collect();
    //! assert_eq!(letters, "abcde");
    //! ```
    pub use crate::iter::source::range_inclusive::Iter;
}
pub mod result {
    //! Takes a result for a parallel iterator of one item, or none if it is an error: `into_par_iter()` and its kin.
    //!
    //! ```
    //! use paceline::prelude::*;
    //!
    //! let parsed = ["7", "x", "9"].into_par_iter().flat_map(|text| text.parse::<u32>());
    //! assert_eq!(parsed.collect::<Vec<_>>(), [7, 9]);
    //! ```
    pub use crate::iter::source::result::{IntoIter, Iter, IterMut};
}
pub mod str {
    //! Goes through the characters, lines, words or matches of a string in parallel, by the methods of [`ParallelString`].
    //!
    //! ```
    //! use paceline::prelude::*;
    //!
    //! let words = "row of riders".par_split_whitespace().map(str::len);
    //! assert_eq!(words.collect::<Vec<_>>(), [3, 2, 6]);
    //! ```
    pub use crate::text::chars::{Bytes, CharIndices, Chars, EncodeUtf16};
    pub use crate::text::lines::{Lines, SplitAsciiWhitespace, SplitWhitespace};
    pub use crate::text::matches::{MatchIndices, Matches};
    pub use crate::text::parallel_string::ParallelString;
    pub use crate::text::split::{Split, SplitInclusive, SplitTerminator};
}
pub mod string {
    //! Takes a range of characters out of a string in parallel: `par_drain(range)`.
    //!
    //! ```
    //! use paceline::prelude::*;
    //!
    //! let mut text = "a few words".to_string();
    //! let taken: String = text.par_drain(..2).collect();
    //! assert_eq!((&*taken, &*text), ("a ", "few words"));
    //! ```
    pub use crate::text::drain::Drain;
}
pub mod vec {
    //! Iterates over a vector in parallel, by value: `into_par_iter()` and `par_drain(range)`. For references, see
    //! [`slice`](crate::slice). [`ParallelVec`] removes repeated neighbours.
    //!
    //! ```
    //! use paceline::prelude::*;
    //!
    //! let mut words = vec!["row", "of", "riders"];
    //! let taken: Vec<String> = words.par_drain(1..).map(str::to_uppercase).collect();
    //! assert_eq!((taken, words), (vec!["OF".to_string(), "RIDERS".to_string()], vec!["row"]));
    //! ```
    pub use crate::iter::source::vec::IntoIter;
    pub use crate::iter::source::vec_drain::Drain;
    #[doc(no_inline)]
    pub use crate::slice::parallel_vec::ParallelVec;
}

#[cfg(sim)]
#[doc(hidden)]
pub use crate::sync::sim;

pub use crate::fork::blocking::blocking;
pub use crate::fork::broadcast::{BroadcastContext, broadcast, spawn_broadcast};
pub use crate::fork::context::FnContext;
pub use crate::fork::isolate::isolate;
pub use crate::fork::join::{join, join_context};
pub use crate::fork::priority::{Priority, spawn_with};
pub use crate::fork::progress::{Progress, ProgressCounter};
pub use crate::fork::scalability::scalability;
pub use crate::fork::scope::{Scope, ScopeFifo, in_place_scope, in_place_scope_fifo, scope, scope_fifo};
pub use crate::fork::spawn::{spawn, spawn_fifo};
pub use crate::fork::worker_local::WorkerLocal;
pub use crate::fork::yielding::{
    Yield, current_num_threads, current_thread_has_pending_tasks, current_thread_index, yield_local, yield_now,
};
pub use crate::job::context::carry_context;
pub use crate::pool::builder::ThreadPoolBuilder;
#[allow(deprecated, reason = "programs that still use the old names move too")]
pub use crate::pool::configuration::{Configuration, initialize};
pub use crate::pool::error::ThreadPoolBuildError;
pub use crate::pool::metrics::pool_metrics::{PoolMetrics, WaitingJobs};
pub use crate::pool::metrics::reading::metrics;
pub use crate::pool::metrics::rule::NumThreadsRule;
pub use crate::pool::metrics::worker_metrics::WorkerMetrics;
pub use crate::pool::phase::{Phase, phase};
pub use crate::pool::size::max_num_threads;
pub use crate::pool::thread_builder::ThreadBuilder;
pub use crate::pool::thread_pool::ThreadPool;
#[doc(inline)]
pub use crate::stream::workers;
pub use crate::stream::{IntoSeqIterator, ParallelMap};
pub use crate::task::abort_handle::AbortHandle;
pub use crate::task::block_on::block_on;
pub use crate::task::cancel::CancelToken;
pub use crate::task::cancel_on_drop::CancelOnDrop;
pub use crate::task::cancellation::WaitForCancellation;
pub use crate::task::cancelled::Cancelled;
pub use crate::task::drop_guard::DropGuard;
pub use crate::task::error::TaskError;
pub use crate::task::join_handle::JoinHandle;
pub use crate::task::scoped_task::ScopedJoinHandle;
pub use crate::task::spawn::{spawn_future, spawn_future_with, spawn_task, spawn_task_with};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
