//! `WorkerPoolBuilder`: how large a pool is, what its workers start with, and how its threads are started.

use super::pool::{WorkerPool, WorkersShared};
use super::results::{Nowhere, Order, Results, Sink, results};
use super::worker::{Init, WorkerThread};
use crate::sync::channel::{bounded, unbounded};
use crate::sync::event_count::EventCount;
use crate::sync::quiet::Quiet;
use crate::sync::thread;
use crate::sync::unwind::{dispose_each, resume};
use std::fmt;
use std::io;
use std::num::NonZero;
use std::sync::Arc;

/// Longer queues are mistakes, and there would be no memory for them.
const MAX_CAPACITY: usize = 1 << 30;

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
    threads: Option<usize>,
    capacity: Option<usize>,
    name: String,
    stack_size: Option<usize>,
    init: Init<S>,
}

impl WorkerPoolBuilder {
    pub(crate) fn new() -> Self {
        let name = "paceline-workers".to_owned();
        WorkerPoolBuilder { threads: None, capacity: None, name, stack_size: None, init: Arc::new(|_| ()) }
    }
}

impl<S: 'static> WorkerPoolBuilder<S> {
    /// The number of threads, at least 1; [`std::thread::available_parallelism`] unless set.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::workers::WorkerPool::builder().threads(2).build(|_, _: u32| {})?;
    /// assert_eq!(pool.threads(), 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
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
        self.capacity = Some(capacity);
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
        self.name = name.into();
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
        self.stack_size = Some(stack_size);
        self
    }

    /// How a worker makes its state from its index, which counts from 0: once at the start, and anew after each panic.
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
        let WorkerPoolBuilder { threads, capacity, name, stack_size, .. } = self;
        // The last thread that has it drops it, perhaps a worker.
        let init = Quiet::new(init);
        let init = Arc::new(move |worker| (*init)(worker));
        WorkerPoolBuilder { threads, capacity, name, stack_size, init }
    }

    /// Starts a pool that calls `work` with its worker's state for each item, and that has no results.
    ///
    /// Waits until every worker has made its state; so `init` must not wait for the caller. No state is made before all
    /// threads have been started.
    ///
    /// # Errors
    ///
    /// If the number of threads or the capacity is 0 or impossible, with the name of the argument. If the system does
    /// not start one of the threads: those that had been started have ended again.
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
        let size = self.size()?;
        self.start(size, work, Nowhere)
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
        let size = self.size()?;
        let (outlet, results) = results(order, size.threads + size.capacity);
        Ok((self.start(size, work, outlet)?, results))
    }

    fn size(&self) -> io::Result<Size> {
        let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        let available = || thread::available_parallelism().map_or(1, NonZero::get);
        let threads = self.threads.unwrap_or_else(available);
        let capacity = self.capacity.unwrap_or(threads);
        if threads == 0 {
            return refuse("threads must be at least 1");
        }
        if capacity == 0 {
            return refuse("capacity must be at least 1");
        }
        if capacity > MAX_CAPACITY {
            return refuse("capacity must be at most 2^30");
        }
        if self.name.contains('\0') {
            return refuse("name must not contain NUL");
        }
        Ok(Size { threads, capacity })
    }

    fn start<T, R, F, O>(self, size: Size, work: F, outlet: O) -> io::Result<WorkerPool<T>>
    where
        T: Send + 'static,
        F: Fn(&mut S, T) -> R + Send + Sync + 'static,
        O: Sink<R>,
    {
        let shared = WorkersShared::new(size.threads, size.capacity);
        let work = Arc::new(Quiet::new(work));
        // Dropping the pool joins its threads. So the channels for which they wait are declared later, to be dropped
        // earlier.
        let mut pool = WorkerPool::new(Arc::clone(&shared));
        let (report, reports) = unbounded();
        let reported = Arc::new(EventCount::new());
        let (go, gone) = bounded(size.threads);
        for index in 0..size.threads {
            let worker = WorkerThread {
                index,
                shared: Arc::clone(&shared),
                init: Arc::clone(&self.init),
                work: Arc::clone(&work),
                outlet: outlet.clone(),
            };
            let (gone, report, reported) = (gone.clone(), report.clone(), Arc::clone(&reported));
            pool.add_thread(self.thread_builder(index).spawn(move || {
                // The threads are not told to go if one of them was refused.
                if gone.recv().is_ok() {
                    worker.run(move |made| {
                        // The builder waits for all reports.
                        let _ = report.send(made);
                        reported.tell_one();
                    });
                }
            })?);
        }
        drop((outlet, report));
        for _ in 0..size.threads {
            // The thread that was started receives it.
            let _ = go.send(());
        }
        // It does not wait at the channel, which would use up the thread's token for `park`. Each thread that was told
        // to go reports.
        let wait = |_| reported.wait(None, || reports.try_recv().ok()).and_then(Result::err);
        let mut panics = (0..size.threads).filter_map(wait);
        match panics.next() {
            None => Ok(pool),
            Some(payload) => {
                dispose_each(panics);
                drop(pool);
                resume(payload.into_inner())
            }
        }
    }

    fn thread_builder(&self, index: usize) -> thread::Builder {
        let builder = thread::Builder::new().name(format!("{}-{index}", self.name));
        match self.stack_size {
            Some(size) => builder.stack_size(size),
            None => builder,
        }
    }
}

/// The number of threads and the capacity, which have been found possible.
#[derive(Clone, Copy)]
struct Size {
    threads: usize,
    capacity: usize,
}

impl<S> fmt::Debug for WorkerPoolBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerPoolBuilder")
            .field("threads", &self.threads)
            .field("capacity", &self.capacity)
            .field("name", &self.name)
            .field("stack_size", &self.stack_size)
            .finish_non_exhaustive()
    }
}
