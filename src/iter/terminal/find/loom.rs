//! Loom models of the least place, a value of two words that are written one after the other.
//!
//! Mutations that made them fail: the high word stored before the low one; the high word stored relaxed; the low word
//! loaded before the high one. Each time the reader saw a place at which nothing is ever found. Without the lock, the
//! lesser of two finds was lost.

use super::place::{LeastPlace, LinePlace};
use loom::thread;
use std::sync::Arc;

fn place(high: usize, low: usize) -> LinePlace {
    (high as LinePlace) << usize::BITS | low as LinePlace
}

/// A reader between the two stores never sees a place that is less than all places that are ever found.
#[test]
fn no_search_is_stopped_by_a_find_that_is_not_there() {
    loom::model(|| {
        let least = Arc::new(LeastPlace::new());
        let reader = {
            let least = Arc::clone(&least);
            thread::spawn(move || assert!(!least.is_before(place(1, 5))))
        };
        least.found(place(2, 1));
        least.found(place(1, 5));
        reader.join().unwrap();
        assert!(least.is_before(place(1, 6)));
        assert!(!least.is_before(place(1, 5)));
    });
}

/// After two finds at the same time, the lesser place stays.
#[test]
fn the_least_of_two_finds_stays() {
    loom::model(|| {
        let least = Arc::new(LeastPlace::new());
        let other = {
            let least = Arc::clone(&least);
            thread::spawn(move || least.found(place(1, 7)))
        };
        least.found(place(2, 1));
        other.join().unwrap();
        assert!(least.is_before(place(1, 8)));
        assert!(!least.is_before(place(1, 7)));
    });
}
