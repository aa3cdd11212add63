//! The mutex for everything off the hot path: std's, without poisoning, and in a forked child without waiting for ever.
//!
//! std's, not parking_lot's: parking_lot keeps its waiting threads in a table of the whole process. A forked child may
//! find that table's locks held by threads that it does not have. `docs/decisions/` has the numbers for streams and worker
//! pools, which would gain nothing.
//!
//! A child may find one of these locks held in the same way, and is told so. The first thread of a process that takes a
//! lock that was made before the process looks whether the lock is free. If not, the lock is *abandoned* in this
//! process, for good: its contents may be half changed.

use std::time::Duration;

/// A mutual exclusion lock around a `T`, released by unwinding like any other way out.
#[derive(Debug)]
pub(crate) struct Mutex<T> {
    #[cfg(not(loom))]
    found: Found,
    inner: RawMutex<T>,
}

#[cfg(not(loom))]
use self::found::Found;
#[cfg(not(any(loom, sim, all(feature = "web_spin_lock", target_family = "wasm", target_os = "unknown"))))]
use std::sync as inner;

/// The main thread of a web page may not block. There these spin; on every other thread they are std's.
#[cfg(all(feature = "web_spin_lock", target_family = "wasm", target_os = "unknown"))]
mod inner {
    pub(super) use std::sync::MutexGuard;
    pub(crate) use wasm_sync::RwLock;
    pub(super) use wasm_sync::{Condvar, Mutex};
}

#[cfg(loom)]
use loom::sync as inner;

#[cfg(sim)]
use crate::sync::sim::lock as inner;

/// A lock that many readers may hold, or one writer.
#[cfg(all(not(sim), not(all(feature = "web_spin_lock", target_family = "wasm", target_os = "unknown"))))]
pub(crate) use std::sync::RwLock;

#[cfg(all(feature = "web_spin_lock", target_family = "wasm", target_os = "unknown"))]
pub(crate) use self::inner::RwLock;

#[cfg(sim)]
pub(crate) use crate::sync::sim::lock::RwLock;

type RawMutex<T> = inner::Mutex<T>;

/// Access to the contents of the lock.
pub(crate) type Guard<'a, T> = inner::MutexGuard<'a, T>;

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Mutex {
            #[cfg(not(loom))]
            found: Found::free(),
            inner: RawMutex::new(value),
        }
    }

    /// Takes the lock, if no thread has it.
    ///
    /// # Panics
    ///
    /// If the lock is abandoned: a thread of another process, which has it, does not give it back.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        self.check();
        try_lock(&self.inner)
    }

    /// Waits for the lock and takes it.
    ///
    /// # Panics
    ///
    /// If the lock is abandoned.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.check();
        self.inner.lock().unwrap_or_else(ignore_poison)
    }

    /// As [`Mutex::lock`], but `None` if the lock is abandoned: for callers that must not panic, and that may leave
    /// their work undone in a child.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn lock_unless_abandoned(&self) -> Option<Guard<'_, T>> {
        (!self.is_abandoned()).then(|| self.inner.lock().unwrap_or_else(ignore_poison))
    }

    #[inline]
    fn check(&self) {
        if self.is_abandoned() {
            abandoned();
        }
    }

    #[cfg(not(loom))]
    #[inline]
    fn is_abandoned(&self) -> bool {
        self.found.is_abandoned(|| !matches!(self.inner.try_lock(), Err(std::sync::TryLockError::WouldBlock)))
    }

    #[cfg(loom)]
    fn is_abandoned(&self) -> bool {
        false
    }

    /// The contents of the lock.
    pub(crate) fn into_inner(self) -> T {
        self.inner.into_inner().unwrap_or_else(ignore_poison)
    }

    /// Access without the lock, for its only owner.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut().unwrap_or_else(ignore_poison)
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

#[cfg_attr(sim, track_caller)]
fn try_lock<T>(inner: &RawMutex<T>) -> Option<Guard<'_, T>> {
    match inner.try_lock() {
        Ok(guard) => Some(guard),
        Err(std::sync::TryLockError::Poisoned(error)) => Some(ignore_poison(error)),
        Err(std::sync::TryLockError::WouldBlock) => None,
    }
}

/// A place where a thread sleeps until the contents of a [`Mutex`] change as it wants. It may wake for no reason.
#[derive(Debug)]
pub(crate) struct Condvar(inner::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Condvar(inner::Condvar::new())
    }

    /// Releases the lock, sleeps until notified, and takes the lock again.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn wait<'a, T>(&self, guard: Guard<'a, T>) -> Guard<'a, T> {
        #[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
        crate::sync::thread::check_for_another();
        self.0.wait(guard).unwrap_or_else(ignore_poison)
    }

    /// As [`Condvar::wait`], but sleeps not much longer than for `time`.
    #[cfg_attr(sim, track_caller)]
    #[cfg(not(loom))]
    pub(crate) fn wait_for<'a, T>(&self, guard: Guard<'a, T>, time: Duration) -> Guard<'a, T> {
        self.0.wait_timeout(guard, time).unwrap_or_else(ignore_poison).0
    }

    /// In a model every time is over at once.
    #[cfg_attr(sim, track_caller)]
    #[cfg(loom)]
    pub(crate) fn wait_for<'a, T>(&self, guard: Guard<'a, T>, _: Duration) -> Guard<'a, T> {
        loom::thread::yield_now();
        guard
    }

    /// Wakes one thread that sleeps here.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    /// Wakes all threads that sleep here.
    #[cfg_attr(sim, track_caller)]
    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// Poison can be ignored: the contents of our locks are consistent wherever a panic may occur.
fn ignore_poison<T>(error: std::sync::PoisonError<T>) -> T {
    error.into_inner()
}

#[cold]
fn abandoned() -> ! {
    panic!(
        "when the process {} was forked off, a thread that does not exist in this forked child was at work on what is used \
         here: make it anew in the child",
        crate::sync::process::id()
    );
}

/// How a process finds a lock that was made before the process.
#[cfg(not(loom))]
mod found {
    use crate::sync::atomic::{AtomicUsize, Ordering, spin_loop};
    use crate::sync::process;

    /// The incarnation of the last process that has looked, times three, plus the result of its look.
    ///
    /// 1. No thread of a process takes the lock before the word says that it was free when the process looked, and none
    ///    takes a lock that was found abandoned. So if the lock is held while a process looks, a thread of another
    ///    process holds it, or the thread that has forked.
    #[derive(Debug)]
    pub(super) struct Found(AtomicUsize);

    const FREE: usize = 0;
    const LOOKING: usize = 1;
    const ABANDONED: usize = 2;
    const STATES: usize = 3;

    impl Found {
        /// For a lock that is made in this process.
        pub(super) fn free() -> Self {
            Found(AtomicUsize::new(process::incarnation() * STATES + FREE))
        }

        /// True if the lock is abandoned. The first thread of the process to come here decides that by `is_free`.
        #[inline]
        pub(super) fn is_abandoned(&self, is_free: impl Fn() -> bool) -> bool {
            // Relaxed suffices: whether the lock is held orders nothing; taking it does.
            let found = self.0.load(Ordering::Relaxed);
            found != process::incarnation() * STATES + FREE && self.look(&is_free)
        }

        /// Compiled once for all locks.
        #[cold]
        fn look(&self, is_free: &dyn Fn() -> bool) -> bool {
            let here = process::incarnation() * STATES;
            let mut found = self.0.load(Ordering::Relaxed);
            while found / STATES * STATES != here {
                match self.0.compare_exchange(found, here + LOOKING, Ordering::Relaxed, Ordering::Relaxed) {
                    Ok(_) => {
                        found = here + if is_free() { FREE } else { ABANDONED };
                        // Release pairs with the acquire below: a thread that takes the lock afterwards does so after
                        // this look at it.
                        self.0.store(found, Ordering::Release);
                    }
                    Err(now) => found = now,
                }
            }
            while found == here + LOOKING {
                spin_loop();
                found = self.0.load(Ordering::Acquire);
            }
            found == here + ABANDONED
        }
    }
}

#[cfg(all(test, unix, not(loom), not(miri)))]
mod tests {
    use super::Mutex;
    use crate::sync::process::tests::holds_in_child;
    use std::sync::mpsc::channel;
    use std::thread;

    // A child here reads a flag rather than catching a panic, because std's panics take locks of their own, which other
    // tests may hold at the fork. `tests/global_fork_handles.rs` tests the panics.
    #[test]
    fn a_child_is_told_of_a_lock_that_another_thread_held() {
        let lock = Mutex::new(1);
        let (tell, told) = channel();
        let (open, gate) = channel::<()>();
        thread::scope(|scope| {
            let (lock, tell) = (&lock, tell);
            scope.spawn(move || {
                let _held = lock.lock();
                tell.send(()).unwrap();
                let _ = gate.recv();
            });
            told.recv().unwrap();
            let is_told = || lock.lock_unless_abandoned().is_none();
            assert!(holds_in_child(is_told));
            assert!(holds_in_child(|| is_told() && holds_in_child(is_told)), "and so is the child's child");
            assert!(holds_in_child(|| (0..3).all(|_| thread::scope(|s| s.spawn(is_told).join().unwrap()))));
            drop(open);
        });
        assert_eq!(*lock.lock(), 1);
    }

    #[test]
    fn a_lock_that_was_free_is_the_childs_too() {
        let lock = Mutex::new(0);
        *lock.lock() += 1;
        let counts = || {
            thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| (0..100).for_each(|_| *lock.lock() += 1));
                }
            });
            *lock.lock() == 401
        };
        for _ in 0..20 {
            assert!(holds_in_child(counts));
        }
        assert_eq!(*lock.lock(), 1);
    }

    #[test]
    fn the_thread_that_forks_keeps_the_lock_that_it_holds() {
        let lock = Mutex::new(0);
        let mut held = lock.lock();
        *held += 1;
        let mut held = Some(held);
        assert!(holds_in_child(|| {
            drop(held.take());
            *lock.lock() == 1
        }));
    }
}
