//! Locks and condition variables, as in std: any thread may take a released lock, and one waiting thread is woken to
//! try again.

use super::machine::{self, Identity, point};
use super::state::Waiting;
use super::trace::Access;
use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LockResult, TryLockError, TryLockResult};
use std::time::Duration;

/// No thread holds it.
const FREE: usize = 0;
/// A thread that is not a virtual one holds it.
const OUTSIDE: usize = usize::MAX;

/// The calling thread, as a holder.
pub(super) fn me() -> usize {
    machine::with(|machine| machine.map_or(OUTSIDE, |machine| machine.with_state(|state| state.running + 1)))
}

/// Waits at an object, or, if this is not a virtual thread, for a moment. False if the deadline has passed.
#[track_caller]
pub(super) fn wait(waiting: Waiting, object: &Identity, deadline: Option<u64>) -> bool {
    let place = Location::caller();
    machine::with(|machine| match machine {
        Some(machine) => machine.block(waiting, [Some(object), None], deadline, place),
        None => {
            std::thread::yield_now();
            true
        }
    })
}

pub(super) fn wake_one(object: &Identity) {
    machine::with(|machine| machine.is_some_and(|machine| machine.wake_one(object)));
}

pub(super) fn wake_all(object: &Identity) {
    machine::with(|machine| {
        if let Some(machine) = machine {
            machine.wake_all(object);
        }
    });
}

/// The moment `time` from now.
pub(super) fn deadline_in(time: Duration) -> Option<u64> {
    let ns = u64::try_from(time.as_nanos()).ok()?;
    machine::with(|machine| machine.and_then(|machine| machine.with_state(|state| state.now().checked_add(ns))))
}

/// A mutual exclusion lock of virtual threads. It is never poisoned.
///
/// 1. The thread that has changed `holder` from free has exclusive access to the value until it sets `holder` to free
///    again.
pub struct Mutex<T: ?Sized> {
    identity: Identity,
    /// A thread's number plus 1.
    holder: AtomicUsize,
    value: UnsafeCell<T>,
}

// SAFETY: one thread at a time has access to the value (invariant 1), which suffices for a `Send` type.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

impl<T: ?Sized> std::panic::RefUnwindSafe for Mutex<T> {}

impl<T> Mutex<T> {
    /// A free lock.
    pub const fn new(value: T) -> Self {
        Mutex { identity: Identity::new(), holder: AtomicUsize::new(FREE), value: UnsafeCell::new(value) }
    }

    /// Returns the value.
    ///
    /// # Errors
    ///
    /// None: it is never poisoned.
    pub fn into_inner(self) -> LockResult<T> {
        Ok(self.value.into_inner())
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits for the lock and takes it.
    ///
    /// # Errors
    ///
    /// None: it is never poisoned.
    #[track_caller]
    pub fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        point(Access::Lock, &self.identity);
        while let Err(holder) = self.take() {
            wait(Waiting::Mutex(holder - 1), &self.identity, None);
        }
        Ok(MutexGuard { lock: self, not_send: PhantomData })
    }

    /// Takes the lock if it is free.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if it is not.
    #[track_caller]
    pub fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
        point(Access::Lock, &self.identity);
        match self.take() {
            Ok(_) => Ok(MutexGuard { lock: self, not_send: PhantomData }),
            Err(_) => Err(TryLockError::WouldBlock),
        }
    }

    fn take(&self) -> Result<usize, usize> {
        self.holder.compare_exchange(FREE, me(), Ordering::Acquire, Ordering::Relaxed)
    }

    fn let_go(&self) {
        self.holder.store(FREE, Ordering::Release);
        wake_one(&self.identity);
    }

    /// Access by unique reference, without taking the lock.
    ///
    /// # Errors
    ///
    /// None: it is never poisoned.
    pub fn get_mut(&mut self) -> LockResult<&mut T> {
        Ok(self.value.get_mut())
    }
}

impl<T: ?Sized> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex").finish_non_exhaustive()
    }
}

/// Access to the value of a [`Mutex`].
#[must_use]
pub struct MutexGuard<'a, T: ?Sized> {
    lock: &'a Mutex<T>,
    /// As std's guard: on some systems only the thread that took the lock may release it.
    not_send: PhantomData<*mut ()>,
}

// SAFETY: it gives out only shared references to the value, which is `Sync`.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the guard exists only while the lock is held (invariant 1).
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard exists only while the lock is held (invariant 1).
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        point(Access::Unlock, &self.lock.identity);
        self.lock.let_go();
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A condition variable: virtual threads sleep here until a condition on the value of a [`Mutex`] may have changed.
#[derive(Debug)]
pub struct Condvar {
    identity: Identity,
}

/// Tells whether a wait ended by its timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// True if the wait ended by its timeout.
    pub fn timed_out(self) -> bool {
        self.0
    }
}

impl Default for Condvar {
    fn default() -> Self {
        Condvar::new()
    }
}

impl Condvar {
    /// A condition variable without sleeping threads.
    pub const fn new() -> Self {
        Condvar { identity: Identity::new() }
    }

    /// Releases the lock, sleeps until notified, and takes the lock again.
    ///
    /// # Errors
    ///
    /// None: locks are never poisoned.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        Ok(self.sleep(guard, None).0)
    }

    /// As [`wait`](Self::wait), but sleeps at most for `time`.
    ///
    /// # Errors
    ///
    /// None: locks are never poisoned.
    #[track_caller]
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        time: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        Ok(self.sleep(guard, deadline_in(time)))
    }

    #[track_caller]
    fn sleep<'a, T>(&self, guard: MutexGuard<'a, T>, deadline: Option<u64>) -> (MutexGuard<'a, T>, WaitTimeoutResult) {
        point(Access::Wait, &self.identity);
        let lock = guard.lock;
        std::mem::forget(guard);
        // No point between here and the wait: no other thread can run in between.
        lock.let_go();
        let woken = wait(Waiting::Condvar, &self.identity, deadline);
        let Ok(guard) = lock.lock() else { unreachable!("it is never poisoned") };
        (guard, WaitTimeoutResult(!woken))
    }

    /// Wakes one thread that sleeps here.
    #[track_caller]
    pub fn notify_one(&self) {
        point(Access::Notify, &self.identity);
        wake_one(&self.identity);
    }

    /// Wakes all threads that sleep here.
    #[track_caller]
    pub fn notify_all(&self) {
        point(Access::Notify, &self.identity);
        wake_all(&self.identity);
    }
}

/// A lock for many readers or one writer. It guards no value, because the library uses it only in that way.
#[derive(Debug)]
pub(crate) struct RwLock<T> {
    identity: Identity,
    /// The number of readers, or [`WRITING`].
    state: AtomicUsize,
    guarded: PhantomData<T>,
}

const WRITING: usize = usize::MAX;

impl RwLock<()> {
    pub(crate) const fn new((): ()) -> Self {
        RwLock { identity: Identity::new(), state: AtomicUsize::new(0), guarded: PhantomData }
    }

    #[track_caller]
    pub(crate) fn read(&self) -> LockResult<RwLockGuard<'_>> {
        self.take(|state| (state != WRITING).then(|| state + 1))
    }

    #[track_caller]
    pub(crate) fn write(&self) -> LockResult<RwLockGuard<'_>> {
        self.take(|state| (state == 0).then_some(WRITING))
    }

    #[track_caller]
    fn take(&self, next: impl Fn(usize) -> Option<usize>) -> LockResult<RwLockGuard<'_>> {
        point(Access::Lock, &self.identity);
        while self.state.fetch_update(Ordering::Acquire, Ordering::Relaxed, &next).is_err() {
            wait(Waiting::RwLock, &self.identity, None);
        }
        Ok(RwLockGuard(self))
    }
}

/// The guard of a [`RwLock`].
#[derive(Debug)]
pub(crate) struct RwLockGuard<'a>(&'a RwLock<()>);

impl Drop for RwLockGuard<'_> {
    fn drop(&mut self) {
        let lock = self.0;
        point(Access::Unlock, &lock.identity);
        let leave = |state| Some(if state == WRITING { 0 } else { state - 1 });
        let _ = lock.state.fetch_update(Ordering::Release, Ordering::Relaxed, leave);
        wake_all(&lock.identity);
    }
}
