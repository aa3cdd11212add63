//! `WorkerPoolBuilder`: how large a pool is, what its workers start with, and how its threads are started.

use super::pool::WorkerPool;
use super::request::{Handles, Request};
use super::results::{Order, Results, results};
use super::settings::Settings;
use super::sink::Nowhere;
use super::worker_error::BoxError;
use crate::sync::quiet::Quiet;
use std::fmt;
use std::io;
use std::sync::Arc;

/// Makes a [`WorkerPool`]; [`WorkerPool::builder`] begins one.
///
/// `S` is the state that each worker has to itself. [`init`](Self::init) makes it on the worker's own thread. It never
/// leaves that thread, so it need not be `Send`; it is dropped there when the pool ends.
///
/// # Examples
///
/// ```
/// use paceline::workers::WorkerPool;
///
/// let pool = WorkerPool::builder()
///     .threads(4)
///     .capacity(64)
///     .name("thumbnailer")
///     .init(|_worker| Vec::with_capacity(1 << 20))
///     .build(|buffer: &mut Vec<u8>, picture: Vec<u8>| {
///         buffer.clear();
///         buffer.extend(picture.iter().step_by(8));
///     })?;
/// pool.submit(vec![255; 4096]).unwrap();
/// pool.shutdown().unwrap();
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "a builder does nothing until it builds"]
pub struct WorkerPoolBuilder<S = ()> {
    settings: Settings<S>,
}

impl WorkerPool<()> {
    /// Begins a pool, with everything at its default: see [`WorkerPoolBuilder`].
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().build(|_, line: String| println!("{line}"))?;
    /// pool.submit("from a worker".to_owned()).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn builder() -> WorkerPoolBuilder {
        WorkerPoolBuilder { settings: Settings::new() }
    }
}

impl<S: 'static> WorkerPoolBuilder<S> {
    /// The number of threads, at least 1; unless set, the number of processors that this process may use.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(2).build(|_, _: u32| {})?;
    /// assert_eq!(pool.threads(), 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn threads(mut self, threads: usize) -> Self {
        self.settings.threads = Some(threads);
        self
    }

    /// How many items may wait to be begun, and how many results to be taken. At least 1; as many as there are threads
    /// unless set.
    ///
    /// There is no capacity of 0: in a queue that only hands over, [`try_submit`](WorkerPool::try_submit) fails also
    /// when the pool has nothing to do. Room for that many items is allocated at once.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().capacity(100).build(|_, _: u32| {})?;
    /// assert_eq!(pool.capacity(), 100);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.settings.capacity = Some(capacity);
        self
    }

    /// The names of the threads: this one, a hyphen and the thread's index; "paceline-workers" unless set.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{Order, WorkerPool};
    ///
    /// let name = |_: &mut (), _: ()| std::thread::current().name().map(str::to_owned);
    /// let builder = WorkerPool::builder().threads(1).name("mailer");
    /// let (pool, mut results) = builder.build_with_results(Order::Submission, name)?;
    /// pool.submit(()).unwrap();
    /// assert_eq!(results.next().unwrap().unwrap().as_deref(), Some("mailer-0"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = name.into();
        self
    }

    /// The size of each thread's stack in bytes; std's default unless set.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().stack_size(8 << 20).build(|_, _: u32| {})?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stack_size(mut self, stack_size: usize) -> Self {
        self.settings.stack_size = Some(stack_size);
        self
    }

    /// How a worker makes its state from its index, which counts from 0: once at the start, and anew after each panic
    /// and whenever [`renew_if`](Self::renew_if) asks for it.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{Order, WorkerPool};
    /// use std::rc::Rc;
    ///
    /// let (pool, mut results) = WorkerPool::builder()
    ///     .threads(1)
    ///     .init(|worker| Rc::new(worker + 100))
    ///     .build_with_results(Order::Submission, |state, item: usize| **state + item)?;
    /// pool.submit(5).unwrap();
    /// assert_eq!(results.next().unwrap().unwrap(), 105);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn init<N: 'static>(self, init: impl Fn(usize) -> N + Send + Sync + 'static) -> WorkerPoolBuilder<N> {
        self.try_init(move |worker| Ok::<N, BoxError>(init(worker)))
    }

    /// As [`init`](Self::init), for a state that may fail to be made: a connection, for example.
    ///
    /// If it fails while the pool is built, `build` returns the error: an [`io::Error`], as for a thread that the
    /// system does not start, so that there is one type to handle. It has the error kind of an `io::Error` that `init`
    /// returned, names the thread, and has the error of `init` as its [`source`](std::error::Error::source).
    ///
    /// If it fails later, the worker ends, and [`shutdown`](WorkerPool::shutdown) reports the error. An `init` that is
    /// to outlast an outage tries again, and waits in between: it is on the worker's own thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::WorkerPool;
    /// use std::io::ErrorKind;
    /// use std::net::TcpStream;
    ///
    /// let refused = WorkerPool::builder()
    ///     .threads(1)
    ///     .name("sender")
    ///     .try_init(|_worker| TcpStream::connect("no port"))
    ///     .build(|_connection, _: Vec<u8>| {});
    /// let error = refused.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidInput);
    /// assert!(error.to_string().starts_with("init failed on thread `sender-0`: "));
    /// ```
    pub fn try_init<N, E>(self, init: impl Fn(usize) -> Result<N, E> + Send + Sync + 'static) -> WorkerPoolBuilder<N>
    where
        N: 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        // The last thread that has it drops it, perhaps a worker.
        let init = Quiet::new(init);
        let init = Arc::new(move |worker| (*init)(worker).map_err(Into::into));
        WorkerPoolBuilder { settings: self.settings.with_init(init) }
    }

    /// When a worker's state is of no use any more: asked after each item. If it says so, the worker drops its state
    /// and makes a new one by `init` before it takes the next item. Call it after `init`, which sets what the state is.
    ///
    /// It is the state that is asked, and not `work`. So `work` returns only the item's result, and a connection that
    /// knows that it is broken is renewed whichever item broke it. A state that does not know has a field for it, which
    /// `work` sets.
    ///
    /// If it panics, the state is made anew, and [`shutdown`](WorkerPool::shutdown) reports the panic.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{Order, WorkerPool};
    ///
    /// struct Connection {
    ///     is_broken: bool,
    /// }
    ///
    /// let (pool, results) = WorkerPool::builder()
    ///     .threads(1)
    ///     .capacity(3)
    ///     .init(|_worker| Connection { is_broken: false })
    ///     .renew_if(|connection| connection.is_broken)
    ///     .build_with_results(Order::Submission, |connection, message: &str| {
    ///         assert!(!connection.is_broken);
    ///         connection.is_broken = message.is_empty();
    ///         if connection.is_broken { Err("the peer hung up") } else { Ok(message.len()) }
    ///     })?;
    /// for message in ["hello", "", "again"] {
    ///     pool.submit(message).unwrap();
    /// }
    /// drop(pool);
    /// let answers: Vec<_> = results.map(Result::unwrap).collect();
    /// assert_eq!(answers, [Ok(5), Err("the peer hung up"), Ok(5)]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn renew_if(mut self, is_spoilt: impl Fn(&S) -> bool + Send + Sync + 'static) -> Self {
        let is_spoilt = Quiet::new(is_spoilt);
        self.settings.renew_if = Some(Arc::new(move |state| (*is_spoilt)(state)));
        self
    }

    /// Starts a pool that calls `work` with its worker's state for each item, and that has no results.
    ///
    /// Waits until every worker has made its state; so `init` must not wait for the caller. No state is made before all
    /// threads have been started.
    ///
    /// # Errors
    ///
    /// If the number of threads or the capacity is 0 or impossible, with the name of the argument. If the system does
    /// not start one of the threads, or [`try_init`](Self::try_init) fails on one: all the others have ended by then.
    ///
    /// # Panics
    ///
    /// With the panic of an `init`, when all threads have ended.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::WorkerPool;
    ///
    /// let pool = WorkerPool::builder().threads(2).build(|_, line: &str| println!("{line}"))?;
    /// pool.submit("hello").unwrap();
    /// pool.shutdown().unwrap();
    ///
    /// let refused = WorkerPool::builder().threads(0).build(|_, line: &str| println!("{line}"));
    /// assert_eq!(refused.unwrap_err().to_string(), "threads must be at least 1");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn build<T, F>(self, work: F) -> io::Result<WorkerPool<T>>
    where
        T: Send + 'static,
        F: Fn(&mut S, T) + Send + Sync + 'static,
    {
        let size = self.settings.size()?;
        self.settings.start(size, work, Nowhere)
    }

    /// Starts a pool that calls `work` with its worker's state for each item. Also returns the receiver of the results.
    ///
    /// Waits as [`build`](Self::build) does. Results must be taken (or the [`Results`] dropped) for the pool to go on:
    /// see [bounds](super#bounds).
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    ///
    /// # Panics
    ///
    /// As [`build`](Self::build).
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{Order, WorkerPool};
    ///
    /// let work = |_: &mut (), word: &str| word.len();
    /// let (pool, results) = WorkerPool::builder().threads(2).capacity(3).build_with_results(Order::Submission, work)?;
    /// for word in ["one", "three", "eleven"] {
    ///     pool.submit(word).unwrap();
    /// }
    /// drop(pool);
    /// assert_eq!(results.map(Result::unwrap).collect::<Vec<_>>(), [3, 5, 6]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn build_with_results<T, R, F>(self, order: Order, work: F) -> io::Result<(WorkerPool<T>, Results<R>)>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: Fn(&mut S, T) -> R + Send + Sync + 'static,
    {
        let size = self.settings.size()?;
        let (outlet, results) = results(order, size.threads + size.capacity);
        Ok((self.settings.start(size, work, outlet)?, results))
    }

    /// Starts a pool that calls `work` with its worker's state for each item, and has a handle for each result.
    ///
    /// Waits as [`build`](Self::build) does. Items are handed in by
    /// [`submit_with_handle`](WorkerPool::submit_with_handle), or as a [`Request`].
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    ///
    /// # Panics
    ///
    /// As [`build`](Self::build).
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::WorkerPool;
    ///
    /// let pool = WorkerPool::builder().threads(2).build_with_handles(|_, word: &str| word.len())?;
    /// let handle = pool.submit_with_handle("eleven").unwrap();
    /// assert_eq!(handle.join().unwrap(), 6);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn build_with_handles<T, R, F>(self, work: F) -> io::Result<WorkerPool<Request<T, R>>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: Fn(&mut S, T) -> R + Send + Sync + 'static,
    {
        let size = self.settings.size()?;
        self.settings.start(size, work, Handles)
    }
}

impl<S> fmt::Debug for WorkerPoolBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerPoolBuilder")
            .field("threads", &self.settings.threads)
            .field("capacity", &self.settings.capacity)
            .field("name", &self.settings.name)
            .field("stack_size", &self.settings.stack_size)
            .finish_non_exhaustive()
    }
}
