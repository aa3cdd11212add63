//! What a service needs of tasks: time limits, handles that can only cancel, priorities.

use crate::gate::{Gate, receive};
use crate::watchdog::{held_pool, pool_of, with_watchdog};
use paceline::{Priority, spawn_future_with, spawn_task_with};
use std::future::pending;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Longer than any test runs.
const LONG: Duration = Duration::from_secs(3600);

#[test]
fn a_join_with_a_timeout_gives_the_handle_back_and_later_the_result() {
    let (pool, release) = held_pool();
    let handle = pool.spawn_task(|| 42);
    let handle = with_watchdog(move || handle.join_timeout(Duration::from_millis(5))).unwrap_err();
    let handle = with_watchdog(move || handle.join_timeout(Duration::ZERO)).unwrap_err();
    assert!(!handle.is_finished());
    drop(release);
    assert_eq!(with_watchdog(move || handle.join_timeout(LONG)).unwrap().unwrap(), 42);
}

#[test]
fn a_join_with_a_timeout_that_no_clock_can_show_waits() {
    let pool = pool_of(1);
    let handle = pool.spawn_task(|| 42);
    assert_eq!(with_watchdog(move || handle.join_timeout(Duration::MAX)).unwrap().unwrap(), 42);
}

#[test]
fn a_task_that_is_done_needs_no_time() {
    let pool = pool_of(1);
    let handle = pool.spawn_task(|| 42);
    let abort = handle.abort_handle();
    pool.shutdown();
    assert!(abort.is_finished());
    assert_eq!(handle.join_timeout(Duration::ZERO).unwrap().unwrap(), 42);
}

#[test]
fn the_only_thread_of_a_pool_may_wait_with_a_timeout() {
    let pool = Arc::new(pool_of(1));
    let result = with_watchdog(move || {
        pool.install(|| {
            let stuck = paceline::spawn_future(pending::<()>());
            let stuck = stuck.join_timeout(Duration::from_millis(5)).unwrap_err();
            stuck.cancel();
            // Another thread runs it in the place of this one.
            paceline::spawn_task(|| 42).join_timeout(LONG).unwrap().unwrap()
        })
    });
    assert_eq!(result, 42);
}

#[test]
fn an_abort_handle_cancels_and_keeps_nothing_from_ending() {
    let (pool, release) = held_pool();
    let value = Arc::new(());
    let held = Arc::clone(&value);
    let handle = pool.spawn_task(move || drop(held));
    let abort = handle.abort_handle();
    let copy = abort.clone();
    assert!(!abort.is_finished());
    copy.abort();
    assert_eq!(Arc::strong_count(&value), 1, "the closure is dropped with the abort");
    assert!(abort.is_finished() && with_watchdog(|| handle.join()).unwrap_err().is_cancelled());
    drop(release);
    with_watchdog(move || pool.shutdown());
    abort.abort();
    assert_eq!(format!("{abort:?}"), "AbortHandle { is_finished: true }");
}

#[test]
fn a_future_whose_handles_are_all_gone_is_dropped() {
    let pool = pool_of(1);
    let (tell, told) = channel::<()>();
    let handle = pool.spawn_future(async move {
        let _tell = tell;
        pending::<()>().await;
    });
    let abort = handle.abort_handle();
    drop(handle);
    drop(abort);
    // The sender goes with the future.
    assert!(
        told.recv_timeout(crate::gate::WATCHDOG)
            .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Disconnected)
    );
}

#[test]
fn tasks_and_futures_begin_by_their_priority() {
    let pool = pool_of(1);
    let (order, gate) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Gate::default()));
    let (begin, begun) = channel();
    let held = {
        let gate = Arc::clone(&gate);
        pool.spawn_task(move || {
            begin.send(()).unwrap();
            gate.pass("the end of the test's spawns");
        })
    };
    receive(&begun, "the task that holds the pool");
    let note = |name| {
        let order = Arc::clone(&order);
        move || order.lock().unwrap().push(name)
    };
    let handles = [
        pool.spawn_task_with(Priority::Low, note("low task")),
        {
            let note = note("low future");
            pool.spawn_future_with(Priority::Low, async move { note() })
        },
        pool.spawn_task(note("task")),
        pool.spawn_task_with(Priority::Normal, note("normal task")),
        {
            let note = note("high future");
            pool.spawn_future_with(Priority::High, async move { note() })
        },
        pool.spawn_task_with(Priority::High, note("high task")),
    ];
    gate.open();
    with_watchdog(|| held.join()).unwrap();
    handles.into_iter().for_each(|handle| with_watchdog(|| handle.join()).unwrap());
    let expected = ["high future", "high task", "task", "normal task", "low task", "low future"];
    assert_eq!(*order.lock().unwrap(), expected);
}

#[test]
fn a_future_keeps_its_priority_when_it_is_woken() {
    let pool = Arc::new(pool_of(1));
    let order = Arc::new(Mutex::new(Vec::new()));
    let future = {
        let order = Arc::clone(&order);
        let mut is_second = false;
        std::future::poll_fn(move |context| {
            if is_second {
                order.lock().unwrap().push("high");
                return std::task::Poll::Ready(());
            }
            is_second = true;
            let order = Arc::clone(&order);
            // It comes before this future in the order of time, and after it in the order of priority.
            paceline::spawn(move || order.lock().unwrap().push("normal"));
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
    };
    let handle = pool.spawn_future_with(Priority::High, future);
    with_watchdog(|| handle.join()).unwrap();
    with_watchdog(move || Arc::into_inner(pool).unwrap().shutdown());
    assert_eq!(*order.lock().unwrap(), ["high", "normal"]);
}

#[test]
fn the_global_pool_has_priorities_too() {
    let handles = [Priority::Low, Priority::Normal, Priority::High].map(|priority| {
        (spawn_task_with(priority, move || priority), spawn_future_with(priority, async move { priority }))
    });
    for (task, future) in handles {
        assert_eq!(with_watchdog(|| task.join()).unwrap(), with_watchdog(|| future.join()).unwrap());
    }
}

#[test]
fn jobs_of_a_scope_with_a_priority_end_before_it() {
    for threads in [1, 2, 7] {
        with_watchdog(move || {
            let pool = pool_of(threads);
            let count = std::sync::atomic::AtomicUsize::new(0);
            let add = || _ = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            pool.scope(|s| {
                for priority in [Priority::Low, Priority::Normal, Priority::High] {
                    for _ in 0..50 {
                        s.spawn_with(priority, move |s| {
                            add();
                            s.spawn_with(Priority::Low, move |_| add());
                        });
                    }
                }
            });
            assert_eq!(count.into_inner(), 300);
        });
    }
}
