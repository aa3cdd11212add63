//! The methods of [`ThreadPool`] that run closures in it.

use crate::fork::broadcast::{self, BroadcastContext};
use crate::fork::join;
use crate::fork::priority::{self, Priority};
use crate::fork::scope::{self, Scope, ScopeFifo};
use crate::fork::spawn;
use crate::fork::yielding::{self, Yield};
use crate::pool::registry::Worker;
use crate::pool::thread_pool::ThreadPool;

impl ThreadPool {
    /// Runs `op` on a thread of this pool and returns its result: parallel calls inside `op` use this pool.
    ///
    /// On a thread of this pool, `op` runs in place. A thread of another pool waits as in any of that pool's jobs: it
    /// works on jobs of its own task, and another thread takes its place for that pool's other jobs. Any other thread
    /// sleeps.
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

    /// [`join`](crate::join()) in this pool: the caller waits as for [`install`](Self::install).
    ///
    /// # Panics
    ///
    /// As there.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let numbers = [3, 1, 4, 1, 5];
    /// let (least, greatest) = pool.join(|| numbers.iter().min(), || numbers.iter().max());
    /// assert_eq!((least, greatest), (Some(&1), Some(&5)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn join<A, B, RA, RB>(&self, oper_a: A, oper_b: B) -> (RA, RB)
    where
        A: FnOnce() -> RA + Send,
        B: FnOnce() -> RB + Send,
        RA: Send,
        RB: Send,
    {
        self.install(|| join::join(oper_a, oper_b))
    }

    /// [`scope`](crate::scope()) in this pool: the caller waits as for [`install`](Self::install).
    ///
    /// # Panics
    ///
    /// As there.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let mut names = ["ada".to_owned(), "grace".to_owned()];
    /// pool.scope(|s| {
    ///     for name in &mut names {
    ///         s.spawn(|_| name.make_ascii_uppercase());
    ///     }
    /// });
    /// assert_eq!(names, ["ADA", "GRACE"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn scope<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&Scope<'scope>) -> R + Send,
        R: Send,
    {
        scope::scope_in(self.registry(), op)
    }

    /// [`scope_fifo`](crate::scope_fifo()) in this pool: the caller waits as for [`install`](Self::install).
    ///
    /// # Panics
    ///
    /// As there.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// use std::sync::Mutex;
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// let log = Mutex::new(Vec::new());
    /// pool.scope_fifo(|s| {
    ///     s.spawn_fifo(|s| {
    ///         log.lock().unwrap().push("first");
    ///         s.spawn_fifo(|_| log.lock().unwrap().push("third"));
    ///     });
    ///     s.spawn_fifo(|_| log.lock().unwrap().push("second"));
    /// });
    /// assert_eq!(log.into_inner().unwrap(), ["first", "second", "third"]);
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// use std::rc::Rc;
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let mut lengths = [0; 2];
    /// // An `Rc` must not leave its thread.
    /// let text = Rc::new("a row of riders");
    /// pool.in_place_scope(|s| {
    ///     for (word, length) in text.split(" of ").zip(&mut lengths) {
    ///         s.spawn(move |_| *length = word.len());
    ///     }
    /// });
    /// assert_eq!(lengths, [5, 6]);
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let here = std::thread::current().id();
    /// let mut there = here;
    /// pool.in_place_scope_fifo(|s| {
    ///     assert_eq!(std::thread::current().id(), here);
    ///     s.spawn_fifo(|_| there = std::thread::current().id());
    /// });
    /// assert_ne!(there, here);
    /// # Ok(())
    /// # }
    /// ```
    pub fn in_place_scope_fifo<'scope, OP, R>(&self, op: OP) -> R
    where
        OP: FnOnce(&ScopeFifo<'scope>) -> R,
    {
        scope::in_place_scope_fifo_in(self.registry(), op)
    }

    /// [`spawn`](crate::spawn()) in this pool; a panic goes to its panic handler.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// for side in 1..=3 {
    ///     let tell = tell.clone();
    ///     pool.spawn(move || tell.send(side * side).unwrap());
    /// }
    /// drop(tell);
    /// assert_eq!(told.iter().sum::<u32>(), 1 + 4 + 9);
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn<OP>(&self, op: OP)
    where
        OP: FnOnce() + Send + 'static,
    {
        spawn::spawn_in(self.registry(), op);
    }

    /// [`spawn_fifo`](crate::spawn_fifo()) in this pool; a panic goes to its panic handler.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// pool.install(|| {
    ///     for word in ["on", "your", "marks"] {
    ///         let tell = tell.clone();
    ///         pool.spawn_fifo(move || tell.send(word).unwrap());
    ///     }
    /// });
    /// drop(tell);
    /// assert!(told.iter().eq(["on", "your", "marks"]));
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn_fifo<OP>(&self, op: OP)
    where
        OP: FnOnce() + Send + 'static,
    {
        spawn::spawn_fifo_in(self.registry(), op);
    }

    /// [`spawn_with`](crate::spawn_with()) in this pool.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::Priority;
    ///
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// let (tell, told) = std::sync::mpsc::channel();
    /// pool.install(|| {
    ///     for (priority, name) in [(Priority::Low, "sweep"), (Priority::Normal, "work"), (Priority::High, "answer")] {
    ///         let tell = tell.clone();
    ///         pool.spawn_with(priority, move || tell.send(name).unwrap());
    ///     }
    /// });
    /// drop(tell);
    /// assert_eq!(told.iter().collect::<Vec<_>>(), ["answer", "work", "sweep"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn_with<OP>(&self, priority: Priority, op: OP)
    where
        OP: FnOnce() + Send + 'static,
    {
        priority::spawn_with_in(self.registry(), priority, op);
    }

    /// [`broadcast`](crate::broadcast()) in this pool.
    ///
    /// # Panics
    ///
    /// As there.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// use std::collections::HashSet;
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(4).build()?;
    /// let threads: HashSet<_> = pool.broadcast(|_| std::thread::current().id()).into_iter().collect();
    /// assert_eq!(threads.len(), 4);
    /// # Ok(())
    /// # }
    /// ```
    pub fn broadcast<OP, R>(&self, op: OP) -> Vec<R>
    where
        OP: Fn(BroadcastContext<'_>) -> R + Sync,
        R: Send,
    {
        broadcast::broadcast_in(self.registry(), op)
    }

    /// [`spawn_broadcast`](crate::spawn_broadcast()) in this pool; a panic goes to its panic handler.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let (tell, told) = std::sync::mpsc::channel();
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(3).build()?;
    /// pool.spawn_broadcast(move |context| tell.send(1 << context.index()).unwrap());
    /// assert_eq!(told.iter().sum::<u32>(), 0b111);
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn_broadcast<OP>(&self, op: OP)
    where
        OP: Fn(BroadcastContext<'_>) + Send + Sync + 'static,
    {
        broadcast::spawn_broadcast_in(self.registry(), op);
    }

    /// The number of threads in this pool.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(3).build()?;
    /// assert_eq!(pool.current_num_threads(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn current_num_threads(&self) -> usize {
        self.registry().num_threads()
    }

    /// The index of the calling thread in this pool, from 0; `None` if it does not belong to this pool.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// let other = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// assert_eq!(pool.install(|| pool.current_thread_index()), Some(0));
    /// assert_eq!(other.install(|| pool.current_thread_index()), None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn current_thread_index(&self) -> Option<usize> {
        self.with_own_worker(Worker::index)
    }

    /// [`current_thread_has_pending_tasks`](crate::current_thread_has_pending_tasks), or `None` if the calling thread
    /// is not one of this pool's.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// pool.install(|| {
    ///     assert_eq!(pool.current_thread_has_pending_tasks(), Some(false));
    ///     pool.spawn(|| ());
    ///     assert_eq!(pool.current_thread_has_pending_tasks(), Some(true));
    /// });
    /// # Ok(())
    /// # }
    /// ```
    pub fn current_thread_has_pending_tasks(&self) -> Option<bool> {
        self.with_own_worker(Worker::has_pending)
    }

    /// [`yield_now`](crate::yield_now), or `None` if the calling thread is not one of this pool's.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// use paceline::Yield;
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// assert_eq!(pool.yield_now(), None);
    /// pool.install(|| {
    ///     pool.spawn(|| ());
    ///     assert_eq!(pool.yield_now(), Some(Yield::Executed));
    ///     assert_eq!(pool.yield_now(), Some(Yield::Idle));
    /// });
    /// # Ok(())
    /// # }
    /// ```
    pub fn yield_now(&self) -> Option<Yield> {
        self.with_own_worker(yielding::to_any)
    }

    /// [`yield_local`](crate::yield_local), or `None` if the calling thread is not one of this pool's.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// use paceline::Yield;
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
    /// pool.install(|| {
    ///     // A job spawned from outside belongs to no thread yet.
    ///     std::thread::scope(|threads| threads.spawn(|| pool.spawn(|| ())).join().unwrap());
    ///     assert_eq!(pool.yield_local(), Some(Yield::Idle));
    ///     assert_eq!(pool.yield_now(), Some(Yield::Executed));
    /// });
    /// # Ok(())
    /// # }
    /// ```
    pub fn yield_local(&self) -> Option<Yield> {
        self.with_own_worker(yielding::to_own)
    }

    fn with_own_worker<R>(&self, f: impl FnOnce(&Worker) -> R) -> Option<R> {
        Worker::with_current(|worker| worker.filter(|worker| self.registry().has(worker)).map(f))
    }
}
