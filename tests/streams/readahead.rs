//! Items that are pulled before they are asked for.

use crate::gauge::{Gauge, pool, until};
use paceline::extra::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// Takes longer than a wake-up.
fn last() {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_micros(200) {
        std::hint::spin_loop();
    }
}

#[test]
fn items_come_in_order() {
    for threads in [1, 2, 4] {
        for window in [1, 2, 100] {
            let pool = pool(threads);
            assert!(pool.install(|| (0..1000).readahead(window)).eq(0..1000));
            assert!(pool.install(|| (0..1000).readahead(window).eq(0..1000)));
            let slow = (0..20).inspect(|_| last());
            assert!(pool.install(|| slow.readahead(window)).eq(0..20));
        }
    }
}

#[test]
fn slow_items_are_pulled_ahead_and_not_beyond_the_window() {
    let pool = pool(2);
    let gauge = Gauge::new();
    let input = gauge.input(100).inspect(|_| last());
    let mut stream = pool.install(|| input.readahead(5));
    for handed in 1..=3 {
        assert_eq!(stream.next().map(|item| item.number), Some(handed - 1));
        gauge.pulled.wait_for(5 + handed);
        pool.broadcast(|_| ());
        assert_eq!(gauge.pulled.get(), 5 + handed);
    }
    drop(stream);
    until(|| gauge.alive.load(SeqCst) == 0);
}

#[test]
fn a_slow_input_keeps_no_thread_from_the_pool() {
    let pool = pool(1);
    let (send, receive) = std::sync::mpsc::channel();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let input = std::iter::from_fn(move || {
        last();
        count.fetch_add(1, SeqCst);
        receive.recv().ok()
    });
    let mut stream = pool.install(|| input.readahead(8));
    (0..3).for_each(|n| send.send(n).unwrap());
    assert!(stream.by_ref().take(3).eq(0..3));
    // The pool's only thread waits for the fourth item, and another one works in its place.
    until(|| asked.load(SeqCst) == 4);
    assert_eq!(pool.install(|| 6 * 7), 42);
    send.send(3).unwrap();
    drop(send);
    assert!(stream.eq(3..4));
}

#[test]
fn a_panic_of_the_input_comes_behind_its_items() {
    let pool = pool(2);
    let input = (0..5).map(|n| if n == 3 { std::panic::resume_unwind(Box::new(n)) } else { n });
    let mut stream = pool.install(|| input.readahead(8));
    assert!(stream.by_ref().take(3).eq(0..3));
    let outcome = catch_unwind(AssertUnwindSafe(|| stream.next()));
    assert_eq!(*outcome.unwrap_err().downcast::<i32>().unwrap(), 3);
    assert_eq!(stream.next(), None);
}

#[test]
fn a_window_of_nothing_is_refused() {
    assert!(catch_unwind(|| drop((0..3).readahead(0))).is_err());
}
