//! The simulated pool to which the tasks of the models belong, and their bodies and outcomes.

use crate::job::slab::Slab;
use crate::job::{JobRef, Region};
use crate::pool::discard::Discard;
use crate::pool::waiter::Waiter;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::deque::{Injector, Steal};
use crate::sync::parker::Parker;
use crate::task::body::{Closure, Polled, TaskBody};
use crate::task::error::TaskError;
use crate::task::handle::TaskHandle;
use crate::task::head::{self, Regions};
use crate::task::home::Home;
use crate::task::life;
use crate::task::record;
use crate::task::waker;
use loom::cell::UnsafeCell;
use std::cell::Cell;
use std::pin::Pin;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

/// Stands in for a pool or a scope.
pub(super) struct SimulatedPool {
    queue: Injector<JobRef>,
    /// Only in the models that need it.
    discard: Option<Arc<Discard>>,
    /// Memory that bodies may use while they run, and not once the task has left.
    ground: UnsafeCell<()>,
    /// Memory that is written before a cancel, for the body's destructor.
    note: UnsafeCell<()>,
    /// True once the body has been dropped.
    is_body_gone: UnsafeCell<bool>,
    /// These counts order nothing.
    left: AtomicUsize,
    made: AtomicUsize,
    dropped: AtomicUsize,
    /// The number of bodies that were dropped outside of jobs.
    misplaced: AtomicUsize,
    /// True if the futures here are to become ready; the threads that wake them set it.
    flag: AtomicU32,
}

// SAFETY: loom checks each access to the cells.
unsafe impl Sync for SimulatedPool {}
// SAFETY: as above.
unsafe impl Send for SimulatedPool {}

/// The value of an outcome, which must be dropped once.
pub(super) struct Token(Arc<SimulatedPool>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, SeqCst);
    }
}

/// The value of a body, which must be dropped once, before the task is seen to be done, and, unless its canceller may
/// drop it, by a job.
struct Held(Token, Dropper);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dropper {
    Job,
    Anybody,
}

impl Drop for Held {
    fn drop(&mut self) {
        let pool = &(self.0).0;
        if self.1 == Dropper::Job && !IS_IN_JOB.with(Cell::get) {
            // A panic would be swallowed here.
            pool.misplaced.fetch_add(1, SeqCst);
        }
        pool.note.with(|_| ());
        // SAFETY: loom checks that no thread reads meanwhile.
        pool.is_body_gone.with_mut(|is_gone| unsafe { *is_gone = true });
    }
}

loom::thread_local! {
    /// True while the thread runs a job, as a worker or as a joiner that has claimed a task.
    static IS_IN_JOB: Cell<bool> = Cell::new(false);
}

/// Calls `f` as a job.
fn as_job(f: impl FnOnce()) {
    let before = IS_IN_JOB.with(|is_in_job| is_in_job.replace(true));
    f();
    IS_IN_JOB.with(|is_in_job| is_in_job.set(before));
}

/// Runs a job, as a worker does.
pub(super) fn run(job: JobRef) {
    // SAFETY: a model gives each reference to one thread.
    as_job(|| unsafe { job.execute(&Slab::new()) });
}

/// Runs the task if no thread has begun it, as a worker that joins it does. True if it did.
pub(super) fn claim(handle: &TaskHandle<Token>) -> bool {
    // SAFETY: `claim` uses no worker here, and the caller has the handle.
    let is_ours = unsafe { life::claim(handle.head()) };
    if is_ours {
        // SAFETY: this thread has just claimed it.
        as_job(|| unsafe { life::run(handle.head()) });
    }
    is_ours
}

impl SimulatedPool {
    pub(super) fn new() -> Arc<Self> {
        Self::with(None)
    }

    /// A pool that can be shut down at once.
    pub(super) fn with_discard() -> Arc<Self> {
        Self::with(Some(Discard::new()))
    }

    fn with(discard: Option<Arc<Discard>>) -> Arc<Self> {
        Arc::new(SimulatedPool {
            queue: Injector::new(),
            discard,
            ground: UnsafeCell::new(()),
            note: UnsafeCell::new(()),
            is_body_gone: UnsafeCell::new(false),
            left: AtomicUsize::new(0),
            made: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
            misplaced: AtomicUsize::new(0),
            flag: AtomicU32::new(0),
        })
    }

    fn token(self: &Arc<Self>) -> Token {
        self.made.fetch_add(1, SeqCst);
        Token(Arc::clone(self))
    }

    /// A task with a closure, as in a pool, and the reference for a queue.
    pub(super) fn task(self: &Arc<Self>) -> (JobRef, TaskHandle<Token>) {
        self.place::<_, true>(self.closure(Dropper::Anybody))
    }

    /// A task with a closure, as in a scope, and the reference for a queue.
    pub(super) fn scoped_task(self: &Arc<Self>) -> (JobRef, TaskHandle<Token>) {
        self.place::<_, false>(self.closure(Dropper::Job))
    }

    fn closure(self: &Arc<Self>, dropper: Dropper) -> Closure<impl FnOnce() -> Token + use<>> {
        let (held, result, pool) = (Held(self.token(), dropper), self.token(), Arc::clone(self));
        Closure(move || {
            let _held = held;
            pool.ground.with(|_| ());
            result
        })
    }

    /// A task with a future that is ready when the flag is up, the reference for a queue, and a waker.
    pub(super) fn future(self: &Arc<Self>) -> (JobRef, TaskHandle<Token>, Waker) {
        let (held, result) = (Held(self.token(), Dropper::Job), Some(self.token()));
        let (job, handle) = self.place::<_, true>(Polled::new(Flagged { held, result }));
        // SAFETY: the handle keeps the task.
        let borrowed = unsafe { waker::borrowed(handle.head()) };
        let waker = Waker::clone(&borrowed);
        (job, handle, waker)
    }

    fn place<B: TaskBody<Output = Token>, const ANYWHERE: bool>(
        self: &Arc<Self>,
        body: B,
    ) -> (JobRef, TaskHandle<Token>) {
        let regions = Regions { around: Region::NONE, inside: Region::NONE };
        let head = record::place(regions, ptr::null(), body, InSimulatedPool::<ANYWHERE>(Arc::clone(self)));
        // SAFETY: the state counts a reference for the handle, which is of the body's result type.
        let handle = unsafe { TaskHandle::new(head) };
        // SAFETY: the state counts a reference for the queue.
        (unsafe { head::job_of(head) }, handle)
    }

    /// Runs the tasks that have been queued again. Every thread that may have queued one must call it, so that none is
    /// left.
    pub(super) fn drain(&self) {
        while let Steal::Success(job) = self.queue.steal() {
            run(job);
        }
    }

    /// Begins the shutdown that drops what has not begun.
    pub(super) fn discard(&self) {
        life::discard(self.discard.as_deref().expect("it was made with one"));
    }

    pub(super) fn raise_flag(&self) {
        // Relaxed suffices: the wake that follows orders it.
        self.flag.store(1, Ordering::Relaxed);
    }

    /// The thread that cancels a future that never becomes ready must call this before.
    pub(super) fn write_note(&self) {
        self.note.with_mut(|_| ());
    }

    /// A thread that has seen the task done may call this.
    #[track_caller]
    pub(super) fn assert_body_is_gone(&self) {
        // SAFETY: loom checks that no thread drops it meanwhile.
        assert!(self.is_body_gone.with(|is_gone| unsafe { *is_gone }), "the task is done, and its body is there");
    }

    /// Called when all threads of the model have ended: the task has left once, and everything has been dropped once.
    #[track_caller]
    pub(super) fn assert_clean(&self) {
        assert_eq!(self.left.load(SeqCst), 1, "the task leaves once");
        assert_eq!(self.misplaced.load(SeqCst), 0, "a body is dropped by a job");
        assert_eq!(self.dropped.load(SeqCst), self.made.load(SeqCst), "what was made is dropped once");
    }
}

/// A future that is ready when its pool's flag is up.
struct Flagged {
    held: Held,
    result: Option<Token>,
}

impl Future for Flagged {
    type Output = Token;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Token> {
        let pool = Arc::clone(&(self.held.0).0);
        pool.ground.with(|_| ());
        if pool.flag.load(Ordering::Relaxed) == 0 {
            return Poll::Pending;
        }
        Poll::Ready(self.result.take().expect("a future is polled until it is ready"))
    }
}

struct InSimulatedPool<const ANYWHERE: bool>(Arc<SimulatedPool>);

impl<const ANYWHERE: bool> Home for InSimulatedPool<ANYWHERE> {
    const IS_LEFT_ANYWHERE: bool = ANYWHERE;

    fn leave(self) {
        self.0.ground.with_mut(|_| ());
        self.0.left.fetch_add(1, SeqCst);
    }

    fn enqueue(&self, job: JobRef) {
        let pool = Arc::clone(&self.0);
        pool.queue.push(job);
    }

    fn discard(&self) -> Option<&Arc<Discard>> {
        self.0.discard.as_ref()
    }
}

/// A parker that is bound to the calling thread.
pub(super) fn own_parker() -> Arc<Parker> {
    Arc::new(Parker::new())
}

/// `join` on a thread that is no worker.
pub(super) fn join(mut handle: TaskHandle<Token>) -> Result<Token, TaskError> {
    if !handle.is_finished() {
        handle.wait(Waiter::Outside(&own_parker()));
    }
    handle.take()
}
