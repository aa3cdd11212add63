//! The identity of this process, by which a fork is noticed.
//!
//! A child of `fork()` has one thread, the one that called it, and a copy of everything that the parent's threads were
//! using at that moment: locks that they held, queues, frames on stacks that the child's own threads will use again.
//! `pool/README.md` says what becomes of each of the crate's objects in a child.

use crate::sync::atomic::{Ordering, StaticAtomicPtr, StaticAtomicUsize};
use std::ptr;

/// The process's number; 0 where there are no processes, and so no forks.
pub(crate) fn id() -> u32 {
    if cfg!(any(target_family = "wasm", sim)) { 0 } else { std::process::id() }
}

/// A number that differs between a process and its forked children. It costs nothing where there are no forks, a load
/// where the system tells of them, and elsewhere a system call that asks for the process's number.
#[inline]
pub(crate) fn incarnation() -> usize {
    if cfg!(any(not(unix), sim)) {
        return FIRST;
    }
    match INCARNATION.load(Ordering::Relaxed) {
        UNKNOWN => learn(),
        UNTOLD => FIRST + id() as usize,
        incarnation => incarnation,
    }
}

/// True if [`incarnation`] gave this number to this process.
#[inline]
pub(crate) fn is(number: usize) -> bool {
    cfg!(any(not(unix), sim)) || INCARNATION.load(Ordering::Relaxed) == number || incarnation() == number
}

/// No thread has asked yet.
const UNKNOWN: usize = 0;
/// The system does not tell of forks.
const UNTOLD: usize = 1;
/// The first process of those that are counted.
const FIRST: usize = 2;

/// Relaxed suffices: when the number changes the child has one thread, which changes it.
static INCARNATION: StaticAtomicUsize = StaticAtomicUsize::new(UNKNOWN);

#[cold]
fn learn() -> usize {
    let known = if in_every_child(count_fork) { FIRST } else { UNTOLD };
    // A second thread finds it set.
    let _ = INCARNATION.compare_exchange(UNKNOWN, known, Ordering::Relaxed, Ordering::Relaxed);
    incarnation()
}

extern "C" fn count_fork() {
    if INCARNATION.load(Ordering::Relaxed) >= FIRST {
        INCARNATION.fetch_add(1, Ordering::Relaxed);
    }
}

/// Asks the system to call `handler` in the child of every fork from now on, on the child's one thread, before anything
/// else. The handler may do only what a signal handler may do. It may be called several times for one fork, because
/// several threads may register it. False if the system does not tell of forks.
#[cfg(all(not(sim), any(target_os = "linux", target_os = "macos", target_os = "freebsd", target_os = "netbsd")))]
pub(crate) fn in_every_child(handler: extern "C" fn()) -> bool {
    // SAFETY: the handler takes and returns nothing, and does only what a signal handler may do.
    unsafe { libc::pthread_atfork(None, None, Some(handler)) == 0 }
}

#[cfg(any(sim, not(any(target_os = "linux", target_os = "macos", target_os = "freebsd", target_os = "netbsd"))))]
pub(crate) fn in_every_child(_: extern "C" fn()) -> bool {
    false
}

/// Asks the system to call `handler` when the process exits, by `exit` or a return from `main`. Does nothing where there is
/// no such call.
pub(crate) fn at_exit(handler: extern "C" fn()) {
    #[cfg(all(unix, not(sim)))]
    // SAFETY: the handler is a function of the program, so it is there until the exit, and takes and returns nothing. It is
    // safe to call on any thread, so also on the one that exits while others run.
    let _ = unsafe { libc::atexit(handler) };
    let _ = handler;
}

/// A thread must call this before it waits for threads of the process that was given this number.
///
/// # Panics
///
/// If this is a forked child of that process: `threads` do not exist here.
pub(crate) fn check(number: usize, threads: &str) {
    assert!(
        is(number),
        "{threads} do not exist in the forked child {}: what they were to do must be begun anew in the child",
        id()
    );
}

/// Ends a child that would return to where its parent's threads go on: it was forked off the process that
/// [`incarnation`] gave this number to.
pub(crate) fn end_if_child_of(number: usize) {
    if !is(number) {
        end_child();
    }
}

/// It does not use `eprintln!`: the child may find the lock of that held by a thread that it does not have.
#[cold]
fn end_child() -> ! {
    const MESSAGE: &str = "paceline: a process that was forked off in a job, or within build_scoped, cannot return from \
                           there, because the threads that would go on are its parent's: end it before, by _exit or exec; \
                           aborting\n";
    #[cfg(unix)]
    // SAFETY: the pointer and the length are those of a string.
    let _ = unsafe { libc::write(libc::STDERR_FILENO, MESSAGE.as_ptr().cast(), MESSAGE.len()) };
    let _ = MESSAGE;
    std::process::abort();
}

/// A static that is made anew in each process that asks for it. So a child never waits for something that one of its
/// parent's threads was about to do. It is never dropped.
#[derive(Debug)]
pub(crate) struct PerProcess<T>(StaticAtomicPtr<(usize, T)>);

impl<T: Default + Sync + 'static> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        PerProcess(StaticAtomicPtr::new(ptr::null_mut()))
    }

    /// The value of this process.
    pub(crate) fn get(&self) -> &'static T {
        // Acquire pairs with the release in the exchange below.
        let mut now = self.0.load(Ordering::Acquire);
        loop {
            // SAFETY: the pointer is null, or was leaked below.
            if let Some((_, own)) = unsafe { now.as_ref() }.filter(|(number, _)| is(*number)) {
                return own;
            }
            let own = Box::into_raw(Box::new((incarnation(), T::default())));
            match self.0.compare_exchange(now, own, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    now = own;
                    #[cfg(sim)]
                    // SAFETY: it was leaked just now. When all threads of the run have ended no thread uses it.
                    crate::sync::sim::after_run(move || drop(unsafe { Box::from_raw(own) }));
                }
                Err(first) => {
                    // SAFETY: it was leaked just now, and no other thread has the pointer.
                    drop(unsafe { Box::from_raw(own) });
                    now = first;
                }
            }
        }
    }
}

#[cfg(all(test, unix, not(loom), not(miri)))]
pub(crate) mod tests {
    use super::{PerProcess, incarnation, is};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// A fork, on one of its two sides.
    pub(crate) struct Side(libc::pid_t);

    pub(crate) fn fork() -> Side {
        // SAFETY: the parts of the allocator that the child uses survive a fork.
        let child = unsafe { libc::fork() };
        assert!(child >= 0, "fork failed");
        if child == 0 {
            // SAFETY: it has no preconditions. A child that hangs is killed.
            unsafe { libc::alarm(60) };
        }
        Side(child)
    }

    impl Side {
        /// Ends the child. True in the parent, if `f` was true in the child.
        pub(crate) fn holds(self, f: impl FnOnce() -> bool) -> bool {
            if self.0 == 0 {
                let holds = catch_unwind(AssertUnwindSafe(f)).unwrap_or(false);
                // SAFETY: it ends the process.
                unsafe { libc::_exit(i32::from(!holds)) };
            }
            let mut status = 0;
            // SAFETY: the child is this process's, and the status is a local.
            let waited = unsafe { libc::waitpid(self.0, &mut status, 0) };
            waited == self.0 && status == 0
        }
    }

    /// Runs `f` in a forked child; true if it is true there.
    pub(crate) fn holds_in_child(f: impl FnOnce() -> bool) -> bool {
        fork().holds(f)
    }

    #[test]
    fn a_child_is_another_process_than_its_parent_and_than_its_own_child() {
        let parent = incarnation();
        assert!(is(parent));
        assert!(holds_in_child(|| {
            let child = incarnation();
            !is(parent) && is(child) && holds_in_child(|| !is(parent) && !is(child) && is(incarnation()))
        }));
        assert!(is(parent));
    }

    #[test]
    fn what_is_made_per_process_is_made_once_in_each() {
        static OWN: PerProcess<Box<u8>> = PerProcess::new();
        let own: *const Box<u8> = OWN.get();
        assert!(std::ptr::eq(own, OWN.get()));
        assert!(holds_in_child(|| {
            let childs: *const Box<u8> = OWN.get();
            !std::ptr::eq(own, childs) && std::ptr::eq(childs, OWN.get())
        }));
        assert!(std::ptr::eq(own, OWN.get()));
    }
}
