//! `ThreadPool::shutdown_now`: the end of a pool that does not wait for work that has not begun.

use crate::pool::thread_pool::ThreadPool;
use crate::task::life;

impl ThreadPool {
    /// Ends the pool without waiting for work that has not begun: that is dropped unrun. What has begun runs to its end.
    /// Then this joins the threads, as [`shutdown`](ThreadPool::shutdown) does.
    ///
    /// - *A task or a [`spawn`](ThreadPool::spawn)ed job that has begun* runs to its end, and this call waits for it.
    /// - *One that has not begun* is dropped. The handle of a task gives an error that
    ///   [says so](crate::TaskError::is_cancelled).
    /// - *A future* is not polled again and dropped, whether it was polled before or not; its handle gives the same error. If
    ///   it is being polled now, that is after the poll, unless it became ready.
    /// - *Whatever a job that has begun waits for* goes on: `join`, loops, [`broadcast`](crate::broadcast()), and jobs and
    ///   tasks of scopes, those that have not begun included. A stream goes on too; its reader does what is left by
    ///   itself, once the pool has ended.
    ///
    /// Each thread's part of a [`spawn_broadcast`](ThreadPool::spawn_broadcast) counts as a spawned job. What running jobs
    /// spawn from now on does not begin, and is dropped.
    ///
    /// *Blocks* until the last job that has begun has ended. None is interrupted: to have jobs end early, share a
    /// [`CancelToken`](crate::CancelToken) with them. A job that waits for one that is dropped learns of it by its handle, or
    /// by the other end of a channel that the closure held. If it waits in any other way, it waits for ever, and so does
    /// this call.
    ///
    /// The pool's threads drop the closures and futures, as soon as each has ended the job that it runs. A panic in a
    /// destructor is ignored. Threads and futures that wait for a handle are woken after that. A waker of a dropped
    /// future does nothing.
    ///
    /// # Panics
    ///
    /// As [`shutdown`](ThreadPool::shutdown).
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    /// // A future that is never ready, and will never be woken.
    /// let endless = pool.spawn_future(std::future::pending::<()>());
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let begun = pool.spawn_task(move || {
    ///     tell.send(()).unwrap();
    ///     42
    /// });
    /// told.recv().unwrap();
    /// pool.shutdown_now();
    /// assert_eq!(begun.join().unwrap(), 42);
    /// assert!(endless.join().unwrap_err().is_cancelled());
    /// ```
    pub fn shutdown_now(self) {
        self.end(None, |registry| life::discard(registry.discard()));
    }
}
