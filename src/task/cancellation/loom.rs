//! A loom model of the future that waits for a token.
//!
//! Without the last look in `poll` it fails: a cancel between the first look and the new waker wakes the waker before.

use super::CancelToken;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_cancel_at_any_moment_of_two_polls_makes_it_ready_or_wakes_the_last_waker() {
    loom::model(|| {
        let token = CancelToken::new();
        let mut future = pin!(token.cancelled());
        let canceller = {
            let token = token.clone();
            thread::spawn(move || token.cancel())
        };
        let mut poll = |woken: &Arc<Woken>| {
            let waker = Waker::from(Arc::clone(woken));
            future.as_mut().poll(&mut Context::from_waker(&waker))
        };
        let woken = [Arc::new(Woken(AtomicBool::new(false))), Arc::new(Woken(AtomicBool::new(false)))];
        let is_ready = poll(&woken[0]).is_ready() || poll(&woken[1]).is_ready();
        canceller.join().unwrap();
        assert!(is_ready || woken[1].0.load(Ordering::Relaxed), "no poll follows");
        assert!(is_ready || poll(&woken[1]) == Poll::Ready(()));
    });
}
