//! Running a closure in a child that is forked off.
#![cfg(unix)]

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `f` in a forked child and returns the status it exits with, or the signal that killed it: the alarm, if it hung.
pub(crate) fn in_child(f: impl FnOnce() -> i32) -> Result<i32, i32> {
    // SAFETY: the child does nothing but run `f` and leave by `_exit`; what it needs of the allocator survives a fork.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        // SAFETY: it has no preconditions. A child that hangs is killed.
        unsafe { libc::alarm(60) };
        let status = catch_unwind(AssertUnwindSafe(f)).unwrap_or(101);
        // SAFETY: it ends the process, without the parent's exit handlers.
        unsafe { libc::_exit(status) };
    }
    let mut status = 0;
    // SAFETY: the child is ours, and the status is a local.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(waited, child);
    if libc::WIFEXITED(status) { Ok(libc::WEXITSTATUS(status)) } else { Err(libc::WTERMSIG(status)) }
}
