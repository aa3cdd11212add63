//! A handle for each item: joined, awaited, dropped, and what it says of items that no worker began.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use paceline::workers::{Request, SubmitError, TrySubmitError, WorkerPool};

use crate::gauge::{Gauge, stop};
use crate::with_watchdog;

#[test]
fn each_handle_gives_the_result_of_its_item() {
    with_watchdog(|| {
        let pool = WorkerPool::builder().threads(3).capacity(4).build_with_handles(|_, item: u64| item * item).unwrap();
        thread::scope(|scope| {
            for submitter in 0..4 {
                let pool = &pool;
                scope.spawn(move || {
                    let items = submitter * 500..(submitter + 1) * 500;
                    let handles: Vec<_> = items.clone().map(|item| pool.submit_with_handle(item).unwrap()).collect();
                    for (place, (item, handle)) in items.zip(handles).enumerate() {
                        let square =
                            if place % 2 == 0 { handle.join().unwrap() } else { paceline::block_on(handle).unwrap() };
                        assert_eq!(square, item * item);
                    }
                });
            }
        });
        pool.shutdown().unwrap();
    });
}

#[test]
fn a_handle_is_finished_when_its_item_is() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let work = move |_: &mut (), item: u32| {
            stop.wait();
            item
        };
        let pool = WorkerPool::builder().threads(1).build_with_handles(work).unwrap();
        let first = pool.submit_with_handle(1).unwrap();
        let second = pool.submit_with_handle(2).unwrap();
        warden.let_pass(1);
        assert_eq!(first.join().unwrap(), 1);
        assert!(!second.is_finished());
        warden.let_pass(1);
        pool.shutdown().unwrap();
        assert!(second.is_finished());
        drop(pool);
        assert_eq!(second.join().unwrap(), 2, "a result stays when the pool is gone");
    });
}

#[test]
fn a_panic_goes_to_the_handle() {
    with_watchdog(|| {
        let work = |_: &mut (), item: u32| assert!(item < 5, "item {item} is too large");
        let pool = WorkerPool::builder().threads(1).name("judge").build_with_handles(work).unwrap();
        let error = pool.submit_with_handle(7).unwrap().join().unwrap_err();
        assert_eq!(error.to_string(), "item 0 panicked on thread `judge-0`: item 7 is too large");
        assert_eq!(*error.into_panic().downcast::<String>().unwrap(), "item 7 is too large");
        pool.submit_with_handle(1).unwrap().join().unwrap();
        pool.shutdown().expect("the handle tells of the panic");
    });
}

#[test]
fn a_handle_that_is_dropped_cancels_nothing_and_its_panic_is_reported() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let gauge = Gauge::default();
        let made = gauge.clone();
        let work = move |_: &mut (), item: u32| {
            stop.wait();
            assert_ne!(item, 1, "unseen");
            made.token()
        };
        let pool = WorkerPool::builder().threads(1).capacity(2).build_with_handles(work).unwrap();
        drop(pool.submit_with_handle(0).unwrap());
        drop(pool.submit_with_handle(1).unwrap());
        warden.let_pass(2);
        let error = pool.shutdown().unwrap_err();
        assert_eq!(error.sequence(), Some(1));
        assert_eq!(gauge.alive(), 0, "the result was made and dropped");
    });
}

#[test]
fn what_shutdown_now_takes_back_is_cancelled_at_once() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let work = move |_: &mut (), item: u32| {
            stop.wait();
            item
        };
        let pool = WorkerPool::builder().threads(1).capacity(3).build_with_handles(work).unwrap();
        let begun = pool.submit_with_handle(0).unwrap();
        warden.await_arrivals(1);
        let waiting: Vec<_> = (1..4).map(|item| pool.submit_with_handle(item).unwrap()).collect();
        thread::scope(|scope| {
            let end = scope.spawn(|| pool.shutdown_now());
            // The handles know while the worker still holds the pool up.
            for handle in waiting {
                assert!(handle.join().unwrap_err().is_cancelled());
            }
            warden.let_pass(1);
            let left: Vec<u32> = end.join().unwrap().into_iter().map(Request::into_inner).collect();
            assert_eq!(left, [1, 2, 3]);
        });
        assert_eq!(begun.join().unwrap(), 0);
    });
}

#[test]
fn a_pool_that_loses_its_last_worker_tells_the_handles_and_keeps_the_items() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let states = AtomicUsize::new(0);
        let init = move |_| match states.fetch_add(1, Ordering::SeqCst) {
            0 => Ok(()),
            _ => Err("only once"),
        };
        let work = move |_: &mut (), item: u32| -> u32 {
            stop.wait();
            panic!("item {item}");
        };
        let pool = WorkerPool::builder().threads(1).capacity(2).try_init(init).build_with_handles(work).unwrap();
        let handles: Vec<_> = (0..3).map(|item| pool.submit_with_handle(item).unwrap()).collect();
        warden.let_pass(1);
        let cancelled: Vec<bool> =
            handles.into_iter().map(|handle| handle.join().unwrap_err().is_cancelled()).collect();
        assert_eq!(cancelled, [false, true, true]);
        assert_eq!(pool.submit_with_handle(3).unwrap_err().into_inner(), 3);
        let left: Vec<u32> = pool.shutdown_now().into_iter().map(Request::into_inner).collect();
        assert_eq!(left, [1, 2]);
        assert!(pool.shutdown_now().is_empty());
        assert!(pool.shutdown().is_err());
    });
}

#[test]
fn a_request_that_was_refused_can_be_handed_in_again() {
    with_watchdog(|| {
        let (stop, warden) = stop();
        let work = move |_: &mut (), item: u32| {
            stop.wait();
            item + 1
        };
        let pool = WorkerPool::builder().threads(1).capacity(1).build_with_handles(work).unwrap();
        let first = pool.submit_with_handle(0).unwrap();
        warden.await_arrivals(1);
        let second = pool.submit_with_handle(1).unwrap();
        let (request, third) = Request::new(2);
        let Err(TrySubmitError::Full(request)) = pool.try_submit(request) else { panic!("there was no room") };
        assert!(!third.is_finished());
        warden.let_pass(1);
        assert_eq!(first.join().unwrap(), 1);
        pool.submit(request).unwrap();
        drop(warden);
        assert_eq!((second.join().unwrap(), third.join().unwrap()), (2, 3));
        pool.close();
        assert_eq!(pool.submit_with_handle(9).unwrap_err(), SubmitError(9));
    });
}

#[test]
fn requests_results_and_handles_are_dropped_once() {
    with_watchdog(|| {
        for taken in [false, true] {
            let [items, made] = [(); 2].map(|()| Gauge::default());
            let results_made = made.clone();
            let kept = Arc::new(());
            let captured = Arc::clone(&kept);
            let work = move |_: &mut (), _item: _| {
                let _captured = &captured;
                results_made.token()
            };
            let pool = WorkerPool::builder().threads(2).capacity(10).build_with_handles(work).unwrap();
            let handles: Vec<_> = (0..10).map(|_| pool.submit_with_handle(items.token()).ok().unwrap()).collect();
            pool.shutdown().unwrap();
            assert_eq!((items.alive(), made.alive()), (0, 10));
            if taken {
                let results: Vec<_> = handles.into_iter().map(|handle| handle.join().unwrap()).collect();
                drop(pool);
                assert_eq!(made.alive(), 10);
                drop(results);
            } else {
                drop(handles);
            }
            assert_eq!(made.alive(), 0);
        }
    });
}
