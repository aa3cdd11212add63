//! Tasks in scopes, which may borrow as the scope's jobs may, and their handle.

use crate::fork::scope::{Alive, Piece, Scope, ScopeFifo};
use crate::job::{JobRef, Region};
use crate::pool::registry::{Registry, Worker};
use crate::task::body::Closure;
use crate::task::error::TaskError;
use crate::task::handle::TaskHandle;
use crate::task::head::{self, Head, Regions};
use crate::task::home::InScope;
use crate::task::record;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

/// The handle of a task that was spawned into a scope by [`Scope::spawn_task`](crate::Scope::spawn_task) or
/// [`ScopeFifo::spawn_task`](crate::ScopeFifo::spawn_task).
///
/// It is to a task of a scope what [`JoinHandle`](crate::JoinHandle) is to a detached one. It may not outlive the data
/// that the task may borrow. The scope waits for the task even if its handle is gone.
///
/// # Panics
///
/// As [`JoinHandle`](crate::JoinHandle).
///
/// # Examples
///
/// ```
/// let words = vec!["row", "of", "riders"];
/// let longest = paceline::scope(|s| {
///     let (first, second) = words.split_at(1);
///     let first = s.spawn_task(|_| first.iter().max_by_key(|word| word.len()));
///     let second = s.spawn_task(|_| second.iter().max_by_key(|word| word.len()));
///     first.join().unwrap().max(second.join().unwrap()).copied()
/// });
/// assert_eq!(longest, Some("row"));
/// ```
///
/// ```compile_fail,E0597
/// let handle = {
///     let local = 42;
///     paceline::scope(|s| s.spawn_task(|_| &local))
/// };
/// handle.join();
/// ```
#[must_use = "dropping the handle detaches the task; `Scope::spawn` says so without a handle"]
pub struct ScopedJoinHandle<'scope, T> {
    handle: TaskHandle<T>,
    marker: PhantomData<&'scope ()>,
}

impl<'scope, T> ScopedJoinHandle<'scope, T> {
    /// # Safety
    ///
    /// As for [`TaskHandle::new`]; and the body must live for `'scope`.
    unsafe fn new(head: NonNull<Head>) -> Self {
        // SAFETY: the caller has the same duties.
        let handle = unsafe { TaskHandle::new(head) };
        ScopedJoinHandle { handle, marker: PhantomData }
    }

    /// Waits until the task is done and returns its result; see [`JoinHandle::join`](crate::JoinHandle::join).
    ///
    /// # Errors
    ///
    /// If the task panicked, which the scope does not go on with then or ever; if the task was cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// let numbers = [1, 2, 3, 4];
    /// let sum = paceline::scope(|s| {
    ///     let low = s.spawn_task(|_| numbers[..2].iter().sum::<i32>());
    ///     let high: i32 = numbers[2..].iter().sum();
    ///     low.join().unwrap() + high
    /// });
    /// assert_eq!(sum, 10);
    /// ```
    pub fn join(self) -> Result<T, TaskError> {
        self.handle.join()
    }

    /// True if the task is done. Never blocks. See [`JoinHandle::is_finished`](crate::JoinHandle::is_finished).
    ///
    /// # Examples
    ///
    /// ```
    /// let handle = paceline::in_place_scope(|s| s.spawn_task(|_| 42));
    /// assert!(handle.is_finished(), "the scope has waited");
    /// # drop(handle);
    /// ```
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }

    /// Cancels the task if it has not begun: a thread of the pool then drops its closure instead of running it. See
    /// [`JoinHandle::cancel`](crate::JoinHandle::cancel).
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    /// pool.scope(|s| {
    ///     let handle = s.spawn_task(|_| unreachable!("the pool's only thread is busy here"));
    ///     handle.cancel();
    ///     assert!(handle.join().unwrap_err().is_cancelled());
    /// });
    /// ```
    pub fn cancel(&self) {
        self.handle.cancel();
    }
}

impl<T> Future for ScopedJoinHandle<'_, T> {
    type Output = Result<T, TaskError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.handle.poll(context)
    }
}

impl<T> Unpin for ScopedJoinHandle<'_, T> {}

impl<T> fmt::Debug for ScopedJoinHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoinHandle").field("is_finished", &self.is_finished()).finish()
    }
}

impl<'scope> Scope<'scope> {
    /// Spawns a job into the scope, as [`spawn`](Scope::spawn) does, and returns a handle to its result. Never blocks.
    ///
    /// A panic in `body` is kept for the call that asks for the result. Unlike that of a job without a handle it does
    /// not become the scope's.
    ///
    /// # Examples
    ///
    /// ```
    /// let text = String::from("one two three");
    /// let words = paceline::scope(|s| s.spawn_task(|_| text.split(' ').count()).join().unwrap());
    /// assert_eq!(words, 3);
    /// ```
    pub fn spawn_task<BODY, T>(&self, body: BODY) -> ScopedJoinHandle<'scope, T>
    where
        BODY: FnOnce(&Scope<'scope>) -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let scope = Alive::new(self);
        // SAFETY: the body runs while the scope is alive: the task has a piece of it.
        let call = move || body(unsafe { scope.get() });
        self.spawn_made(|piece, registry| scoped(piece, registry, call))
    }
}

impl<'scope> ScopeFifo<'scope> {
    /// Spawns a job into the scope, as [`spawn_fifo`](ScopeFifo::spawn_fifo) does, and returns a handle to its result.
    /// Never blocks. Panics are handled as in [`Scope::spawn_task`].
    ///
    /// # Examples
    ///
    /// ```
    /// let text = String::from("one two three");
    /// let words = paceline::scope_fifo(|s| s.spawn_task(|_| text.split(' ').count()).join().unwrap());
    /// assert_eq!(words, 3);
    /// ```
    pub fn spawn_task<BODY, T>(&self, body: BODY) -> ScopedJoinHandle<'scope, T>
    where
        BODY: FnOnce(&ScopeFifo<'scope>) -> T + Send + 'scope,
        T: Send + 'scope,
    {
        let scope = Alive::new(self);
        // SAFETY: the body runs while the scope is alive: the task has a piece of it.
        let call = move || body(unsafe { scope.get() });
        self.spawn_made(|piece, registry| scoped(piece, registry, call))
    }
}

/// A task that keeps the scope from ending until it is done.
fn scoped<'scope, F, T>(piece: Piece<'scope>, registry: &Registry, call: F) -> (JobRef, ScopedJoinHandle<'scope, T>)
where
    F: FnOnce() -> T + Send + 'scope,
    T: Send + 'scope,
{
    // While the task waits, no other task of the scope may run on top of it, because that could wait for this one.
    let regions = Regions { around: piece.region(), inside: Region::fresh() };
    let call = move || Worker::in_part(regions.inside, call);
    let task = record::place(regions, registry, Closure(call), InScope(piece));
    // SAFETY: the state counts a reference for the handle, which is of the closure's result type; the closure lives for
    // `'scope`.
    let handle = unsafe { ScopedJoinHandle::new(task) };
    // SAFETY: the state counts a reference for the queue.
    (unsafe { head::job_of(task) }, handle)
}
