//! What becomes of a stream's items when it is dropped.

use crate::gauge::{Count, Gate, Gauge, pool, until};
use paceline::extra::prelude::*;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

#[test]
fn what_has_not_begun_never_runs() {
    let pool = pool(2);
    let gauge = Gauge::new();
    let (begun, gate) = (Arc::new(Count::default()), Arc::<Gate>::default());
    let (count, pass) = (Arc::clone(&begun), Arc::clone(&gate));
    let input = gauge.input(100);
    let mut stream = pool.install(|| {
        input.par_map_ordered(10, move |item| {
            count.add();
            if item.number > 0 {
                pass.pass("the opening of the gate");
            }
            item
        })
    });
    drop(stream.next());
    // Both threads are in the closure.
    begun.wait_for(3);
    drop(stream);
    gate.open();
    pool.shutdown();
    assert_eq!(begun.get(), 3);
    assert!(gauge.pulled.get() <= 4, "one may have been pulled while the stream was dropped");
    assert_eq!(gauge.alive.load(SeqCst), 0, "all items are dropped");
}

#[test]
fn every_item_and_every_result_is_dropped_once() {
    for asked in [0, 1, 5, 50] {
        for ordered in [true, false] {
            let pool = pool(3);
            let gauge = Gauge::new();
            let input = gauge.input(50);
            if ordered {
                pool.install(|| input.par_map_ordered(7, |item| item)).take(asked).for_each(drop);
            } else {
                pool.install(|| input.par_map_unordered(7, |item| item)).take(asked).for_each(drop);
            }
            pool.shutdown();
            assert_eq!(gauge.alive.load(SeqCst), 0);
        }
    }
}

#[test]
fn the_input_and_the_closure_are_dropped_with_the_stream() {
    let token = Arc::new(());
    let (in_input, in_closure) = (Arc::clone(&token), Arc::clone(&token));
    let pool = pool(2);
    let input = (0..).map(move |n: usize| (n, Arc::clone(&in_input)));
    let mut stream = pool.install(|| {
        input.par_map_ordered(4, move |(n, _)| {
            let _keep = &in_closure;
            n
        })
    });
    assert_eq!(stream.next(), Some(0));
    drop(stream);
    pool.shutdown();
    assert_eq!(Arc::strong_count(&token), 1);
}

#[test]
fn an_input_that_is_being_asked_is_dropped_by_whoever_asks_it() {
    struct Slow {
        asked: Arc<Count>,
        gate: Arc<Gate>,
        _token: Arc<()>,
    }
    impl Iterator for Slow {
        type Item = usize;
        fn next(&mut self) -> Option<usize> {
            let asked = self.asked.add();
            if asked > 1 {
                self.gate.pass("the opening of the gate");
            }
            Some(asked)
        }
    }
    let (asked, gate, token) = (Arc::new(Count::default()), Arc::<Gate>::default(), Arc::new(()));
    let input = Slow { asked: Arc::clone(&asked), gate: Arc::clone(&gate), _token: Arc::clone(&token) };
    let pool = pool(1);
    let mut stream = pool.install(|| input.par_map_unordered(4, |n| n));
    assert_eq!(stream.next(), Some(1));
    asked.wait_for(2);
    drop(stream);
    assert_eq!(Arc::strong_count(&token), 2, "somebody asks it still");
    gate.open();
    until(|| Arc::strong_count(&token) == 1);
    pool.shutdown();
    assert_eq!(asked.get(), 2);
}
