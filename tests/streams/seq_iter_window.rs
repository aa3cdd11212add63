//! That no more than a window of items is made ahead of the reader, whatever stands between their making and it.

use crate::gauge::{Gauge, pool};
use paceline::extra::prelude::*;
use paceline::iter::Either;
use paceline::prelude::*;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// Makes a number, and counts that it was made.
type Make = Arc<dyn Fn(usize) -> usize + Send + Sync>;

const LEN: usize = 300;

/// Reads all items, one after the other, and checks how many were made ahead. `extra` is what may be made beyond the window
/// that is asked for, for each thread.
#[track_caller]
fn assert_window<I>(extra: usize, make: impl Fn(Make) -> I + Sync)
where
    I: ParallelIterator<Item = usize> + 'static,
{
    for threads in [1, 2, 4] {
        let pool = pool(threads);
        for window in [1, 2, 8, 50] {
            let gauge = Gauge::new();
            let counted = Arc::clone(&gauge);
            let made: Make = Arc::new(move |number| {
                let made = counted.pulled.add();
                counted.peak.fetch_max(made.saturating_sub(counted.handed.load(SeqCst)), SeqCst);
                number
            });
            let mut items = pool.install(|| make(made).into_seq_iter(window));
            gauge.ask();
            while items.next().is_some() {
                gauge.ask();
            }
            let (peak, most) = (gauge.peak.load(SeqCst), window + extra * threads);
            assert!(peak <= most, "{peak} of {most} on {threads} threads");
            assert!(gauge.pulled.get() >= LEN);
        }
    }
}

fn numbers() -> impl IndexedParallelIterator<Item = usize> + use<> {
    (0..LEN).into_par_iter()
}

#[test]
fn behind_a_tree_that_the_length_decides() {
    assert_window(0, |made| numbers().map(move |n| made(n)).deterministic());
    assert_window(0, |made| numbers().deterministic().map(move |n| made(n)));
    assert_window(0, |made| numbers().with_min_len(40).deterministic().map(move |n| made(n)));
    assert_window(0, |made| numbers().with_max_len(3).deterministic().map(move |n| made(n)));
    assert_window(0, |made| {
        let inner = move |n: usize| {
            let made = Arc::clone(&made);
            (0..100_usize).into_par_iter().deterministic().map(move |k| made(100 * n + k))
        };
        (0..3_usize).into_par_iter().deterministic().flat_map(inner)
    });
    assert_window(0, |made| {
        let other = Arc::clone(&made);
        numbers().deterministic().map(move |n| made(n)).chain(numbers().map(move |n| other(n)).deterministic())
    });
    assert_window(0, |made| {
        Either::<paceline::iter::Empty<usize>, _>::Right(numbers().deterministic().map(move |n| made(n)))
    });
}

#[test]
fn behind_what_goes_block_by_block() {
    assert_window(0, |made| numbers().map(move |n| made(n)).by_uniform_blocks(70));
    assert_window(0, |made| numbers().map(move |n| made(n)).by_exponential_blocks());
    assert_window(0, |made| numbers().map(move |n| made(n)).panic_fuse().with_cancel(&paceline::CancelToken::new()));
}

#[test]
fn behind_pairs_and_rows() {
    assert_window(0, |made| {
        let other = Arc::clone(&made);
        numbers().map(move |n| made(n)).chain(numbers().map(move |n| other(n)))
    });
    assert_window(0, |made| numbers().map(move |n| made(n)).zip(numbers().rev()).map(|(a, _)| a));
    assert_window(0, |made| {
        let other = Arc::clone(&made);
        numbers().map(move |n| made(n)).interleave(numbers().map(move |n| other(n)))
    });
    assert_window(0, |made| (0..LEN).par_bridge().map(move |n| made(n)));
    assert_window(0, |made| {
        let children = |&n: &usize| [2 * n + 1, 2 * n + 2].into_iter().filter(|n| *n < LEN).collect::<Vec<_>>();
        paceline::iter::walk_tree_prefix(0, children).map(move |n| made(n))
    });
    assert_window(0, |made| numbers().flat_map_iter(move |n| [made(n)]));
}

/// One item of theirs is made before its place is asked for.
#[test]
fn behind_folds_and_separators() {
    assert_window(1, |made| numbers().with_max_len(1).map(move |n| made(n)).fold(|| 0, |_, n| n));
    assert_window(1, |made| numbers().with_max_len(1).deterministic().map(move |n| made(n)).fold(|| 0, |_, n| n));
    // And one that is filtered out, which takes no place.
    assert_window(2, |made| numbers().map(move |n| made(n)).filter(|n| n % 2 == 0).intersperse(1));
    assert_window(1, |made| numbers().deterministic().map(move |n| made(n)).intersperse(1));
}

/// What comes between two parts waits until the second has ended, and that one must not wait for it.
#[test]
fn separators_between_parts_that_are_longer_than_the_window() {
    let count = |items: paceline::stream::SeqIter<usize>| items.count();
    for threads in [1, 3] {
        let pool = pool(threads);
        for window in [1, 4] {
            let of = |items: usize| if items == 0 { 0 } else { 2 * items - 1 };
            let chained = || numbers().chain(numbers().filter(|n| n % 3 > 0)).intersperse(7);
            assert_eq!(count(pool.install(|| chained().into_seq_iter(window))), of(500));
            let flat = || (0..3_usize).into_par_iter().flat_map(|_| numbers()).intersperse(7);
            assert_eq!(count(pool.install(|| flat().into_seq_iter(window))), of(900));
            let blocks = || numbers().by_uniform_blocks(70).intersperse(7);
            assert_eq!(count(pool.install(|| blocks().into_seq_iter(window))), of(300));
            let fixed = || numbers().deterministic().filter(|_| true).intersperse(7);
            assert_eq!(count(pool.install(|| fixed().into_seq_iter(window))), of(300));
        }
    }
}
