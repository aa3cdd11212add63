//! Threads: how they are started, and how many there may well be.
//!
//! Not how they sleep: std's `park` spends a token that belongs to the user's code on the thread. Ours sleep at a
//! [`Parker`](crate::sync::parker::Parker).

use crate::sync::lock::Mutex;
use crate::sync::unwind;
use std::io;
use std::marker::PhantomData;

#[cfg(not(sim))]
pub(crate) use std::thread::{Builder, JoinHandle, available_parallelism, panicking};

/// In a model whoever is waited for goes on meanwhile.
#[cfg(loom)]
pub(crate) use loom::thread::yield_now;
#[cfg(not(any(loom, sim)))]
pub(crate) use std::thread::yield_now;

#[cfg(sim)]
pub(crate) use crate::sync::sim::thread::{Builder, JoinHandle, available_parallelism, panicking, yield_now};

/// Threads that may borrow what outlives the call of [`scope`] that they are started in.
///
/// 1. Only `scope` makes a value, and it joins every thread in the list before it ends in whichever way.
#[derive(Debug)]
pub(crate) struct ScopedThreads<'env> {
    started: Mutex<Vec<JoinHandle<()>>>,
    /// Invariant in it, so that no thread takes a shorter lifetime for `'env`.
    marker: PhantomData<fn(&'env ()) -> &'env ()>,
}

/// Calls `f` and waits for all threads that it has started. Goes on with the panic of `f`, or else of one of them.
///
/// It stands here for std's own, which waits by `park`, and so may take the user's token or leave one behind.
pub(crate) fn scope<'env, R>(f: impl FnOnce(&ScopedThreads<'env>) -> R) -> R {
    let threads = ScopedThreads { started: Mutex::new(Vec::new()), marker: PhantomData };
    let outcome = unwind::halt(|| f(&threads));
    let started = threads.started.into_inner();
    let mut panics: Vec<_> = started.into_iter().filter_map(|thread| thread.join().err()).collect();
    let first = match (outcome, panics.pop()) {
        (Ok(result), None) => return result,
        (Ok(result), Some(payload)) => {
            unwind::dispose(result);
            payload
        }
        (Err(payload), another) => {
            panics.extend(another);
            payload
        }
    };
    unwind::dispose_each(panics);
    unwind::resume(first)
}

impl<'env> ScopedThreads<'env> {
    /// Starts a thread that `builder` describes.
    pub(crate) fn spawn(&self, builder: Builder, body: impl FnOnce() + Send + 'env) -> io::Result<()> {
        // SAFETY: what the closure borrows lives for `'env`, which outlives the call of `scope`, and by invariant 1 the
        // thread has ended by then.
        let thread = unsafe { builder.spawn_unchecked(body) }?;
        self.started.lock().push(thread);
        Ok(())
    }
}

/// Called before the only thread that the target has would wait for another.
///
/// # Panics
///
/// When the target has no threads. A stable compiler does not say at compile time that one has them
/// (`wasm32-wasip1-threads`), so the first call tries.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
pub(crate) fn check_for_another() {
    static IS_ALONE: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let is_refused = || Builder::new().spawn(|| ()).is_err_and(|error| error.kind() == io::ErrorKind::Unsupported);
    assert!(
        !IS_ALONE.get_or_init(is_refused),
        "this call waits for another thread, but this target has no threads: it would wait for ever"
    );
}
