//! Which process this is, to notice a fork.
//!
//! A child of `fork()` has one thread, the one that called it, and a copy of everything that the parent's threads had in
//! hand at that moment: locks that they held, queues, frames whose stacks the child's own threads will use again.
//! `pool/README.md` says what becomes of each of our things in a child.

use crate::sync::atomic::{Ordering, StaticAtomicPtr, StaticAtomicUsize};
use std::ptr;

/// The process's number; 0 where there are no processes, and so no forks.
pub(crate) fn id() -> u32 {
    if cfg!(any(target_family = "wasm", sim)) { 0 } else { std::process::id() }
}

/// A number that differs between a process and those that were forked off it. It costs nothing where there are no forks, a
/// load where the system tells of them, and where it does not, a system call that asks for the process's number.
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

/// Whether this is the process that was told this number by [`incarnation`].
#[inline]
pub(crate) fn is(number: usize) -> bool {
    cfg!(any(not(unix), sim)) || INCARNATION.load(Ordering::Relaxed) == number || incarnation() == number
}

/// Nobody has asked yet.
const UNKNOWN: usize = 0;
/// The system will not tell of forks.
const UNTOLD: usize = 1;
/// The first process of those that count.
const FIRST: usize = 2;

/// Relaxed, since a child has but one thread when the number changes, which is the one that changes it.
static INCARNATION: StaticAtomicUsize = StaticAtomicUsize::new(UNKNOWN);

#[cold]
fn learn() -> usize {
    let known = if in_every_child(count_fork) { FIRST } else { UNTOLD };
    // A thread that comes second finds it set.
    let _ = INCARNATION.compare_exchange(UNKNOWN, known, Ordering::Relaxed, Ordering::Relaxed);
    incarnation()
}

extern "C" fn count_fork() {
    if INCARNATION.load(Ordering::Relaxed) >= FIRST {
        INCARNATION.fetch_add(1, Ordering::Relaxed);
    }
}

/// Asks the system to call `handler` in the child of every fork from now on, on its one thread, before anything else.
/// The handler does only what a signal handler may do. It may be called more than once for one fork: more than one thread
/// may come here with it. False where the system tells nobody.
#[cfg(all(not(sim), any(target_os = "linux", target_os = "macos", target_os = "freebsd", target_os = "netbsd")))]
pub(crate) fn in_every_child(handler: extern "C" fn()) -> bool {
    // SAFETY: the handler takes and returns nothing, and does only what a signal handler may do.
    unsafe { libc::pthread_atfork(None, None, Some(handler)) == 0 }
}

#[cfg(any(sim, not(any(target_os = "linux", target_os = "macos", target_os = "freebsd", target_os = "netbsd"))))]
pub(crate) fn in_every_child(_: extern "C" fn()) -> bool {
    false
}

/// To be called before a thread waits for others of the process that was told this number.
///
/// # Panics
///
/// When this is a child that was forked off it: `threads` are not there.
pub(crate) fn check(number: usize, threads: &str) {
    assert!(
        is(number),
        "{threads} do not exist in the forked child {}: what they were to do must be begun anew in the child",
        id()
    );
}

/// Ends a child that returns from where its parent's threads would go on: it was forked off a process that was told this number
/// by [`incarnation`].
pub(crate) fn end_if_child_of(number: usize) {
    if !is(number) {
        end_child();
    }
}

/// Not by `eprintln!`, whose lock the child may find held by a thread that it does not have.
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

/// A static that is made anew in each process that asks for it, so that a child never waits for what one of its parent's
/// threads was about to do. It is never dropped.
#[derive(Debug)]
pub(crate) struct PerProcess<T>(StaticAtomicPtr<(usize, T)>);

impl<T: Default + Sync + 'static> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        PerProcess(StaticAtomicPtr::new(ptr::null_mut()))
    }

    /// This process's own.
    pub(crate) fn get(&self) -> &'static T {
        // Acquire pairs with the release below.
        let mut now = self.0.load(Ordering::Acquire);
        loop {
            // SAFETY: it is null, or was leaked below.
            if let Some((_, own)) = unsafe { now.as_ref() }.filter(|(number, _)| is(*number)) {
                return own;
            }
            let own = Box::into_raw(Box::new((incarnation(), T::default())));
            match self.0.compare_exchange(now, own, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => {
                    now = own;
                    #[cfg(sim)]
                    // SAFETY: leaked just now. When no thread of the run is left nothing uses it.
                    crate::sync::sim::after_run(move || drop(unsafe { Box::from_raw(own) }));
                }
                Err(first) => {
                    // SAFETY: leaked just now, and known to nobody.
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
        // SAFETY: what the child needs of the allocator survives a fork.
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
            // SAFETY: the child is ours, and the status is a local.
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
