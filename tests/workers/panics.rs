//! Panics: of items, of states that are made anew, of what is dropped.

use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use paceline::workers::{Order, WorkerPool};

use crate::gauge::{Gauge, stop};
use crate::with_watchdog;

#[test]
fn a_panic_is_the_result_of_its_item_and_the_others_go_on() {
    with_watchdog(|| {
        let work = |_: &mut (), item: u64| if item % 5 == 3 { panic_any(item) } else { item };
        let builder = WorkerPool::builder().threads(3).capacity(4);
        let (pool, results) = builder.build_with_results(Order::Submission, work).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                (0..100).for_each(|item| assert!(pool.submit(item).is_ok()));
                pool.shutdown().expect("the results tell of the panics");
            });
            for (item, result) in (0..).zip(results) {
                match result {
                    Ok(same) => assert_eq!(same, item),
                    Err(panic) => {
                        assert_eq!((panic.sequence(), item % 5), (Some(item), 3));
                        assert!(panic.worker().unwrap() < 3);
                        assert_eq!(panic.message(), None);
                        assert_eq!(panic.into_panic().downcast_ref(), Some(&item));
                    }
                }
            }
        });
    });
}

#[test]
fn a_panic_costs_the_state_and_another_is_made() {
    with_watchdog(|| {
        let (made, gauge) = (Arc::new(AtomicUsize::new(0)), Gauge::default());
        let (counted, states) = (Arc::clone(&made), gauge.clone());
        let init = move |_| {
            assert_eq!(states.alive(), 0, "the old state is dropped before the new one is made");
            (counted.fetch_add(1, Ordering::SeqCst), states.token())
        };
        let work = |state: &mut (usize, _), item: &str| {
            assert_ne!(item, "bad");
            state.0
        };
        let builder = WorkerPool::builder().threads(1).capacity(5).init(init);
        let (pool, results) = builder.build_with_results(Order::Submission, work).unwrap();
        for item in ["a", "bad", "b", "c", "bad"] {
            pool.submit(item).unwrap();
        }
        pool.shutdown().unwrap();
        let states: Vec<Option<usize>> = results.map(Result::ok).collect();
        assert_eq!(states, [Some(0), None, Some(1), Some(1), None]);
        assert_eq!((made.load(Ordering::SeqCst), gauge.alive()), (3, 0));
    });
}

#[test]
fn without_results_the_end_tells_of_the_first_panic_once() {
    with_watchdog(|| {
        let work = |_: &mut (), item: u32| assert!(item < 7, "item {item} is too large");
        let pool = WorkerPool::builder().threads(1).build(work).unwrap();
        for item in 0..10 {
            pool.submit(item).unwrap();
        }
        let panic = pool.shutdown().unwrap_err();
        assert_eq!((panic.worker(), panic.sequence()), (Some(0), Some(7)));
        assert_eq!(panic.to_string(), "item 7 panicked on thread `paceline-workers-0`: item 7 is too large");
        pool.shutdown().expect("it was told");
    });
}

#[test]
fn once_the_results_are_dropped_the_end_tells_of_panics() {
    with_watchdog(|| {
        let builder = WorkerPool::builder().threads(1);
        let (pool, results) = builder.build_with_results(Order::Submission, |_, _: u32| panic!("unseen")).unwrap();
        let results: paceline::workers::Results<()> = results;
        drop(results);
        pool.submit(1).unwrap();
        assert_eq!(pool.shutdown().unwrap_err().message(), Some("unseen"));
    });
}

/// A pool whose states can be made `lives` times in all, and whose items panic if they are "bad".
fn mortal_pool(threads: usize, lives: usize) -> WorkerPool<&'static str> {
    let made = AtomicUsize::new(0);
    let init = move |_| assert!(made.fetch_add(1, Ordering::SeqCst) < lives, "no more states");
    let work = |_: &mut (), item: &str| assert_ne!(item, "bad");
    WorkerPool::builder().threads(threads).capacity(10).init(init).build(work).unwrap()
}

#[test]
fn a_worker_whose_state_cannot_be_made_anew_is_lost_and_reported() {
    with_watchdog(|| {
        let pool = mortal_pool(3, 3);
        pool.submit("bad").unwrap();
        while pool.threads() == 3 {
            std::thread::yield_now();
        }
        assert_eq!(pool.threads(), 2);
        for _ in 0..50 {
            pool.submit("good").unwrap();
        }
        let panic = pool.shutdown().unwrap_err();
        assert_eq!(panic.sequence(), Some(0), "the item's panic came first");
    });
}

#[test]
fn a_pool_that_loses_its_last_worker_closes_and_keeps_what_is_left() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let states = AtomicUsize::new(0);
        let init = move |_| {
            assert_eq!(states.fetch_add(1, Ordering::SeqCst), 0, "only once");
        };
        let work = move |_: &mut (), item: u32| -> u32 {
            stop.wait();
            panic!("item {item}");
        };
        let builder = WorkerPool::builder().threads(1).capacity(3).init(init);
        let (pool, mut results) = builder.build_with_results(Order::Submission, work).unwrap();
        for item in 0..4 {
            pool.submit(item).unwrap();
        }
        warden.await_arrivals(1);
        std::thread::scope(|scope| {
            // Waits for room, which never comes, and for nobody to make it.
            let waiting = scope.spawn(|| pool.submit(4));
            warden.let_pass(1);
            assert_eq!(waiting.join().unwrap().unwrap_err().into_inner(), 4);
        });
        assert!(pool.is_closed());
        assert_eq!(results.next().unwrap().unwrap_err().message(), Some("item 0"));
        assert!(results.next().is_none(), "the results end");
        let panic = pool.shutdown().unwrap_err();
        assert_eq!((panic.worker(), panic.sequence()), (Some(0), None));
        assert!(panic.to_string().starts_with("init panicked on thread `paceline-workers-0`: "), "{panic}");
        assert!(panic.message().unwrap().contains("only once"));
        assert_eq!(pool.shutdown_now(), [1, 2, 3]);
    });
}

/// Panics when it is dropped.
struct Mine;

impl Drop for Mine {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[test]
fn what_panics_when_it_is_dropped_stops_nobody() {
    with_watchdog(|| {
        let work = |_: &mut Mine, item: u32| {
            assert_ne!(item, 1);
            Mine
        };
        let builder = WorkerPool::builder().threads(2).init(|_| Mine);
        let (pool, results) = builder.build_with_results(Order::Completion, work).unwrap();
        drop(results);
        for _ in 0..3 {
            for item in 0..20 {
                pool.submit(item).unwrap();
            }
        }
        assert_eq!(pool.threads(), 2);
        // Which of the three panics is noted first is a matter of luck.
        assert!(matches!(pool.shutdown().unwrap_err().sequence(), Some(1 | 21 | 41)));
    });
}
