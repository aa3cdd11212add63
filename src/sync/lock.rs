//! The mutex for what is off the hot path: std's, without the poison.
//!
//! std's, not parking_lot's: that one keeps its waiting threads in a table of the whole process, whose locks a forked
//! child may find held by threads that it does not have.

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

/// What is behind our locks is whole at every moment at which a panic may come.
fn ignore_poison<T>(error: std::sync::PoisonError<T>) -> T {
    error.into_inner()
}
