//! `yield_now` and `yield_local`: one piece of waiting work, taken from where the name says.

use crate::pools::pool_of;
use paceline::Yield;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

#[test]
fn outside_a_pool_there_is_nothing_to_yield_to() {
    assert_eq!(paceline::yield_now(), None);
    assert_eq!(paceline::yield_local(), None);
    let pool = pool_of(1);
    assert_eq!(pool.yield_now(), None);
    assert_eq!(pool.yield_local(), None);
}

#[test]
fn an_idle_pool_says_so() {
    let pool = pool_of(1);
    pool.install(|| {
        assert_eq!(paceline::yield_now(), Some(Yield::Idle));
        assert_eq!(paceline::yield_local(), Some(Yield::Idle));
        assert_eq!(pool.yield_now(), Some(Yield::Idle));
        assert_eq!(pool.yield_local(), Some(Yield::Idle));
    });
}

/// Queues two spawns and checks that each yield runs just one of them.
fn each_yield_runs_one(yields: impl Fn() -> Option<Yield> + Sync) {
    let count = AtomicUsize::new(0);
    let ran = || count.load(Ordering::Relaxed);
    pool_of(1).scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|_| {
                count.fetch_add(1, Ordering::Relaxed);
            });
        }
        assert_eq!(ran(), 0);
        assert_eq!((yields(), ran()), (Some(Yield::Executed), 1));
        assert_eq!((yields(), ran()), (Some(Yield::Executed), 2));
        assert_eq!((yields(), ran()), (Some(Yield::Idle), 2));
    });
}

#[test]
fn yield_now_runs_a_spawn() {
    each_yield_runs_one(paceline::yield_now);
}

#[test]
fn yield_local_runs_a_spawn() {
    each_yield_runs_one(paceline::yield_local);
}

#[test]
fn work_from_outside_is_not_local() {
    let pool = pool_of(1);
    pool.install(|| {
        let ran = AtomicBool::new(false);
        thread::scope(|outside| {
            // An in-place scope spawns from this thread, which is of no pool.
            outside.spawn(|| pool.in_place_scope(|scope| scope.spawn(|_| ran.store(true, Ordering::Release))));
            while paceline::yield_now() == Some(Yield::Idle) {
                assert_eq!(paceline::yield_local(), Some(Yield::Idle));
                thread::yield_now();
            }
            assert!(ran.load(Ordering::Acquire));
        });
    });
}

/// A first half that yields until the second has run must see it run, though nobody steals it.
#[test]
fn yielding_in_the_first_half_reaches_the_second() {
    for local in [false, true] {
        let second = AtomicBool::new(false);
        let wait = || {
            while !second.load(Ordering::Acquire) {
                if local {
                    paceline::yield_local();
                } else {
                    paceline::yield_now();
                }
            }
        };
        pool_of(1).join(wait, || second.store(true, Ordering::Release));
        assert!(second.into_inner());
    }
}

#[test]
fn outcomes_compare_and_print() {
    let outcomes = [Yield::Executed, Yield::Idle];
    let [executed, idle] = outcomes;
    assert_ne!(executed, idle);
    assert_eq!(format!("{outcomes:?}"), "[Executed, Idle]");
}
