//! Handing items in: what fills the queue, who waits, who is let in, and under which number.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use paceline::workers::{Order, SubmitError, SubmitTimeoutError, TrySubmitError, WorkerPool};

use crate::gauge::stop;
use crate::with_watchdog;

#[test]
fn a_queue_holds_as_many_as_it_has_capacity_beside_those_at_work() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let pool = WorkerPool::builder().threads(2).capacity(3).build(move |_, _: u32| stop.wait()).unwrap();
        for item in 0..2 {
            assert_eq!(pool.submit(item), Ok(u64::from(item)));
        }
        warden.await_arrivals(2);
        for item in 2..5 {
            assert_eq!(pool.try_submit(item), Ok(u64::from(item)));
        }
        assert_eq!((pool.len(), pool.is_empty()), (3, false));
        assert_eq!(pool.try_submit(5), Err(TrySubmitError::Full(5)));
        let refused = pool.submit_timeout(6, Duration::from_millis(1));
        assert_eq!(refused, Err(SubmitTimeoutError::Timeout(6)));

        warden.let_pass(1);
        warden.await_arrivals(1);
        // What was refused took no number.
        assert_eq!(pool.submit_timeout(7, Duration::MAX), Ok(5));
        assert_eq!(pool.try_submit(8), Err(TrySubmitError::Full(8)));
        drop(warden);
    });
}

#[test]
fn a_submit_that_waits_is_let_in_when_there_is_room() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let pool = WorkerPool::builder().threads(1).capacity(1).build(move |_, _: usize| stop.wait()).unwrap();
        let number = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..6 {
                let submit = || {
                    for _ in 0..50 {
                        let got = pool.submit(0).unwrap();
                        number.fetch_add(got as usize, Ordering::SeqCst);
                    }
                };
                scope.spawn(submit);
            }
            // More than those 300 would not come: each waits for one of them at a time.
            for _ in 0..300 {
                warden.await_arrivals(1);
                warden.let_pass(1);
            }
        });
        assert_eq!(number.into_inner(), 300 * 299 / 2, "each number is given once");
        assert!(!warden.has_arrivals());
    });
}

#[test]
fn a_submit_that_waits_with_much_time_is_let_in_too() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let pool = WorkerPool::builder().threads(1).capacity(1).build(move |_, _: u32| stop.wait()).unwrap();
        pool.submit(0).unwrap();
        warden.await_arrivals(1);
        pool.submit(1).unwrap();
        thread::scope(|scope| {
            let patient = scope.spawn(|| pool.submit_timeout(2, Duration::from_secs(3600)));
            warden.let_pass(1);
            assert_eq!(patient.join().unwrap(), Ok(2));
        });
        drop(warden);
    });
}

#[test]
fn those_whose_time_is_up_leave_the_line_to_the_others() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let pool = WorkerPool::builder().threads(1).capacity(1).build(move |_, _: u32| stop.wait()).unwrap();
        pool.submit(0).unwrap();
        warden.await_arrivals(1);
        pool.submit(1).unwrap();
        thread::scope(|scope| {
            let patient = scope.spawn(|| pool.submit(2));
            let pool = &pool;
            let hasty = |item| scope.spawn(move || pool.submit_timeout(item, Duration::from_millis(1)));
            let hasty: Vec<_> = (3..9).map(hasty).collect();
            for (item, thread) in (3..9).zip(hasty) {
                assert_eq!(thread.join().unwrap(), Err(SubmitTimeoutError::Timeout(item)));
            }
            warden.let_pass(1);
            assert_eq!(patient.join().unwrap(), Ok(2));
        });
        drop(warden);
    });
}

#[test]
fn a_closed_pool_hands_items_back() {
    with_watchdog(|| {
        let pool = WorkerPool::builder().threads(1).build(|_, _: &str| {}).unwrap();
        assert!(!pool.is_closed());
        pool.close();
        pool.close();
        assert!(pool.is_closed());
        assert_eq!(pool.submit("a"), Err(SubmitError("a")));
        assert_eq!(pool.try_submit("b"), Err(TrySubmitError::Closed("b")));
        assert_eq!(pool.submit_timeout("c", Duration::from_secs(3600)), Err(SubmitTimeoutError::Closed("c")));
        assert_eq!(pool.submit("d").unwrap_err().to_string(), "the worker pool is closed");
    });
}

#[test]
fn many_submitters_and_few_places_lose_nothing() {
    with_watchdog(|| {
        const EACH: u64 = 2000;
        let builder = WorkerPool::builder().threads(3).capacity(2);
        let (pool, results) = builder.build_with_results(Order::Completion, |_, item: u64| item).unwrap();
        let barrier = Barrier::new(4);
        thread::scope(|scope| {
            for submitter in 0..4 {
                let (pool, barrier) = (&pool, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    for item in 0..EACH {
                        pool.submit(submitter * EACH + item).unwrap();
                    }
                    if barrier.wait().is_leader() {
                        pool.close();
                    }
                });
            }
            let mut items: Vec<u64> = results.map(Result::unwrap).collect();
            items.sort_unstable();
            assert!(items.into_iter().eq(0..4 * EACH));
        });
    });
}
