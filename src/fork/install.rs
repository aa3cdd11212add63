//! What is run on a given pool: the methods of [`ThreadPool`] that hand something in.

use crate::fork::broadcast::{self, BroadcastContext};
use crate::fork::join;
use crate::fork::scope::{self, Scope, ScopeFifo};
use crate::fork::spawn;
use crate::fork::yielding::{self, Yield};
use crate::pool::thread_pool::ThreadPool;
use crate::pool::worker::Worker;

impl ThreadPool {
    /// Runs `op` on a thread of this pool and returns its result: everything parallel in it uses this pool.
    ///
    /// In a thread of this pool, `op` runs in place. A worker of another pool works on that pool's jobs while it
    /// waits; any other thread sleeps. So a lock that is held across the call may be asked for by an unrelated job on
    /// the same thread.
    ///
    /// # Panics
    ///
    /// With `op`'s panic.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(8).build()?;
    /// assert_eq!(pool.install(paceline::current_num_threads), 8);
    /// # Ok(())
    /// # }
    /// ```
    pub fn install<OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce() -> R + Send,
        R: Send,
    {
        self.registry().in_worker(|_, _| op())
    }

    /// [`join`](crate::join()) in this pool.
    ///
    /// # Panics
    ///
    /// As there.
    pub fn join<A, B, RA, RB>(&self, oper_a: A, oper_b: B) -> (RA, RB)
    where
        A: FnOnce() -> RA + Send,
        B: FnOnce() -> RB + Send,
        RA: Send,
        RB: Send,
    {
        self.install(|| join::join(oper_a, oper_b))
    }

    /// [`scope`](crate::scope()) in this pool.
    ///
    /// # Panics
    ///
    /// As there.
    pub fn scope<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&Scope<'scope>) -> R + Send,
        R: Send,
    {
        scope::scope_in(self.registry(), op)
    }

    /// [`scope_fifo`](crate::scope_fifo()) in this pool.
    ///
    /// # Panics
    ///
    /// As there.
    pub fn scope_fifo<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&ScopeFifo<'scope>) -> R + Send,
        R: Send,
    {
        scope::scope_fifo_in(self.registry(), op)
    }

    /// [`in_place_scope`](crate::in_place_scope()) with its jobs in this pool; `op` itself runs on the calling thread.
    ///
    /// # Panics
    ///
    /// As there.
    pub fn in_place_scope<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&Scope<'scope>) -> R,
    {
        scope::in_place_scope_in(self.registry(), op)
    }

    /// [`in_place_scope_fifo`](crate::in_place_scope_fifo()) with its jobs in this pool; `op` itself runs on the
    /// calling thread.
    ///
    /// # Panics
    ///
    /// As there.
    pub fn in_place_scope_fifo<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&ScopeFifo<'scope>) -> R,
    {
        scope::in_place_scope_fifo_in(self.registry(), op)
    }

    /// [`spawn`](crate::spawn()) in this pool.
    pub fn spawn<OP>(&self, op: OP)
    where
        OP: FnOnce() + Send + 'static,
    {
        spawn::spawn_in(self.registry(), op);
    }

    /// [`spawn_fifo`](crate::spawn_fifo()) in this pool.
    pub fn spawn_fifo<OP>(&self, op: OP)
    where
        OP: FnOnce() + Send + 'static,
    {
        spawn::spawn_fifo_in(self.registry(), op);
    }

    /// [`broadcast`](crate::broadcast()) in this pool.
    ///
    /// # Panics
    ///
    /// As there.
    pub fn broadcast<OP, R>(&self, op: OP) -> Vec<R>
    where
        OP: Fn(BroadcastContext<'_>) -> R + Sync,
        R: Send,
    {
        broadcast::broadcast_in(self.registry(), op)
    }

    /// [`spawn_broadcast`](crate::spawn_broadcast()) in this pool.
    pub fn spawn_broadcast<OP>(&self, op: OP)
    where
        OP: Fn(BroadcastContext<'_>) + Send + Sync + 'static,
    {
        broadcast::spawn_broadcast_in(self.registry(), op);
    }

    /// The number of threads in this pool.
    pub fn current_num_threads(&self) -> usize {
        self.registry().num_threads()
    }

    /// The index of the calling thread in this pool, from 0; `None` if it is not one of this pool's.
    pub fn current_thread_index(&self) -> Option<usize> {
        self.with_own_worker(Worker::index)
    }

    /// [`current_thread_has_pending_tasks`](crate::current_thread_has_pending_tasks), or `None` if the calling thread
    /// is not one of this pool's.
    pub fn current_thread_has_pending_tasks(&self) -> Option<bool> {
        self.with_own_worker(Worker::has_pending)
    }

    /// [`yield_now`](crate::yield_now), or `None` if the calling thread is not one of this pool's.
    pub fn yield_now(&self) -> Option<Yield> {
        self.with_own_worker(yielding::to_any)
    }

    /// [`yield_local`](crate::yield_local), or `None` if the calling thread is not one of this pool's.
    pub fn yield_local(&self) -> Option<Yield> {
        self.with_own_worker(yielding::to_own)
    }

    fn with_own_worker<R>(&self, f: impl FnOnce(&Worker) -> R) -> Option<R> {
        Worker::with_current(|worker| worker.filter(|worker| self.registry().has(worker)).map(f))
    }
}
