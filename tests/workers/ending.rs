//! The ends of a pool: drained, cut short, dropped, on every thread that may ask for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, Weak, mpsc};
use std::thread;

use paceline::workers::{Order, SubmitError, WorkerPool};
use proptest::prelude::*;

use crate::gauge::{Gauge, Stop, stop};
use crate::with_watchdog;

/// A pool of one worker, which stops at every item, and how many items it has begun.
fn stopping_pool(capacity: usize, stop: Stop) -> (WorkerPool<u32>, Arc<AtomicUsize>) {
    let begun = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&begun);
    let work = move |_: &mut (), _: u32| {
        counted.fetch_add(1, Ordering::SeqCst);
        stop.wait();
    };
    let pool = WorkerPool::builder().threads(1).capacity(capacity).build(work).unwrap();
    (pool, begun)
}

#[test]
fn shutdown_works_on_all_that_waits() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let (pool, begun) = stopping_pool(5, stop);
        for item in 0..6 {
            pool.submit(item).unwrap();
        }
        warden.await_arrivals(1);
        thread::scope(|scope| {
            let ends = [(); 2].map(|()| scope.spawn(|| (pool.shutdown().is_ok(), begun.load(Ordering::SeqCst))));
            while !pool.is_closed() {
                thread::yield_now();
            }
            assert_eq!(pool.submit(6), Err(SubmitError(6)));
            warden.let_pass(6);
            for end in ends {
                assert_eq!(end.join().unwrap(), (true, 6), "it returns when all is done, to both");
            }
        });
        assert_eq!(pool.threads(), 0);
        pool.shutdown().unwrap();
    });
}

#[test]
fn shutdown_now_hands_back_what_had_not_begun() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let (pool, begun) = stopping_pool(5, stop);
        for item in 0..6 {
            pool.submit(item).unwrap();
        }
        warden.await_arrivals(1);
        thread::scope(|scope| {
            let end = scope.spawn(|| pool.shutdown_now());
            while !pool.is_closed() {
                thread::yield_now();
            }
            warden.let_pass(6);
            assert_eq!(end.join().unwrap(), [1, 2, 3, 4, 5]);
        });
        assert_eq!(begun.load(Ordering::SeqCst), 1);
        assert_eq!(pool.shutdown_now(), []);
    });
}

#[test]
fn shutdown_now_cuts_a_shutdown_short() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let (pool, begun) = stopping_pool(5, stop);
        for item in 0..6 {
            pool.submit(item).unwrap();
        }
        warden.await_arrivals(1);
        thread::scope(|scope| {
            let drained = scope.spawn(|| pool.shutdown().is_ok());
            while !pool.is_closed() {
                thread::yield_now();
            }
            let cut = scope.spawn(|| pool.shutdown_now());
            while !pool.is_empty() {
                thread::yield_now();
            }
            warden.let_pass(6);
            assert_eq!(cut.join().unwrap(), [1, 2, 3, 4, 5]);
            assert!(drained.join().unwrap());
        });
        assert_eq!(begun.load(Ordering::SeqCst), 1);
    });
}

/// Has several threads wait in `submit` while `end` ends the pool; what they submitted is worked on or comes back.
fn end_while_submitters_wait(end: impl Fn(&WorkerPool<u32>) -> Vec<u32> + Sync) {
    for round in 0..100 {
        let (stop, warden) = stop();
        let (pool, begun) = stopping_pool(1, stop);
        pool.submit(0).unwrap();
        warden.await_arrivals(1);
        pool.submit(0).unwrap();
        let left = thread::scope(|scope| {
            let submitters: Vec<_> = (1..5)
                .map(|item| {
                    scope.spawn({
                        let pool = &pool;
                        move || pool.submit(item)
                    })
                })
                .collect();
            (0..round).for_each(|_| thread::yield_now());
            let ender = scope.spawn(|| end(&pool));
            for (item, submitter) in (1..5).zip(submitters) {
                // They are told while the worker still holds the pool up.
                assert_eq!(submitter.join().unwrap(), Err(SubmitError(item)));
            }
            warden.let_pass(2);
            ender.join().unwrap()
        });
        assert_eq!(begun.load(Ordering::SeqCst) + left.len(), 2);
    }
}

#[test]
fn a_submit_that_waits_gets_its_item_back_when_the_pool_is_shut_down() {
    with_watchdog(|| {
        end_while_submitters_wait(|pool| {
            pool.shutdown().unwrap();
            Vec::new()
        });
    });
}

#[test]
fn a_submit_that_waits_gets_its_item_back_when_the_pool_is_cut_short() {
    with_watchdog(|| end_while_submitters_wait(|pool| pool.shutdown_now()));
}

#[test]
fn a_submit_that_waits_gets_its_item_back_when_the_pool_is_closed() {
    with_watchdog(|| {
        end_while_submitters_wait(|pool| {
            pool.close();
            pool.shutdown().unwrap();
            Vec::new()
        });
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_item_is_worked_on_or_handed_back_however_early_the_end(
        threads in 1..6_usize,
        capacity in 1..12_usize,
        before in 0..60_u32,
        order in prop::sample::select(vec![Order::Submission, Order::Completion]),
    ) {
        with_watchdog(move || {
            let gauge = Gauge::default();
            let work = |_: &mut (), (item, _token)| { let item: u32 = item; item };
            let builder = WorkerPool::builder().threads(threads).capacity(capacity);
            let (pool, results) = builder.build_with_results(order, work).unwrap();
            let (reached, progress) = mpsc::channel();
            let (taken, left, refused) = thread::scope(|scope| {
                let submitter = scope.spawn(|| {
                    for item in 0.. {
                        let _ = reached.send(item);
                        if pool.submit((item, gauge.token())).is_err() {
                            return item;
                        }
                    }
                    unreachable!("the pool is closed before all numbers are through");
                });
                let taker = scope.spawn(|| results.map(Result::unwrap).collect::<Vec<u32>>());
                assert!(progress.iter().any(|item| item == before));
                let left: Vec<u32> = pool.shutdown_now().into_iter().map(|(item, _)| item).collect();
                (taker.join().unwrap(), left, submitter.join().unwrap())
            });
            let mut begun = taken;
            if order == Order::Completion {
                begun.sort_unstable();
            }
            assert!(begun.into_iter().chain(left).eq(0..refused));
            assert_eq!(gauge.alive(), 0);
        });
    }
}

#[test]
fn dropping_the_pool_works_on_all_that_waits() {
    with_watchdog(|| {
        let done = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&done);
        let work = move |_: &mut (), _: u32| {
            thread::yield_now();
            counted.fetch_add(1, Ordering::SeqCst);
        };
        let pool = WorkerPool::builder().threads(3).capacity(500).build(work).unwrap();
        for item in 0..500 {
            pool.submit(item).unwrap();
        }
        drop(pool);
        assert_eq!(done.load(Ordering::SeqCst), 500);
    });
}

#[test]
fn no_end_waits_for_results_to_be_taken() {
    with_watchdog(|| {
        for order in [Order::Submission, Order::Completion] {
            let builder = || WorkerPool::builder().threads(2).capacity(3);
            // With eight items the workers have stopped, for want of room for a sixth result.
            let fill = |pool: &WorkerPool<u32>| (0..8).for_each(|item| assert!(pool.submit(item).is_ok()));
            let sorted = |results: &mut Vec<u32>| {
                results.sort_unstable();
                results.clone()
            };

            let (pool, results) = builder().build_with_results(order, |_, item: u32| item).unwrap();
            fill(&pool);
            pool.shutdown().unwrap();
            assert_eq!(sorted(&mut results.map(Result::unwrap).collect()), [0, 1, 2, 3, 4, 5, 6, 7]);

            let (pool, results) = builder().build_with_results(order, |_, item: u32| item).unwrap();
            fill(&pool);
            let left = pool.shutdown_now();
            assert_eq!(left, [5, 6, 7]);
            assert_eq!(sorted(&mut results.map(Result::unwrap).collect()), [0, 1, 2, 3, 4]);

            let (pool, results) = builder().build_with_results(order, |_, item: u32| item).unwrap();
            fill(&pool);
            drop(pool);
            assert_eq!(results.count(), 8);
        }
    });
}

/// An item that may hold its own pool.
struct Inside {
    pool: Arc<WorkerPool<Inside>>,
    stop: Stop,
}

#[test]
fn a_pool_that_is_dropped_on_its_own_worker_ends_by_itself() {
    with_watchdog(|| {
        let gauge = Gauge::default();
        let states = gauge.clone();
        let (dropped, drops) = mpsc::channel();
        let work = move |_: &mut _, Inside { pool, stop }| {
            stop.wait();
            drop(pool);
            dropped.send(()).unwrap();
        };
        let pool = WorkerPool::builder().threads(3).capacity(8).init(move |_| states.token()).build(work).unwrap();
        let pool = Arc::new(pool);
        let (stop, warden) = stop();
        for _ in 0..5 {
            assert!(pool.submit(Inside { pool: Arc::clone(&pool), stop: stop.clone() }).is_ok());
        }
        drop(pool);
        warden.let_pass(5);
        assert_eq!(drops.iter().take(5).count(), 5);
        // The sender is in `work`, which the last thread drops.
        assert!(drops.recv().is_err());
        assert_eq!(gauge.alive(), 0);
    });
}

#[test]
fn on_a_worker_of_its_own_the_end_does_not_wait() {
    type End = fn(&WorkerPool<u32>) -> Vec<u32>;
    let shutdown: End = |pool| pool.shutdown().map(|()| Vec::new()).unwrap();
    for (end, drains) in [(shutdown, true), (WorkerPool::shutdown_now as End, false)] {
        with_watchdog(move || {
            let (stop, warden) = stop();
            let itself = Arc::new(OnceLock::<Weak<WorkerPool<u32>>>::new());
            let known = Arc::clone(&itself);
            let work = move |_: &mut (), item: u32| {
                stop.wait();
                let pool = known.get().expect("set before the first pass").upgrade().expect("the test holds the pool");
                let left = end(&pool);
                (item, left)
            };
            let builder = WorkerPool::builder().threads(1).capacity(2);
            let (pool, results) = builder.build_with_results(Order::Submission, work).unwrap();
            let pool = Arc::new(pool);
            itself.set(Arc::downgrade(&pool)).expect("it was empty");
            for item in 0..2 {
                pool.submit(item).unwrap();
            }
            warden.let_pass(2);
            let outcomes: Vec<_> = results.map(Result::unwrap).collect();
            let expected = if drains { vec![(0, vec![]), (1, vec![])] } else { vec![(0, vec![1])] };
            assert_eq!(outcomes, expected);
            assert!(pool.is_closed());
        });
    }
}
