//! Results that are errors: the first one in order ends what goes on, without a form of the stream for it.

use crate::gauge::{Gate, Gauge, pool, until};
use paceline::extra::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[test]
fn the_first_error_in_order_is_returned_though_a_later_item_fails_first() {
    let pool = pool(2);
    let failed = Arc::<Gate>::default();
    let fail = move |n: usize| match n {
        // It fails when the one behind it has.
        3 => {
            failed.pass("the opening of the gate");
            Err(n)
        }
        4 => {
            failed.open();
            Err(n)
        }
        _ => Ok(n),
    };
    let first = pool.install(|| (0..20).par_map_ordered(8, fail)).collect::<Result<Vec<_>, _>>();
    assert_eq!(first, Err(3));
}

#[test]
fn behind_an_error_no_more_than_a_window_is_pulled_or_begun() {
    for threads in [1, 2, 4] {
        for window in [1, 3, 16] {
            for place in [0, 1, 50] {
                let (pool, gauge) = (pool(threads), Gauge::new());
                let begun = Arc::new(AtomicUsize::new(0));
                let (input, count) = (gauge.input(1000), Arc::clone(&begun));
                let fail = move |number: usize| {
                    count.fetch_add(1, SeqCst);
                    if number < place { Ok(number) } else { Err(number) }
                };
                let map = move |item: crate::gauge::Tracked| fail(item.number);
                let mut stream = pool.install(|| input.par_map_ordered(window, map));
                let outcome = stream.try_fold(0, |sum, n| n.map(|n| sum + n));
                assert_eq!(outcome, Err(place));
                drop(stream);
                // Those that were begun are done, and no more begin.
                until(|| gauge.alive.load(SeqCst) == 0);
                pool.shutdown();
                // `place` and the error were handed out, which made room for as many.
                let most = place + 1 + window;
                assert!(begun.load(SeqCst) <= most, "{} of {most}", begun.load(SeqCst));
                assert!(gauge.pulled.get() <= most, "{} of {most}", gauge.pulled.get());
            }
        }
    }
}

#[test]
fn in_a_scope_too() {
    for window in [1, 3, 16] {
        let begun = AtomicUsize::new(0);
        let outcome = paceline::in_place_scope(|s| {
            let fail = |n: usize| {
                begun.fetch_add(1, SeqCst);
                if n < 50 { Ok(n) } else { Err(n) }
            };
            (0..1000).par_map_ordered_in(s, window, fail).sum::<Result<usize, usize>>()
        });
        assert_eq!(outcome, Err(50));
        let most = 50 + window;
        assert!(begun.load(SeqCst) <= most, "{} of {most}", begun.load(SeqCst));
    }
}
