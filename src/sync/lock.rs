//! The mutex for what is off the hot path: std's, without the poison.
//!
//! std's, not parking_lot's: that one keeps its waiting threads in a table of the whole process, whose locks a forked
//! child may find held by threads that it does not have.

use std::time::Duration;

/// A mutual exclusion lock around a `T`, released by unwinding like any other way out.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(Inner<T>);

#[cfg(not(loom))]
use std::sync as inner;

#[cfg(loom)]
use loom::sync as inner;

type Inner<T> = inner::Mutex<T>;

/// Access to what the lock protects.
pub(crate) type Guard<'a, T> = inner::MutexGuard<'a, T>;

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Mutex(Inner::new(value))
    }

    /// Takes the lock if nobody has it.
    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(std::sync::TryLockError::Poisoned(error)) => Some(ignore_poison(error)),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }

    /// Waits for the lock and takes it.
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.0.lock().unwrap_or_else(ignore_poison)
    }

    /// What the lock has protected.
    pub(crate) fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(ignore_poison)
    }

    /// Access without the lock, for the only one who has it.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(ignore_poison)
    }
}

/// Where a thread sleeps that has found what is behind a [`Mutex`] not to be as it wants it. It may wake for no reason.
#[derive(Debug)]
pub(crate) struct Condvar(inner::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Condvar(inner::Condvar::new())
    }

    /// Lets go of the lock, sleeps until notified, and takes the lock again.
    pub(crate) fn wait<'a, T>(&self, guard: Guard<'a, T>) -> Guard<'a, T> {
        #[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
        crate::sync::thread::check_for_another();
        self.0.wait(guard).unwrap_or_else(ignore_poison)
    }

    /// As [`Condvar::wait`], but sleeps not much longer than for `time`.
    #[cfg(not(loom))]
    pub(crate) fn wait_for<'a, T>(&self, guard: Guard<'a, T>, time: Duration) -> Guard<'a, T> {
        self.0.wait_timeout(guard, time).unwrap_or_else(ignore_poison).0
    }

    /// In a model all times are over at once.
    #[cfg(loom)]
    pub(crate) fn wait_for<'a, T>(&self, guard: Guard<'a, T>, _: Duration) -> Guard<'a, T> {
        loom::thread::yield_now();
        guard
    }

    /// Wakes one thread that sleeps here.
    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes all threads that sleep here.
    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// What is behind our locks is whole at every moment at which a panic may come.
fn ignore_poison<T>(error: std::sync::PoisonError<T>) -> T {
    error.into_inner()
}
