//! Selecting an item by its rank, and asking whether a slice is sorted, agree with std's.

use std::cmp::Reverse;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use paceline::extra::prelude::*;
use proptest::prelude::*;

use crate::iter::in_pools;
use crate::pools::pool_of;
use crate::slice_sorts::{scrambled, shapes};

fn check_selection(name: &str, keys: &[u64], index: usize) {
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    let mut items = keys.to_vec();
    let (before, item, behind) = items.par_select_nth_unstable(index);
    assert_eq!((before.len(), *item), (index, sorted[index]), "{name}, {index} of {}", keys.len());
    assert!(before.iter().all(|other| *other <= *item), "{name}, {index} of {}", keys.len());
    assert!(behind.iter().all(|other| *other >= *item), "{name}, {index} of {}", keys.len());
    items.sort_unstable();
    assert!(items == sorted, "{name}, {index} of {}", keys.len());
    let mut items: Vec<[u64; 3]> = keys.iter().map(|&key| [1, key, key]).collect();
    let (before, item, behind) = items.par_select_nth_unstable_by_key(index, |item| Reverse(item[1]));
    assert_eq!(item[1], sorted[keys.len() - 1 - index]);
    assert!(before.iter().all(|other| other[1] >= item[1]) && behind.iter().all(|other| other[1] <= item[1]));
    let (_, item, _) = items.par_select_nth_unstable_by(index, |a, b| a[2].cmp(&b[2]));
    assert_eq!(*item, [1, sorted[index], sorted[index]]);
}

#[test]
fn selections_of_every_shape() {
    in_pools(|| {
        for len in [1, 2, 100, 32_768] {
            for (name, keys) in shapes(len) {
                for index in [0, len / 2, len - len / 50, len] {
                    check_selection(name, &keys, index.min(len - 1));
                }
            }
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn random_selections(
        len in 1_usize..100_000,
        place in 0.0_f64..1.0,
        spread in prop_oneof![1_u64..50, 100_u64..5000, Just(u64::MAX)],
        threads in 1_usize..40,
    ) {
        let keys: Vec<u64> = scrambled(len).map(|key| key % spread).collect();
        pool_of(threads).install(|| check_selection("random", &keys, (len as f64 * place) as usize));
    }
}

#[test]
fn an_index_beyond_the_end_is_refused_before_anything_is_compared() {
    in_pools(|| {
        for len in [0, 1, 50_000] {
            let mut items: Vec<u64> = scrambled(len).collect();
            let compared = AtomicUsize::new(0);
            let select = || {
                items.par_select_nth_unstable_by(len, |a, b| {
                    compared.fetch_add(1, Ordering::Relaxed);
                    a.cmp(b)
                });
            };
            let payload = catch_unwind(AssertUnwindSafe(select)).unwrap_err();
            let message = payload.downcast_ref::<String>().expect("a message");
            assert!(message.contains(&format!("index to select is {len}")), "{message}");
            assert_eq!(compared.into_inner(), 0);
            assert!(items.into_iter().eq(scrambled(len)));
        }
    });
}

#[test]
fn selections_among_items_without_size() {
    let mut items = [(); 100_000];
    let (before, (), behind) = items.par_select_nth_unstable(99_000);
    assert_eq!((before.len(), behind.len()), (99_000, 999));
}

#[test]
fn a_selection_compares_less_often_than_a_sort() {
    pool_of(4).install(|| {
        let len = 200_000;
        for (name, keys) in shapes(len) {
            let compared = AtomicUsize::new(0);
            let mut items = keys.clone();
            items.par_select_nth_unstable_by(len / 2, |a, b| {
                compared.fetch_add(1, Ordering::Relaxed);
                a.cmp(b)
            });
            let compared = compared.into_inner();
            assert!(compared < 4 * len, "{name}: {compared} comparisons");
        }
    });
}

fn check_sortedness(keys: &[u64]) {
    assert_eq!(keys.par_is_sorted(), keys.is_sorted());
    assert_eq!(keys.par_is_sorted_by(|a, b| a < b), keys.is_sorted_by(|a, b| a < b));
    assert_eq!(keys.par_is_sorted_by_key(|&key| Reverse(key)), keys.is_sorted_by_key(|&key| Reverse(key)));
}

#[test]
fn sortedness_of_every_shape() {
    in_pools(|| {
        for len in [0, 1, 2, 100, 65_535, 65_536, 65_537, 100_000] {
            for (_, keys) in shapes(len) {
                check_sortedness(&keys);
            }
        }
    });
}

#[test]
fn one_pair_out_of_order_anywhere_is_found() {
    in_pools(|| {
        let mut keys: Vec<u64> = (0..100_000).collect();
        for place in [0, 1, 8190, 8191, 8192, 8193, 65_535, 65_536, 99_998] {
            keys.swap(place, place + 1);
            check_sortedness(&keys);
            assert!(!keys.par_is_sorted());
            keys.swap(place, place + 1);
        }
        check_sortedness(&keys);
    });
}

#[test]
fn sortedness_is_decided_early() {
    pool_of(2).install(|| {
        let len = 4_000_000;
        let compared = AtomicUsize::new(0);
        let is_sorted = vec![1_u8; len].par_is_sorted_by(|_, _| {
            compared.fetch_add(1, Ordering::Relaxed);
            false
        });
        assert!(!is_sorted);
        let compared = compared.into_inner();
        assert!(compared < len / 100, "{compared} comparisons");
    });
}
