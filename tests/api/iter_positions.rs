//! Adaptors that change positions or lengths obey the laws, and agree with std.

use paceline::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::iter::{in_pools, panic_message};
use crate::iter_laws::{check, check_lengths};

#[test]
fn rev() {
    check_lengths(|len| (0..len).into_par_iter().rev(), |len| (0..len).rev());
    check_lengths(
        |len| (0..len).into_par_iter().enumerate().rev().enumerate(),
        |len| (0..len).enumerate().rev().enumerate(),
    );
}

#[test]
fn skip_and_take() {
    for n in [0, 1, 3, 100] {
        check_lengths(|len| (0..len).into_par_iter().skip(n), |len| (0..len).skip(n));
        check_lengths(|len| (0..len).into_par_iter().take(n), |len| (0..len).take(n));
    }
    // What is left out is dropped, not leaked. What is skipped is computed, what comes after the taken items is not.
    let items: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    let calls = AtomicUsize::new(0);
    let computed = |item: String| {
        assert!(("0".."7").contains(&item.as_str()));
        calls.fetch_add(1, Ordering::Relaxed);
        item
    };
    let middle: Vec<String> = items.into_par_iter().map(computed).skip(3).take(4).collect();
    assert_eq!(middle, ["3", "4", "5", "6"]);
    assert_eq!(calls.into_inner(), 7);
}

#[test]
fn step_by() {
    for step in [1, 2, 3, 100, usize::MAX] {
        check_lengths(|len| (0..len).into_par_iter().step_by(step), |len| (0..len).step_by(step));
    }
}

#[test]
fn chain() {
    for (a, b) in [(0, 0), (0, 3), (3, 0), (4, 5)] {
        check(|| (0..a).into_par_iter().chain(50..50 + b), (0..a).chain(50..50 + b));
    }
    in_pools(|| {
        let even = (0..100).into_par_iter().filter(|n| n % 2 == 0);
        let all: Vec<i32> = even.chain(7..9).chain(0..0).collect();
        assert_eq!(all, (0..100).filter(|n| n % 2 == 0).chain(7..9).collect::<Vec<_>>());
        let known: Vec<i32> = (0..5).into_par_iter().chain((5..9).into_par_iter().filter(|_| true)).collect();
        assert_eq!(known, (0..9).collect::<Vec<_>>());
    });
}

/// Takes items of two iterators in turn, the plain way.
fn interleaved(a: usize, b: usize, rest: bool) -> Vec<usize> {
    let (mut a, mut b) = (0..a, 100..100 + b);
    let mut items = Vec::new();
    loop {
        match (a.next(), rest) {
            (Some(item), _) => items.push(item),
            (None, true) => break items.extend(b.by_ref()),
            (None, false) => break,
        }
        match (b.next(), rest) {
            (Some(item), _) => items.push(item),
            (None, true) => break items.extend(a.by_ref()),
            (None, false) => break,
        }
    }
    items
}

#[test]
fn interleave() {
    for (a, b) in [(0, 0), (0, 4), (4, 0), (1, 1), (3, 3), (2, 6), (6, 2), (3, 4), (4, 3)] {
        let other = || (100..100 + b).into_par_iter();
        check(|| (0..a).into_par_iter().interleave(other()), interleaved(a, b, true));
        check(|| (0..a).into_par_iter().interleave_shortest(other()), interleaved(a, b, false));
    }
}

#[test]
fn zip_eq() {
    check_lengths(|len| (0..len).into_par_iter().zip_eq(vec!['x'; len]), |len| (0..len).zip(vec!['x'; len]));
    let message = panic_message(|| (0..3).into_par_iter().zip_eq(0..5).count());
    assert!(message.contains('3') && message.contains('5'), "{message}");
}

#[test]
fn multi_chunks() {
    for size in [1, 3, 100] {
        let sums = |len: usize| {
            let items: Vec<usize> = (0..len).collect();
            let sums: Vec<usize> = items.chunks(size).map(|chunk| chunk.iter().sum()).collect();
            sums.into_iter()
        };
        check_lengths(|len| (0..len).into_par_iter().fold_chunks(size, || 0, |a, b| a + b), sums);
        check_lengths(|len| (0..len).into_par_iter().fold_chunks_with(size, 0, |a, b| a + b), sums);
    }
}

/// Puts zeros between items, the plain way.
fn interspersed(items: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let spaced = items.into_iter().flat_map(|item| [0, item]);
    spaced.skip(1).collect()
}

#[test]
fn intersperse() {
    check_lengths(|len| (1..len + 1).into_par_iter().intersperse(0), |len| interspersed(1..len + 1).into_iter());
    in_pools(|| {
        for modulus in [1, 2, 50, 1000] {
            for rest in [0, modulus - 1] {
                let chosen = |n: &usize| n % modulus == rest;
                let parallel = (0..400_usize).into_par_iter().filter(chosen);
                let spaced: Vec<usize> = parallel.intersperse(0).collect();
                assert_eq!(spaced, interspersed((0..400).filter(chosen)));
            }
        }
        // Known lengths, empty ends, and a consumer that counts positions.
        let ends = (0..0).into_par_iter().chain(1..4).chain(9..9);
        let spaced: Vec<usize> = ends.intersperse(0).collect();
        assert_eq!(spaced, [1, 0, 2, 0, 3]);
        let found = (1..100_usize).into_par_iter().filter(|n| n % 10 == 0).intersperse(0);
        assert_eq!(found.find_last(|&n| n != 10 && n != 20), Some(90));
    });
}

#[test]
fn positions() {
    in_pools(|| {
        let at: Vec<usize> = (10..100).into_par_iter().positions(|n| n % 7 == 0).collect();
        let expected = (10..100).enumerate().filter(|(_, n)| n % 7 == 0);
        assert_eq!(at, expected.map(|(i, _)| i).collect::<Vec<_>>());
    });
}

#[test]
fn blocks() {
    in_pools(|| {
        for len in [0, 1, 10, 1000] {
            let numbers = || (0..len).into_par_iter();
            let expected: Vec<usize> = (0..len).collect();
            assert_eq!(numbers().by_exponential_blocks().collect::<Vec<_>>(), expected);
            for size in [1, 7, 10, 5000] {
                let blocks = numbers().by_uniform_blocks(size);
                assert_eq!(blocks.collect::<Vec<_>>(), expected);
            }
        }
    });
}

#[test]
fn blocks_come_one_after_another() {
    in_pools(|| {
        let begun = AtomicUsize::new(0);
        (0..1000).into_par_iter().by_uniform_blocks(10).for_each(|n| {
            // All items of the blocks before this one are done.
            assert!(begun.fetch_add(1, Ordering::Relaxed) >= n / 10 * 10);
        });
        let first = (0..1000).into_par_iter().inspect(|_| {
            begun.fetch_add(1, Ordering::Relaxed);
        });
        begun.store(0, Ordering::Relaxed);
        assert_eq!(first.by_uniform_blocks(10).find_first(|&n| n == 5), Some(5));
        assert!(begun.load(Ordering::Relaxed) <= 10);
    });
}

#[test]
fn zeros_are_refused() {
    let numbers = || (0..9).into_par_iter();
    let messages = [
        (panic_message(|| numbers().step_by(0)), "step must be at least 1, but is 0"),
        (panic_message(|| numbers().by_uniform_blocks(0)), "block_size must be at least 1, but is 0"),
        (panic_message(|| numbers().fold_chunks(0, || 0, |a, _| a)), "chunk_size must not be zero"),
        (panic_message(|| numbers().fold_chunks_with(0, 0, |a, _| a)), "chunk_size must not be zero"),
    ];
    for (message, expected) in messages {
        assert_eq!(message, expected);
    }
}

#[test]
fn sums_of_lengths_that_do_not_fit_are_refused() {
    let all = || (0..usize::MAX).into_par_iter();
    assert_eq!(all().chain(all()).opt_len(), None);
    panic_message(|| all().chain(all()).len());
    panic_message(|| all().interleave(all()).len());
    panic_message(|| all().intersperse(0).len());
}
