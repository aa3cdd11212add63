//! Those who help with an isolated call's work are bound as the caller is.

use crate::gate::Gate;
use crate::in_time::in_time;
use crate::pools::pool_of;
use paceline::prelude::*;
use paceline::{Yield, isolate, scope, spawn, yield_now};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

#[test]
fn a_thread_that_took_a_job_of_the_call_runs_no_strangers_job_within_it() {
    static STRANGER: AtomicBool = AtomicBool::new(false);
    pool_of(2).install(|| {
        isolate(|| {
            let done = &Gate::default();
            scope(|s| {
                s.spawn(move |_| {
                    spawn(|| STRANGER.store(true, Ordering::Relaxed));
                    assert_eq!(yield_now(), Some(Yield::Idle));
                    scope(|s| s.spawn(|_| ()));
                    assert!(!STRANGER.load(Ordering::Relaxed));
                    done.open();
                });
                // So it is the other thread that runs it.
                done.pass("the job on the other thread");
            });
        });
    });
}

#[test]
fn so_is_the_pool_that_an_isolated_call_outside_hands_its_work_to() {
    let (pool, other) = (pool_of(1), pool_of(1));
    let bound = || {
        // Its own for each call: a stranger may run as late as during the next one.
        let has_run = Arc::new(AtomicBool::new(false));
        let stranger = Arc::clone(&has_run);
        spawn(move || stranger.store(true, Ordering::Relaxed));
        scope(|s| s.spawn(|_| ()));
        (yield_now(), has_run.load(Ordering::Relaxed))
    };
    assert_eq!(isolate(|| pool.install(bound)), (Some(Yield::Idle), false));
    // The worker of another pool.
    assert_eq!(other.install(|| isolate(|| pool.install(bound))), (Some(Yield::Idle), false));
    // And of the same: in place.
    assert_eq!(pool.install(|| isolate(|| pool.install(bound))), (Some(Yield::Idle), false));
}

#[test]
fn a_thread_in_the_outer_of_two_calls_helps_with_the_inner_one() {
    in_time("a broadcast in an isolated call within another", || {
        let pool = pool_of(2);
        for _ in 0..50 {
            let everywhere = pool.install(|| {
                isolate(|| {
                    let (begun, mut indices) = (Gate::default(), Vec::new());
                    scope(|s| {
                        s.spawn(|_| {
                            begun.open();
                            indices = isolate(|| paceline::broadcast(|context| context.index()));
                        });
                        begun.pass("the job on the other thread");
                    });
                    indices
                })
            });
            assert_eq!(everywhere, [0, 1]);
        }
    });
    in_time("a call there and back, and there again", || {
        let (here, there) = (pool_of(1), pool_of(1));
        let deep = || isolate(|| here.install(|| isolate(|| there.install(|| isolate(|| here.install(|| 7))))));
        assert_eq!(there.install(|| isolate(deep)), 7);
        assert_eq!(isolate(|| there.install(deep)), 7);
    });
}

#[test]
fn a_burst_of_strangers_does_not_carry_the_calls_work_out_of_reach() {
    for threads in [2, 3, 8] {
        in_time("a lock that strangers want too", move || {
            let pool = pool_of(threads);
            let lock = Arc::new(Mutex::new(0_u64));
            let strangers = |count| {
                for _ in 0..count {
                    let lock = Arc::clone(&lock);
                    spawn(move || *lock.lock().unwrap() += 1);
                }
            };
            for round in 1..=20 {
                pool.install(|| {
                    // More than there are threads lie in one deque, so thieves take several at once.
                    strangers(64);
                    isolate(|| {
                        let mut held = lock.lock().unwrap();
                        scope(|s| (0..64).for_each(|_| s.spawn(|s| s.spawn(|_| ()))));
                        *held += u64::from((0..1000_u32).into_par_iter().with_max_len(3).map(|n| n % 2).sum::<u32>());
                        paceline::join(|| strangers(64), || deep(9));
                    });
                });
                pool.broadcast(|_| ());
                assert!(*lock.lock().unwrap() >= 500 * round);
            }
            pool.shutdown();
            assert_eq!(*lock.lock().unwrap(), 20 * (64 + 500 + 64));
        });
    }
}

fn deep(levels: u32) {
    if levels > 0 {
        paceline::join(|| deep(levels - 1), || deep(levels - 1));
    }
}
