//! Processes that are forked off while a pool's threads block.
#![cfg(unix)]

use crate::in_time::in_time;
use crate::{fib, pool_of};
use paceline::prelude::*;
use paceline::{blocking, current_thread_index};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;

/// Runs `f` in a forked child and returns the status it exits with, or -1 if it was killed, and by which signal.
fn in_child(f: impl FnOnce() -> i32) -> (i32, i32) {
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
    if libc::WIFEXITED(status) { (libc::WEXITSTATUS(status), 0) } else { (-1, libc::WTERMSIG(status)) }
}

#[test]
fn a_job_that_forks_in_a_blocked_threads_place_goes_on_alone() {
    in_time("the child", || {
        let pool = pool_of(1);
        let (tell, told) = channel();
        let (_, status) = pool.join(
            move || blocking(move || told.recv().unwrap()),
            move || {
                let status = in_child(|| {
                    let mut sum = 0;
                    paceline::scope(|s| s.spawn(|_| sum = (0..1_000_u64).into_par_iter().sum()));
                    assert!(blocking(current_thread_index).is_some(), "nobody is there to take its place");
                    i32::from((sum, fib(10)) != (499_500, 55))
                });
                tell.send(()).unwrap();
                status
            },
        );
        assert_eq!(status, (0, 0));
    });
}

#[test]
fn a_child_forked_off_in_a_blocked_call_works_there_and_cannot_return() {
    in_time("the children", || {
        let pool = pool_of(2);
        let within = pool
            .install(|| blocking(|| in_child(|| i32::from((0..1_000_u64).into_par_iter().sum::<u64>() != 499_500))));
        assert_eq!(within, (0, 0));
        let without = pool.install(|| {
            let child = blocking(|| {
                // SAFETY: the child runs into the abort.
                let child = unsafe { libc::fork() };
                if child == 0 {
                    // SAFETY: it has no preconditions. A child that hangs is killed.
                    unsafe { libc::alarm(50) };
                }
                child
            });
            assert_ne!(child, 0, "the child has come back to a pool without threads");
            let mut status = 0;
            // SAFETY: the child is ours, and the status is a local.
            unsafe { libc::waitpid(child, &mut status, 0) };
            libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGABRT
        });
        assert!(without, "it says why, and aborts");
    });
}
