//! `in_place_scope` and `in_place_scope_fifo`: the body stays where it is, the spawns do not.

use crate::pools::{at_each_size, pool_of};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Mutex;
use std::thread;

#[test]
fn the_body_runs_on_its_callers_thread() {
    at_each_size(|pool, _| {
        let caller = thread::current().id();
        assert_eq!(pool.in_place_scope(|_| thread::current().id()), caller);
        assert_eq!(pool.in_place_scope_fifo(|_| thread::current().id()), caller);
    });
    let caller = thread::current().id();
    assert_eq!(paceline::in_place_scope(|_| thread::current().id()), caller);
    let body = paceline::in_place_scope_fifo(|_| thread::current().id());
    assert_eq!(body, caller);
}

/// The body need not be `Send`: this would not compile if it were handed to a worker.
#[test]
fn the_body_may_hold_what_cannot_be_sent() {
    let pool = pool_of(2);
    let count = Rc::new(Cell::new(0));
    let mut results = [0; 10];
    pool.in_place_scope(|scope| {
        for result in &mut results {
            count.set(count.get() + 1);
            let i = count.get();
            scope.spawn(move |_| *result = i);
        }
    });
    assert_eq!(count.get(), 10);
    assert_eq!(results, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let returned: Rc<Cell<i32>> = pool.in_place_scope_fifo(|_| Rc::clone(&count));
    assert_eq!(returned.get(), 10);
}

#[test]
fn spawns_run_on_the_pools_own_threads() {
    at_each_size(|pool, threads| {
        let seen = Mutex::new(Vec::new());
        let note = || {
            let index = pool.current_thread_index();
            seen.lock().unwrap().push((index, paceline::current_num_threads()));
        };
        pool.in_place_scope(|scope| {
            for _ in 0..50 {
                scope.spawn(|scope| {
                    note();
                    scope.spawn(|_| note());
                });
            }
        });
        pool.in_place_scope_fifo(|scope| {
            for _ in 0..50 {
                scope.spawn_fifo(|_| note());
            }
        });
        let seen = seen.into_inner().unwrap();
        assert_eq!(seen.len(), 150);
        for (index, around) in seen {
            assert!(index.is_some_and(|index| index < threads));
            assert_eq!(around, threads);
        }
    });
}

#[test]
fn a_worker_of_another_pool_keeps_the_body() {
    let (home, abroad) = (pool_of(1), pool_of(1));
    let (body, spawned) = home.install(|| {
        let mut spawned = None;
        let body = abroad.in_place_scope(|scope| {
            scope.spawn(|_| spawned = abroad.current_thread_index());
            (home.current_thread_index(), abroad.current_thread_index())
        });
        (body, spawned)
    });
    assert_eq!(body, (Some(0), None));
    assert_eq!(spawned, Some(0));
}

/// On a worker of the pool itself it is a scope like any other, with the same order of spawns.
#[test]
fn on_its_own_worker_the_order_is_a_scopes() {
    let pool = pool_of(1);
    let log = Mutex::new(Vec::new());
    let log = &log;
    pool.install(|| {
        paceline::in_place_scope(|scope| {
            for i in 0..5 {
                scope.spawn(move |_| log.lock().unwrap().push(i));
            }
        });
        paceline::in_place_scope_fifo(|scope| {
            for i in 0..5 {
                scope.spawn_fifo(move |_| log.lock().unwrap().push(i));
            }
        });
    });
    assert_eq!(*log.lock().unwrap(), [4, 3, 2, 1, 0, 0, 1, 2, 3, 4]);
}

/// From outside there is one queue into the pool, and a fifo scope goes through it in order.
#[test]
fn from_outside_a_fifo_scope_feeds_one_worker_in_order() {
    let pool = pool_of(1);
    let log = Mutex::new(Vec::new());
    let log = &log;
    pool.in_place_scope_fifo(|scope| {
        for i in 0..100 {
            scope.spawn_fifo(move |_| log.lock().unwrap().push(i));
        }
    });
    assert!(log.lock().unwrap().iter().copied().eq(0..100));
}

#[test]
fn the_body_may_use_the_pool_that_the_scope_is_on() {
    at_each_size(|pool, _| {
        let mut spawned = 0;
        let installed = pool.in_place_scope(|scope| {
            scope.spawn(|_| spawned = 1);
            pool.install(|| paceline::join(|| 2, || 3))
        });
        assert_eq!((spawned, installed), (1, (2, 3)));
    });
}
