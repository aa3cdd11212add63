//! Worker pools: a bounded queue in front of threads that each have a state of their own.
//!
//! This is for work that comes item by item, from elsewhere, as long as the program runs, and that keeps something from
//! one item to the next: a connection, a decoder, a large buffer. Programs often build this by hand from a bounded
//! channel, some threads, and a second channel for the results. [`WorkerPool`] does that, with the parts that are
//! easily forgotten: a bound on everything, an orderly end, and the handling of panics. For a collection that is there
//! already, a [parallel iterator](crate::iter) is the better tool.
//!
//! ```
//! use paceline::workers::{Order, WorkerPool};
//!
//! let (pool, results) = WorkerPool::builder()
//!     .threads(3)
//!     .capacity(16)
//!     .init(|_worker| String::new())
//!     .build_with_results(Order::Submission, |buffer, number: u32| {
//!         buffer.clear();
//!         buffer.push_str(&number.to_string());
//!         buffer.len()
//!     })?;
//! std::thread::scope(|scope| {
//!     scope.spawn(|| {
//!         for number in [7, 4096, 65_536] {
//!             pool.submit(number).expect("the pool is open");
//!         }
//!         pool.close();
//!     });
//!     let lengths: Result<Vec<usize>, _> = results.collect();
//!     assert_eq!(lengths.unwrap(), [1, 4, 5]);
//! });
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Results
//!
//! [`build`](WorkerPoolBuilder::build) makes a pool without results: only the effects of `work` count.
//! [`build_with_results`](WorkerPoolBuilder::build_with_results) also returns one receiver of all [`Results`], in the
//! order of submission or in that of completion. This is for one consumer of all results.
//!
//! [`build_with_handles`](WorkerPoolBuilder::build_with_handles) is for submitters that each want the answer to their
//! own requests: there is an [`ItemHandle`] for each item, which a thread joins, or a future of any async runtime
//! awaits. Each handle costs an allocation.
//!
//! ```
//! use paceline::workers::{Request, WorkerPool};
//!
//! /// A handler of some server: it holds up no thread, neither for room nor for the result.
//! async fn handle(pool: &WorkerPool<Request<String, usize>>, body: String) -> Result<usize, &'static str> {
//!     let (request, answer) = Request::new(body);
//!     pool.submit_async(request).await.map_err(|_| "shutting down")?;
//!     answer.await.map_err(|_| "broken")
//! }
//!
//! let pool = WorkerPool::builder().threads(2).capacity(16).build_with_handles(|_, body: String| body.len())?;
//! assert_eq!(paceline::block_on(handle(&pool, "a request".to_owned())), Ok(9));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Bounds
//!
//! With capacity `c` and `n` threads, at most `c` items wait to be begun, and at most `c + n` have begun and have
//! results that were not taken yet: `n` that workers are working on, and `c` results. When no results are taken, the
//! workers stop; then the queue fills up; then submitters wait. So a thread that first submits any number of items, and
//! only then takes results, waits for itself for ever. Submit and take on two threads, or on one thread as here. This
//! loop cannot get stuck, because a full queue means that results will come:
//!
//! ```
//! use paceline::workers::{Order, TrySubmitError, WorkerPool};
//!
//! let work = |_: &mut (), number: u64| number * number;
//! let (pool, mut results) =
//!     WorkerPool::builder().threads(2).capacity(4).build_with_results(Order::Completion, work)?;
//! let mut sum = 0;
//! for mut number in 1..=100 {
//!     while let Err(refused) = pool.try_submit(number) {
//!         assert!(matches!(refused, TrySubmitError::Full(_)), "the pool is open");
//!         number = refused.into_inner();
//!         sum += results.next().expect("the pool is open").expect("no panic");
//!     }
//! }
//! pool.close();
//! sum += results.map(|result| result.expect("no panic")).sum::<u64>();
//! assert_eq!(sum, 338_350);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Results in handles have no bound but the number of handles that the program keeps: workers do not wait for those who
//! hold them.
//!
//! Once the pool is closed nothing more can come in, so the bound on results is lifted:
//! [`shutdown`](WorkerPool::shutdown) never waits until results are taken. They can be taken afterwards.
//!
//! # The threads
//!
//! They are threads of the pool's own, started by std; they belong to no work-stealing pool. A parallel iterator, a
//! [`join`](crate::join()) or a [`scope`](crate::scope()) inside `work` runs as from any thread outside: with the help
//! of the global pool. If there are as many workers as processors, each with a parallel iterator inside, they share
//! those processors.
//!
//! # Panics and errors
//!
//! A panic of `work` ends that item and the worker's state, and nothing else. It is reported as that item's
//! [result](Results) or by its [handle](ItemHandle); if there is neither, by [`shutdown`](WorkerPool::shutdown). The
//! report is a [`WorkerError`], with the panic's payload. The worker drops its state, makes a new one by `init` and
//! goes on. It does the same without a panic, when [`renew_if`](WorkerPoolBuilder::renew_if) says that the state is of
//! no use any more, such as a connection that has died.
//!
//! When the pool is made, a panic of `init` reaches the caller of `build`, and `build` returns the error of
//! [`try_init`](WorkerPoolBuilder::try_init). Later the pool loses that worker, and `shutdown` reports why. With its
//! last worker the pool closes, and [`shutdown_now`](WorkerPool::shutdown_now) hands back the items that were left in
//! the queue. If a destructor panics on a worker (of a state, or of a result that is not taken), only the panic's
//! message is seen.

mod builder;
mod error;
mod gate;
mod handle;
mod pool;
mod request;
mod results;
mod settings;
mod shared;
mod sink;
mod submit;
mod worker;
mod worker_error;

pub use self::builder::WorkerPoolBuilder;
pub use self::error::{SubmitError, SubmitTimeoutError, TrySubmitError};
pub use self::handle::ItemHandle;
pub use self::pool::WorkerPool;
pub use self::request::Request;
pub use self::results::{Numbered, Order, Results};
pub use self::submit::SubmitAsync;
pub use self::worker_error::WorkerError;
