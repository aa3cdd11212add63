//! Models of tasks that are futures.

use crate::task::life;
use crate::task::loom::yard::{Yard, join, run};
use loom::thread;
use std::sync::Arc;

#[test]
fn a_wake_while_the_future_is_queued_polled_or_idle_is_followed_by_a_poll() {
    loom::model(|| {
        let yard = Yard::new();
        let (job, handle, waker) = yard.future();
        let (there, elsewhere) = (Arc::clone(&yard), Arc::clone(&yard));
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
        yard.assert_clean();
    });
}

#[test]
fn of_two_wakes_none_is_lost() {
    loom::model(|| {
        let yard = Yard::new();
        let (job, handle, waker) = yard.future();
        let (there, elsewhere) = (Arc::clone(&yard), Arc::clone(&yard));
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
        yard.assert_clean();
    });
}

#[test]
fn a_future_that_is_cancelled_while_it_is_polled_and_woken_is_dropped_once() {
    loom::model(|| {
        let yard = Yard::new();
        let (job, handle, waker) = yard.future();
        let (there, elsewhere) = (Arc::clone(&yard), Arc::clone(&yard));
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
        worker.join().unwrap();
        other.join().unwrap();
        yard.assert_clean();
    });
}

#[test]
fn a_future_that_is_cancelled_while_it_is_polled_tells_its_joiner() {
    loom::model(|| {
        let yard = Yard::new();
        let (job, handle, waker) = yard.future();
        drop(waker);
        let worker = thread::spawn(move || run(job));
        handle.cancel();
        assert!(join(handle).is_err());
        worker.join().unwrap();
        yard.assert_clean();
    });
}

#[test]
fn a_future_that_nobody_can_wake_any_more_is_freed() {
    loom::model(|| {
        let yard = Yard::new();
        let (job, handle, waker) = yard.future();
        let worker = thread::spawn(move || run(job));
        let other = thread::spawn(move || drop(waker));
        drop(handle);
        worker.join().unwrap();
        other.join().unwrap();
        yard.assert_clean();
    });
}

#[test]
fn a_future_that_its_joiner_polls_is_polled_again_after_a_wake() {
    loom::model(|| {
        let yard = Yard::new();
        let (job, handle, waker) = yard.future();
        let (there, elsewhere) = (Arc::clone(&yard), Arc::clone(&yard));
        let worker = thread::spawn(move || {
            run(job);
            there.drain();
        });
        let other = thread::spawn(move || {
            elsewhere.raise_flag();
            waker.wake();
            elsewhere.drain();
        });
        // SAFETY: nobody asks for a worker here.
        if unsafe { life::claim(handle.head()) } {
            // SAFETY: it has just been claimed.
            unsafe { life::run(handle.head()) };
            yard.drain();
        }
        worker.join().unwrap();
        other.join().unwrap();
        assert!(handle.is_finished());
        drop(handle);
        yard.assert_clean();
    });
}

#[test]
fn a_future_that_waits_tells_its_joiner_when_it_was_woken() {
    loom::model(|| {
        let yard = Yard::new();
        let (job, handle, waker) = yard.future();
        // It waits already.
        run(job);
        let elsewhere = Arc::clone(&yard);
        let other = thread::spawn(move || {
            elsewhere.raise_flag();
            waker.wake();
            elsewhere.drain();
        });
        assert!(join(handle).is_ok());
        other.join().unwrap();
        yard.assert_clean();
    });
}
