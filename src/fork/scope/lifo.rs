//! `scope`: jobs that a worker takes up the youngest first.

use crate::fork::broadcast::BroadcastContext;
use crate::fork::priority::Priority;
use crate::fork::scope::base::{Alive, Piece, ScopeBase};
use crate::job::JobRef;
use crate::pool::global;
use crate::pool::registry::{Registry, Worker};
use crate::sync::once_call::OnceCall;
use std::fmt;
use std::sync::Arc;

/// A scope for jobs that borrow from outside it; see [`scope`].
///
/// # Examples
///
/// ```
/// use paceline::Scope;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// struct Tree {
///     value: u32,
///     children: Vec<Tree>,
/// }
///
/// fn add_up<'scope>(tree: &'scope Tree, sum: &'scope AtomicU32, scope: &Scope<'scope>) {
///     for child in &tree.children {
///         scope.spawn(move |scope| add_up(child, sum, scope));
///     }
///     sum.fetch_add(tree.value, Ordering::Relaxed);
/// }
///
/// let leaf = |value| Tree { value, children: vec![] };
/// let tree = Tree { value: 1, children: vec![leaf(2), leaf(3), leaf(4)] };
/// let sum = AtomicU32::new(0);
/// paceline::scope(|scope| add_up(&tree, &sum, scope));
/// assert_eq!(sum.into_inner(), 10);
/// ```
pub struct Scope<'scope> {
    base: ScopeBase<'scope>,
}

/// Opens a scope, runs `op` in it, and waits for all jobs that were spawned in it, by `op` or by one another.
///
/// The jobs may borrow anything that outlives the call. A worker takes up its own jobs the youngest first; other
/// workers steal the oldest.
///
/// `op` runs in the current pool. Outside one, the caller takes the place of a thread of the global pool that sleeps:
/// the caller runs `op` itself, and then works on the scope's jobs, and no others, until they are done. If no thread
/// sleeps, the whole call is handed to the global pool, and the caller sleeps until it is done. In a pool, the caller
/// works on the scope's jobs and on other parts of its own task or call, until the scope's jobs are done. Meanwhile
/// another thread works on other jobs in the caller's place.
///
/// # Panics
///
/// With the panic of `op` or of a job, whichever came first, when all jobs have ended.
///
/// # Examples
///
/// ```
/// let mut squares = [0; 8];
/// paceline::scope(|s| {
///     for (i, square) in squares.iter_mut().enumerate() {
///         s.spawn(move |_| *square = i * i);
///     }
/// });
/// assert_eq!(squares, [0, 1, 4, 9, 16, 25, 36, 49]);
/// ```
///
/// `op` returns before the jobs have ended, so they cannot borrow its variables. Those have to be made outside of the scope:
///
/// ```compile_fail,E0597
/// paceline::scope(|s| {
///     let words = vec!["to", "be"];
///     let borrowed = &words;
///     s.spawn(move |_| println!("{}", borrowed.len()));
/// });
/// ```
pub fn scope<'scope, OP, R>(op: OP) -> R
where
    OP: FnOnce(&Scope<'scope>) -> R + Send,
    R: Send,
{
    global::with_current_registry(|registry| scope_in(registry, op))
}

/// As [`scope`], and runs `op` on the calling thread even if that is no worker: only the jobs go to the pool.
///
/// So `op` may use values that are not `Send`. A caller outside the pool sleeps at the end until the jobs are done, and
/// does not work on them.
///
/// # Panics
///
/// As [`scope`].
///
/// # Examples
///
/// ```
/// let here = std::thread::current().id();
/// let mut there = None;
/// paceline::in_place_scope(|s| {
///     assert_eq!(std::thread::current().id(), here);
///     s.spawn(|_| there = Some(std::thread::current().id()));
/// });
/// assert!(there.is_some());
/// ```
pub fn in_place_scope<'scope, OP, R>(op: OP) -> R
where
    OP: FnOnce(&Scope<'scope>) -> R,
{
    global::with_current_registry(|registry| in_place_scope_in(registry, op))
}

/// [`scope`] in a given pool.
pub(crate) fn scope_in<'scope, OP, R>(registry: &Registry, op: OP) -> R
where
    OP: FnOnce(&Scope<'scope>) -> R + Send,
    R: Send,
{
    registry.in_worker(|_, _| in_place_scope_in(registry, op))
}

/// [`in_place_scope`] with its jobs in a given pool.
pub(crate) fn in_place_scope_in<'scope, OP, R>(registry: &Registry, op: OP) -> R
where
    OP: FnOnce(&Scope<'scope>) -> R,
{
    let mut call = OnceCall::new(op);
    open(registry, &mut |scope| call.make(|op| op(scope)));
    call.into_result()
}

fn open<'scope>(registry: &Registry, body: &mut dyn FnMut(&Scope<'scope>)) {
    ScopeBase::open(registry, |base| Scope { base }, |scope| &scope.base, body);
}

impl<'scope> Scope<'scope> {
    /// Spawns a job into the scope. It may run at any time from now on, on any thread of the pool, and the scope does
    /// not end before it has. Never blocks.
    ///
    /// The job is given the scope, to spawn more. The scope's caller gets its panic.
    ///
    /// # Examples
    ///
    /// ```
    /// let (mut first, mut second) = (0, 0);
    /// paceline::scope(|s| {
    ///     s.spawn(|s| {
    ///         first = 1;
    ///         s.spawn(|_| second = 2);
    ///     });
    /// });
    /// assert_eq!((first, second), (1, 2));
    /// ```
    pub fn spawn<BODY>(&self, body: BODY)
    where
        BODY: FnOnce(&Scope<'scope>) + Send + 'scope,
    {
        let scope = Alive::new(self);
        // SAFETY: the job runs while the scope is alive (`ScopeBase`, invariant 2).
        let run = move || body(unsafe { scope.get() });
        self.base.spawn(run, Self::enqueue);
    }

    /// As [`spawn`](Scope::spawn), with a priority among the jobs that wait in the pool: see
    /// [`spawn_with`](crate::spawn_with()). The scope waits for it as for all its jobs. The thread that waits for the
    /// scope runs jobs that it has spawned by `spawn`; other threads run those with a priority. In an
    /// [isolated](crate::isolate) call the priority does not count.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::Priority;
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    /// let (begin, begun) = std::sync::mpsc::channel();
    /// let order = std::sync::Mutex::new(Vec::new());
    /// pool.in_place_scope(|s| {
    ///     // It keeps the only thread from the others until all have been spawned.
    ///     s.spawn(move |_| begun.recv().unwrap());
    ///     for (priority, name) in [(Priority::Low, "low"), (Priority::Normal, "normal"), (Priority::High, "high")] {
    ///         let order = &order;
    ///         s.spawn_with(priority, move |_| order.lock().unwrap().push(name));
    ///     }
    ///     begin.send(()).unwrap();
    /// });
    /// assert_eq!(order.into_inner().unwrap(), ["high", "normal", "low"]);
    /// ```
    pub fn spawn_with<BODY>(&self, priority: Priority, body: BODY)
    where
        BODY: FnOnce(&Scope<'scope>) + Send + 'scope,
    {
        // While a thread waits in an isolated call it finds the scope's jobs in its own deque, and perhaps no other thread
        // is free.
        if priority == Priority::Normal || self.base.region().is_isolated() {
            return self.spawn(body);
        }
        let scope = Alive::new(self);
        // SAFETY: as in `spawn`.
        let run = move || body(unsafe { scope.get() });
        self.base.spawn(run, |job, registry, _| registry.push(job, priority.class()));
    }

    /// Spawns a job that the calling worker comes back for, as for a fork: no thread is woken while a sleeper is the
    /// sentinel. The caller must be a worker of the scope's pool.
    pub(crate) fn offer(&self, body: impl FnOnce() + Send + 'scope) {
        self.base.spawn(body, |job, registry, worker| match worker {
            Some(worker) => worker.push_offer(job),
            None => registry.push(job, registry.class_of_scopes()),
        });
    }

    /// The pool that the scope's jobs run in.
    pub(crate) fn keep_pool(&self) -> Arc<Registry> {
        self.base.keep_pool()
    }

    /// Spawns a job that the caller makes of a piece of the scope.
    pub(crate) fn spawn_made<R>(&self, make: impl FnOnce(Piece<'scope>, &Registry) -> (JobRef, R)) -> R {
        self.base.spawn_made(make, Self::enqueue)
    }

    #[inline]
    fn enqueue(job: JobRef, registry: &Registry, worker: Option<&Worker>) {
        match worker {
            Some(worker) => worker.push(job),
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
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(3).build()?;
    /// let reached = [false; 3].map(AtomicBool::new);
    /// pool.scope(|s| {
    ///     s.spawn_broadcast(|_, context| reached[context.index()].store(true, Ordering::Relaxed));
    /// });
    /// assert_eq!(reached.map(AtomicBool::into_inner), [true; 3]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn spawn_broadcast<BODY>(&self, body: BODY)
    where
        BODY: Fn(&Scope<'scope>, BroadcastContext<'_>) + Send + Sync + 'scope,
    {
        let scope = Alive::new(self);
        // SAFETY: the jobs run while the scope is alive (`ScopeBase`, invariant 2).
        self.base.spawn_broadcast(move |context| body(unsafe { scope.get() }, context));
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("base", &self.base).finish()
    }
}
