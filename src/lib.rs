//! Parallel task execution: `join`, scopes, spawns, thread pools and parallel iterators over a work-stealing scheduler
//! that shares work only when somebody is idle.
//!
//! # Where to begin
//!
//! - To run a loop over a collection in parallel, bring the [`prelude`] into scope and say `par_iter()`, `par_iter_mut()`
//!   or `into_par_iter()` where you said `iter()`. [`iter`] has the adaptors.
//! - To divide and conquer, call [`join()`] at every level. A fork that nobody takes costs about as much as a call, so
//!   there is no need for a cut-off.
//! - For any number of jobs that borrow from your frame, open a [`scope()`].
//! - For jobs that nobody waits for, [`spawn()`]; with a say in how soon they begin, [`spawn_with()`]; for jobs with a
//!   result, to be waited for or awaited, [`spawn_task()`].
//! - For a job that blocks (on a file, a connection, a lock, a channel): [`blocking()`], so that its processor goes on working
//!   for others.
//! - To have the pool poll a future, [`spawn_future()`]; to wait for one, [`block_on()`].
//! - To work in parallel on the items of any iterator, a window of them at a time, and go on with a plain iterator:
//!   [`ParallelMap::par_map_ordered`].
//! - To go on with a plain loop over what a parallel iterator makes, in order and while it is made:
//!   [`IntoSeqIterator::into_seq_iter`].
//! - For items that come one by one from elsewhere, and threads that keep a state between them, [`workers`].
//! - To stop a loop or a scope before its end, give it a [`CancelToken`].
//! - For counters and memory that jobs do not have to share, one for each worker: [`WorkerLocal`], or
//!   [`map_worker_init`](iter::ParallelIterator::map_worker_init) in a loop.
//! - For a pool of its own size, names or stacks, [`ThreadPoolBuilder`]. Everything that is called inside
//!   [`ThreadPool::install`] runs there.
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
//! What is called outside a pool runs in the global one, which is made on first use. It has a thread for each processor
//! that the affinity mask and the cgroup quota leave to this process, or as many as the environment variable
//! `PACELINE_NUM_THREADS` (else `RAYON_NUM_THREADS`) says, or what [`ThreadPoolBuilder::build_global`] was told.
//!
//! Each worker of a pool has a *slot*: an index and a queue of jobs. A thread outside all pools that calls [`join()`],
//! [`scope()`] or a parallel iterator takes the slot of a sleeping worker of the global pool, and works on its call itself
//! while the other workers help. So closures may run on the calling thread, with its name, its thread-locals and its
//! stack, and have a [`current_thread_index`] there. When no worker sleeps the call is handed over, and the caller waits.
//! A global pool that was built with a stack size, a start handler, a spawn handler or `use_current_thread` gives its
//! slots to no other thread, and neither does any pool but the global one: closures that are called through
//! [`ThreadPool::install`] run on the pool's own threads.
//!
//! # Waiting
//!
//! A worker that waits works meanwhile on what the task, scope or loop has begun that it waits in, and on broadcasts, and
//! lets another thread of the pool work on everything else in its place. So a job never runs on top of the wait of a job that it waits for. Still, do
//! not hold a lock across a call that waits (`join`, `scope`, `install`, a parallel iterator) if other jobs may want it: the
//! next iteration of the same loop could be one of them, on the same thread; and a job that has the place
//! and waits for the lock does not give the place back. Where a lock must be held, make the call inside of [`isolate()`]:
//! then neither this thread nor those that help it run anything but parts of it, and the place is kept. (A caller from
//! outside that has taken a worker's slot runs only parts of its own call while it waits, and keeps the slot.) And do not
//! block in one half of a `join` for something that the other half does: they may run one after the other.
//!
//! A thread that takes the place is one of those that [`max_blocking_threads`] bounds. Where there is none to be had (the
//! bound is reached; the pool has a spawn handler; it is the thread of `use_current_thread`) the waiting thread runs other
//! jobs itself.
//!
//! [`max_blocking_threads`]: ThreadPoolBuilder::max_blocking_threads
//!
//! # Without threads
//!
//! Where the system gives the global pool no thread, as on `wasm32-unknown-unknown`, every call does its work itself, on the
//! calling thread, and a spawned job has run when `spawn` returns. A pool of one's own cannot be built there, except of the
//! calling thread alone ([`use_current_thread`](ThreadPoolBuilder::use_current_thread)). On WebAssembly, a call that waits
//! for what only another thread could do panics with a message.
//!
//! # Coming from rayon
//!
//! Names, signatures and documented behaviour are those of rayon 1.12, `iter::plumbing` included, so
//! `rayon = { package = "paceline", version = "0.1" }` moves a program.

pub mod collections;
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

pub mod array {
    //! The parallel iterator over an array, by value.
    pub use crate::iter::source::array::IntoIter;
}
pub mod option {
    //! The parallel iterators over options.
    pub use crate::iter::source::option::{IntoIter, Iter, IterMut};
}
pub mod range {
    //! The parallel iterator over a range of integers.
    pub use crate::iter::source::range::Iter;
}
pub mod range_inclusive {
    //! The parallel iterator over a range of integers or characters that includes its end.
    pub use crate::iter::source::range_inclusive::Iter;
}
pub mod result {
    //! The parallel iterators over results.
    pub use crate::iter::source::result::{IntoIter, Iter, IterMut};
}
pub mod str {
    //! The parallel iterators over the characters, bytes and parts of a string, and the trait that makes them.
    pub use crate::text::chars::{Bytes, CharIndices, Chars, EncodeUtf16};
    pub use crate::text::lines::{Lines, SplitAsciiWhitespace, SplitWhitespace};
    pub use crate::text::matches::{MatchIndices, Matches};
    pub use crate::text::parallel_string::ParallelString;
    pub use crate::text::split::{Split, SplitInclusive, SplitTerminator};
}
pub mod string {
    //! The parallel iterator that takes characters out of a string.
    pub use crate::text::drain::Drain;
}
pub mod vec {
    //! The parallel iterators over a vector, by value, and [`ParallelVec`], which removes repeated neighbours from one.
    pub use crate::iter::source::vec::IntoIter;
    pub use crate::iter::source::vec_drain::Drain;
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
pub use crate::fork::scope::{Scope, ScopeFifo, in_place_scope, in_place_scope_fifo, scope, scope_fifo};
pub use crate::fork::spawn::{spawn, spawn_fifo};
pub use crate::fork::worker_local::WorkerLocal;
pub use crate::fork::yielding::{
    Yield, current_num_threads, current_thread_has_pending_tasks, current_thread_index, yield_local, yield_now,
};
pub use crate::pool::builder::ThreadPoolBuilder;
#[allow(deprecated, reason = "programs that still use the old names move too")]
pub use crate::pool::configuration::{Configuration, initialize};
pub use crate::pool::error::ThreadPoolBuildError;
pub use crate::pool::size::max_num_threads;
pub use crate::pool::thread_builder::ThreadBuilder;
pub use crate::pool::thread_pool::ThreadPool;
pub use crate::stream::{IntoSeqIterator, ParallelMap, workers};
pub use crate::task::block_on::block_on;
pub use crate::task::cancel::CancelToken;
pub use crate::task::cancel_on_drop::CancelOnDrop;
pub use crate::task::cancelled::Cancelled;
pub use crate::task::join_handle::JoinHandle;
pub use crate::task::scoped_task::ScopedJoinHandle;
pub use crate::task::spawn::{spawn_future, spawn_task};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
