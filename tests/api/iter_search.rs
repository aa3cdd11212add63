//! Searches, comparisons, and what ends early.

use std::cmp::Ordering;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Poll;

use paceline::prelude::*;

use crate::iter::in_pools;

#[test]
fn find_first_and_last() {
    in_pools(|| {
        for len in [0, 1, 10, 1000] {
            for wanted in [0, 3, 9, 500, 999] {
                let numbers = || (0..len).into_par_iter();
                let matches = |n: &usize| n % 10 == wanted % 10;
                let first = (0..len).find(matches);
                let last = (0..len).rfind(matches);
                assert_eq!(numbers().find_first(matches), first);
                assert_eq!(numbers().find_last(matches), last);
                assert_eq!(numbers().filter(|_| true).find_first(matches), first);
                assert_eq!(numbers().position_first(|n| matches(&n)), first);
                assert_eq!(numbers().position_last(|n| matches(&n)), last);
                let thousands = |n| (n >= wanted).then_some(n * 1000);
                assert_eq!(numbers().find_map_first(thousands), (0..len).find_map(thousands));
                assert_eq!(numbers().find_map_last(thousands), (0..len).rev().find_map(thousands));
                let nested = numbers().flat_map(|n| (0..n).into_par_iter().map(move |m| (n, m)));
                let found = nested.find_first(|&(n, m)| n > wanted && m == 2);
                let expected = (0..len).flat_map(|n| (0..n).map(move |m| (n, m)));
                assert_eq!(found, { expected }.find(|&(n, m)| n > wanted && m == 2));
            }
        }
    });
}

#[test]
fn a_find_ends_the_search() {
    let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let looked = AtomicUsize::new(0);
    let look = |n: &usize| {
        looked.fetch_add(1, Relaxed);
        *n == 5
    };
    pool.install(|| {
        let numbers = || (0..1024_usize).into_par_iter().with_max_len(64);
        assert_eq!(numbers().find_first(look), Some(5));
        assert_eq!(looked.swap(0, Relaxed), 6);
        assert_eq!(numbers().find_any(look), Some(5));
        assert_eq!(looked.swap(0, Relaxed), 6);
        assert_eq!(numbers().find_last(look), Some(5));
        assert_eq!(looked.swap(0, Relaxed), 1024);
    });
}

#[test]
fn any_of_many() {
    in_pools(|| {
        // Nobody could wait for all of these.
        let numbers = || (0..u64::MAX).into_par_iter();
        assert!(numbers().any(|n| n > 5));
        assert!(!numbers().all(|n| n < 5));
        assert!(numbers().find_any(|n| n % 3 == 1).is_some_and(|n| n % 3 == 1));
        assert!(numbers().find_map_any(|n| n.checked_sub(9)).is_some());
        assert!(!(0..100).into_par_iter().any(|n| n > 100));
        assert!((0..100).into_par_iter().all(|n| n < 100));
        assert_eq!((0..100).into_par_iter().position_any(|n| n == 42), Some(42));
        assert_eq!((0..100).into_par_iter().find_any(|&n| n == 100), None);
    });
}

#[test]
fn comparisons_agree_with_std() {
    let lists: [&[f64]; 7] =
        [&[], &[1.0], &[1.0, 2.0], &[1.0, 3.0], &[2.0], &[1.0, f64::NAN, 1.0], &[1.0, f64::NAN, 2.0]];
    in_pools(|| {
        for a in lists {
            for b in lists {
                let (p, q) = (|| a.par_iter(), || b.par_iter());
                assert_eq!(p().partial_cmp(q()), a.iter().partial_cmp(b), "{a:?} {b:?}");
                assert_eq!(p().eq(q()), a.iter().eq(b));
                assert_eq!(p().ne(q()), a.iter().ne(b));
                assert_eq!(p().lt(q()), a.iter().lt(b));
                assert_eq!(p().le(q()), a.iter().le(b));
                assert_eq!(p().gt(q()), a.iter().gt(b));
                assert_eq!(p().ge(q()), a.iter().ge(b));
            }
        }
        assert_eq!((0..1000).into_par_iter().cmp(0..1000), Ordering::Equal);
        assert_eq!((0..1000).into_par_iter().cmp(0..999), Ordering::Greater);
        assert_eq!((0..1000).into_par_iter().cmp(1..1000), Ordering::Less);
    });
}

#[test]
fn try_reduce_succeeds_or_fails() {
    in_pools(|| {
        for len in [0, 1, 100_u32] {
            let numbers = || (0..len).into_par_iter();
            let add = |a: u32, b: u32| Ok::<u32, u32>(a + b);
            let sum = (0..len).sum();
            assert_eq!(numbers().map(Ok).try_reduce(|| 0, add), Ok(sum));
            let with = numbers().map(Ok).try_reduce_with(add);
            assert_eq!(with, (len > 0).then_some(Ok(sum)));
            let fails = |n| if n == 77 { Err(n) } else { Ok(n) };
            let expected = if len > 77 { Err(77) } else { Ok(sum) };
            assert_eq!(numbers().map(fails).try_reduce(|| 0, add), expected);
            let with = numbers().map(fails).try_reduce_with(add);
            assert_eq!(with.unwrap_or(Ok(0)), expected);
            let bounded = |a: u32, b| (a + b < 1000).then_some(a + b);
            let sum = (sum < 1000).then_some(sum);
            assert_eq!(numbers().map(Some).try_reduce(|| 0, bounded), sum);
            let folded = numbers().try_fold(|| 0, bounded).try_reduce(|| 0, bounded);
            assert_eq!(folded, sum);
            let folded = numbers().try_fold_with(0, bounded).try_reduce(|| 0, bounded);
            assert_eq!(folded, sum);
        }
    });
}

#[test]
fn all_fallible_types_work() {
    let fail_at_5 = |n: u32| {
        if n == 5 { ControlFlow::Break(n) } else { ControlFlow::Continue(()) }
    };
    in_pools(|| {
        assert_eq!((0..9).into_par_iter().try_for_each(fail_at_5), ControlFlow::Break(5));
        assert_eq!((0..5).into_par_iter().try_for_each(fail_at_5), ControlFlow::Continue(()));
        let ready = |n: u32| Poll::Ready(if n == 5 { Err(n) } else { Ok(n) });
        let add = |a: Poll<u32>, b: Poll<u32>| match (a, b) {
            (Poll::Ready(a), Poll::Ready(b)) => Poll::Ready(Ok(a + b)),
            _ => Poll::Pending,
        };
        let zero = || Poll::Ready(0);
        assert_eq!((0..5).into_par_iter().map(ready).try_reduce(zero, add), Poll::Ready(Ok(10)));
        assert_eq!((0..9).into_par_iter().map(ready).try_reduce(zero, add), Poll::Ready(Err(5)));
        let some = |n| ready(n).map(Some);
        let last = |_, b: Poll<Option<u32>>| b.map(|b| b.map(Ok));
        let none = || Poll::Ready(None);
        assert_eq!((0..5).into_par_iter().map(some).try_reduce(none, last), Poll::Ready(Some(Ok(4))));
        assert_eq!((0..9).into_par_iter().map(some).try_reduce(none, last), Poll::Ready(Some(Err(5))));
    });
}

#[test]
fn a_failure_ends_the_others() {
    in_pools(|| {
        // Nobody could wait for all of these.
        let numbers = || (0..u64::MAX).into_par_iter();
        let small = |n: u64| (n < 1000).then_some(());
        assert_eq!(numbers().try_for_each(small), None);
        assert_eq!(numbers().try_for_each_with((), |(), n| small(n)), None);
        assert_eq!(numbers().try_for_each_init(|| (), |(), n| small(n)), None);
    });
}
