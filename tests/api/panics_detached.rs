//! Panics that nobody waits for: the handler hears of each, and the pool goes on.

use crate::meeting::{Gate, assert_closed, receive};
use crate::pools::SIZES;
use paceline::{ThreadPool, ThreadPoolBuilder};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

fn pool_that_reports(threads: usize) -> (ThreadPool, Receiver<usize>) {
    let (to, from) = channel();
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .panic_handler(move |payload| to.send(*payload.downcast().unwrap()).unwrap())
        .build()
        .unwrap();
    (pool, from)
}

#[test]
fn every_panic_is_reported_and_every_other_task_runs() {
    for threads in SIZES {
        let (pool, reports) = pool_that_reports(threads);
        let (to, from) = channel();
        for i in 0..100 {
            let to = to.clone();
            pool.spawn(move || {
                if i % 10 == 0 {
                    resume_unwind(Box::new(i));
                }
                to.send(i).unwrap();
            });
        }
        drop(to);
        let mut ran: Vec<usize> = (0..90).map(|_| receive(&from, "a task")).collect();
        ran.sort_unstable();
        assert!(ran.into_iter().eq((0..100).filter(|i| i % 10 != 0)));
        let mut panicked: Vec<_> = (0..10).map(|_| receive(&reports, "a panic")).collect();
        panicked.sort_unstable();
        assert!(panicked.into_iter().eq((0..100).step_by(10)));
        assert_eq!(pool.broadcast(|_| ()).len(), threads);
    }
}

#[test]
fn the_handler_hears_of_panics_after_the_pool_is_dropped() {
    for threads in SIZES {
        let (pool, reports) = pool_that_reports(threads);
        let gate = Arc::new(Gate::default());
        for i in 0..20_usize {
            let gate = Arc::clone(&gate);
            pool.spawn(move || {
                gate.pass("the drop of the pool");
                resume_unwind(Box::new(i));
            });
        }
        drop(pool);
        gate.open();
        let mut panicked: Vec<_> = (0..20).map(|_| receive(&reports, "a panic")).collect();
        panicked.sort_unstable();
        assert!(panicked.into_iter().eq(0..20));
        assert_closed(&reports, "a panic");
    }
}

/// The waiting frame of a join may run a detached task: its panic must not become the join's.
#[test]
fn a_detached_panic_does_not_reach_whoever_happens_to_wait() {
    for threads in SIZES {
        let (pool, reports) = pool_that_reports(threads);
        let sum = pool.install(|| {
            let spawning = || {
                paceline::spawn(|| resume_unwind(Box::new(1_usize)));
                10
            };
            let (a, b) = paceline::join(spawning, spawning);
            paceline::scope(|scope| {
                scope.spawn(|_| {
                    paceline::spawn(|| resume_unwind(Box::new(1_usize)));
                });
            });
            a + b
        });
        assert_eq!(sum, 20);
        let panics: usize = (0..3).map(|_| receive(&reports, "a panic")).sum();
        assert_eq!(panics, 3);
    }
}

#[test]
fn the_handler_may_use_the_pool() {
    let (to, from) = channel();
    let pool = ThreadPoolBuilder::new()
        .num_threads(1)
        .panic_handler(move |_| {
            let to = to.clone();
            let sum = paceline::join(|| 1, || 2);
            paceline::spawn(move || to.send(sum).unwrap());
        })
        .build()
        .unwrap();
    pool.spawn(|| resume_unwind(Box::new("handled")));
    assert_eq!(receive(&from, "the handler's task"), (1, 2));
}
