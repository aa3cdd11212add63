//! Loom models of event counts.
//!
//! Each of these makes a model fail, with a deadlock:
//!
//! | what is left out | models |
//! |---|---|
//! | the fence in `wait` | those of threads |
//! | the fence in `poll` | those of futures |
//! | the fence in `line_if_waited_for` | all |
//! | `notify_one` in `tell_one` | those of threads |
//! | `call` in `tell_one` | those of futures |
//! | the call that `leave` passes on | that of a future that is dropped |

use super::{EventCount, Place};
use crate::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::Notify;
use loom::thread;
use std::sync::Arc;
use std::task::{Wake, Waker};

/// A limited stock, and threads that wait for a share of it. It orders nothing.
struct Stock {
    left: AtomicUsize,
    event: EventCount,
}

impl Stock {
    fn new() -> Arc<Self> {
        Arc::new(Stock { left: AtomicUsize::new(0), event: EventCount::new() })
    }

    fn take(&self) -> Option<()> {
        // The load may find an old value, but the step fails only if the stock was empty.
        let less = |left: usize| left.checked_sub(1);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).ok().map(drop)
    }

    fn add(&self) {
        self.left.fetch_add(1, Ordering::Relaxed);
        self.event.tell_one();
    }
}

#[test]
fn a_thread_that_waits_finds_what_was_done_or_is_woken() {
    loom::model(|| {
        let stock = Stock::new();
        let teller = {
            let stock = Arc::clone(&stock);
            thread::spawn(move || stock.add())
        };
        assert!(stock.event.wait(None, || stock.take()).is_some());
        teller.join().unwrap();
    });
}

#[test]
fn of_two_threads_that_wait_each_gets_its_share() {
    loom::model(|| {
        let stock = Stock::new();
        let waiter = {
            let stock = Arc::clone(&stock);
            thread::spawn(move || assert!(stock.event.wait(None, || stock.take()).is_some()))
        };
        let teller = {
            let stock = Arc::clone(&stock);
            thread::spawn(move || (0..2).for_each(|_| stock.add()))
        };
        assert!(stock.event.wait(None, || stock.take()).is_some());
        waiter.join().unwrap();
        teller.join().unwrap();
    });
}

/// A task of some runtime: the part of it that its waker knows.
struct Task(Notify);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

impl Task {
    fn new() -> (Arc<Self>, Waker) {
        let task = Arc::new(Task(Notify::new()));
        (Arc::clone(&task), Waker::from(task))
    }
}

impl Stock {
    /// Takes a share as a future does: it is polled when it has been woken.
    fn take_as_a_future(&self) {
        let (task, waker) = Task::new();
        let mut place = Place::default();
        while self.event.poll(&mut place, &waker, || self.take()).is_none() {
            task.0.wait();
        }
        assert!(place.is_fresh());
    }
}

#[test]
fn a_future_that_waits_finds_what_was_done_or_is_woken() {
    loom::model(|| {
        let stock = Stock::new();
        let teller = {
            let stock = Arc::clone(&stock);
            thread::spawn(move || stock.add())
        };
        stock.take_as_a_future();
        teller.join().unwrap();
    });
}

#[test]
fn of_two_futures_that_wait_each_gets_its_share() {
    loom::model(|| {
        let stock = Stock::new();
        let other = {
            let stock = Arc::clone(&stock);
            thread::spawn(move || stock.take_as_a_future())
        };
        let teller = {
            let stock = Arc::clone(&stock);
            thread::spawn(move || (0..2).for_each(|_| stock.add()))
        };
        stock.take_as_a_future();
        other.join().unwrap();
        teller.join().unwrap();
    });
}

#[test]
fn a_thread_and_a_future_that_wait_get_a_share_each() {
    loom::model(|| {
        let stock = Stock::new();
        let other = {
            let stock = Arc::clone(&stock);
            thread::spawn(move || stock.take_as_a_future())
        };
        let teller = {
            let stock = Arc::clone(&stock);
            thread::spawn(move || (0..2).for_each(|_| stock.add()))
        };
        assert!(stock.event.wait(None, || stock.take()).is_some());
        other.join().unwrap();
        teller.join().unwrap();
    });
}

/// The share of a future that is dropped, called or not, goes to the next in line.
#[test]
fn a_future_that_is_dropped_keeps_no_share_from_the_others() {
    loom::model(|| {
        let stock = Stock::new();
        let (_task, waker) = Task::new();
        let mut place = Place::default();
        assert!(stock.event.poll(&mut place, &waker, || stock.take()).is_none());
        let other = {
            let stock = Arc::clone(&stock);
            thread::spawn(move || stock.take_as_a_future())
        };
        let teller = {
            let stock = Arc::clone(&stock);
            thread::spawn(move || stock.add())
        };
        stock.event.leave(&mut place);
        other.join().unwrap();
        teller.join().unwrap();
        assert_eq!(stock.event.waiting.load(Ordering::Relaxed), 0);
    });
}
