//! Which of the jobs that wait begins next.

use crate::gate::{Gate, receive};
use crate::pools::pool_of;
use paceline::{Priority, ThreadPool, ThreadPoolBuilder, isolate, spawn, spawn_with, yield_now};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

/// After so many other jobs it is the turn of one of low priority.
const OTHERS: usize = 60;

type Order = Arc<Mutex<Vec<(Priority, usize)>>>;

fn note(pool: &ThreadPool, order: &Order, priority: Priority, number: usize) {
    let order = Arc::clone(order);
    pool.spawn_with(priority, move || order.lock().unwrap().push((priority, number)));
}

/// Blocks all threads of the pool while `f` runs.
fn while_blocked(pool: &ThreadPool, f: impl FnOnce()) {
    let gate = Arc::new(Gate::default());
    let (tell, told) = channel();
    for _ in 0..pool.current_num_threads() {
        let (gate, tell) = (Arc::clone(&gate), tell.clone());
        pool.spawn(move || {
            tell.send(()).unwrap();
            gate.pass("the opening of the gate");
        });
    }
    (0..pool.current_num_threads()).for_each(|_| receive(&told, "a thread at the gate"));
    f();
    gate.open();
}

#[test]
fn one_thread_takes_high_then_normal_and_every_61st_low() {
    let (pool, order) = (pool_of(1), Order::default());
    while_blocked(&pool, || {
        for (priority, count) in [(Priority::Low, 100), (Priority::Normal, 300), (Priority::High, 5)] {
            (0..count).for_each(|number| note(&pool, &order, priority, number));
        }
    });
    pool.shutdown();
    let mut others = (0..5).map(|n| (Priority::High, n)).chain((0..300).map(|n| (Priority::Normal, n)));
    let mut low = (0..100).map(|n| (Priority::Low, n));
    let order = order.lock().unwrap();
    // The thread has taken jobs before.
    let first = order.iter().position(|job| job.0 == Priority::Low).unwrap();
    assert!(first <= OTHERS);
    let mut expected: Vec<_> = others.by_ref().take(first).chain(low.next()).collect();
    while expected.len() < 405 {
        expected.extend(others.by_ref().take(OTHERS));
        expected.extend(low.next());
    }
    assert_eq!(*order, expected);
}

#[test]
fn jobs_of_high_priority_go_before_what_the_thread_itself_has_spawned() {
    let (pool, order) = (pool_of(1), Order::default());
    pool.install(|| {
        (0..10_000).for_each(|number| note(&pool, &order, Priority::Low, number));
        (0..10_000).for_each(|number| note(&pool, &order, Priority::Normal, number));
        (0..3).for_each(|number| note(&pool, &order, Priority::High, number));
    });
    pool.shutdown();
    let order = order.lock().unwrap();
    assert_eq!(order[..3], [0, 1, 2].map(|number| (Priority::High, number)));
    assert_eq!(order[3], (Priority::Normal, 9_999));
    assert_eq!(order.len(), 20_003);
}

#[test]
fn among_several_threads_it_goes_before_nearly_all() {
    let (pool, begun) = (pool_of(4), Arc::new(AtomicUsize::new(0)));
    let (tell, told) = channel();
    while_blocked(&pool, || {
        for priority in [Priority::Low, Priority::Normal] {
            for _ in 0..10_000 {
                let begun = Arc::clone(&begun);
                pool.spawn_with(priority, move || {
                    begun.fetch_add(1, Ordering::Relaxed);
                    assert_ne!((0..1000_u64).map(std::hint::black_box).sum::<u64>(), 0);
                });
            }
        }
        let begun = Arc::clone(&begun);
        pool.spawn_with(Priority::High, move || tell.send(begun.load(Ordering::Relaxed)).unwrap());
    });
    let before = receive(&told, "the job of high priority");
    assert!(before < 10_000, "{before} of 20,000 were before it");
    pool.shutdown();
    assert_eq!(begun.load(Ordering::Relaxed), 20_000);
}

/// A job that spawns itself anew until the one of low priority has run, and counts.
fn again(priority: Priority, low_ran: Arc<AtomicUsize>, rounds: Arc<AtomicUsize>) {
    if low_ran.load(Ordering::Relaxed) == 0 && rounds.fetch_add(1, Ordering::Relaxed) < 100_000 {
        spawn_with(priority, move || again(priority, low_ran, rounds));
    }
}

#[test]
fn low_priority_waits_for_no_more_than_so_many_others() {
    for priority in [Priority::Normal, Priority::High] {
        let (pool, low_ran, rounds) = (pool_of(1), Arc::default(), Arc::new(AtomicUsize::new(0)));
        pool.install(|| {
            let ran: Arc<AtomicUsize> = Arc::clone(&low_ran);
            spawn_with(Priority::Low, move || ran.store(1, Ordering::Relaxed));
            again(priority, low_ran, Arc::clone(&rounds));
        });
        pool.shutdown();
        assert!(rounds.load(Ordering::Relaxed) <= 1 + OTHERS, "{priority:?}");
    }
}

#[test]
fn a_pool_that_sleeps_is_woken_for_any_priority() {
    for threads in [1, 2, 8] {
        let pool = pool_of(threads);
        for round in 0..100 {
            let priority = [Priority::Low, Priority::High, Priority::Normal][round % 3];
            let (tell, told) = channel();
            pool.spawn_with(priority, move || tell.send(round).unwrap());
            assert_eq!(receive(&told, "the job"), round);
        }
    }
    let (tell, told) = channel();
    spawn_with(Priority::Low, move || tell.send(()).unwrap());
    receive(&told, "the job in the global pool");
}

#[test]
fn an_isolated_call_runs_none_while_it_waits() {
    let ran = Arc::new(AtomicUsize::new(0));
    pool_of(1).install(|| {
        for priority in [Priority::High, Priority::Low] {
            let ran = Arc::clone(&ran);
            spawn_with(priority, move || {
                ran.fetch_add(1, Ordering::Relaxed);
            });
        }
        isolate(|| paceline::scope(|s| s.spawn(|_| ())));
        assert_eq!(ran.load(Ordering::Relaxed), 0);
        while yield_now() == Some(paceline::Yield::Executed) {}
        assert_eq!(ran.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_panic_goes_to_the_pools_handler() {
    let (tell, told) = channel();
    let tell = Mutex::new(tell);
    let handler = move |payload: Box<dyn std::any::Any + Send>| {
        tell.lock().unwrap().send(*payload.downcast::<&str>().unwrap()).unwrap();
    };
    let pool = ThreadPoolBuilder::new().num_threads(1).panic_handler(handler).build().unwrap();
    pool.spawn_with(Priority::High, || panic!("high"));
    assert_eq!(receive(&told, "the panic"), "high");
    pool.spawn_with(Priority::Low, || panic!("low"));
    assert_eq!(receive(&told, "the panic"), "low");
}

#[test]
fn what_was_spawned_runs_though_the_pool_is_dropped() {
    let (tell, told) = channel();
    let pool = pool_of(2);
    while_blocked(&pool, || {
        for number in 0..100 {
            let tell = tell.clone();
            let priority = if number % 2 == 0 { Priority::High } else { Priority::Low };
            pool.spawn_with(priority, move || {
                let tell = tell.clone();
                spawn(move || tell.send(number).unwrap());
            });
        }
    });
    drop((pool, tell));
    let mut all: Vec<_> = told.iter().collect();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..100));
}

#[test]
fn a_priority_is_normal_unless_told() {
    assert_eq!(Priority::default(), Priority::Normal);
    assert_eq!(format!("{:?}", Priority::High), "High");
}
