//! Loom models of the token.
//!
//! `README.md` lists the weakenings, and which of these models failed then.

use super::CancelToken;
use crate::sync::atomic::{AtomicUsize, Ordering};
use loom::cell::UnsafeCell;
use loom::thread;
use std::sync::Arc;

/// Memory that is written before a cancel.
struct Datum(UnsafeCell<u32>);

// SAFETY: loom checks every access.
unsafe impl Sync for Datum {}

impl Datum {
    fn write(&self) {
        // SAFETY: loom checks that no other thread accesses it.
        self.0.with_mut(|datum| unsafe { *datum = 1 });
    }

    fn read(&self) -> u32 {
        // SAFETY: loom checks that no thread writes meanwhile.
        self.0.with(|datum| unsafe { *datum })
    }
}

/// Counts calls.
#[derive(Clone)]
struct Calls(Arc<AtomicUsize>);

impl Calls {
    fn none() -> Self {
        Calls(Arc::new(AtomicUsize::new(0)))
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn call(&self) -> impl FnOnce() + Send + 'static + use<> {
        let calls = Arc::clone(&self.0);
        move || _ = calls.fetch_add(1, Ordering::Relaxed)
    }
}

#[test]
fn who_sees_the_token_cancelled_sees_what_was_written_before() {
    loom::model(|| {
        let data = Arc::new(Datum(UnsafeCell::new(0)));
        let token = CancelToken::new();
        let readers = [token.clone(), token.child_token()].map(|token| {
            let data = Arc::clone(&data);
            thread::spawn(move || {
                if token.is_cancelled() {
                    assert_eq!(data.read(), 1);
                }
            })
        });
        data.write();
        token.cancel();
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
}

#[test]
fn a_call_that_is_registered_during_a_cancel_is_made_once() {
    loom::model(|| {
        let (token, calls) = (CancelToken::new(), Calls::none());
        let canceller = token.clone();
        let other = thread::spawn(move || canceller.cancel());
        let registration = token.on_cancel(calls.call());
        other.join().unwrap();
        assert_eq!(calls.count(), 1);
        drop(registration);
    });
}

#[test]
fn a_child_that_is_made_during_a_cancel_is_cancelled() {
    loom::model(|| {
        let token = CancelToken::new();
        let canceller = token.clone();
        let other = thread::spawn(move || canceller.cancel());
        let child = token.child_token();
        other.join().unwrap();
        assert!(child.is_cancelled());
    });
}

#[test]
fn a_call_that_is_taken_out_during_a_cancel_is_made_once_or_not_at_all() {
    loom::model(|| {
        let (token, calls) = (CancelToken::new(), Calls::none());
        let registration = {
            // The call holds a child. Dropping the child takes it out of the token, and so takes the token's lock.
            let (call, child) = (calls.call(), token.child_token());
            token.on_cancel(move || {
                drop(child);
                call();
            })
        };
        let canceller = token.clone();
        let other = thread::spawn(move || canceller.cancel());
        drop(registration);
        other.join().unwrap();
        assert!(calls.count() <= 1);
        // The closure is gone in either case.
        assert_eq!(Arc::strong_count(&calls.0), 1);
        assert!(token.node.listeners.lock().places.is_empty());
    });
}

#[test]
fn a_child_that_is_dropped_during_a_cancel_leaves_cleanly() {
    loom::model(|| {
        let token = CancelToken::new();
        let child = token.child_token();
        let canceller = token.clone();
        let cancels = thread::spawn(move || canceller.cancel());
        let drops = thread::spawn(move || {
            // loom tries only orders that differ in what its own types see, and a count of references is not one of
            // them.
            _ = child.is_cancelled();
            drop(child);
        });
        cancels.join().unwrap();
        drops.join().unwrap();
        assert!(token.node.listeners.lock().places.is_empty());
        assert_eq!((Arc::strong_count(&token.node), Arc::weak_count(&token.node)), (1, 0));
    });
}
