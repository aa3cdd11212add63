//! The results: their orders, their numbers, and their bound.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use paceline::workers::{Order, TrySubmitError, WorkerPool};
use proptest::prelude::*;

use crate::gauge::{Gauge, stop};
use crate::with_watchdog;

/// Submits the items on a thread of its own and collects the results with their numbers.
fn run(threads: usize, capacity: usize, order: Order, weights: Vec<u8>) -> Vec<(u64, u8)> {
    let work = |_: &mut (), weight: u8| {
        (0..20 * u32::from(weight)).for_each(|_| std::hint::spin_loop());
        weight
    };
    let builder = WorkerPool::builder().threads(threads).capacity(capacity);
    let (pool, results) = builder.build_with_results(order, work).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || {
            for weight in weights {
                pool.submit(weight).unwrap();
            }
            // The pool is dropped here, which closes it and lets all of it be worked on.
        });
        results.numbered().map(|(number, result)| (number, result.unwrap())).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn results_come_in_the_order_that_was_asked_for(
        threads in 1..7_usize,
        capacity in 1..9_usize,
        weights in prop::collection::vec(0..40_u8, 0..80),
    ) {
        let expected: Vec<(u64, u8)> = (0..).zip(weights.iter().copied()).collect();
        let (ordered, given) = (expected.clone(), weights.clone());
        with_watchdog(move || assert_eq!(run(threads, capacity, Order::Submission, given), ordered));
        with_watchdog(move || {
            let mut unordered = run(threads, capacity, Order::Completion, weights);
            unordered.sort_unstable();
            assert_eq!(unordered, expected);
        });
    }
}

#[test]
fn the_order_of_completion_does_not_wait_for_the_first() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let work = move |_: &mut (), item: u32| {
            if item == 0 {
                stop.wait();
            }
            item
        };
        let builder = WorkerPool::builder().threads(2).capacity(4);
        let (pool, mut results) = builder.build_with_results(Order::Completion, work).unwrap();
        for item in 0..4 {
            pool.submit(item).unwrap();
        }
        let first: Vec<u32> = results.by_ref().take(3).map(Result::unwrap).collect();
        assert_eq!(first, [1, 2, 3]);
        assert_eq!(results.try_recv().unwrap_err(), TryRecvError::Empty);
        warden.let_pass(1);
        assert_eq!(results.next().unwrap().unwrap(), 0);
    });
}

#[test]
fn the_order_of_submission_waits_for_the_first() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let (finished, others) = mpsc::channel();
        let work = move |_: &mut (), item: u32| {
            if item == 0 {
                stop.wait();
            } else {
                finished.send(item).unwrap();
            }
            item
        };
        let builder = WorkerPool::builder().threads(2).capacity(4);
        let (pool, mut results) = builder.build_with_results(Order::Submission, work).unwrap();
        for item in 0..4 {
            pool.submit(item).unwrap();
        }
        assert!(others.iter().take(3).eq(1..4));
        assert_eq!(results.try_recv().unwrap_err(), TryRecvError::Empty);
        assert_eq!(results.recv_timeout(Duration::from_millis(1)).unwrap_err(), RecvTimeoutError::Timeout);
        warden.let_pass(1);
        pool.close();
        assert!(results.by_ref().map(Result::unwrap).eq(0..4));
        assert_eq!(results.try_recv().unwrap_err(), TryRecvError::Disconnected);
        assert_eq!(results.recv_timeout(Duration::MAX).unwrap_err(), RecvTimeoutError::Disconnected);
        assert!(results.next().is_none());
    });
}

/// Counts how many items were begun when nobody takes results and the queue is full.
fn begun_untaken(order: Order, threads: usize, capacity: usize) -> usize {
    let begun = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&begun);
    let work = move |_: &mut (), _: usize| {
        counted.fetch_add(1, Ordering::SeqCst);
    };
    let builder = WorkerPool::builder().threads(threads).capacity(capacity);
    let (pool, results) = builder.build_with_results(order, work).unwrap();
    let bound = threads + 2 * capacity;
    // All that there is room for gets in, and then no more, however long one tries.
    for item in 0..bound {
        pool.submit(item).unwrap();
    }
    while begun.load(Ordering::SeqCst) < threads + capacity {
        thread::yield_now();
    }
    for item in bound..bound + 200 {
        thread::yield_now();
        assert_eq!(pool.try_submit(item), Err(TrySubmitError::Full(item)));
    }
    let seen = begun.load(Ordering::SeqCst);
    assert_eq!(results.map(Result::unwrap).take(bound).count(), bound);
    pool.shutdown().unwrap();
    seen
}

#[test]
fn untaken_results_stop_the_workers_and_then_the_submitters() {
    with_watchdog(|| {
        for order in [Order::Submission, Order::Completion] {
            for (threads, capacity) in [(1, 1), (3, 2), (2, 5)] {
                assert_eq!(begun_untaken(order, threads, capacity), threads + capacity);
            }
        }
    });
}

#[test]
fn a_slow_first_item_stops_those_that_would_run_too_far_ahead() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let begun = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&begun);
        let work = move |_: &mut (), item: usize| {
            counted.fetch_add(1, Ordering::SeqCst);
            if item == 0 {
                stop.wait();
            }
            item
        };
        let builder = WorkerPool::builder().threads(3).capacity(4);
        let (pool, mut results) = builder.build_with_results(Order::Submission, work).unwrap();
        for item in 0..11 {
            pool.submit(item).unwrap();
        }
        while begun.load(Ordering::SeqCst) < 7 {
            thread::yield_now();
        }
        for _ in 0..200 {
            assert_eq!(results.try_recv().unwrap_err(), TryRecvError::Empty);
            assert_eq!(pool.try_submit(11), Err(TrySubmitError::Full(11)));
            thread::yield_now();
        }
        assert_eq!(begun.load(Ordering::SeqCst), 7, "three in hand or ahead, and four more");
        warden.let_pass(1);
        assert!(results.by_ref().take(11).map(Result::unwrap).eq(0..11));
    });
}

#[test]
fn one_thread_can_submit_and_take() {
    with_watchdog(|| {
        for order in [Order::Submission, Order::Completion] {
            let builder = WorkerPool::builder().threads(3).capacity(1);
            let (pool, mut results) = builder.build_with_results(order, |_, item: u64| item).unwrap();
            let mut taken = Vec::new();
            for mut item in 0..3000 {
                while let Err(refused) = pool.try_submit(item) {
                    item = refused.into_inner();
                    taken.push(results.next().unwrap().unwrap());
                }
            }
            pool.shutdown().unwrap();
            taken.extend(results.map(Result::unwrap));
            if order == Order::Completion {
                taken.sort_unstable();
            }
            assert!(taken.into_iter().eq(0..3000));
        }
    });
}

#[test]
fn dropped_results_hold_up_nobody_and_are_dropped() {
    with_watchdog(|| {
        let gauge = Gauge::default();
        let made = gauge.clone();
        let builder = WorkerPool::builder().threads(2).capacity(2);
        let (pool, mut results) = builder.build_with_results(Order::Submission, move |_, _: u32| made.token()).unwrap();
        for item in 0..4 {
            pool.submit(item).unwrap();
        }
        drop(results.next());
        drop(results);
        for item in 0..1000 {
            pool.submit(item).unwrap();
        }
        pool.shutdown().unwrap();
        assert_eq!(gauge.alive(), 0);
    });
}
