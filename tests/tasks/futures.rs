//! Futures that the pool polls.

use crate::counted::Count;
use crate::watchdog::{WATCHDOG, pool_of, with_watchdog};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::task::{Poll, Waker};
use std::thread;

/// Lets all others go first, once.
pub(crate) async fn step_back() {
    let mut first = true;
    poll_fn(move |context| {
        if std::mem::take(&mut first) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

#[test]
fn a_future_that_waits_for_nothing_is_ready_after_one_poll() {
    let pool = pool_of(1);
    assert_eq!(with_watchdog(move || pool.spawn_future(async { 42 }).join().unwrap()), 42);
}

#[test]
fn thousands_on_two_workers_step_back_and_finish() {
    let pool = pool_of(2);
    let count = Count::default();
    let made = count.clone();
    let sum = with_watchdog(move || {
        let handles: Vec<_> = (0..5000_u64)
            .map(|i| {
                let held = made.one();
                pool.spawn_future(async move {
                    for _ in 0..i % 7 {
                        step_back().await;
                    }
                    drop(held);
                    i
                })
            })
            .collect();
        let sum: u64 = handles.into_iter().map(|handle| handle.join().unwrap()).sum();
        pool.shutdown();
        sum
    });
    assert_eq!(sum, 5000 * 4999 / 2);
    count.assert_balanced();
}

#[test]
fn a_future_that_wakes_itself_lets_others_go_first() {
    let pool = pool_of(1);
    let flag = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&flag);
    with_watchdog(move || {
        pool.install(move || {
            let other = paceline::spawn_future({
                let seen = Arc::clone(&seen);
                async move {
                    while !seen.load(Ordering::SeqCst) {
                        step_back().await;
                    }
                }
            });
            let setter = paceline::spawn_future(async move { flag.store(true, Ordering::SeqCst) });
            paceline::block_on(async move {
                other.await.unwrap();
                setter.await.unwrap();
            });
        });
    });
}

#[test]
fn wakes_come_from_any_thread_and_none_is_lost() {
    const ROUNDS: usize = 2000;
    let pool = pool_of(2);
    let (give, given) = channel::<(usize, Waker)>();
    let reached = Arc::new(AtomicUsize::new(0));
    let due = Arc::clone(&reached);
    let future = pool.spawn_future(async move {
        for round in 1..=ROUNDS {
            let mut asked = false;
            poll_fn(|context| {
                if due.load(Ordering::SeqCst) >= round {
                    return Poll::Ready(());
                }
                if !std::mem::replace(&mut asked, true) {
                    give.send((round, context.waker().clone())).unwrap();
                }
                Poll::Pending
            })
            .await;
        }
    });
    let waker = thread::spawn(move || {
        while let Ok((round, waker)) = given.recv_timeout(WATCHDOG) {
            reached.store(round, Ordering::SeqCst);
            waker.wake();
        }
    });
    with_watchdog(|| future.join().unwrap());
    waker.join().unwrap();
}

#[test]
fn wakes_while_it_is_polled_or_queued_cost_one_poll() {
    let (pool, release) = crate::watchdog::held_pool();
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&polls);
    let future = pool.spawn_future(poll_fn(move |context| {
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            for _ in 0..10 {
                let kept = context.waker().clone();
                context.waker().wake_by_ref();
                kept.wake();
            }
            return Poll::Pending;
        }
        Poll::Ready(())
    }));
    drop(release);
    with_watchdog(|| future.join().unwrap());
    assert_eq!(polls.load(Ordering::SeqCst), 2);
}

#[test]
fn a_handle_polled_by_one_waker_and_then_another_wakes_the_last() {
    let (pool, release) = crate::watchdog::held_pool();
    let mut handle = pool.spawn_task(|| 42);
    let idle = std::task::Waker::noop();
    let poll = Pin::new(&mut handle).poll(&mut std::task::Context::from_waker(idle));
    assert!(poll.is_pending());
    let waiter = thread::spawn(move || paceline::block_on(handle).unwrap());
    drop(release);
    assert_eq!(with_watchdog(|| waiter.join().unwrap()), 42);
}

#[test]
fn a_handle_that_was_polled_may_be_joined() {
    let (pool, release) = crate::watchdog::held_pool();
    let mut handle = pool.spawn_task(|| 42);
    let idle = std::task::Waker::noop();
    let poll = Pin::new(&mut handle).poll(&mut std::task::Context::from_waker(idle));
    assert!(poll.is_pending());
    drop(release);
    assert_eq!(with_watchdog(|| handle.join().unwrap()), 42);
}

#[test]
fn join_on_the_only_worker_polls_the_future() {
    let pool = pool_of(1);
    let sum = with_watchdog(move || {
        pool.install(|| {
            let future = paceline::spawn_future(async {
                step_back().await;
                let inner = paceline::spawn_task(|| 20);
                inner.await.unwrap() + paceline::spawn_future(async { 22 }).await.unwrap()
            });
            future.join().unwrap()
        })
    });
    assert_eq!(sum, 42);
}
