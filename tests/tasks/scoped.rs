//! Tasks in scopes: they borrow, and the scope waits for them.

use crate::counted::Count;
use crate::watchdog::{pool_of, with_watchdog};
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn tasks_borrow_and_give_results_and_spawn_more() {
    let pool = pool_of(2);
    let sum = with_watchdog(move || {
        let numbers: Vec<u64> = (0..100).collect();
        pool.scope(|s| {
            let halves = numbers.split_at(50);
            let left = s.spawn_task(|_| halves.0.iter().sum::<u64>());
            let right = s.spawn_task(move |s| s.spawn_task(move |_| halves.1.iter().sum::<u64>()).join().unwrap());
            left.join().unwrap() + right.join().unwrap()
        })
    });
    assert_eq!(sum, 4950);
}

#[test]
fn the_scope_waits_for_detached_tasks() {
    for threads in [1, 2] {
        let pool = pool_of(threads);
        let done = AtomicUsize::new(0);
        pool.scope(|s| {
            for _ in 0..100 {
                drop(s.spawn_task(|_| done.fetch_add(1, Ordering::Relaxed)));
            }
        });
        assert_eq!(done.into_inner(), 100);
        let done = AtomicUsize::new(0);
        pool.scope_fifo(|s| {
            for _ in 0..100 {
                drop(s.spawn_task(|_| done.fetch_add(1, Ordering::Relaxed)));
            }
        });
        assert_eq!(done.into_inner(), 100);
    }
}

#[test]
fn handles_may_leave_the_scope_with_what_they_borrow() {
    let words = [String::from("one"), String::from("three")];
    let handles: Vec<_> =
        paceline::scope(|s| words.iter().map(|word| s.spawn_task(move |_| (word, word.len()))).collect());
    assert!(handles.iter().all(|handle| handle.is_finished()));
    let lengths: Vec<_> = handles.into_iter().map(|handle| handle.join().unwrap()).collect();
    assert_eq!(lengths, [(&words[0], 3), (&words[1], 5)]);
}

#[test]
fn panics_stay_with_the_handle() {
    let pool = pool_of(2);
    let found = pool.scope(|s| {
        drop(s.spawn_task(|_| panic!("nobody asks")));
        let handle = s.spawn_task(|_| -> u8 { std::panic::panic_any(5_u8) });
        *handle.join().unwrap_err().into_panic().downcast::<u8>().unwrap()
    });
    assert_eq!(found, 5);
}

#[test]
fn cancelled_tasks_let_the_scope_end() {
    let pool = pool_of(1);
    let count = Count::default();
    pool.scope(|s| {
        let handles: Vec<_> = (0..10)
            .map(|_| {
                let held = count.one();
                s.spawn_task(move |_| -> () { unreachable!("{}", count_of(&held)) })
            })
            .collect();
        handles.iter().for_each(|handle| handle.cancel());
        assert_eq!(count.dropped(), 0, "the pool's only thread is here");
        for (nth, handle) in handles.into_iter().enumerate().take(5) {
            assert!(handle.join().unwrap_err().is_cancelled());
            assert!(count.dropped() > nth);
        }
    });
    count.assert_balanced();
}

fn count_of<T>(_: &T) -> &'static str {
    "it was cancelled"
}

#[test]
fn a_fifo_scope_takes_tasks_in_their_order() {
    let pool = pool_of(1);
    let order = std::sync::Mutex::new(Vec::new());
    pool.scope_fifo(|s| {
        for i in 0..10 {
            drop(s.spawn_task({
                let order = &order;
                move |_| order.lock().unwrap().push(i)
            }));
        }
    });
    assert_eq!(order.into_inner().unwrap(), (0..10).collect::<Vec<_>>());
}

#[test]
fn an_external_caller_of_the_global_pool_joins_what_it_spawned() {
    let sum = with_watchdog(|| {
        let base = 10;
        let outer = paceline::scope(|s| {
            let scoped = s.spawn_task(|_| base + 1);
            let detached = paceline::spawn_task(|| 100);
            scoped.join().unwrap() + detached.join().unwrap()
        });
        outer + paceline::join(|| paceline::spawn_task(|| 1000).join().unwrap(), || 0).0
    });
    assert_eq!(sum, 1111);
}

#[test]
fn an_in_place_scope_outside_sleeps_for_its_tasks() {
    let text = String::from("here");
    let len = paceline::in_place_scope(|s| s.spawn_task(|_| text.len()).join().unwrap());
    assert_eq!(len, 4);
}
