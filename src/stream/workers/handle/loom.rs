//! Loom models of a handle: a result that is sent, or a sender that is dropped, against a thread or future that waits.
//!
//! Without `tell_one` in `put` all but the last end in a deadlock. Without the cancellation in the drop of the sender
//! those do in which no result comes. The event count, at which a handle waits, has models of its own.

use super::{ItemHandle, ReplySender, handle};
use crate::sync::quiet::Quiet;
use loom::sync::Notify;
use loom::thread;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// A task of some runtime: the part of it that its waker knows.
struct Task(Notify);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// Awaits the handle on this thread.
fn awaited(mut handle: ItemHandle<u32>) -> Option<u32> {
    let task = Arc::new(Task(Notify::new()));
    let waker = Waker::from(Arc::clone(&task));
    let mut context = Context::from_waker(&waker);
    loop {
        match Pin::new(&mut handle).poll(&mut context) {
            Poll::Ready(result) => return result.ok(),
            Poll::Pending => task.0.wait(),
        }
    }
}

fn joined(handle: ItemHandle<u32>) -> Option<u32> {
    handle.join().ok()
}

fn check(wait: fn(ItemHandle<u32>) -> Option<u32>, send: fn(ReplySender<u32>), expected: Option<u32>) {
    loom::model(move || {
        let (sender, handle) = handle();
        let sending = thread::spawn(move || send(sender));
        assert_eq!(wait(handle), expected);
        sending.join().unwrap();
    });
}

fn send_seven(sender: ReplySender<u32>) {
    assert!(sender.send(Quiet::new(Ok(7))).is_ok(), "the handle waits");
}

#[test]
fn a_thread_gets_the_result_that_is_sent() {
    check(joined, send_seven, Some(7));
}

#[test]
fn a_future_gets_the_result_that_is_sent() {
    check(awaited, send_seven, Some(7));
}

#[test]
fn a_thread_is_told_that_no_result_will_come() {
    check(joined, drop, None);
}

#[test]
fn a_future_is_told_that_no_result_will_come() {
    check(awaited, drop, None);
}

#[test]
fn a_handle_may_be_dropped_at_any_moment() {
    loom::model(|| {
        let (sender, handle) = handle();
        let sending = thread::spawn(move || drop(sender.send(Quiet::new(Ok(Arc::new(7))))));
        drop(handle);
        sending.join().unwrap();
    });
}
