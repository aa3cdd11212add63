//! Windows of weight: never much more than the limit between input and output, and never nothing.

use crate::gauge::{pool, until};
use paceline::extra::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

/// The weight of the nth item.
fn weight(n: usize) -> usize {
    match n % 10 {
        3 => 1000,
        7 => 0,
        rest => 10 * rest,
    }
}

/// Takes long enough for jobs to come.
fn last() {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_micros(20) {
        std::hint::spin_loop();
    }
}

#[test]
fn the_items_between_are_never_heavier_than_the_limit_and_one_item() {
    for threads in [1, 2, 4] {
        for most in [0, 1, 100, 1000, 5000] {
            for heavy in [true, false] {
                let (pool, between, peak) =
                    (pool(threads), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
                let (count, top) = (Arc::clone(&between), Arc::clone(&peak));
                let weigh = move |n: &usize| {
                    let before = count.fetch_add(weight(*n), SeqCst);
                    top.fetch_max(before, SeqCst);
                    weight(*n)
                };
                let map = move |n: usize| {
                    if heavy {
                        last();
                    }
                    n
                };
                let mut stream = pool.install(|| (0..300).par_map_ordered_weighted(most, weigh, map));
                for expected in 0..300 {
                    assert_eq!(stream.next(), Some(expected));
                    // One is taken off before it is, when the next one is asked for.
                    between.fetch_sub(weight(expected), SeqCst);
                }
                assert_eq!(stream.next(), None);
                // With the one that is about to be taken off, which the count here has not any more.
                let peak = peak.load(SeqCst);
                assert!(peak <= most, "{peak} before one more item, of {most}");
            }
        }
    }
}

#[test]
fn the_window_fills_to_the_limit_though_nobody_asks() {
    let pool = pool(2);
    let pulled = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&pulled);
    let input = (0..100).inspect(move |_| _ = count.fetch_add(1, SeqCst));
    let mut stream = pool.install(|| {
        input.par_map_ordered_weighted(
            50,
            |_| 10,
            |n| {
                last();
                n
            },
        )
    });
    for handed in 1..=3 {
        assert_eq!(stream.next(), Some(handed - 1));
        // The one that was handed out still counts.
        until(|| pulled.load(SeqCst) == 4 + handed);
        pool.broadcast(|_| ());
        assert_eq!(pulled.load(SeqCst), 4 + handed);
    }
}

#[test]
fn panics_take_no_room() {
    let pool = pool(2);
    let map = |n: usize| if n % 2 == 0 { std::panic::resume_unwind(Box::new(n)) } else { n };
    let mut stream = pool.install(|| (0..100).par_map_ordered_weighted(30, |_| 10, map));
    let mut ask = || std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| stream.next()));
    for n in 0..100 {
        match ask() {
            Ok(next) => assert_eq!(next, Some(n)),
            Err(payload) => assert_eq!(*payload.downcast::<usize>().unwrap(), n),
        }
    }
    assert_eq!(ask().unwrap(), None);
}

#[test]
fn a_weight_that_cannot_be_added_up_is_the_most() {
    let stream = (0..20).par_map_ordered_weighted(usize::MAX, |_| usize::MAX - 1, |n| n);
    assert!(stream.eq(0..20));
}
