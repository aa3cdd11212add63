//! Threads: how to start them.
//!
//! How they sleep is in [`Parker`](crate::sync::parker::Parker): std's `park` uses a token that belongs to the user's
//! code on the thread.

use crate::sync::lock::Mutex;
use crate::sync::unwind;
use std::io;
use std::marker::PhantomData;

#[cfg(not(sim))]
pub(crate) use std::thread::{Builder, JoinHandle, panicking};

/// In a model other threads run during the call.
#[cfg(loom)]
pub(crate) use loom::thread::yield_now;
#[cfg(not(any(loom, sim)))]
pub(crate) use std::thread::yield_now;

#[cfg(sim)]
pub(crate) use crate::sync::sim::thread::{Builder, JoinHandle, panicking, yield_now};

/// Threads that may borrow data that outlives the call of [`scope`] in which they are started.
///
/// 1. Only `scope` makes a value, and it joins every thread in the list before it returns or unwinds.
#[derive(Debug)]
pub(crate) struct ScopedThreads<'env> {
    started: Mutex<Vec<JoinHandle<()>>>,
    /// This makes `'env` invariant, so that no thread takes a shorter lifetime for it.
    marker: PhantomData<fn(&'env ()) -> &'env ()>,
}

/// Calls `f`, and waits for all threads that `f` has started. Then goes on with the panic of `f`, or else of one of
/// them.
///
/// It replaces std's own, which waits by `park`, and so may take the user's token or leave one behind.
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
        // SAFETY: the closure's borrows live for `'env`, which outlives the call of `scope`, and by invariant 1 the
        // thread has ended by then.
        let thread = unsafe { builder.spawn_unchecked(body) }?;
        self.started.lock().push(thread);
        Ok(())
    }
}

/// The calling thread's name, if it has one.
pub(crate) fn current_name() -> Option<Box<str>> {
    std::thread::current().name().map(Box::from)
}

/// A thread must call this before it waits for another, on a target that may have no other.
///
/// # Panics
///
/// If the target has no threads. A stable compiler does not say at compile time whether it has (`wasm32-wasip1-threads`
/// has), so the first call tries.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
pub(crate) fn check_for_another() {
    static IS_ALONE: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let is_refused = || Builder::new().spawn(|| ()).is_err_and(|error| error.kind() == io::ErrorKind::Unsupported);
    assert!(
        !IS_ALONE.get_or_init(is_refused),
        "this call waits for another thread, but this target has no threads: it would wait for ever"
    );
}
