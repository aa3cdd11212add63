//! Which process this is, to notice a fork.

use crate::sync::atomic::{Ordering, StaticAtomicUsize};

/// The process's number; 0 where there are no processes, and so no forks.
pub(crate) fn id() -> u32 {
    if cfg!(target_family = "wasm") { 0 } else { std::process::id() }
}

/// A number that differs between a process and those that were forked off it. It costs a load where the system tells of
/// forks, and asking for the process's number, a system call, where it does not.
#[inline]
pub(crate) fn incarnation() -> usize {
    match INCARNATION.load(Ordering::Relaxed) {
        UNKNOWN => learn(),
        UNTOLD => id() as usize,
        incarnation => incarnation,
    }
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
    let known = if forks_are_told() { FIRST } else { UNTOLD };
    // A thread that comes second finds it set.
    let _ = INCARNATION.compare_exchange(UNKNOWN, known, Ordering::Relaxed, Ordering::Relaxed);
    incarnation()
}

/// Asks the system to call [`count_fork`] in the child of every fork. More than one thread may come here and have it
/// called more than once for each, which does no harm.
#[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd", target_os = "netbsd"))]
fn forks_are_told() -> bool {
    // SAFETY: the handler takes and returns nothing, and does only what a signal handler may do.
    unsafe { libc::pthread_atfork(None, None, Some(count_fork)) == 0 }
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "freebsd", target_os = "netbsd")))]
fn forks_are_told() -> bool {
    false
}

#[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd", target_os = "netbsd"))]
unsafe extern "C" fn count_fork() {
    if INCARNATION.load(Ordering::Relaxed) >= FIRST {
        INCARNATION.fetch_add(1, Ordering::Relaxed);
    }
}
