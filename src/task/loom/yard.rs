//! What the tasks of the models belong to, and what they are made of.

use crate::job::slab::Slab;
use crate::job::{JobRef, Region};
use crate::pool::waiter::Waiter;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::sync::deque::{Injector, Steal};
use crate::sync::parker::Parker;
use crate::task::body::{Body, Call, Polled};
use crate::task::handle::Handle;
use crate::task::home::Home;
use crate::task::record;
use crate::task::waker;
use loom::cell::UnsafeCell;
use std::pin::Pin;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

/// In place of a pool or a scope.
pub(super) struct Yard {
    queue: Injector<JobRef>,
    /// What bodies may use while they run, and no more once the task has left.
    ground: UnsafeCell<()>,
    /// What is counted here orders nothing.
    left: AtomicUsize,
    made: AtomicUsize,
    dropped: AtomicUsize,
    /// Whether the futures here are to become ready, which those say who wake them.
    flag: AtomicU32,
}

// SAFETY: loom checks who is on the ground when.
unsafe impl Sync for Yard {}
// SAFETY: as above.
unsafe impl Send for Yard {}

/// A body's or an outcome's own, to be dropped once.
pub(super) struct Token(Arc<Yard>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, SeqCst);
    }
}

/// A job's hands: all that a worker does here.
pub(super) fn run(job: JobRef) {
    // SAFETY: a model gives each reference to one thread.
    unsafe { job.execute(&Slab::new()) };
}

impl Yard {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Yard {
            queue: Injector::new(),
            ground: UnsafeCell::new(()),
            left: AtomicUsize::new(0),
            made: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
            flag: AtomicU32::new(0),
        })
    }

    fn token(self: &Arc<Self>) -> Token {
        self.made.fetch_add(1, SeqCst);
        Token(Arc::clone(self))
    }

    /// A task with a closure, and the reference for a queue.
    pub(super) fn task(self: &Arc<Self>) -> (JobRef, Handle<Token>) {
        let (held, result, yard) = (self.token(), self.token(), Arc::clone(self));
        self.place(Call(move || {
            let _held = held;
            yard.ground.with(|_| ());
            result
        }))
    }

    /// A task with a future that is ready when the flag is up, the reference for a queue, and a waker.
    pub(super) fn future(self: &Arc<Self>) -> (JobRef, Handle<Token>, Waker) {
        let (held, result) = (self.token(), Some(self.token()));
        let (job, handle) = self.place(Polled(Flagged { held, result }));
        // SAFETY: the handle keeps the task.
        let borrowed = unsafe { waker::borrowed(handle.head()) };
        let waker = Waker::clone(&borrowed);
        (job, handle, waker)
    }

    fn place<B: Body<Output = Token>>(self: &Arc<Self>, body: B) -> (JobRef, Handle<Token>) {
        let head = record::place(Region::NONE, ptr::null(), body, InYard(Arc::clone(self)));
        // SAFETY: the state counts a reference for the handle, whose type is the body's.
        let handle = unsafe { Handle::new(head) };
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

    /// When all threads of the model have ended: the task has left, once, and everything has been dropped, once.
    #[track_caller]
    pub(super) fn assert_clean(&self) {
        assert_eq!(self.left.load(SeqCst), 1, "the task leaves once");
        assert_eq!(self.dropped.load(SeqCst), self.made.load(SeqCst), "what was made is dropped once");
    }
}

/// A future that is ready when its yard's flag is up.
struct Flagged {
    held: Token,
    result: Option<Token>,
}

impl Future for Flagged {
    type Output = Token;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Token> {
        let yard = Arc::clone(&self.held.0);
        yard.ground.with(|_| ());
        if yard.flag.load(Ordering::Relaxed) == 0 {
            return Poll::Pending;
        }
        Poll::Ready(self.result.take().expect("a future is polled until it is ready"))
    }
}

struct InYard(Arc<Yard>);

impl Home for InYard {
    fn leave(self) {
        self.0.ground.with_mut(|_| ());
        self.0.left.fetch_add(1, SeqCst);
    }

    fn enqueue(&self, job: JobRef) {
        let yard = Arc::clone(&self.0);
        yard.queue.push(job);
    }
}

/// A parker that the calling thread is bound to.
pub(super) fn own_parker() -> Arc<Parker> {
    Arc::new(Parker::new())
}

/// `join` of a thread that is no worker.
pub(super) fn join(mut handle: Handle<Token>) -> std::thread::Result<Token> {
    if !handle.is_finished() {
        handle.wait(Waiter::Outside(&own_parker()));
    }
    handle.take()
}
