//! Models of tasks that are futures.

use crate::task::loom::simulated_pool::{SimulatedPool, claim, join, run};
use loom::thread;
use std::sync::Arc;

#[test]
fn a_wake_while_the_future_is_queued_polled_or_idle_is_followed_by_a_poll() {
    loom::model(|| {
        let pool = SimulatedPool::new();
        let (job, handle, waker) = pool.future();
        let (there, elsewhere) = (Arc::clone(&pool), Arc::clone(&pool));
        let worker = thread::spawn(move || {
            run(job);
            there.drain();
        });
        let other = thread::spawn(move || {
            elsewhere.raise_flag();
            waker.wake();
            elsewhere.drain();
        });
        worker.join().unwrap();
        other.join().unwrap();
        assert!(handle.is_finished());
        drop(handle);
        pool.assert_clean();
    });
}

#[test]
fn of_two_wakes_none_is_lost() {
    loom::model(|| {
        let pool = SimulatedPool::new();
        let (job, handle, waker) = pool.future();
        let (there, elsewhere) = (Arc::clone(&pool), Arc::clone(&pool));
        // It waits already.
        run(job);
        let again = waker.clone();
        let one = thread::spawn(move || {
            there.raise_flag();
            again.wake();
            there.drain();
        });
        let other = thread::spawn(move || {
            waker.wake_by_ref();
            elsewhere.drain();
        });
        one.join().unwrap();
        other.join().unwrap();
        assert!(handle.is_finished());
        drop(handle);
        pool.assert_clean();
    });
}

#[test]
fn a_future_that_is_cancelled_while_it_is_polled_and_woken_is_dropped_once() {
    loom::model(|| {
        let pool = SimulatedPool::new();
        let (job, handle, waker) = pool.future();
        let (there, elsewhere) = (Arc::clone(&pool), Arc::clone(&pool));
        let worker = thread::spawn(move || {
            run(job);
            there.drain();
        });
        let other = thread::spawn(move || {
            elsewhere.raise_flag();
            waker.wake();
            elsewhere.drain();
        });
        handle.cancel();
        drop(handle);
        pool.drain();
        worker.join().unwrap();
        other.join().unwrap();
        pool.assert_clean();
    });
}

#[test]
fn a_future_that_is_cancelled_while_it_is_polled_tells_its_joiner() {
    loom::model(|| {
        let pool = SimulatedPool::new();
        let (job, handle, waker) = pool.future();
        drop(waker);
        let worker = thread::spawn(move || run(job));
        pool.write_note();
        handle.cancel();
        pool.drain();
        assert!(join(handle).is_err());
        pool.assert_body_is_gone();
        worker.join().unwrap();
        pool.assert_clean();
    });
}

#[test]
fn an_idle_future_that_is_cancelled_and_woken_is_gone_when_it_is_seen_to_be_finished() {
    loom::model(|| {
        let pool = SimulatedPool::new();
        let (job, handle, waker) = pool.future();
        // It waits already.
        run(job);
        let (there, elsewhere) = (Arc::clone(&pool), Arc::clone(&pool));
        let handle = Arc::new(handle);
        let shared = Arc::clone(&handle);
        let canceller = thread::spawn(move || {
            shared.cancel();
            there.drain();
        });
        let other = thread::spawn(move || {
            waker.wake();
            elsewhere.drain();
        });
        if handle.is_finished() {
            pool.assert_body_is_gone();
        }
        canceller.join().unwrap();
        other.join().unwrap();
        assert!(handle.is_finished());
        drop(handle);
        pool.assert_clean();
    });
}

#[test]
fn a_future_that_nobody_can_wake_any_more_is_freed() {
    loom::model(|| {
        let pool = SimulatedPool::new();
        let (job, handle, waker) = pool.future();
        let (there, elsewhere) = (Arc::clone(&pool), Arc::clone(&pool));
        let worker = thread::spawn(move || {
            run(job);
            there.drain();
        });
        let other = thread::spawn(move || {
            drop(waker);
            elsewhere.drain();
        });
        drop(handle);
        pool.drain();
        worker.join().unwrap();
        other.join().unwrap();
        pool.assert_clean();
    });
}

#[test]
fn a_future_that_its_joiner_polls_is_polled_again_after_a_wake() {
    loom::model(|| {
        let pool = SimulatedPool::new();
        let (job, handle, waker) = pool.future();
        let (there, elsewhere) = (Arc::clone(&pool), Arc::clone(&pool));
        let worker = thread::spawn(move || {
            run(job);
            there.drain();
        });
        let other = thread::spawn(move || {
            elsewhere.raise_flag();
            waker.wake();
            elsewhere.drain();
        });
        if claim(&handle) {
            pool.drain();
        }
        worker.join().unwrap();
        other.join().unwrap();
        assert!(handle.is_finished());
        drop(handle);
        pool.assert_clean();
    });
}

#[test]
fn a_future_that_waits_tells_its_joiner_when_it_was_woken() {
    loom::model(|| {
        let pool = SimulatedPool::new();
        let (job, handle, waker) = pool.future();
        // It waits already.
        run(job);
        let elsewhere = Arc::clone(&pool);
        let other = thread::spawn(move || {
            elsewhere.raise_flag();
            waker.wake();
            elsewhere.drain();
        });
        assert!(join(handle).is_ok());
        other.join().unwrap();
        pool.assert_clean();
    });
}

#[test]
fn a_future_that_is_polled_as_its_pool_is_shut_down_at_once_is_dropped() {
    loom::model(|| {
        let pool = SimulatedPool::with_discard();
        let (job, handle, waker) = pool.future();
        drop(waker);
        let there = Arc::clone(&pool);
        let worker = thread::spawn(move || {
            run(job);
            there.drain();
        });
        pool.write_note();
        pool.discard();
        pool.drain();
        assert!(join(handle).is_err());
        pool.assert_body_is_gone();
        worker.join().unwrap();
        pool.assert_clean();
    });
}

#[test]
fn an_idle_future_that_is_woken_as_its_pool_is_shut_down_at_once_is_done_or_dropped() {
    loom::model(|| {
        let pool = SimulatedPool::with_discard();
        let (job, handle, waker) = pool.future();
        // It waits already.
        run(job);
        let elsewhere = Arc::clone(&pool);
        let other = thread::spawn(move || {
            elsewhere.raise_flag();
            waker.wake();
            elsewhere.drain();
        });
        pool.discard();
        pool.drain();
        other.join().unwrap();
        assert!(handle.is_finished());
        pool.assert_body_is_gone();
        drop(handle);
        pool.assert_clean();
    });
}

#[test]
fn a_future_that_nobody_can_wake_any_more_as_its_pool_is_shut_down_at_once_is_freed() {
    loom::model(|| {
        let pool = SimulatedPool::with_discard();
        let (job, handle, waker) = pool.future();
        // It waits already.
        run(job);
        drop(waker);
        let elsewhere = Arc::clone(&pool);
        let other = thread::spawn(move || {
            drop(handle);
            elsewhere.drain();
        });
        pool.discard();
        pool.drain();
        other.join().unwrap();
        pool.assert_clean();
    });
}
