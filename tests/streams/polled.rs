//! Async streams, polled by hand.

use crate::gauge::{Gate, WATCHDOG, pool};
use futures_core::Stream;
use paceline::stream::ParallelMapStream;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

/// Tells a channel of each wake-up.
struct WakeChannel(Mutex<Sender<()>>);

impl Wake for WakeChannel {
    fn wake(self: Arc<Self>) {
        _ = self.0.lock().unwrap().send(());
    }
}

fn wake_channel() -> (Waker, Receiver<()>) {
    let (send, receive) = channel();
    (Waker::from(Arc::new(WakeChannel(Mutex::new(send)))), receive)
}

/// The numbers below `len`, of which each second poll is pending, and wakes.
struct Halting {
    next: usize,
    len: usize,
    halts: bool,
}

impl Stream for Halting {
    type Item = usize;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<usize>> {
        self.halts = !self.halts;
        if self.halts {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.next += 1;
        Poll::Ready((self.next <= self.len).then_some(self.next - 1))
    }
}

fn halting(len: usize) -> Halting {
    Halting { next: 0, len, halts: false }
}

/// Drives a stream to its end, sleeping whenever it is pending.
fn drive<S: Stream + Unpin>(mut stream: S) -> Vec<S::Item> {
    let (waker, wakes) = wake_channel();
    let mut all = Vec::new();
    loop {
        match Pin::new(&mut stream).poll_next(&mut Context::from_waker(&waker)) {
            Poll::Ready(Some(item)) => all.push(item),
            Poll::Ready(None) => return all,
            Poll::Pending => wakes.recv_timeout(WATCHDOG).expect("the task was never woken"),
        }
    }
}

#[test]
fn ordered_and_unordered_results() {
    for threads in [1, 2, 5] {
        for window in [1, 2, 7, 100] {
            let pool = pool(threads);
            let ordered = pool.install(|| halting(200).par_map_ordered(window, |n| 3 * n));
            assert!(drive(ordered).into_iter().eq((0..200).map(|n| 3 * n)));
            let mut found = drive(pool.install(|| halting(200).par_map_unordered(window, |n| 3 * n)));
            found.sort_unstable();
            assert!(found.into_iter().eq((0..200).map(|n| 3 * n)));
        }
    }
}

#[test]
fn polling_does_not_wait_and_the_waker_rings_when_the_result_is_there() {
    let pool = pool(1);
    let gate = Arc::<Gate>::default();
    let pass = Arc::clone(&gate);
    let mut stream = pool.install(|| {
        halting(1).par_map_ordered(4, move |n| {
            pass.pass("the opening of the gate");
            n
        })
    });
    let (waker, wakes) = wake_channel();
    let mut poll = || Pin::new(&mut stream).poll_next(&mut Context::from_waker(&waker));
    assert!(poll().is_pending());
    wakes.recv_timeout(WATCHDOG).expect("the input halts");
    assert!(poll().is_pending(), "the closure is at the gate");
    while wakes.try_recv().is_ok() {}
    gate.open();
    wakes.recv_timeout(WATCHDOG).expect("the result is there");
    assert_eq!(poll(), Poll::Ready(Some(0)));
}

#[test]
fn what_has_not_begun_when_the_stream_is_dropped_never_runs() {
    let pool = pool(1);
    let (gate, arrived) = (Arc::<Gate>::default(), Arc::<Gate>::default());
    let (pass, arrive) = (Arc::clone(&gate), Arc::clone(&arrived));
    let begun = Arc::new(Mutex::new(0));
    let count = Arc::clone(&begun);
    let mut stream = pool.install(|| {
        halting(10).par_map_ordered(4, move |_| {
            *count.lock().unwrap() += 1;
            arrive.open();
            pass.pass("the opening of the gate");
        })
    });
    let (waker, _wakes) = wake_channel();
    for _ in 0..8 {
        assert!(Pin::new(&mut stream).poll_next(&mut Context::from_waker(&waker)).is_pending());
    }
    arrived.pass("the opening of the gate");
    drop(stream);
    gate.open();
    pool.shutdown();
    assert_eq!(*begun.lock().unwrap(), 1);
}

#[test]
fn a_panic_surfaces_at_its_place() {
    let pool = pool(2);
    let mut stream = pool
        .install(|| halting(3).par_map_ordered(4, |n| if n == 1 { std::panic::resume_unwind(Box::new(n)) } else { n }));
    let (waker, wakes) = wake_channel();
    let mut found = Vec::new();
    loop {
        let poll = std::panic::AssertUnwindSafe(|| Pin::new(&mut stream).poll_next(&mut Context::from_waker(&waker)));
        match std::panic::catch_unwind(poll) {
            Ok(Poll::Ready(Some(n))) => found.push(Ok(n)),
            Ok(Poll::Ready(None)) => break,
            Ok(Poll::Pending) => wakes.recv_timeout(WATCHDOG).expect("the task was never woken"),
            Err(payload) => found.push(Err(*payload.downcast::<usize>().unwrap())),
        }
    }
    assert_eq!(found, [Ok(0), Err(1), Ok(2)]);
}
