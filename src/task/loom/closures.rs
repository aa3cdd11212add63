//! Models of tasks that are closures.

use crate::job::latch::Wait;
use crate::task::error::TaskError;
use crate::task::handle::TaskHandle;
use crate::task::loom::simulated_pool::{SimulatedPool, Token, claim, join, own_parker, run};
use crate::task::signal::Signal;
use loom::thread;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// A worker comes to the task while `end` uses the handle.
fn check(end: fn(TaskHandle<Token>)) {
    check_with(move |_, handle| end(handle));
}

/// As `check`; `end` also gets the pool.
fn check_with(end: impl Fn(&SimulatedPool, TaskHandle<Token>) + Copy + Send + Sync + 'static) {
    for make in [SimulatedPool::task, SimulatedPool::scoped_task] {
        loom::model(move || {
            let pool = SimulatedPool::new();
            let (job, handle) = make(&pool);
            let worker = thread::spawn(move || run(job));
            let there = Arc::clone(&pool);
            let holder = thread::spawn(move || end(&there, handle));
            worker.join().unwrap();
            holder.join().unwrap();
            pool.assert_clean();
        });
    }
}

fn is_cancelled(result: Result<Token, TaskError>) -> bool {
    result.is_err_and(|error| error.is_cancelled())
}

#[test]
fn a_task_that_is_joined_meanwhile_gives_its_result() {
    check(|handle| assert!(join(handle).is_ok()));
}

#[test]
fn a_task_whose_handle_is_dropped_meanwhile_drops_its_result() {
    check(drop);
}

#[test]
fn a_task_that_is_cancelled_meanwhile_runs_or_does_not() {
    check(|handle| handle.cancel());
}

#[test]
fn a_task_that_is_cancelled_and_joined_meanwhile_gives_one_or_the_other() {
    check_with(|pool, handle| {
        handle.cancel();
        let result = join(handle);
        pool.assert_body_is_gone();
        assert!(result.is_ok() || is_cancelled(result));
    });
}

#[test]
fn a_task_that_was_cancelled_before_it_is_taken_never_runs() {
    for make in [SimulatedPool::task, SimulatedPool::scoped_task] {
        loom::model(move || {
            let pool = SimulatedPool::new();
            let (job, handle) = make(&pool);
            handle.cancel();
            let worker = thread::spawn(move || run(job));
            assert!(is_cancelled(join(handle)));
            worker.join().unwrap();
            pool.assert_clean();
        });
    }
}

#[test]
fn a_task_that_was_cancelled_is_gone_when_it_is_seen_to_be_finished() {
    check_with(|pool, handle| {
        handle.cancel();
        if handle.is_finished() {
            pool.assert_body_is_gone();
        }
    });
}

#[test]
fn a_task_that_is_cancelled_is_dropped_or_run_by_its_joiner_who_claims_it() {
    check_with(|pool, handle| {
        handle.cancel();
        _ = claim(&handle);
        drop(join(handle));
        pool.assert_body_is_gone();
    });
}

#[test]
fn a_task_that_two_cancel_is_dropped_by_one() {
    loom::model(move || {
        let pool = SimulatedPool::new();
        let (job, handle) = pool.task();
        let handle = Arc::new(handle);
        let shared = Arc::clone(&handle);
        let worker = thread::spawn(move || run(job));
        let other = thread::spawn(move || shared.cancel());
        handle.cancel();
        worker.join().unwrap();
        other.join().unwrap();
        drop(handle);
        pool.assert_clean();
    });
}

#[test]
fn a_task_that_is_polled_meanwhile_wakes_the_last_waker() {
    check(|mut handle| {
        let parker = own_parker();
        let signal = Arc::new(Signal::new(Arc::clone(&parker)));
        let waker = Waker::from(Arc::clone(&signal));
        let first = handle.poll(&mut Context::from_waker(Waker::noop()));
        if first.is_ready() {
            return;
        }
        loop {
            signal.reset();
            if let Poll::Ready(result) = handle.poll(&mut Context::from_waker(&waker)) {
                return assert!(result.is_ok());
            }
            while signal.fall_asleep() {
                parker.park();
                signal.wake_up();
            }
        }
    });
}

#[test]
fn a_task_that_is_polled_and_then_joined_wakes_the_thread() {
    check(|mut handle| {
        if handle.poll(&mut Context::from_waker(Waker::noop())).is_pending() {
            assert!(join(handle).is_ok());
        }
    });
}

#[test]
fn a_task_that_is_polled_and_then_dropped_or_cancelled_drops_the_waker() {
    check(|mut handle| {
        let parker = own_parker();
        let signal = Arc::new(Signal::new(Arc::clone(&parker)));
        let waker = Waker::from(Arc::clone(&signal));
        let _ = handle.poll(&mut Context::from_waker(&waker));
        drop(handle);
    });
    check(|mut handle| {
        let pending = handle.poll(&mut Context::from_waker(Waker::noop())).is_pending();
        handle.cancel();
        if pending {
            drop(join(handle));
        }
    });
}

#[test]
fn a_task_that_its_joiner_claims_runs_once_and_leaves_when_both_are_done() {
    check(|mut handle| {
        if claim(&handle) {
            assert!(handle.take().is_ok());
        } else {
            assert!(join(handle).is_ok());
        }
    });
}

#[test]
fn a_task_that_is_looked_at_is_finished_when_its_result_is_there() {
    check(|mut handle| {
        if handle.is_finished() {
            assert!(handle.take().is_ok());
        }
    });
}

#[test]
fn a_task_whose_pool_is_shut_down_at_once_meanwhile_runs_or_does_not() {
    loom::model(|| {
        let pool = SimulatedPool::with_discard();
        let (job, handle) = pool.task();
        let worker = thread::spawn(move || run(job));
        pool.discard();
        let result = join(handle);
        pool.assert_body_is_gone();
        assert!(result.map_or_else(|error| error.is_cancelled(), |_| true));
        worker.join().unwrap();
        pool.assert_clean();
    });
}

#[test]
fn a_task_that_is_taken_or_claimed_after_its_pool_was_shut_down_at_once_is_dropped() {
    loom::model(|| {
        let pool = SimulatedPool::with_discard();
        let (job, handle) = pool.task();
        pool.write_note();
        pool.discard();
        let worker = thread::spawn(move || run(job));
        claim(&handle);
        assert!(is_cancelled(join(handle)));
        worker.join().unwrap();
        pool.assert_clean();
    });
}
