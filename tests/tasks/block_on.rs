//! `block_on`: it works in workers, sleeps elsewhere, nests, and hands panics on.

use crate::futures::step_back;
use crate::watchdog::{WATCHDOG, pool_of, with_watchdog};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;

#[test]
fn on_the_only_worker_it_runs_what_the_future_waits_for() {
    let pool = pool_of(1);
    let answer = with_watchdog(move || {
        pool.install(|| {
            let local = 2;
            let handle = paceline::spawn_task(|| 40);
            paceline::block_on(async { handle.await.unwrap() + local })
        })
    });
    assert_eq!(answer, 42);
}

#[test]
fn in_a_worker_it_works_on_others_meanwhile() {
    let pool = pool_of(1);
    with_watchdog(move || {
        pool.install(|| {
            let (tell, told) = tokio::sync::oneshot::channel();
            paceline::spawn(move || tell.send(7).unwrap());
            assert_eq!(paceline::block_on(told).unwrap(), 7);
        });
    });
}

#[test]
fn an_outsider_sleeps_until_it_is_woken_by_another_thread() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let (asked, was_asked) = channel();
    let waker = std::thread::spawn(move || {
        was_asked.recv_timeout(WATCHDOG).unwrap();
        tell.send(7).unwrap();
    });
    let answer = with_watchdog(move || {
        paceline::block_on(async move {
            asked.send(()).unwrap();
            told.await.unwrap()
        })
    });
    assert_eq!(answer, 7);
    waker.join().unwrap();
}

#[test]
fn it_nests() {
    let pool = pool_of(1);
    let nest = || paceline::block_on(async { paceline::block_on(async { step_back().await }) });
    with_watchdog(move || {
        pool.install(nest);
        nest();
    });
}

async fn fails() {
    panic!("in the future");
}

#[test]
fn a_panic_goes_on_in_the_caller() {
    let pool = pool_of(1);
    let inside = catch_unwind(AssertUnwindSafe(|| pool.install(|| paceline::block_on(fails())))).unwrap_err();
    assert_eq!(inside.downcast_ref(), Some(&"in the future"));
    let outside = catch_unwind(|| paceline::block_on(fails())).unwrap_err();
    assert_eq!(outside.downcast_ref(), Some(&"in the future"));
}

#[test]
fn a_waker_that_outlives_the_call_is_harmless() {
    let mut kept = None;
    paceline::block_on(std::future::poll_fn(|context| {
        kept = Some(context.waker().clone());
        std::task::Poll::Ready(())
    }));
    let waker = kept.unwrap();
    waker.wake_by_ref();
    waker.wake();
}
