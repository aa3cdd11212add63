//! What a pool is built from, and how its threads are started.

use super::pool::WorkerPool;
use super::shared::WorkersShared;
use super::sink::Sink;
use super::worker::{Init, RenewIf, WorkerThread};
use super::worker_error::{ThreadName, WorkerError};
use crate::pool::watchdog::watch;
use crate::sync::channel::{bounded, unbounded};
use crate::sync::event_count::EventCount;
use crate::sync::processors;
use crate::sync::quiet::Quiet;
use crate::sync::thread;
use std::io;
use std::sync::Arc;

/// Longer queues are mistakes, and there would be no memory for them.
const MAX_CAPACITY: usize = 1 << 30;

/// What has been set in a builder.
pub(super) struct Settings<S> {
    pub(super) threads: Option<usize>,
    pub(super) capacity: Option<usize>,
    pub(super) name: String,
    pub(super) stack_size: Option<usize>,
    pub(super) renew_if: Option<RenewIf<S>>,
    init: Init<S>,
}

/// The number of threads and the capacity, which have been found possible.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) threads: usize,
    pub(super) capacity: usize,
}

impl Settings<()> {
    pub(super) fn new() -> Self {
        let name = "paceline-workers".to_owned();
        Settings { threads: None, capacity: None, name, stack_size: None, renew_if: None, init: Arc::new(|_| Ok(())) }
    }
}

impl<S: 'static> Settings<S> {
    /// The same for another type of state, of which it is not known yet when to renew it.
    pub(super) fn with_init<N>(self, init: Init<N>) -> Settings<N> {
        let Settings { threads, capacity, name, stack_size, .. } = self;
        Settings { threads, capacity, name, stack_size, renew_if: None, init }
    }

    pub(super) fn size(&self) -> io::Result<Size> {
        let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        let threads = self.threads.unwrap_or_else(|| processors::available().get());
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

    /// Starts the threads and waits until each has made its state, or has failed to.
    pub(super) fn start<T, R, F, O>(self, size: Size, work: F, outlet: O) -> io::Result<WorkerPool<T>>
    where
        T: Send + 'static,
        F: Fn(&mut S, O::Work) -> R + Send + Sync + 'static,
        O: Sink<T, R>,
    {
        watch::start_if_asked();
        let shared = WorkersShared::new(size.threads, size.capacity, O::take_back);
        let work = Arc::new(Quiet::new(work));
        // Dropping the pool joins its threads. So the channels for which they wait are declared later, to be dropped
        // earlier.
        let mut pool = WorkerPool::new(Arc::clone(&shared));
        let (report, reports) = unbounded();
        let reported = Arc::new(EventCount::new());
        let (go, gone) = bounded(size.threads);
        for index in 0..size.threads {
            let name = ThreadName { index, name: format!("{}-{index}", self.name) };
            let builder = self.thread_builder(&name);
            let worker = WorkerThread {
                name,
                shared: Arc::clone(&shared),
                init: Arc::clone(&self.init),
                renew_if: self.renew_if.clone(),
                work: Arc::clone(&work),
                outlet: outlet.clone(),
            };
            let (gone, report, reported) = (gone.clone(), report.clone(), Arc::clone(&reported));
            pool.add_thread(builder.spawn(move || {
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
        let errors: Vec<WorkerError> = (0..size.threads).filter_map(wait).collect();
        let first = errors.into_iter().next();
        match first {
            None => Ok(pool),
            Some(error) => {
                drop(pool);
                if error.is_panic() { error.resume() } else { Err(error.into_io_error()) }
            }
        }
    }

    fn thread_builder(&self, name: &ThreadName) -> thread::Builder {
        let builder = thread::Builder::new().name(name.name.clone());
        match self.stack_size {
            Some(size) => builder.stack_size(size),
            None => builder,
        }
    }
}
