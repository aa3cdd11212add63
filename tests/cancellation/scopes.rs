//! Jobs of scopes that a token keeps from beginning.

use crate::panic_of;
use crate::pools::{at_each_size, pool_of};
use crate::tally::Tally;
use paceline::CancelToken;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const JOBS: usize = 500;

#[test]
fn jobs_that_have_not_begun_never_do_and_are_dropped() {
    let pool = pool_of(1);
    let tally = Tally::of_at_most(2 * JOBS);
    let token = CancelToken::new();
    let run = |_item| panic!("a cancelled job ran");
    pool.scope(|s| {
        for _ in 0..JOBS {
            let item = tally.token();
            s.spawn_with_cancel(&token, move |_| run(item));
        }
        // The only worker is in this closure, so that none has begun.
        token.cancel();
    });
    tally.assert_all_dropped();
    pool.scope_fifo(|s| {
        let token = token.child_token();
        for _ in 0..JOBS {
            let item = tally.token();
            s.spawn_fifo_with_cancel(&token, move |_| run(item));
        }
        tally.assert_all_dropped();
    });
    assert_eq!(tally.made(), 2 * JOBS);
}

#[test]
fn on_one_thread_the_order_says_which_jobs_ran() {
    let pool = pool_of(1);
    let ran = Mutex::new(Vec::new());
    let job = &|i, token: &CancelToken| {
        ran.lock().unwrap().push(i);
        if ran.lock().unwrap().len() == 3 {
            token.cancel();
        }
    };
    let token = &CancelToken::new();
    pool.scope(|s| (0..9).for_each(|i| s.spawn_with_cancel(token, move |_| job(i, token))));
    assert_eq!(std::mem::take(&mut *ran.lock().unwrap()), [8, 7, 6]);
    let token = &CancelToken::new();
    pool.scope_fifo(|s| (0..9).for_each(|i| s.spawn_fifo_with_cancel(token, move |_| job(i, token))));
    assert_eq!(std::mem::take(&mut *ran.lock().unwrap()), [0, 1, 2]);
}

#[test]
fn after_a_cancel_each_other_worker_begins_one_job_at_most() {
    at_each_size(|pool, workers| {
        let token = CancelToken::new();
        let tally = Tally::of_at_most(JOBS);
        let (begun, begun_by_then) = (AtomicUsize::new(0), AtomicUsize::new(0));
        pool.scope(|s| {
            for _ in 0..JOBS {
                let item = tally.token();
                s.spawn_with_cancel(&token, |_| {
                    drop(item);
                    // As in `loops`: who begins a job after the second addition sees the token cancelled at the next.
                    if begun.fetch_add(1, Ordering::AcqRel) == 20 {
                        token.cancel();
                        begun_by_then.store(begun.fetch_add(0, Ordering::AcqRel), Ordering::Relaxed);
                    }
                });
            }
        });
        let (begun, by_then) = (begun.into_inner(), begun_by_then.into_inner());
        assert!(by_then > 20 && begun - by_then < workers, "{begun} jobs, {by_then} by then");
        assert_eq!(tally.made(), JOBS);
        tally.assert_all_dropped();
    });
}

#[test]
fn a_job_that_has_begun_runs_to_its_end_and_may_spawn_others() {
    at_each_size(|pool, _| {
        let token = CancelToken::new();
        let (ends, others) = (AtomicUsize::new(0), AtomicUsize::new(0));
        pool.scope(|s| {
            s.spawn_with_cancel(&token, |s| {
                token.cancel();
                s.spawn_with_cancel(&token, |_| _ = others.fetch_add(1, Ordering::Relaxed));
                s.spawn(|_| _ = ends.fetch_add(1, Ordering::Relaxed));
                ends.fetch_add(1, Ordering::Relaxed);
            });
        });
        assert_eq!((ends.into_inner(), others.into_inner()), (2, 0));
    });
}

#[test]
fn jobs_under_other_tokens_go_on() {
    at_each_size(|pool, _| {
        let root = CancelToken::new();
        let tokens: Vec<_> = (0..10).map(|_| root.child_token()).collect();
        tokens.iter().step_by(2).for_each(CancelToken::cancel);
        let ran = AtomicUsize::new(0);
        pool.scope_fifo(|s| {
            for token in tokens.iter().chain([&root]) {
                s.spawn_fifo_with_cancel(token, |_| _ = ran.fetch_add(1, Ordering::Relaxed));
            }
        });
        assert_eq!(ran.into_inner(), 6);
    });
}

#[test]
fn a_panic_reaches_the_scope_and_cancelled_jobs_are_dropped() {
    at_each_size(|pool, _| {
        let token = CancelToken::new();
        let tally = Tally::of_at_most(JOBS);
        let message = panic_of(|| {
            pool.scope(|s| {
                for i in 0..JOBS {
                    let (item, token) = (tally.token(), &token);
                    s.spawn_with_cancel(token, move |_| {
                        let _item = item;
                        if i % 100 == 50 {
                            token.cancel();
                            panic!("job {}", i % 100);
                        }
                    });
                }
            });
        });
        assert_eq!(message, "job 50");
        assert_eq!(tally.dropped(), tally.made());
        tally.assert_all_dropped();
    });
}
