//! Loom models of the parker.
//!
//! With `notify` or `park` relaxed all three fail: by a concurrent read and write, by a deadlock and by an assertion,
//! in this order. With a `notify` that does not take the lock, or that wakes no thread: deadlocks.

use super::Parker;
use crate::sync::atomic::{AtomicU32, Ordering};
use loom::cell::UnsafeCell;
use loom::thread;
use std::sync::Arc;

/// Memory that the notifiers write and the owner reads.
struct Datum(UnsafeCell<u32>);

// SAFETY: loom checks every access.
unsafe impl Sync for Datum {}

impl Datum {
    fn new() -> Self {
        Datum(UnsafeCell::new(0))
    }

    fn write(&self) {
        // SAFETY: loom checks that no other thread accesses it.
        self.0.with_mut(|datum| unsafe { *datum = 1 });
    }

    fn is_written(&self) -> bool {
        // SAFETY: loom checks that no thread writes meanwhile.
        self.0.with(|datum| unsafe { *datum }) == 1
    }
}

fn own_parker() -> Arc<Parker> {
    Arc::new(Parker::new())
}

#[test]
fn what_was_written_before_a_notice_is_seen_after_the_park_that_it_ends() {
    loom::model(|| {
        let parker = own_parker();
        let data = Arc::new(Datum::new());
        let notifier = {
            let (parker, data) = (Arc::clone(&parker), Arc::clone(&data));
            thread::spawn(move || {
                data.write();
                parker.notify();
            })
        };
        parker.park();
        assert!(data.is_written());
        notifier.join().unwrap();
    });
}

#[test]
fn of_two_notices_none_is_lost_and_each_shows_what_came_before() {
    loom::model(|| {
        let parker = own_parker();
        let arrived = Arc::new(AtomicU32::new(0));
        let data = Arc::new([Datum::new(), Datum::new()]);
        let notifiers = [0, 1].map(|i| {
            let (parker, arrived, data) = (Arc::clone(&parker), Arc::clone(&arrived), Arc::clone(&data));
            thread::spawn(move || {
                data[i].write();
                arrived.fetch_add(1, Ordering::Relaxed);
                parker.notify();
            })
        });
        // One notice may stand for both arrivals, but after the last arrival a notice is still to come.
        let mut parked = 0;
        while arrived.load(Ordering::Relaxed) < 2 || parked == 0 {
            parker.park();
            parked += 1;
        }
        assert!(parked <= 2, "a park ends by a notice only");
        for notifier in notifiers {
            notifier.join().unwrap();
        }
        assert!(data.iter().all(Datum::is_written));
    });
}

#[test]
fn a_notice_is_good_for_one_park() {
    loom::model(|| {
        let parker = own_parker();
        let turn = Arc::new(AtomicU32::new(0));
        let notifier = {
            let (parker, turn) = (Arc::clone(&parker), Arc::clone(&turn));
            thread::spawn(move || {
                parker.notify();
                // Only the owner's first park is over now, so its second sleeps until here.
                while turn.load(Ordering::Acquire) == 0 {
                    thread::yield_now();
                }
                turn.store(2, Ordering::Relaxed);
                parker.notify();
            })
        };
        parker.park();
        turn.store(1, Ordering::Release);
        parker.park();
        assert_eq!(turn.load(Ordering::Relaxed), 2);
        notifier.join().unwrap();
    });
}
