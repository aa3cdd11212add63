//! After `fork()`, the child's use of a worker pool panics clearly, and dropping it there does not hang.
#![cfg(unix)]

use paceline::workers::{Order, WorkerPool};
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

#[test]
fn a_forked_child_is_told_that_the_workers_are_not_there() {
    let builder = WorkerPool::builder().threads(2).capacity(4);
    let (pool, mut results) = builder.build_with_results(Order::Submission, |_, item: u32| item).unwrap();
    pool.submit(1).unwrap();
    assert_eq!(results.next().unwrap().unwrap(), 1);

    let told = |f: &mut dyn FnMut()| {
        let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("a pool without threads cannot do it");
        let text = payload.downcast_ref::<String>().expect("a message");
        i32::from(!text.contains("forked child"))
    };
    assert_eq!(in_child(|| told(&mut || assert!(pool.submit(2).is_ok()))), 0);
    assert_eq!(in_child(|| told(&mut || assert!(pool.try_submit(2).is_ok()))), 0);
    assert_eq!(in_child(|| told(&mut || assert!(pool.shutdown().is_ok()))), 0);
    assert_eq!(in_child(|| told(&mut || drop(pool.shutdown_now()))), 0);
    assert_eq!(in_child(|| told(&mut || drop(results.next()))), 0);

    let mut pool = Some(pool);
    let dropped = in_child(|| {
        drop(pool.take());
        let pool = WorkerPool::builder().threads(2).build(|_, _: u32| {}).unwrap();
        i32::from(pool.submit(1).is_err() || pool.shutdown().is_err())
    });
    assert_eq!(dropped, 0, "a drop does nothing, and a new pool works");

    let pool = pool.expect("the child took its own");
    pool.submit(3).unwrap();
    pool.shutdown().unwrap();
    assert_eq!(results.next().unwrap().unwrap(), 3, "the parent is as before");
}
