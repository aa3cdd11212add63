//! Handles awaited by the tasks of an async runtime.

use crate::counted::Count;
use crate::watchdog::{WATCHDOG, held_pool, pool_of, with_watchdog};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use tokio::runtime::Builder;
use tokio::sync::Semaphore;

fn run<R: Send + 'static>(f: impl Future<Output = R> + Send + 'static) -> R {
    with_watchdog(|| Builder::new_current_thread().build().unwrap().block_on(f))
}

#[test]
fn the_runtime_goes_on_while_a_task_is_computed() {
    let pool = pool_of(1);
    let answer = run(async move {
        let (go, may_go) = channel::<u32>();
        // The task can end only if the runtime's only thread is not blocked by it.
        let task = pool.spawn_task(move || may_go.recv_timeout(WATCHDOG).unwrap());
        let awaiting = tokio::spawn(task);
        let other = tokio::spawn(async move { go.send(42).unwrap() });
        other.await.unwrap();
        awaiting.await.unwrap().unwrap()
    });
    assert_eq!(answer, 42);
}

#[test]
fn a_semaphore_bounds_what_is_in_flight() {
    const PERMITS: usize = 3;
    let pool = Arc::new(pool_of(4));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let sum = run(async move {
        let permits = Arc::new(Semaphore::new(PERMITS));
        let handlers: Vec<_> = (0..200_u64)
            .map(|i| {
                let (pool, permits) = (Arc::clone(&pool), Arc::clone(&permits));
                let (now, most) = (Arc::clone(&now), Arc::clone(&most));
                tokio::spawn(async move {
                    let permit = permits.acquire_owned().await.unwrap();
                    let work = pool.spawn_task(move || {
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        let square = i * i;
                        now.fetch_sub(1, Ordering::SeqCst);
                        drop(permit);
                        square
                    });
                    work.await.unwrap()
                })
            })
            .collect();
        let mut sum = 0;
        for handler in handlers {
            sum += handler.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, (0..200).map(|i| i * i).sum());
    assert!((1..=PERMITS).contains(&seen.load(Ordering::SeqCst)));
}

#[test]
fn a_handler_that_is_aborted_cancels_what_has_not_begun() {
    let (pool, release) = held_pool();
    let count = Count::default();
    let held = count.one();
    run(async move {
        let task = pool.spawn_task(move || -> () { drop(held) }).cancel_on_drop();
        let handler = tokio::spawn(task);
        tokio::task::yield_now().await;
        handler.abort();
        assert!(handler.await.unwrap_err().is_cancelled());
        drop(release);
        // What the pool would still run comes before the end of this.
        pool.spawn_task(|| ()).await.unwrap();
    });
    assert_eq!(count.dropped(), 1);
}

#[test]
fn a_panic_of_the_task_arrives_in_the_handler() {
    let pool = pool_of(1);
    let error = run(async move { pool.spawn_task(|| -> u8 { std::panic::panic_any("bad") }).await.unwrap_err() });
    assert_eq!(error.message(), Some("bad"));
}

#[test]
fn a_future_on_the_pool_waits_for_the_runtime() {
    let pool = pool_of(1);
    let answer = run(async move {
        let (send, receive) = tokio::sync::oneshot::channel();
        let future = pool.spawn_future(async move { receive.await.unwrap() });
        tokio::spawn(async move { send.send(42).unwrap() });
        future.await.unwrap()
    });
    assert_eq!(answer, 42);
}
