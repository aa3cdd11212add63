//! A value that is made once, as [`std::sync::OnceLock`].

use super::lock::{wait, wake_all};
use super::machine::{Identity, point};
use super::state::Waiting;
use super::trace::Access;
use std::cell::UnsafeCell;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

const EMPTY: u32 = 0;
const MAKING: u32 = 1;
const READY: u32 = 2;

/// 1. The thread that has changed `state` from empty to making has exclusive access to the value until `state` changes
///    again.
/// 2. If `state` is ready, there is a value, which does not change.
pub(crate) struct OnceLock<T> {
    identity: Identity,
    state: AtomicU32,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: the maker has exclusive access to the value, and may be another thread than the one that drops it (`Send`);
// afterwards all threads share the value (`Sync`).
unsafe impl<T: Send + Sync> Sync for OnceLock<T> {}

impl<T> std::panic::RefUnwindSafe for OnceLock<T> {}

impl<T> OnceLock<T> {
    pub(crate) const fn new() -> Self {
        OnceLock { identity: Identity::new(), state: AtomicU32::new(EMPTY), value: UnsafeCell::new(None) }
    }

    #[track_caller]
    pub(crate) fn get(&self) -> Option<&T> {
        point(Access::Load, &self.identity);
        self.ready()
    }

    fn ready(&self) -> Option<&T> {
        if self.state.load(Ordering::Acquire) != READY {
            return None;
        }
        // SAFETY: the value is ready (invariant 2).
        unsafe { (*self.value.get()).as_ref() }
    }

    pub(crate) fn take(&mut self) -> Option<T> {
        *self.state.get_mut() = EMPTY;
        self.value.get_mut().take()
    }

    #[track_caller]
    pub(crate) fn set(&self, value: T) -> Result<(), T> {
        let mut value = Some(value);
        self.get_or_init(|| value.take().expect("it is made once"));
        value.map_or(Ok(()), Err)
    }

    #[track_caller]
    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        point(Access::Rmw, &self.identity);
        loop {
            if let Some(value) = self.ready() {
                return value;
            }
            if self.state.compare_exchange(EMPTY, MAKING, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                break;
            }
            wait(Waiting::Once, &self.identity, None);
        }
        let mut making = Making { lock: self, then: EMPTY };
        let value = make();
        // SAFETY: this is the maker (invariant 1).
        unsafe { *self.value.get() = Some(value) };
        making.then = READY;
        drop(making);
        self.ready().expect("it was made just now")
    }
}

/// The guard of the thread that makes the value. If the thread panics, another one may make it.
struct Making<'a, T> {
    lock: &'a OnceLock<T>,
    then: u32,
}

impl<T> Drop for Making<'_, T> {
    fn drop(&mut self) {
        point(Access::Store, &self.lock.identity);
        self.lock.state.store(self.then, Ordering::Release);
        wake_all(&self.lock.identity);
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        OnceLock::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnceLock").field(&self.ready()).finish()
    }
}
