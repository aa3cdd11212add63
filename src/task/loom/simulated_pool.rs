//! What the tasks of the models belong to, and what they are made of.

use crate::job::slab::Slab;
use crate::job::{JobRef, Region};
use crate::pool::waiter::Waiter;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::deque::{Injector, Steal};
use crate::sync::parker::Parker;
use crate::task::body::{Closure, Polled, TaskBody};
use crate::task::handle::TaskHandle;
use crate::task::home::Home;
use crate::task::life;
use crate::task::record::{self, Regions};
use crate::task::waker;
use loom::cell::UnsafeCell;
use std::cell::Cell;
use std::pin::Pin;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

/// In place of a pool or a scope.
pub(super) struct SimulatedPool {
    queue: Injector<JobRef>,
    /// What bodies may use while they run, and no more once the task has left.
    ground: UnsafeCell<()>,
    /// What is written before a cancel, for the body's destructor.
    note: UnsafeCell<()>,
    /// Whether the body has been dropped.
    is_body_gone: UnsafeCell<bool>,
    /// What is counted here orders nothing.
    left: AtomicUsize,
    made: AtomicUsize,
    dropped: AtomicUsize,
    /// Bodies that were dropped elsewhere than in a job.
    misplaced: AtomicUsize,
    /// Whether the futures here are to become ready, which those say who wake them.
    flag: AtomicU32,
}

// SAFETY: loom checks who is on the ground when.
unsafe impl Sync for SimulatedPool {}
// SAFETY: as above.
unsafe impl Send for SimulatedPool {}

/// An outcome's own, to be dropped once.
pub(super) struct Token(Arc<SimulatedPool>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, SeqCst);
    }
}

/// A body's own, to be dropped once, before the task is seen to be done, and, unless its canceller may, by a job.
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
        // SAFETY: loom checks that nobody looks meanwhile.
        pool.is_body_gone.with_mut(|is_gone| unsafe { *is_gone = true });
    }
}

loom::thread_local! {
    /// Whether the thread is in a job, as a worker or as a joiner who has claimed a task.
    static IS_IN_JOB: Cell<bool> = Cell::new(false);
}

/// Does `f` as a job.
fn as_job(f: impl FnOnce()) {
    let before = IS_IN_JOB.with(|is_in_job| is_in_job.replace(true));
    f();
    IS_IN_JOB.with(|is_in_job| is_in_job.set(before));
}

/// A job's hands: all that a worker does here.
pub(super) fn run(job: JobRef) {
    // SAFETY: a model gives each reference to one thread.
    as_job(|| unsafe { job.execute(&Slab::new()) });
}

/// Runs the task if nobody has begun it, as a worker that joins it does. Says whether it did.
pub(super) fn claim(handle: &TaskHandle<Token>) -> bool {
    // SAFETY: nobody asks for a worker here.
    let is_ours = unsafe { life::claim(handle.head()) };
    if is_ours {
        // SAFETY: it has just been claimed.
        as_job(|| unsafe { life::run(handle.head()) });
    }
    is_ours
}

impl SimulatedPool {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(SimulatedPool {
            queue: Injector::new(),
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
        let (job, handle) = self.place::<_, true>(Polled(Flagged { held, result }));
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
        // SAFETY: the state counts a reference for the handle, whose type is the body's.
        let handle = unsafe { TaskHandle::new(head) };
        // SAFETY: the state counts a reference for the queue.
        (unsafe { record::job_of(head) }, handle)
    }

    /// Runs what has been queued again. Whoever may have queued something calls it, so that nothing stays.
    pub(super) fn drain(&self) {
        while let Steal::Success(job) = self.queue.steal() {
            run(job);
        }
    }

    pub(super) fn raise_flag(&self) {
        // Relaxed: the wake that follows must do.
        self.flag.store(1, Ordering::Relaxed);
    }

    /// For one who is about to cancel a future that never becomes ready.
    pub(super) fn write_note(&self) {
        self.note.with_mut(|_| ());
    }

    /// For one who has seen the task done.
    #[track_caller]
    pub(super) fn assert_body_is_gone(&self) {
        // SAFETY: loom checks that nobody drops it meanwhile.
        assert!(self.is_body_gone.with(|is_gone| unsafe { *is_gone }), "the task is done, and its body is there");
    }

    /// When all threads of the model have ended: the task has left, once, and everything has been dropped, once.
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
}

/// A parker that the calling thread is bound to.
pub(super) fn own_parker() -> Arc<Parker> {
    Arc::new(Parker::new())
}

/// `join` of a thread that is no worker.
pub(super) fn join(mut handle: TaskHandle<Token>) -> std::thread::Result<Token> {
    if !handle.is_finished() {
        handle.wait(Waiter::Outside(&own_parker()));
    }
    handle.take()
}
