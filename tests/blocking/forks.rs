//! Processes that are forked off while a pool's threads block.
#![cfg(unix)]

use crate::forked::in_child;
use crate::in_time::in_time;
use crate::{fib, pool_of};
use paceline::prelude::*;
use paceline::{blocking, current_thread_index};
use std::sync::mpsc::channel;

#[test]
fn a_job_that_forks_in_a_blocked_threads_place_goes_on_outside() {
    in_time("the child", || {
        let pool = pool_of(1);
        let (tell, told) = channel();
        let (_, status) = pool.join(
            move || blocking(move || told.recv().unwrap()),
            move || {
                let status = in_child(|| {
                    let mut sum = 0;
                    paceline::scope(|s| s.spawn(|_| sum = (0..1_000_u64).into_par_iter().sum()));
                    assert_eq!(blocking(current_thread_index), None, "the child is outside all pools");
                    i32::from((sum, fib(10)) != (499_500, 55))
                });
                tell.send(()).unwrap();
                status
            },
        );
        assert_eq!(status, Ok(0));
    });
}

#[test]
fn a_child_forked_off_in_a_blocked_call_works_there_and_cannot_return() {
    in_time("the children", || {
        let pool = pool_of(2);
        let within = pool
            .install(|| blocking(|| in_child(|| i32::from((0..1_000_u64).into_par_iter().sum::<u64>() != 499_500))));
        assert_eq!(within, Ok(0));
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
