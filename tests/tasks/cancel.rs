//! Cancelling, at every moment that can be brought about on purpose.

use crate::counted::Count;
use crate::watchdog::{WATCHDOG, held_pool, pool_of, with_watchdog};
use paceline::{CancelToken, TaskError};
use std::future::{pending, poll_fn};
use std::sync::mpsc::channel;
use std::task::Poll;

#[test]
fn a_task_that_has_not_begun_never_runs_and_is_finished_when_its_closure_is_gone() {
    let (pool, release) = held_pool();
    let count = Count::default();
    let held = count.one();
    let handle = pool.spawn_task(move || {
        drop(held);
        unreachable!("it was cancelled");
    });
    handle.cancel();
    assert_eq!(count.dropped(), 1, "the pool may be busy for long");
    assert!(handle.is_finished());
    let result: Result<(), TaskError> = with_watchdog(|| handle.join());
    drop(release);
    assert!(result.unwrap_err().is_cancelled());
    with_watchdog(move || pool.shutdown());
    assert_eq!(count.dropped(), 1);
}

#[test]
fn a_task_that_has_begun_gives_its_result_all_the_same() {
    let pool = pool_of(1);
    let (begun, has_begun) = channel();
    let (go, may_go) = channel::<()>();
    let handle = pool.spawn_task(move || {
        begun.send(()).unwrap();
        may_go.recv_timeout(WATCHDOG).unwrap();
        42
    });
    has_begun.recv_timeout(WATCHDOG).unwrap();
    handle.cancel();
    assert!(!handle.is_finished());
    go.send(()).unwrap();
    assert_eq!(with_watchdog(|| handle.join().unwrap()), 42);
}

#[test]
fn cancelling_what_is_done_changes_nothing() {
    let pool = pool_of(1);
    let handle = pool.spawn_task(|| 42);
    while !handle.is_finished() {
        std::thread::yield_now();
    }
    handle.cancel();
    handle.cancel();
    assert_eq!(handle.join().unwrap(), 42);
}

#[test]
fn a_pending_future_is_gone_when_its_handle_is_joined() {
    let pool = pool_of(1);
    let count = Count::default();
    let held = count.one();
    let (polled, was_polled) = channel();
    let handle = pool.spawn_future(async move {
        let _held = held;
        polled.send(()).unwrap();
        pending::<()>().await;
    });
    was_polled.recv_timeout(WATCHDOG).unwrap();
    // Afterwards the worker has left the future alone.
    pool.install(|| ());
    handle.cancel();
    assert!(with_watchdog(|| handle.join()).unwrap_err().is_cancelled());
    assert_eq!(count.dropped(), 1);
    with_watchdog(move || pool.shutdown());
}

#[test]
fn a_future_that_is_being_polled_goes_after_that() {
    let pool = pool_of(1);
    let count = Count::default();
    let held = count.one();
    let (begun, has_begun) = channel();
    let (go, may_go) = channel::<()>();
    let mut polls = 0;
    let handle = pool.spawn_future(poll_fn(move |context| {
        let _held = &held;
        polls += 1;
        assert_eq!(polls, 1, "it was cancelled");
        begun.send(()).unwrap();
        may_go.recv_timeout(WATCHDOG).unwrap();
        context.waker().wake_by_ref();
        Poll::<()>::Pending
    }));
    has_begun.recv_timeout(WATCHDOG).unwrap();
    handle.cancel();
    assert!(!handle.is_finished());
    assert_eq!(count.dropped(), 0);
    go.send(()).unwrap();
    assert!(with_watchdog(|| handle.join()).unwrap_err().is_cancelled());
    assert_eq!(count.dropped(), 1);
    with_watchdog(move || pool.shutdown());
}

#[test]
fn a_future_that_is_ready_at_its_last_poll_gives_its_output() {
    let pool = pool_of(1);
    let (begun, has_begun) = channel();
    let (go, may_go) = channel::<()>();
    let handle = pool.spawn_future(async move {
        begun.send(()).unwrap();
        may_go.recv_timeout(WATCHDOG).unwrap();
        42
    });
    has_begun.recv_timeout(WATCHDOG).unwrap();
    handle.cancel();
    go.send(()).unwrap();
    assert_eq!(with_watchdog(|| handle.join().unwrap()), 42);
}

#[test]
fn cancelling_wakes_who_awaits() {
    let (pool, release) = held_pool();
    let handle = std::sync::Arc::new(std::sync::Mutex::new(pool.spawn_task(|| ())));
    let shared = std::sync::Arc::clone(&handle);
    let (polled, was_polled) = channel();
    let waiter = paceline::spawn_future(poll_fn(move |context| {
        let mut handle = shared.lock().unwrap();
        let poll = std::pin::Pin::new(&mut *handle).poll(context);
        let _ = polled.send(());
        poll
    }));
    was_polled.recv_timeout(WATCHDOG).unwrap();
    handle.lock().unwrap().cancel();
    drop(release);
    assert!(with_watchdog(|| waiter.join().unwrap()).unwrap_err().is_cancelled());
}

#[test]
fn dropping_the_adaptor_cancels_and_unwrapping_it_does_not() {
    let (pool, release) = held_pool();
    let count = Count::default();
    let (first, second) = (count.one(), count.one());
    let (ran, runs) = channel();
    let (no, yes) = (ran.clone(), ran);
    drop(pool.spawn_task(move || no.send(first).unwrap()).cancel_on_drop());
    let kept = pool.spawn_task(move || yes.send(second).unwrap()).cancel_on_drop().into_handle();
    assert_eq!(count.dropped(), 1);
    drop(release);
    with_watchdog(|| kept.join().unwrap());
    with_watchdog(move || pool.shutdown());
    assert_eq!(count.dropped(), 1);
    assert_eq!(runs.iter().count(), 1);
}

#[test]
fn awaiting_the_adaptor_gives_the_result() {
    let pool = pool_of(1);
    let handle = pool.spawn_task(|| 42).cancel_on_drop();
    assert!(format!("{handle:?}").starts_with("CancelOnDrop"));
    assert_eq!(with_watchdog(|| paceline::block_on(handle).unwrap()), 42);
}

#[test]
fn a_token_cancels_what_has_not_begun_and_forgets_what_was_detached() {
    let (pool, release) = held_pool();
    let (count, token) = (Count::default(), CancelToken::new());
    let task = || {
        let held = count.one();
        pool.spawn_task(move || drop(held))
    };
    let (cancelled, detached) = (task().with_cancel(&token), task().with_cancel(&token));
    drop(detached);
    token.cancel();
    let late = task().with_cancel(&token);
    assert_eq!(count.dropped(), 2);
    drop(release);
    assert!(with_watchdog(|| cancelled.join()).unwrap_err().is_cancelled());
    assert!(with_watchdog(|| late.join()).unwrap_err().is_cancelled());
    with_watchdog(move || pool.shutdown());
    count.assert_balanced();
}

#[test]
fn a_token_keeps_no_future_that_nobody_waits_for() {
    let (count, token) = (Count::default(), CancelToken::new());
    let pool = pool_of(1);
    let held = count.one();
    let (polled, was_polled) = channel();
    let handle = pool.spawn_future(poll_fn(move |_| {
        let _held = &held;
        polled.send(()).unwrap();
        Poll::<()>::Pending
    }));
    let handle = handle.with_cancel(&token).with_cancel(&token.child_token());
    was_polled.recv_timeout(WATCHDOG).unwrap();
    drop(handle);
    with_watchdog(move || pool.shutdown());
    assert_eq!(count.dropped(), 1);
}
