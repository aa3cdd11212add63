//! Item-wise adaptors agree with std's, and those that look across leaves keep their promises.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use paceline::prelude::*;

use crate::iter::{in_pools, panic_message};
use crate::iter_laws::{check, check_lengths};

#[test]
fn references() {
    let items: Vec<u8> = (0..9).collect();
    check(|| items.par_iter().copied(), 0..9);
    let words: Vec<String> = items.iter().map(u8::to_string).collect();
    check(|| words.par_iter().cloned(), words.clone());
}

#[test]
fn inspect_and_update() {
    let seen = AtomicUsize::new(0);
    check_lengths(
        |len| {
            let numbers = (0..len).into_par_iter().update(|n| *n *= 2);
            numbers.inspect(|_| {
                seen.fetch_add(1, Ordering::Relaxed);
            })
        },
        |len| (0..len).map(|n| n * 2),
    );
    seen.store(0, Ordering::Relaxed);
    in_pools(|| {
        assert_eq!(
            (0..100)
                .into_par_iter()
                .inspect(|_| {
                    seen.fetch_add(1, Ordering::Relaxed);
                })
                .count(),
            100
        )
    });
    assert_eq!(seen.into_inner(), 300);
}

#[test]
fn map_with_and_map_init() {
    check_lengths(|len| (0..len).into_par_iter().map_with(10, |ten, n| *ten + n), |len| 10..10 + len);
    check_lengths(
        |len| {
            let numbers = (0..len).into_par_iter();
            numbers.map_init(|| std::rc::Rc::new(10), |ten, n| **ten + n)
        },
        |len| 10..10 + len,
    );
}

#[test]
fn a_leaf_has_one_value() {
    let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let made = AtomicUsize::new(0);
    let counts: Vec<usize> = pool.install(|| {
        let numbers = (0..100).into_par_iter().filter(|n| n % 2 == 0);
        let counter = || {
            made.fetch_add(1, Ordering::Relaxed);
            0
        };
        let count = |count: &mut usize, _| {
            *count += 1;
            *count
        };
        numbers.map_init(counter, count).collect()
    });
    // On one thread there is one leaf, though it may run in blocks.
    assert_eq!(counts, (1..=50).collect::<Vec<_>>());
    assert_eq!(made.into_inner(), 1);
}

#[test]
fn flattening() {
    in_pools(|| {
        for len in [0, 1, 10, 300_usize] {
            let parallel = (0..len).into_par_iter();
            let flat: Vec<usize> = parallel.clone().flat_map_iter(|n| n..n + n % 4).collect();
            assert_eq!(flat, (0..len).flat_map(|n| n..n + n % 4).collect::<Vec<_>>());
            let lists = parallel.clone().map(|n| vec![n; n % 3]);
            let flat: Vec<usize> = lists.flatten_iter().collect();
            assert_eq!(flat, (0..len).flat_map(|n| vec![n; n % 3]).collect::<Vec<_>>());
            let thirds: Vec<usize> = parallel.filter_map(|n| (n % 3 == 0).then_some(n / 3)).collect();
            assert_eq!(thirds, (0..len.div_ceil(3)).collect::<Vec<_>>());
        }
    });
}

#[test]
fn while_some_ends_at_none() {
    in_pools(|| {
        let all: Vec<i32> = (0..100).into_par_iter().map(Some).while_some().collect();
        assert_eq!(all, (0..100).collect::<Vec<_>>());
        let numbers = (0..1000).into_par_iter();
        let some: Vec<i32> = numbers.map(|n| (n < 500).then_some(n)).while_some().collect();
        assert!(some.iter().all(|&n| n < 500));
        assert!(some.is_sorted());
    });
}

#[test]
fn take_any_and_skip_any_count_exactly() {
    in_pools(|| {
        for n in [0, 1, 50, 100, 200] {
            let numbers = (0..100).into_par_iter();
            let taken: Vec<i32> = numbers.clone().take_any(n).collect();
            assert_eq!(taken.len(), n.min(100));
            assert!(taken.is_sorted());
            let left: Vec<i32> = numbers.skip_any(n).collect();
            assert_eq!(left.len(), 100_usize.saturating_sub(n));
            assert!(left.is_sorted());
        }
        // Nobody could wait for the other items.
        assert_eq!((0..u64::MAX).into_par_iter().take_any(10).count(), 10);
    });
}

#[test]
fn take_any_while_and_skip_any_while() {
    in_pools(|| {
        let numbers = (0..1000).into_par_iter();
        let taken: Vec<i32> = numbers.clone().take_any_while(|n| *n != 300).collect();
        assert!(!taken.contains(&300));
        assert!(taken.is_sorted());
        let left: Vec<i32> = numbers.clone().skip_any_while(|n| *n != 300).collect();
        assert!(left.contains(&300));
        assert!(left.is_sorted());
        assert_eq!(numbers.clone().take_any_while(|_| true).count(), 1000);
        assert_eq!(numbers.clone().take_any_while(|_| false).count(), 0);
        assert_eq!(numbers.clone().skip_any_while(|_| true).count(), 0);
        assert_eq!(numbers.skip_any_while(|_| false).count(), 1000);
    });
}

#[test]
fn panic_fuse_ends_the_other_leaves() {
    check_lengths(|len| (0..len).into_par_iter().panic_fuse(), |len| 0..len);
    in_pools(|| {
        // Without the fuse the other leaves would never see the end.
        let panicked = AtomicBool::new(false);
        let message = panic_message(|| {
            (0..usize::MAX).into_par_iter().panic_fuse().for_each(|n| {
                if n == 0 {
                    panicked.store(true, Ordering::Relaxed);
                    panic!("the first");
                }
            });
        });
        assert_eq!(message, "the first");
        assert!(panicked.into_inner());
    });
}

#[test]
fn for_each_with_and_init() {
    in_pools(|| {
        let sum = AtomicUsize::new(0);
        (0..100).into_par_iter().for_each_with(&sum, |sum, n| {
            sum.fetch_add(n, Ordering::Relaxed);
        });
        (0..100).into_par_iter().for_each_init(
            || &sum,
            |sum, n| {
                sum.fetch_add(n, Ordering::Relaxed);
            },
        );
        assert_eq!(sum.into_inner(), 9900);
    });
}

/// A part has one, and one is kept for what may be split off it; the last of all is the original.
#[test]
fn two_clones_are_made_for_each_part_but_the_last() {
    struct Counted<'c>(&'c AtomicUsize);

    impl Clone for Counted<'_> {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, Ordering::Relaxed);
            Counted(self.0)
        }
    }

    let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let clones = AtomicUsize::new(0);
    pool.install(|| {
        let halves = (0..100).into_par_iter().with_max_len(25);
        assert_eq!(halves.map_with(Counted(&clones), |_, n| n).count(), 100);
    });
    assert_eq!(clones.into_inner(), 7);
}
