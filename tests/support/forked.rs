//! Running closures in a child that is forked off.
#![cfg(unix)]
#![allow(dead_code, reason = "each of the binaries that include this uses a part of it")]

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind, set_hook};

/// How long a child may take before it counts as hung, in seconds.
const WATCHDOG: u32 = 60;

/// How a child ended: the status that it exited with, or the signal that killed it, which is [`HUNG`] if it hung.
pub(crate) type Ended = Result<i32, i32>;

pub(crate) const HUNG: i32 = libc::SIGALRM;

/// Forks. The child's number in the parent, none in the child.
pub(crate) fn fork() -> Option<i32> {
    // SAFETY: what the child needs of the allocator survives a fork, and what it needs of the crate is what is tested.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        // SAFETY: it has no preconditions. A child that hangs is killed.
        unsafe { libc::alarm(WATCHDOG) };
    }
    (child > 0).then_some(child)
}

/// Ends a child, without its parent's exit handlers.
pub(crate) fn exit(status: i32) -> ! {
    // SAFETY: it ends the process.
    unsafe { libc::_exit(status) }
}

/// Waits for the end of a child.
pub(crate) fn end_of(child: i32) -> Ended {
    let mut status = 0;
    // SAFETY: the child is ours, and the status is a local.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(waited, child);
    if libc::WIFEXITED(status) { Ok(libc::WEXITSTATUS(status)) } else { Err(libc::WTERMSIG(status)) }
}

/// Runs `f` in a forked child, and returns the status it exits with.
pub(crate) fn in_child(f: impl FnOnce() -> i32) -> Ended {
    match fork() {
        Some(child) => end_of(child),
        None => exit(catch_unwind(AssertUnwindSafe(f)).unwrap_or(101)),
    }
}

/// Calls `f` with a closure that forks, which it calls once. The child, too, returns from `f`, or unwinds out of it, and
/// exits with the status that `then` makes of what came of it.
pub(crate) fn across_fork<R>(
    f: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> R,
    then: impl FnOnce(Result<R, Box<dyn Any + Send>>) -> i32,
) -> (R, Ended) {
    struct Place(Cell<Option<i32>>);
    // SAFETY: it is written once, by the one who forks, and read when that has returned.
    unsafe impl Sync for Place {}
    let parent = std::process::id();
    let child = Place(Cell::new(None));
    let place = &child;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        f(&move || {
            let child = fork();
            place.0.set(child);
            child.is_none()
        })
    }));
    if std::process::id() != parent {
        exit(catch_unwind(AssertUnwindSafe(|| then(outcome))).unwrap_or(101));
    }
    let ended = end_of(child.0.get().expect("`f` forks"));
    (outcome.unwrap_or_else(|payload| resume_unwind(payload)), ended)
}

/// What [`told`] gives if there is no panic.
pub(crate) const NOT_TOLD: i32 = 1;

/// 0 if `f` panics, and says that it is for the fork. For a child that does nothing afterwards but exit.
pub(crate) fn told<R>(f: impl FnOnce() -> R) -> i32 {
    // A backtrace takes longer than all else here.
    set_hook(Box::new(|_| ()));
    match catch_unwind(AssertUnwindSafe(|| drop(f()))) {
        Ok(()) => NOT_TOLD,
        Err(payload) => i32::from(!tells_of_fork(&*payload)) * 2,
    }
}

/// Whether a panic says that it is for the fork.
pub(crate) fn tells_of_fork(payload: &(dyn Any + Send)) -> bool {
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    text.is_some_and(|text| text.contains("forked child"))
}
