//! The common part of both kinds of scope: the count of unfinished jobs, the first panic, and the wait at the end.

use crate::fork::broadcast::{self, BroadcastContext};
use crate::job::context;
use crate::job::heap::HeapJob;
use crate::job::latch::{CountLatch, SamePool, Wait, Wake};
use crate::job::{JobRef, Region};
use crate::pool::registry::{Registry, Worker};
use crate::pool::waiter::Waiter;
use crate::pool::watchdog::waits::{self, Awaited};
use crate::sync::lock::Mutex;
use crate::sync::parker::Parker;
use crate::sync::unwind::{self, AbortOnUnwind, Payload};
use crate::trace;
use crate::trace::meter::{is_measured, run_spawned, scope_ends};
use std::fmt;
use std::iter;
use std::marker::PhantomData;
use std::ptr;
use std::sync::Arc;

/// A scope's inner part.
///
/// 1. The thread that opened the scope, its *owner*, is the only one to call the latch's `here` methods and to wait.
/// 2. The scope is alive until the latch opens, and each job holds a piece of the latch: so a job may use the scope
///    until it gives up its piece.
/// 3. The registry outlives the scope: the owner is one of its workers, or holds its handle, or it is the global one.
pub(crate) struct ScopeBase<'scope> {
    registry: *const Registry,
    /// The owner, if it is a worker of `registry`; else null, and every job counts as run elsewhere.
    owner: *const Worker,
    latch: CountLatch<OwnerWaker>,
    region: Region,
    panic: Mutex<Option<Payload>>,
    /// Makes the scope invariant in `'scope`: it is passed to closures that may keep borrows for `'scope`.
    marker: PhantomData<Body<'scope>>,
}

/// A closure of the kind that a scope is passed to.
type Body<'scope> = Box<dyn FnOnce(&ScopeBase<'scope>) + Send + Sync + 'scope>;

// SAFETY: `here` in the latch is the owner's alone (invariant 1); the pointers are followed by invariants 2 and 3.
unsafe impl Sync for ScopeBase<'_> {}
// SAFETY: as above; a scope is not moved while a job points to it, and only references to it go to other threads.
unsafe impl Send for ScopeBase<'_> {}

impl<'scope> ScopeBase<'scope> {
    /// Makes a scope for jobs in `registry`; its owner is the calling thread.
    fn new(registry: &Registry, waiter: Waiter<'_>) -> Self {
        let (owner, region, waker) = match waiter {
            Waiter::Worker(worker) if registry.has(worker) => {
                // SAFETY: in this case the jobs run on workers of the owner's pool, so every wake comes from that pool.
                let waker = unsafe { SamePool::new(worker.parker()) };
                (ptr::from_ref(worker), worker.region(), OwnerWaker::SamePool(waker))
            }
            _ => {
                // If only the spawn noticed a forked process, the scope would wait for a job that was never queued.
                registry.check_process();
                (ptr::null(), waiter.region_of_call(), OwnerWaker::Other(Arc::clone(waiter.parker())))
            }
        };
        ScopeBase {
            registry,
            owner,
            latch: CountLatch::new(waker),
            region,
            panic: Mutex::new(None),
            marker: PhantomData,
        }
    }

    /// Opens a scope made by `make` from its base, runs `body` in it, and waits for all its jobs.
    pub(crate) fn open<S>(
        registry: &Registry,
        make: impl FnOnce(ScopeBase<'scope>) -> S,
        base: impl FnOnce(&S) -> &ScopeBase<'scope>,
        body: &mut dyn FnMut(&S),
    ) {
        Waiter::with_current(|waiter| {
            let scope = make(ScopeBase::new(registry, waiter));
            let base = base(&scope);
            // The jobs point into this frame.
            let guard = AbortOnUnwind { because: "a panic escaped from a scope that waits for its jobs" };
            // The body counts as one more job, and keeps the latch closed while it runs.
            base.latch.begin_here();
            base.catch(|| body(&scope));
            base.latch.end_here();
            // From here on only the end of a scope in a forked process can panic, and none of the jobs is in that
            // process.
            std::mem::forget(guard);
            base.wait(registry, waiter);
            scope_ends(base.address());
            let panic = base.panic.lock().take();
            if let Some(payload) = panic {
                unwind::resume(payload);
            }
        });
    }

    /// Tells the scope from all others that are open.
    fn address(&self) -> usize {
        ptr::from_ref(self).addr()
    }

    fn wait(&self, registry: &Registry, waiter: Waiter<'_>) {
        if !self.latch.probe() {
            let _listed = waits::list(Awaited::Scope(registry.number()));
            waiter.wait_for(registry, &self.latch);
        }
    }

    fn registry(&self) -> &Registry {
        // SAFETY: invariant 3.
        unsafe { &*self.registry }
    }

    /// The pool that the scope's jobs run in.
    pub(crate) fn keep_pool(&self) -> Arc<Registry> {
        self.registry().keep()
    }

    /// The region that the scope's jobs belong to.
    pub(crate) fn region(&self) -> Region {
        self.region
    }

    /// The number of workers that the scope's jobs may run on.
    pub(crate) fn num_workers(&self) -> usize {
        self.registry().num_workers()
    }

    /// Runs `f`, keeping its panic for the owner if it is the first. Never unwinds.
    fn catch(&self, f: impl FnOnce()) {
        if let Err(payload) = unwind::halt(f) {
            self.keep(payload);
        }
    }

    #[cold]
    fn keep(&self, payload: Payload) {
        let mut first = self.panic.lock();
        if first.is_none() {
            *first = Some(payload);
        } else {
            drop(first);
            unwind::dispose(payload);
        }
    }

    /// Spawns a job. `enqueue` is called with the job, the scope's pool, and the calling worker of that pool if any,
    /// and puts the job, or a ticket for it, into a queue.
    #[inline]
    pub(crate) fn spawn(
        &self,
        body: impl FnOnce() + Send + 'scope,
        enqueue: impl FnOnce(JobRef, &Registry, Option<&Worker>),
    ) {
        Worker::with_current(|worker| {
            let ours = self.enter(worker);
            let job = self.job(worker, body);
            match ours {
                // SAFETY: the job is in no queue, and is run once, here.
                Some(ours) if is_measured() => run_spawned(self.address(), || unsafe { ours.execute(job) }),
                _ => enqueue(job, self.registry(), ours),
            }
        });
    }

    /// Spawns a job that `make` makes of a piece of the scope's latch, to be given up when the job is done; the rest as
    /// [`ScopeBase::spawn`].
    pub(crate) fn spawn_made<R>(
        &self,
        make: impl FnOnce(Piece<'scope>, &Registry) -> (JobRef, R),
        enqueue: impl FnOnce(JobRef, &Registry, Option<&Worker>),
    ) -> R {
        Worker::with_current(|worker| {
            let ours = self.enter(worker);
            let (job, made) = make(Piece(Alive::new(self)), self.registry());
            enqueue(job, self.registry(), ours);
            made
        })
    }

    /// Leaves a job for every worker.
    pub(crate) fn spawn_broadcast(&self, body: impl Fn(BroadcastContext<'_>) + Send + Sync + 'scope) {
        // A piece that was begun for a job that never runs would keep the scope from ending for ever.
        self.registry().check_process();
        let job = |body| {
            Worker::with_current(|worker| {
                self.begin(worker);
                self.job(worker, broadcast::share(body))
            })
        };
        let jobs: Vec<_> = iter::repeat_n(Arc::new(body), self.registry().num_threads()).map(job).collect();
        self.registry().post_to_all(&jobs);
    }

    /// Makes a job for which a piece has been begun.
    #[inline]
    fn job(&self, worker: Option<&Worker>, body: impl FnOnce() + Send + 'scope) -> JobRef {
        let this = Alive::new(self);
        let run = move || {
            // SAFETY: the job's piece keeps the scope alive (invariant 2).
            let scope = unsafe { this.get() };
            if let Err(payload) = unwind::halt_job(body) {
                scope.keep(payload);
            }
            context::leave_job();
            trace::job_ends();
            // SAFETY: as above; the piece is the job's, and it is given up once.
            unsafe { ScopeBase::end(this) };
        };
        // SAFETY: the closure's borrows live for `'scope`, which does not end before the job has given up its piece;
        // and queues hand a job out once.
        unsafe { HeapJob::place(self.region, worker.map(Worker::slab), run) }
    }

    /// Begins a piece for a job that is about to be queued. Returns the calling worker if it is one of the scope's pool.
    #[inline]
    fn enter<'w>(&self, current: Option<&'w Worker>) -> Option<&'w Worker> {
        let ours = current.filter(|worker| self.registry().has(worker));
        if ours.is_none() {
            // A piece that was begun for a job that the pool does not take would keep the scope from ending for ever.
            self.registry().check_process();
        }
        self.begin(current);
        ours
    }

    #[inline]
    fn begin(&self, current: Option<&Worker>) {
        if self.is_owner(current) {
            self.latch.begin_here();
        } else {
            self.latch.begin_elsewhere();
        }
    }

    /// Gives up a job's piece; afterwards the scope may be gone.
    ///
    /// # Safety
    ///
    /// The caller gives up a piece that it holds.
    #[inline]
    unsafe fn end(this: Alive<Self>) {
        Worker::with_current(|worker| {
            // SAFETY: alive until the piece is given up.
            let scope = unsafe { this.get() };
            if scope.is_owner(worker) {
                scope.latch.end_here();
            } else {
                let latch = &raw const scope.latch;
                // SAFETY: as above; nothing of the scope is touched afterwards.
                unsafe { CountLatch::end_elsewhere(latch) };
            }
        });
    }

    #[inline]
    fn is_owner(&self, current: Option<&Worker>) -> bool {
        current.is_some_and(|worker| ptr::eq(worker, self.owner))
    }
}

/// Keeps a scope from ending until a job that the caller has made is done. A piece that is dropped keeps it for ever.
pub(crate) struct Piece<'scope>(Alive<ScopeBase<'scope>>);

impl Piece<'_> {
    /// The region that the scope's jobs belong to.
    pub(crate) fn region(&self) -> Region {
        // SAFETY: the piece keeps the scope alive.
        unsafe { self.0.get() }.region()
    }

    /// Gives the piece up; afterwards the scope may be gone, and its jobs' borrows may have ended.
    ///
    /// # Safety
    ///
    /// The caller works in the scope's pool.
    pub(crate) unsafe fn end(self) {
        // SAFETY: the caller holds the piece, and gives it up by value.
        unsafe { ScopeBase::end(self.0) };
    }
}

/// A pointer to a scope, or to its base, in the hands of one of the scope's jobs.
pub(crate) struct Alive<S>(*const S);

impl<S> Clone for Alive<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Alive<S> {}

// SAFETY: `get` gives out a shared reference to an `S`.
unsafe impl<S: Sync> Send for Alive<S> {}
// SAFETY: as above.
unsafe impl<S: Sync> Sync for Alive<S> {}

impl<S> Alive<S> {
    pub(crate) fn new(scope: &S) -> Self {
        Alive(scope)
    }

    /// # Safety
    ///
    /// The scope is alive for as long as the reference is used: the caller's piece of its latch keeps it so.
    pub(crate) unsafe fn get<'a>(self) -> &'a S {
        // SAFETY: the caller's duty.
        unsafe { &*self.0 }
    }
}

/// How the last job reaches the owner.
#[derive(Clone)]
enum OwnerWaker {
    /// The owner is a worker of the pool that runs the scope's jobs.
    SamePool(SamePool),
    /// The owner is a thread outside the pool, and its parker must be kept alive.
    Other(Arc<Parker>),
}

impl Wake for OwnerWaker {
    fn wake(self) {
        match self {
            OwnerWaker::SamePool(waker) => waker.wake(),
            OwnerWaker::Other(parker) => parker.wake(),
        }
    }
}

impl fmt::Debug for ScopeBase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeBase")
            .field("pool", &self.registry)
            .field("owner", &self.owner)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}
