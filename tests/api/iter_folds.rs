//! Folding by parts, flattening in parallel, and collecting into two collections.

use std::sync::atomic::{AtomicUsize, Ordering};

use paceline::iter::Either;
use paceline::prelude::*;

use crate::iter::{in_pools, panic_message};

#[test]
fn fold_keeps_the_order() {
    in_pools(|| {
        for len in [0, 1, 10, 1000_usize] {
            let push = |mut list: Vec<usize>, n| {
                list.push(n);
                list
            };
            let expected: Vec<usize> = (0..len).collect();
            let numbers = || (0..len).into_par_iter();
            assert_eq!(numbers().fold(Vec::new, push).collect::<Vec<_>>().concat(), expected);
            assert_eq!(numbers().fold_with(vec![], push).collect::<Vec<_>>().concat(), expected);
            let odd = numbers().filter(|n| n % 2 == 1).fold(Vec::new, push);
            let expected: Vec<usize> = (0..len).filter(|n| n % 2 == 1).collect();
            assert_eq!(odd.flatten_iter().collect::<Vec<_>>(), expected);
        }
    });
}

#[test]
fn a_fold_ends_when_its_consumer_is_full() {
    in_pools(|| {
        let folded = AtomicUsize::new(0);
        let sums = (0..usize::MAX).into_par_iter().with_max_len(1000).fold(
            || 0,
            |count, _| {
                folded.fetch_add(1, Ordering::Relaxed);
                count + 1
            },
        );
        assert!(sums.any(|count| count > 0));
    });
}

#[test]
fn flat_map_and_flatten() {
    in_pools(|| {
        for len in [0, 1, 10, 100_usize] {
            let flat: Vec<usize> = (0..len).into_par_iter().flat_map(|n| 0..n).collect();
            assert_eq!(flat, (0..len).flat_map(|n| 0..n).collect::<Vec<_>>());
            let lists: Vec<Vec<usize>> = (0..len).map(|n| vec![n; n % 3]).collect();
            let expected = lists.concat();
            let flat: Vec<usize> = lists.par_iter().flatten().copied().collect();
            assert_eq!(flat, expected);
            let flat: Vec<usize> = lists.into_par_iter().filter(|_| true).flatten().collect();
            assert_eq!(flat, expected);
        }
    });
}

#[test]
fn unzip_and_partition() {
    in_pools(|| {
        for len in [0, 1, 10, 1000] {
            let pairs = || (0..len).into_par_iter().map(|n| (n, n.to_string()));
            let numbers: Vec<i32> = (0..len).collect();
            let words: Vec<String> = numbers.iter().map(i32::to_string).collect();
            assert_eq!(pairs().unzip(), (numbers.clone(), words.clone()));
            assert_eq!(pairs().filter(|_| true).unzip(), (numbers.clone(), words.clone()));
            let (mut left, mut right) = (vec![9], vec![String::new()]);
            pairs().unzip_into_vecs(&mut left, &mut right);
            assert_eq!((left, right), (numbers.clone(), words));
            let small = |n: &i32| n % 3 == 0;
            let expected: (Vec<i32>, Vec<i32>) = numbers.iter().partition(|n| small(n));
            assert_eq!(numbers.par_iter().copied().partition(small), expected);
            let (thirds, others): (Vec<i32>, Vec<String>) = numbers.par_iter().partition_map(|n| match n % 3 {
                0 => Either::Left(*n),
                _ => Either::Right(n.to_string()),
            });
            assert_eq!(thirds, expected.0);
            assert_eq!(others, expected.1.iter().map(i32::to_string).collect::<Vec<_>>());
        }
    });
}

#[test]
fn nested_pairs_are_unzipped() {
    in_pools(|| {
        let nested = (0..100).into_par_iter().map(|n| (n, (n + 1, n + 2)));
        let (a, bc): (Vec<i32>, Vec<(i32, i32)>) = nested.unzip();
        assert_eq!(a.len(), 100);
        assert_eq!(bc[99], (100, 101));
    });
}

#[test]
fn unzipping_when_a_closure_panics() {
    in_pools(|| {
        let (mut left, mut right) = (vec![String::new()], vec![String::new()]);
        panic_message(|| {
            let pairs = (0..100).into_par_iter().map(|n| {
                assert!(n != 60);
                (n.to_string(), n.to_string())
            });
            pairs.unzip_into_vecs(&mut left, &mut right);
        });
        assert!(left.is_empty() && right.is_empty());
    });
}

#[test]
fn lists_of_vectors() {
    in_pools(|| {
        for len in [0, 1, 1000] {
            let list = (0..len).into_par_iter().filter(|n| n % 2 == 0).collect_vec_list();
            assert!(list.iter().all(|segment| !segment.is_empty()));
            assert!(list.into_iter().flatten().eq((0..len).filter(|n| n % 2 == 0)));
        }
    });
}
