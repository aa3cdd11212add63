//! Where a panic surfaces, and what comes behind it.

use crate::gauge::{Gate, pool};
use paceline::extra::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

/// What `next` gives: an item, a panic's payload, or the end.
fn ask(stream: &mut impl Iterator<Item = usize>) -> Option<Result<usize, usize>> {
    match catch_unwind(AssertUnwindSafe(|| stream.next())) {
        Ok(next) => next.map(Ok),
        Err(payload) => Some(Err(*payload.downcast::<usize>().expect("a number"))),
    }
}

/// Panics without the hook's message.
fn panic_with(number: usize) -> usize {
    resume_unwind(Box::new(number))
}

#[test]
fn a_panic_of_the_closure_surfaces_at_its_place_and_the_rest_follows() {
    for (threads, window) in [(1, 1), (1, 4), (2, 3), (4, 16)] {
        for place in [0, 1, 7, 19] {
            let pool = pool(threads);
            let mut stream =
                pool.install(|| (0..20).par_map_ordered(window, move |n| if n == place { panic_with(n) } else { n }));
            for n in 0..20 {
                let expected = if n == place { Err(n) } else { Ok(n) };
                assert_eq!(ask(&mut stream), Some(expected));
            }
            assert_eq!(ask(&mut stream), None);
        }
    }
}

#[test]
fn of_an_unordered_stream_too() {
    let pool = pool(3);
    let mut stream = pool.install(|| (0..20).par_map_unordered(5, |n| if n % 5 == 3 { panic_with(n) } else { n }));
    let mut all: Vec<_> = std::iter::from_fn(|| ask(&mut stream)).collect();
    all.sort_unstable_by_key(|outcome| outcome.unwrap_or_else(|n| n));
    let expected: Vec<_> = (0..20).map(|n| if n % 5 == 3 { Err(n) } else { Ok(n) }).collect();
    assert_eq!(all, expected);
}

#[test]
fn a_panic_of_the_input_surfaces_behind_what_came_before_it_and_ends_the_stream() {
    for (threads, window) in [(1, 1), (1, 4), (2, 3), (4, 16)] {
        for place in [0, 1, 7, 19] {
            let pool = pool(threads);
            let input = (0..20).map(move |n| if n == place { panic_with(n) } else { n });
            let mut stream = pool.install(|| input.par_map_ordered(window, |n| n));
            for n in 0..place {
                assert_eq!(ask(&mut stream), Some(Ok(n)));
            }
            assert_eq!(ask(&mut stream), Some(Err(place)));
            assert_eq!(ask(&mut stream), None);
            assert_eq!(ask(&mut stream), None);
        }
    }
}

#[test]
fn panics_that_nobody_asks_for_are_lost_with_the_stream() {
    let pool = pool(2);
    let mut stream = pool.install(|| (0..20).par_map_ordered(10, |n| if n > 2 { panic_with(n) } else { n }));
    assert_eq!(ask(&mut stream), Some(Ok(0)));
    drop(stream);
    assert_eq!(pool.install(|| 6 * 7), 42);
    pool.shutdown();
}

#[test]
fn drops_that_panic_on_a_worker_do_not_end_the_process() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            resume_unwind(Box::new(0_usize));
        }
    }
    let pool = pool(2);
    let gate = Arc::<Gate>::default();
    let arrived = Arc::<Gate>::default();
    let (pass, arrive) = (Arc::clone(&gate), Arc::clone(&arrived));
    let mut stream = pool.install(|| {
        (0..2_usize).par_map_ordered(2, move |n| {
            if n == 1 {
                arrive.open();
                pass.pass("the opening of the gate");
            }
            (n == 1).then(|| Bomb)
        })
    });
    assert!(stream.next().unwrap().is_none());
    arrived.pass("the opening of the gate");
    drop(stream);
    // The result that nobody wants any more is dropped by the worker.
    gate.open();
    pool.shutdown();
}
