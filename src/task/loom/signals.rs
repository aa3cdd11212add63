//! Models of the signal behind `block_on`.

use crate::job::latch::Wait;
use crate::sync::atomic::{AtomicU32, Ordering};
use crate::task::loom::simulated_pool::own_parker;
use crate::task::signal::Signal;
use loom::thread;
use std::sync::Arc;
use std::task::Waker;

#[test]
fn no_wake_is_lost_and_each_shows_what_came_before() {
    loom::model(|| {
        let parker = own_parker();
        let signal = Arc::new(Signal::new(Arc::clone(&parker)));
        let arrived = Arc::new(AtomicU32::new(0));
        let wakers = [0, 1].map(|_| {
            let (waker, arrived) = (Waker::from(Arc::clone(&signal)), Arc::clone(&arrived));
            thread::spawn(move || {
                arrived.fetch_add(1, Ordering::Relaxed);
                waker.wake();
            })
        });
        loop {
            signal.reset();
            if arrived.load(Ordering::Relaxed) == 2 {
                break;
            }
            while signal.fall_asleep() {
                parker.park();
                signal.wake_up();
            }
        }
        for waker in wakers {
            waker.join().unwrap();
        }
    });
}
