//! Parallel iterators over strings: the cases that are easily got wrong, by name.

use paceline::prelude::*;

use crate::iter::{in_pools, panic_message};

#[test]
fn empty_texts() {
    in_pools(|| {
        assert_eq!("".par_chars().count(), 0);
        assert_eq!("".par_bytes().count(), 0);
        assert_eq!("".par_split(',').collect::<Vec<_>>(), [""]);
        assert_eq!("".par_split_inclusive(',').count(), 0);
        assert_eq!("".par_split_terminator(',').count(), 0);
        assert_eq!("".par_lines().count(), 0);
        assert_eq!("".par_split_whitespace().count(), 0);
        assert_eq!("".par_matches(|_| true).count(), 0);
    });
}

#[test]
fn texts_of_delimiters_alone() {
    in_pools(|| {
        for len in [1, 2, 3, 100] {
            let text = "\n".repeat(len);
            assert_eq!(text.par_split('\n').collect::<Vec<_>>(), vec![""; len + 1]);
            assert_eq!(text.par_split_inclusive('\n').collect::<Vec<_>>(), vec!["\n"; len]);
            assert_eq!(text.par_split_terminator('\n').collect::<Vec<_>>(), vec![""; len]);
            assert_eq!(text.par_lines().collect::<Vec<_>>(), vec![""; len]);
            assert_eq!(text.par_split_whitespace().count(), 0);
            assert_eq!(text.par_matches('\n').count(), len);
        }
    });
}

#[test]
fn a_single_delimiter_anywhere_is_found() {
    in_pools(|| {
        for at in 0..50 {
            let mut text = "é".repeat(50);
            text.insert(2 * at, '|');
            let (left, right) = (&text[..2 * at], &text[2 * at + 1..]);
            assert_eq!(text.par_split('|').collect::<Vec<_>>(), [left, right]);
            assert_eq!(text.par_match_indices('|').collect::<Vec<_>>(), [(2 * at, "|")]);
        }
    });
}

#[test]
fn carriage_returns_end_lines_only_before_line_feeds() {
    in_pools(|| {
        for text in ["a\r\nb\r\n", "a\r", "\r\r\n\r", "\n\r\n", "a\rb\r\r\nc\n\r"] {
            assert_eq!(text.par_lines().collect::<Vec<_>>(), text.lines().collect::<Vec<_>>(), "{text:?}");
        }
    });
}

/// Looking for a cut asks the pattern about every character once, and the pieces are not looked for again.
#[test]
fn a_text_without_delimiters_is_searched_once() {
    use std::sync::atomic::{AtomicUsize, Ordering};

    in_pools(|| {
        let calls = AtomicUsize::new(0);
        let text = "x".repeat(10_000);
        let never = |_| {
            calls.fetch_add(1, Ordering::Relaxed);
            false
        };
        assert_eq!(text.par_split(never).collect::<Vec<_>>(), [&text]);
        assert_eq!(calls.into_inner(), text.len());
    });
}

#[test]
fn bytes_are_indexed() {
    crate::iter_laws::check(|| "näher".par_bytes(), "näher".bytes());
}

#[test]
fn owned_and_boxed_strings_are_strings_too() {
    let owned = "a b".to_string();
    assert_eq!(owned.par_split_whitespace().count(), 2);
    let boxed = owned.into_boxed_str();
    assert_eq!(boxed.par_bytes().rev().map(char::from).collect::<String>(), "b a");
}

#[test]
fn draining_a_string() {
    in_pools(|| {
        for (start, end) in [(0, 0), (0, 13), (2, 7), (13, 13), (4, 13)] {
            let mut text = "größer, äh".to_string();
            let mut expected = text.clone();
            let taken: String = text.par_drain(start..end).collect();
            assert_eq!(taken, expected.drain(start..end).collect::<String>());
            assert_eq!(text, expected);
        }
        let mut text = "größer".to_string();
        drop(text.par_drain(4..));
        assert_eq!(text, "grö");
        assert!(text.par_drain(..).find_any(|&char| char == 'r').is_some());
        assert_eq!(text, "");
    });
}

#[test]
fn a_drain_of_a_string_takes_its_range_also_if_a_closure_panics() {
    in_pools(|| {
        let mut text = "0123456789".to_string();
        panic_message(|| text.par_drain(2..=7).for_each(|digit| assert!(digit != '5')));
        assert_eq!(text, "0189");
    });
}

#[test]
fn a_leaked_drain_of_a_string_takes_nothing() {
    let mut text = "text".to_string();
    std::mem::forget(text.par_drain(1..3));
    assert_eq!(text, "text");
}

#[test]
fn bad_ranges_of_a_string_are_refused() {
    let mut text = "größer".to_string();
    let message = panic_message(|| text.par_drain(..3).count());
    assert!(message.contains("..3") && message.contains("character"), "{message}");
    let message = panic_message(|| text.par_drain(5..99).count());
    assert!(message.contains("5..99"), "{message}");
    assert_eq!(text, "größer");
}
