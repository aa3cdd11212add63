//! Tokens that are cancelled at a given time, at the end of a block, and that futures wait for.

use crate::in_time::in_time;
use paceline::CancelToken;
use paceline::prelude::*;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

/// Longer than any test runs.
const LONG: Duration = Duration::from_secs(3600);

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Woken {
    fn count(&self) -> usize {
        self.0.load(SeqCst)
    }
}

#[test]
fn a_timeout_cancels_the_child_alone_and_not_too_early() {
    in_time("the timeout", || {
        let root = CancelToken::new();
        let timeout = Duration::from_millis(20);
        let earliest = Instant::now() + timeout;
        let child = root.with_timeout(timeout);
        let grandchild = child.child_token();
        paceline::block_on(grandchild.cancelled());
        assert!(Instant::now() >= earliest);
        assert!(child.is_cancelled() && !root.is_cancelled());
    });
}

#[test]
fn of_many_timeouts_each_comes_and_the_shorter_ones_need_not_wait() {
    in_time("the timeouts", || {
        let root = CancelToken::new();
        let long: Vec<_> = (0..100).map(|_| root.with_timeout(LONG)).collect();
        let short: Vec<_> = (0..100).rev().map(|ms| root.with_timeout(Duration::from_millis(ms / 10))).collect();
        short.iter().for_each(|token| paceline::block_on(token.cancelled()));
        assert!(long.iter().all(|token| !token.is_cancelled()));
        root.cancel();
        assert!(long.iter().all(CancelToken::is_cancelled));
    });
}

#[test]
fn a_time_that_has_passed_cancels_at_once_and_one_that_no_clock_can_show_never_comes() {
    assert!(CancelToken::new().with_deadline(Instant::now()).is_cancelled());
    let never = CancelToken::new().with_timeout(Duration::MAX);
    assert!(!never.is_cancelled());
    let parent = CancelToken::new();
    let child = parent.with_deadline(Instant::now() + LONG);
    assert!(!child.is_cancelled());
    parent.cancel();
    assert!(child.is_cancelled());
    assert!(parent.with_timeout(LONG).is_cancelled(), "its parent is");
}

#[test]
fn threads_that_make_and_forget_timeouts_do_not_disturb_each_other() {
    in_time("the timeouts", || {
        let cancelled: usize = (0..2000_u64)
            .into_par_iter()
            .map(|n| {
                let root = CancelToken::new();
                let token = root.with_timeout(if n % 3 == 0 { Duration::from_micros(n) } else { LONG });
                if n % 3 != 0 {
                    return usize::from(token.is_cancelled());
                }
                paceline::block_on(token.cancelled());
                1
            })
            .sum();
        assert_eq!(cancelled, 667);
    });
}

#[test]
fn a_guard_cancels_at_the_end_of_its_block_however_that_ends() {
    let token = CancelToken::new();
    let guard = token.clone().drop_guard();
    assert!(!token.is_cancelled());
    assert_eq!(format!("{guard:?}"), "DropGuard(Some(CancelToken { is_cancelled: false, .. }))");
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _guard = guard;
        std::panic::resume_unwind(Box::new("thrown"));
    }));
    assert!(panicked.is_err() && token.is_cancelled());

    let token = CancelToken::new().drop_guard().disarm();
    assert!(!token.is_cancelled());
}

#[test]
fn a_future_wakes_the_waker_of_its_last_poll_once() {
    let token = CancelToken::new();
    let mut future = pin!(token.cancelled());
    let woken = [Arc::new(Woken::default()), Arc::new(Woken::default())];
    let mut poll = |which: usize| {
        let waker = Waker::from(Arc::clone(&woken[which]));
        future.as_mut().poll(&mut Context::from_waker(&waker))
    };
    assert_eq!([poll(0), poll(0), poll(1)], [Poll::Pending; 3]);
    token.cancel();
    token.cancel();
    assert_eq!(poll(0), Poll::Ready(()));
    assert_eq!([woken[0].count(), woken[1].count()], [0, 1]);
    assert_eq!(woken.each_ref().map(Arc::strong_count), [1, 1], "no waker is kept");
}

#[test]
fn a_future_that_is_dropped_is_not_woken() {
    let token = CancelToken::new();
    let woken = Arc::new(Woken::default());
    {
        let mut future = pin!(token.cancelled());
        let waker = Waker::from(Arc::clone(&woken));
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(Arc::strong_count(&woken), 1);
    token.cancel();
    assert_eq!(woken.count(), 0);
}

#[test]
fn many_futures_may_wait_for_one_token() {
    in_time("the futures", || {
        let token = CancelToken::new();
        let waiting: Vec<_> = (0..50)
            .map(|_| {
                let token = token.clone();
                paceline::spawn_future(async move { token.cancelled().await })
            })
            .collect();
        token.cancel();
        waiting.into_iter().for_each(|handle| handle.join().unwrap());
    });
}
