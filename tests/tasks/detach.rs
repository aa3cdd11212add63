//! Dropped handles, and pools that are dropped or shut down with tasks in them.

use crate::counted::{Count, Thorn};
use crate::watchdog::{WATCHDOG, held_pool, pool_of, with_watchdog};
use std::future::pending;
use std::sync::mpsc::channel;

#[test]
fn a_detached_task_runs_and_its_result_is_dropped() {
    let pool = pool_of(2);
    let count = Count::default();
    for _ in 0..100 {
        let (body, result) = (count.one(), count.one());
        drop(pool.spawn_task(move || {
            drop(body);
            result
        }));
    }
    with_watchdog(move || pool.shutdown());
    assert_eq!(count.dropped(), 200);
}

#[test]
fn a_result_that_was_there_is_dropped_with_the_handle() {
    let pool = pool_of(1);
    let count = Count::default();
    let result = count.one();
    let handle = pool.spawn_task(move || result);
    while !handle.is_finished() {
        std::thread::yield_now();
    }
    assert_eq!(count.dropped(), 0);
    drop(handle);
    assert_eq!(count.dropped(), 1);
}

#[test]
fn a_pool_that_was_dropped_finishes_its_tasks_and_futures() {
    let (pool, release) = held_pool();
    let (tell, told) = channel();
    let task = pool.spawn_task(|| 1);
    let future = pool.spawn_future(async move {
        told.recv_timeout(WATCHDOG).unwrap();
        task.await.unwrap() + 1
    });
    drop(pool);
    drop(release);
    tell.send(()).unwrap();
    assert_eq!(with_watchdog(|| future.join().unwrap()), 2);
}

#[test]
fn shutdown_waits_for_futures_that_others_wake() {
    let pool = pool_of(1);
    let (send, receive) = tokio::sync::oneshot::channel::<u32>();
    let (polled, was_polled) = channel();
    let future = pool.spawn_future(async move {
        polled.send(()).unwrap();
        receive.await.unwrap()
    });
    was_polled.recv_timeout(WATCHDOG).unwrap();
    let down = std::thread::spawn(move || pool.shutdown());
    send.send(7).unwrap();
    assert_eq!(with_watchdog(|| future.join().unwrap()), 7);
    with_watchdog(|| down.join().unwrap());
}

#[test]
fn a_future_that_nobody_can_wake_or_join_is_freed_and_lets_the_pool_end() {
    let pool = pool_of(1);
    let count = Count::default();
    let held = count.one();
    drop(pool.spawn_future(async move {
        let _held = held;
        pending::<()>().await;
    }));
    with_watchdog(move || pool.shutdown());
    assert_eq!(count.dropped(), 1);
}

#[test]
fn a_waker_that_outlives_its_pool_is_harmless() {
    let pool = pool_of(1);
    let (give, given) = channel();
    let mut first = true;
    let future = pool.spawn_future(std::future::poll_fn(move |context| {
        if std::mem::take(&mut first) {
            give.send(context.waker().clone()).unwrap();
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(3)
    }));
    let waker = given.recv_timeout(WATCHDOG).unwrap();
    let copy = waker.clone();
    drop(pool);
    waker.wake();
    assert_eq!(with_watchdog(|| future.join().unwrap()), 3);
    copy.wake_by_ref();
    copy.wake();
}

#[test]
fn a_result_or_payload_whose_drop_panics_harms_nobody() {
    let (pool, release) = held_pool();
    drop(pool.spawn_task(|| Thorn(3)));
    drop(pool.spawn_task(|| std::panic::panic_any(Thorn(3))));
    drop(pool.spawn_future(async { Thorn(3) }));
    drop(release);
    assert_eq!(with_watchdog(move || pool.spawn_task(|| 42).join().unwrap()), 42);
}

#[test]
fn a_closure_whose_drop_panics_can_be_cancelled() {
    let (pool, release) = held_pool();
    let thorn = Thorn(2);
    let handle = pool.spawn_task(move || drop(thorn));
    handle.cancel();
    drop(release);
    assert!(with_watchdog(|| handle.join()).unwrap_err().is_cancelled());
    with_watchdog(move || pool.shutdown());
}
