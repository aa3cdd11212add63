//! Loom models of event counts.
//!
//! Without the fence in `wait`, without the one in `is_waited_for`, or if the telling thread does not take the lock,
//! the waiting threads are not woken: a deadlock in both models.

use super::EventCount;
use crate::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use std::sync::Arc;

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
