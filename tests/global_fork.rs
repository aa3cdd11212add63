//! After `fork()`, the child's use of a pool works or panics clearly, and never hangs.
#![cfg(unix)]

use paceline::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `f` in a forked child and returns the status it exits with, or -1 if it was killed, by the alarm for one.
fn in_child(f: impl FnOnce() -> i32) -> i32 {
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
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -1 }
}

fn sum() -> u64 {
    (0..1_000_000_u64).into_par_iter().sum()
}

#[test]
fn a_forked_child_has_working_pools_or_is_told() {
    let expected = sum();
    let pool = paceline::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.install(|| ());

    assert_eq!(in_child(|| i32::from(sum() != expected)), 0, "the global pool is made anew");
    assert_eq!(in_child(|| in_child(|| i32::from(sum() != expected))), 0, "and in the child's child");

    let told = |f: &dyn Fn()| {
        let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("a pool without threads cannot do it");
        let text = payload.downcast_ref::<String>().expect("a message");
        i32::from(!text.contains("forked child"))
    };
    assert_eq!(in_child(|| told(&|| pool.install(|| ()))), 0);
    assert_eq!(in_child(|| told(&|| pool.spawn(|| ()))), 0);
    assert_eq!(in_child(|| told(&|| drop(pool.broadcast(|_| ())))), 0);
    assert_eq!(in_child(|| told(&|| pool.in_place_scope(|s| s.spawn(|_| ())))), 0);

    let in_worker = pool.install(|| in_child(|| i32::from(sum() != expected)));
    assert_eq!(in_worker, 0, "a worker that forks goes on alone");
    assert_eq!((sum(), pool.install(sum)), (expected, expected), "the parent is as before");
}
