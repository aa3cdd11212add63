//! Parallel iterators agree with std's on pools of several sizes, and refuse bad input.

use std::collections::BTreeSet;
use std::num::Wrapping;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use paceline::ThreadPoolBuilder;
use paceline::prelude::*;

/// Runs `check` in pools of one, two and seven threads.
pub(crate) fn in_pools(check: impl Fn() + Sync) {
    for threads in [1, 2, 7] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(&check);
    }
}

/// The message of the panic that `f` ends in.
pub(crate) fn panic_message<R>(f: impl FnOnce() -> R) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(f)) else {
        panic!("there was no panic");
    };
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => payload.downcast::<&str>().unwrap().to_string(),
    }
}

const LENGTHS: [usize; 7] = [0, 1, 2, 3, 7, 64, 1000];

#[test]
fn totals_agree_with_std() {
    in_pools(|| {
        for len in LENGTHS {
            let numbers: Vec<u64> = (0..len as u64).map(|n| n * 37 % 101).collect();
            assert_eq!(numbers.par_iter().sum::<u64>(), numbers.iter().sum());
            assert_eq!(numbers.par_iter().count(), len);
            assert_eq!(numbers.par_iter().min(), numbers.iter().min());
            assert_eq!(numbers.par_iter().max(), numbers.iter().max());
            let odd = |n: &&u64| **n % 2 == 1;
            assert_eq!(numbers.par_iter().filter(odd).count(), numbers.iter().filter(odd).count());
            let identity = || 0;
            let sum = numbers.par_iter().map(|&n| n).reduce(identity, |a, b| a + b);
            assert_eq!(sum, numbers.iter().sum());
            let odd_only = |n: &u64| Wrapping(n | 1);
            let product = numbers.par_iter().map(odd_only).product::<Wrapping<u64>>();
            assert_eq!(product, numbers.iter().map(odd_only).product());
        }
    });
}

#[test]
fn reduce_keeps_the_order() {
    in_pools(|| {
        for len in LENGTHS {
            let words: Vec<String> = (0..len).map(|n| format!("{n},")).collect();
            let all = words.concat();
            let parallel = words.clone().into_par_iter();
            assert_eq!(parallel.clone().reduce(String::new, |a, b| a + &b), all);
            let joined = parallel.reduce_with(|a, b| a + &b);
            assert_eq!(joined.unwrap_or_default(), all);
        }
    });
}

#[test]
fn reduce_with_of_nothing_is_none() {
    let nothing: [i32; 0] = [];
    assert_eq!(nothing.par_iter().map(|&n| n).reduce_with(|a, b| a + b), None);
    assert_eq!(nothing.par_iter().min(), None);
    assert_eq!(nothing.par_iter().max_by_key(|n| **n), None);
}

#[test]
fn of_equal_items_min_is_the_first_and_max_the_last() {
    let pairs: Vec<(u8, usize)> = (0..500).map(|n| ((n % 5) as u8, n)).collect();
    in_pools(|| {
        let order = |a: &&(u8, usize), b: &&(u8, usize)| a.0.cmp(&b.0);
        assert_eq!(pairs.par_iter().min_by(order), pairs.iter().min_by(order));
        assert_eq!(pairs.par_iter().max_by(order), pairs.iter().max_by(order));
        let key = |pair: &&(u8, usize)| pair.0;
        assert_eq!(pairs.par_iter().min_by_key(key), Some(&(0, 0)));
        assert_eq!(pairs.par_iter().max_by_key(key), Some(&(4, 499)));
    });
}

#[test]
fn for_each_visits_every_item_once() {
    in_pools(|| {
        let seen = Mutex::new(BTreeSet::new());
        (0..777_usize).into_par_iter().for_each(|n| {
            assert!(seen.lock().unwrap().insert(n));
        });
        assert_eq!(seen.into_inner().unwrap().len(), 777);
    });
}

#[test]
fn par_iter_mut_changes_every_item() {
    in_pools(|| {
        let mut numbers: Vec<usize> = (0..1000).collect();
        numbers.par_iter_mut().enumerate().for_each(|(i, n)| *n += i);
        assert!(numbers.iter().enumerate().all(|(i, n)| *n == 2 * i));
    });
}

#[test]
fn ranges_of_every_integer_agree_with_std() {
    macro_rules! check {
        ($($int:ty),*) => { $(
            for (start, end) in [(3, 3), (5, 2), (0, 100), (<$int>::MAX - 9, <$int>::MAX), (<$int>::MIN, <$int>::MIN + 90)] {
                let range: std::ops::Range<$int> = start..end;
                let parallel: Vec<$int> = range.clone().into_par_iter().collect();
                assert_eq!(parallel, range.clone().collect::<Vec<_>>());
                let half: Vec<$int> = range.clone().into_par_iter().filter(|n| n % 2 == 0).collect();
                assert_eq!(half, range.filter(|n| n % 2 == 0).collect::<Vec<_>>());
            }
        )* };
    }
    in_pools(|| {
        check!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);
    });
}

#[test]
fn long_ranges_know_their_length() {
    assert_eq!((i8::MIN..i8::MAX).into_par_iter().len(), 255);
    let sum: i32 = (i8::MIN..i8::MAX).into_par_iter().map(i32::from).sum();
    assert_eq!(sum, -255);
    assert_eq!((0..u128::MAX).into_par_iter().opt_len(), None);
    assert_eq!((-5..5_i64).into_par_iter().opt_len(), Some(10));
    let last = u128::MAX - 300..u128::MAX;
    let sum = last.clone().into_par_iter().map(|n| n % 7).sum::<u128>();
    assert_eq!(sum, last.map(|n| n % 7).sum());
}

#[test]
fn a_range_of_literals_is_inferred() {
    let sum: i32 = (0..10).into_par_iter().map(|n| n * 2).sum();
    assert_eq!(sum, 90);
}

#[test]
fn chunk_size_zero_is_refused_before_any_work() {
    let calls = AtomicUsize::new(0);
    let message = panic_message(|| {
        let counted = (0..10).into_par_iter().map(|n| {
            calls.fetch_add(1, Ordering::Relaxed);
            n
        });
        counted.chunks(0).count()
    });
    assert!(message.contains("chunk_size"), "{message}");
    assert!(message.contains("zero"), "{message}");
    assert_eq!(calls.into_inner(), 0);
}

#[test]
fn a_panic_reaches_the_caller_with_its_payload() {
    in_pools(|| {
        let message = panic_message(|| {
            (0..1000).into_par_iter().for_each(|n| {
                assert!(n != 617, "not {n}");
            });
        });
        assert_eq!(message, "not 617");
    });
}

#[test]
fn adaptors_can_be_shown_and_cloned() {
    let numbers = vec![1, 2];
    let mapped = numbers.par_iter().map(|n| n + 1);
    assert_eq!(format!("{mapped:?}"), "Map { base: Iter { slice: [1, 2] }, .. }");
    assert_eq!(mapped.clone().sum::<i32>(), mapped.sum());
    let zipped = numbers.par_iter().zip(0..5).enumerate().with_max_len(1);
    assert_eq!(zipped.clone().count(), zipped.count());
}
