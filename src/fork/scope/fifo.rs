//! `scope_fifo`: jobs that a worker takes up the oldest first.

use crate::fork::broadcast::BroadcastContext;
use crate::fork::scope::base::{Alive, Piece, ScopeBase};
use crate::job::JobRef;
use crate::pool::global;
use crate::pool::registry::{Registry, Worker};
use crate::pool::worker::fifo::Fifo;
use crate::sync::once_call::OnceCall;
use std::fmt;

/// A scope that runs jobs in the order in which each thread spawned them; see [`scope_fifo`].
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
/// use paceline::ScopeFifo;
/// use std::sync::Mutex;
///
/// struct Directory {
///     name: &'static str,
///     inner: Vec<Directory>,
/// }
///
/// /// Lists directories level by level, because only one thread works.
/// fn list<'scope>(directory: &'scope Directory, names: &'scope Mutex<Vec<&str>>, scope: &ScopeFifo<'scope>) {
///     names.lock().unwrap().push(directory.name);
///     for directory in &directory.inner {
///         scope.spawn_fifo(move |scope| list(directory, names, scope));
///     }
/// }
///
/// let empty = |name| Directory { name, inner: vec![] };
/// let docs = Directory { name: "docs", inner: vec![empty("images")] };
/// let root = Directory { name: "root", inner: vec![docs, empty("src")] };
/// let names = Mutex::default();
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
/// pool.scope_fifo(|scope| list(&root, &names, scope));
/// assert_eq!(names.into_inner().unwrap(), ["root", "docs", "src", "images"]);
/// # Ok(())
/// # }
/// ```
pub struct ScopeFifo<'scope> {
    base: ScopeBase<'scope>,
    /// One queue for each worker.
    fifos: Box<[Fifo]>,
}

/// As [`scope`](crate::scope), but a worker takes up the jobs that it spawned the oldest first.
///
/// There is no order across threads: each has its own queue.
///
/// # Panics
///
/// As [`scope`](crate::scope).
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
/// let (tell, told) = std::sync::mpsc::channel();
/// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build()?;
/// pool.scope_fifo(|s| {
///     for i in 0..3 {
///         let tell = tell.clone();
///         s.spawn_fifo(move |_| tell.send(i).unwrap());
///     }
/// });
/// drop(tell);
/// assert_eq!(told.iter().collect::<Vec<_>>(), [0, 1, 2]);
/// # Ok(())
/// # }
/// ```
pub fn scope_fifo<'scope, OP, R>(op: OP) -> R
where
    OP: FnOnce(&ScopeFifo<'scope>) -> R + Send,
    R: Send,
{
    global::with_current_registry(|registry| scope_fifo_in(registry, op))
}

/// As [`scope_fifo`], and runs `op` on the calling thread even if that is no worker: only the jobs go to the pool.
///
/// # Panics
///
/// As [`scope`](crate::scope).
///
/// # Examples
///
/// ```
/// let mut answer = 0;
/// paceline::in_place_scope_fifo(|s| s.spawn_fifo(|_| answer = 42));
/// assert_eq!(answer, 42);
/// ```
pub fn in_place_scope_fifo<'scope, OP, R>(op: OP) -> R
where
    OP: FnOnce(&ScopeFifo<'scope>) -> R,
{
    global::with_current_registry(|registry| in_place_scope_fifo_in(registry, op))
}

/// [`scope_fifo`] in a given pool.
pub(crate) fn scope_fifo_in<'scope, OP, R>(registry: &Registry, op: OP) -> R
where
    OP: FnOnce(&ScopeFifo<'scope>) -> R + Send,
    R: Send,
{
    registry.in_worker(|_, _| in_place_scope_fifo_in(registry, op))
}

/// [`in_place_scope_fifo`] with its jobs in a given pool.
pub(crate) fn in_place_scope_fifo_in<'scope, OP, R>(registry: &Registry, op: OP) -> R
where
    OP: FnOnce(&ScopeFifo<'scope>) -> R,
{
    let mut call = OnceCall::new(op);
    open(registry, &mut |scope| call.make(|op| op(scope)));
    call.into_result()
}

fn open<'scope>(registry: &Registry, body: &mut dyn FnMut(&ScopeFifo<'scope>)) {
    let make = |base: ScopeBase<'scope>| {
        let fifos = (0..base.num_workers()).map(|_| Fifo::new(base.region())).collect();
        ScopeFifo { base, fifos }
    };
    ScopeBase::open(registry, make, |scope| &scope.base, body);
}

impl<'scope> ScopeFifo<'scope> {
    /// Spawns a job into the scope. It may run at any time from now on, on any thread of the pool, and the scope does
    /// not end before it has. Never blocks.
    ///
    /// The job is given the scope, to spawn more. The scope's caller gets its panic.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut halves = [0; 8];
    /// let (left, right) = halves.split_at_mut(4);
    /// paceline::scope_fifo(|s| {
    ///     s.spawn_fifo(|_| left.fill(1));
    ///     s.spawn_fifo(|_| right.fill(2));
    /// });
    /// assert_eq!(halves, [1, 1, 1, 1, 2, 2, 2, 2]);
    /// ```
    pub fn spawn_fifo<BODY>(&self, body: BODY)
    where
        BODY: FnOnce(&ScopeFifo<'scope>) + Send + 'scope,
    {
        let scope = Alive::new(self);
        // SAFETY: the job runs while the scope is alive (`ScopeBase`, invariant 2).
        let run = move || body(unsafe { scope.get() });
        self.base.spawn(run, |job, registry, worker| self.enqueue(job, registry, worker));
    }

    /// Spawns a job that the caller makes of a piece of the scope.
    pub(crate) fn spawn_made<R>(&self, make: impl FnOnce(Piece<'scope>, &Registry) -> (JobRef, R)) -> R {
        self.base.spawn_made(make, |job, registry, worker| self.enqueue(job, registry, worker))
    }

    #[inline]
    fn enqueue(&self, job: JobRef, registry: &Registry, worker: Option<&Worker>) {
        match worker {
            // SAFETY: the queue lives as long as the scope, which waits for the job behind the ticket.
            Some(worker) => worker.push(unsafe { self.fifos[worker.index()].push(job) }),
            // The injector is a FIFO queue already.
            None => registry.push(job, registry.class_of_scopes()),
        }
    }

    /// Spawns a job that every thread of the scope's pool runs once, before the scope ends. Never blocks. Broadcasts begin
    /// in the [same order](crate::broadcast()#order) on all threads.
    ///
    /// The job is given the scope, to spawn more. The scope's caller gets its panic.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), paceline::ThreadPoolBuildError> {
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build()?;
    /// let jobs = &AtomicUsize::new(0);
    /// pool.scope_fifo(|s| {
    ///     s.spawn_broadcast(|s, context| {
    ///         for _ in 0..=context.index() {
    ///             s.spawn_fifo(|_| _ = jobs.fetch_add(1, Ordering::Relaxed));
    ///         }
    ///     });
    /// });
    /// assert_eq!(jobs.load(Ordering::Relaxed), 1 + 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn_broadcast<BODY>(&self, body: BODY)
    where
        BODY: Fn(&ScopeFifo<'scope>, BroadcastContext<'_>) + Send + Sync + 'scope,
    {
        let scope = Alive::new(self);
        // SAFETY: the jobs run while the scope is alive (`ScopeBase`, invariant 2).
        self.base.spawn_broadcast(move |context| body(unsafe { scope.get() }, context));
    }
}

impl fmt::Debug for ScopeFifo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeFifo").field("base", &self.base).finish_non_exhaustive()
    }
}
