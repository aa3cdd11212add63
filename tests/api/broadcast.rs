//! `broadcast`: every worker runs the closure exactly once, whoever calls.

use crate::meeting::{Gate, receive};
use crate::pools::{at_each_size, pool_of};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::{collections::HashSet, thread};

#[test]
fn gives_one_result_per_worker_in_order_of_index() {
    at_each_size(|pool, threads| {
        let results = pool.broadcast(|context| {
            assert_eq!(context.num_threads(), threads);
            assert_eq!(Some(context.index()), paceline::current_thread_index());
            (context.index(), thread::current().id())
        });
        assert!(results.iter().map(|result| result.0).eq(0..threads));
        let distinct: HashSet<_> = results.iter().map(|result| result.1).collect();
        assert_eq!(distinct.len(), threads);
    });
}

#[test]
fn reaches_the_whole_global_pool() {
    let indices = paceline::broadcast(|context| context.index());
    assert!(indices.into_iter().eq(0..paceline::current_num_threads()));
}

#[test]
fn borrows_what_its_caller_owns() {
    at_each_size(|pool, threads| {
        let count = AtomicUsize::new(0);
        let units: Vec<()> = pool.broadcast(|_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!((units.len(), count.into_inner()), (threads, threads));
    });
}

#[test]
fn a_worker_broadcasts_to_its_own_pool() {
    at_each_size(|pool, threads| {
        let through_handle = pool.install(|| pool.broadcast(|context| context.index()));
        let through_current = pool.install(|| paceline::broadcast(|context| context.index()));
        assert!(through_handle.into_iter().eq(0..threads));
        assert!(through_current.into_iter().eq(0..threads));
    });
}

#[test]
fn a_worker_broadcasts_to_another_pool() {
    for (here, there) in [(1, 1), (1, 3), (3, 2)] {
        let (home, abroad) = (pool_of(here), pool_of(there));
        let indices = home.install(|| abroad.broadcast(|context| context.index()));
        assert!(indices.into_iter().eq(0..there));
    }
}

/// Two pools of one thread broadcast to each other: each must answer while it waits.
#[test]
fn a_broadcast_comes_back_to_a_worker_that_waits() {
    let (home, abroad) = (pool_of(1), pool_of(1));
    let there_and_back =
        home.install(|| abroad.broadcast(|_| home.broadcast(|context| (context.index(), context.num_threads()))));
    assert_eq!(there_and_back, [[(0, 1)]]);
}

#[test]
fn nests() {
    at_each_size(|pool, threads| {
        let count = AtomicUsize::new(0);
        pool.broadcast(|_| {
            paceline::broadcast(|_| {
                count.fetch_add(1, Ordering::Relaxed);
            })
        });
        assert_eq!(count.into_inner(), threads * threads);
    });
}

#[test]
fn closures_may_fork() {
    at_each_size(|pool, threads| {
        let sums = pool.broadcast(|context| {
            let index = context.index();
            let (a, b) = paceline::join(|| index, || paceline::scope(|_| 100));
            a + b
        });
        assert!(sums.into_iter().eq(100..100 + threads));
    });
}

/// A worker that is busy gets the closure once it comes free: none is skipped for it.
#[test]
fn waits_for_a_busy_worker() {
    for threads in [1, 2, 3] {
        let pool = pool_of(threads);
        let gate = Arc::new(Gate::default());
        let (to, from) = channel();
        let held = Arc::clone(&gate);
        pool.spawn(move || {
            to.send(()).unwrap();
            held.pass("the broadcast");
        });
        receive(&from, "the work that holds a worker");
        let (to, from) = channel();
        thread::scope(|caller| {
            let pool = &pool;
            caller.spawn(move || to.send(pool.broadcast(|context| context.index())).unwrap());
            gate.open();
        });
        assert!(receive(&from, "the results").into_iter().eq(0..threads));
    }
}

#[test]
fn many_callers_broadcast_at_once() {
    let pool = pool_of(3);
    thread::scope(|callers| {
        for _ in 0..4 {
            callers.spawn(|| {
                for _ in 0..50 {
                    let indices = pool.broadcast(|context| context.index());
                    assert_eq!(indices, [0, 1, 2]);
                }
            });
        }
    });
}

#[test]
fn a_panic_arrives_after_all_have_run() {
    at_each_size(|pool, threads| {
        for guilty in [0, threads / 2, threads - 1] {
            let ended = AtomicUsize::new(0);
            let call = || {
                pool.broadcast(|context| {
                    ended.fetch_add(1, Ordering::SeqCst);
                    if context.index() == guilty {
                        resume_unwind(Box::new(guilty));
                    }
                })
            };
            let payload = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
            assert_eq!(ended.load(Ordering::SeqCst), threads);
            assert_eq!(payload.downcast_ref(), Some(&guilty));
        }
        assert_eq!(pool.broadcast(|_| ()).len(), threads);
    });
}

#[test]
fn of_many_panics_one_arrives() {
    at_each_size(|pool, threads| {
        let call =
            || -> Vec<()> { pool.install(|| paceline::broadcast(|context| resume_unwind(Box::new(context.index())))) };
        let payload = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
        assert!(payload.downcast_ref::<usize>().unwrap() < &threads);
    });
}
