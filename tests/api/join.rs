//! `join` and `join_context`: results, borrows, nesting and who runs which half.

use crate::meeting::{join_with_theft, receive};
use crate::pools::{at_each_size, pool_of};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

fn fibonacci(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = paceline::join(|| fibonacci(n - 1), || fibonacci(n - 2));
    a + b
}

fn quicksort<T: Ord + Send>(items: &mut [T]) {
    let Some(pivot) = items.len().checked_sub(1) else {
        return;
    };
    let mut below = 0;
    for i in 0..pivot {
        if items[i] < items[pivot] {
            items.swap(i, below);
            below += 1;
        }
    }
    items.swap(below, pivot);
    let (left, right) = items.split_at_mut(below);
    paceline::join(|| quicksort(left), || quicksort(&mut right[1..]));
}

/// Items in an order that looks random and is the same each time.
fn scattered(n: u64) -> Vec<u64> {
    (0..n).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32).collect()
}

#[test]
fn returns_both_results_in_order() {
    at_each_size(|pool, _| {
        let results = pool.install(|| paceline::join(|| 1, || "two"));
        assert_eq!(results, (1, "two"));
    });
    assert_eq!(paceline::join(|| 1, || "two"), (1, "two"));
}

#[test]
fn moves_what_the_halves_own_in_and_out() {
    at_each_size(|pool, _| {
        let (text, boxed) = (String::from("left"), vec![7_u8; 4096].into_boxed_slice());
        let (text, boxed) = pool.join(move || text + "+", move || boxed);
        assert_eq!(text, "left+");
        assert!(boxed.iter().all(|&byte| byte == 7) && boxed.len() == 4096);
    });
}

#[test]
fn large_results_come_back_whole() {
    at_each_size(|pool, _| {
        let (a, b) = pool.join(|| [3_u64; 2048], || [5_u64; 2048]);
        assert_eq!((a.iter().sum(), b.iter().sum()), (6144_u64, 10240_u64));
    });
}

#[test]
fn halves_borrow_what_their_caller_owns() {
    at_each_size(|pool, _| {
        let shared = [1, 2, 3];
        let (mut sum, mut product) = (0, 0);
        pool.install(|| paceline::join(|| sum = shared.iter().sum(), || product = shared.iter().product()));
        assert_eq!((sum, product), (6, 6));
    });
}

#[test]
fn sorts_through_disjoint_borrows() {
    at_each_size(|pool, _| {
        let mut items = scattered(20_000);
        let mut expected = items.clone();
        expected.sort_unstable();
        pool.install(|| quicksort(&mut items));
        assert_eq!(items, expected);
    });
}

#[test]
fn nests_without_a_cut_off() {
    at_each_size(|pool, _| assert_eq!(pool.install(|| fibonacci(20)), 6765));
    assert_eq!(fibonacci(20), 6765);
}

#[test]
fn one_worker_runs_both_halves_itself() {
    let pool = pool_of(1);
    let seen = pool.install(|| {
        let caller = thread::current().id();
        paceline::join_context(
            |context| (context.migrated(), thread::current().id() == caller),
            |context| (context.migrated(), thread::current().id() == caller),
        )
    });
    assert_eq!(seen, ((false, true), (false, true)));
}

#[test]
fn a_stolen_half_knows_that_it_migrated() {
    for threads in [2, 3, 8] {
        let slot = |migrated| {
            let index = paceline::current_thread_index();
            (migrated, index, thread::current().id())
        };
        let ((stayed, own_index, own), (moved, thief_index, thief)) =
            join_with_theft(&pool_of(threads), |context| slot(context.migrated()), |context| slot(context.migrated()));
        assert!(!stayed, "the first half never leaves the worker that forks");
        assert!(moved, "the second half ran elsewhere");
        assert_ne!(own, thief);
        assert_ne!(own_index, thief_index);
        assert!(own_index < Some(threads) && thief_index < Some(threads));
    }
}

#[test]
fn outside_any_pool_both_halves_migrate() {
    for _ in 0..100 {
        assert_eq!(paceline::join_context(|context| context.migrated(), |context| context.migrated()), (true, true));
    }
}

/// Programs written for an eager scheduler block in one half until the other has begun. With a
/// worker to spare that must work on the very first fork of a fresh pool.
#[test]
fn halves_that_wait_for_each_other_meet() {
    for threads in [2, 3, 8] {
        let pool = pool_of(threads);
        let (to_second, at_second) = channel();
        let (to_first, at_first) = channel();
        let met = pool.install(|| {
            paceline::join(
                move || {
                    to_second.send("from the first").unwrap();
                    receive(&at_first, "the second half")
                },
                move || {
                    to_first.send("from the second").unwrap();
                    receive(&at_second, "the first half")
                },
            )
        });
        assert_eq!(met, ("from the second", "from the first"));
    }
}

#[test]
fn while_a_half_is_stolen_its_owner_joins_on() {
    let pool = pool_of(2);
    let (first, second) = join_with_theft(&pool, |_| fibonacci(15), |_| fibonacci(16));
    assert_eq!((first, second), (610, 987));
}

#[test]
fn a_million_joins_in_a_row() {
    let pool = pool_of(2);
    let total: u64 = pool.install(|| {
        (0..1_000_000_u64)
            .map(|i| {
                let (a, b) = paceline::join(|| i, || 1);
                a + b
            })
            .sum()
    });
    assert_eq!(total, 499_999_500_000 + 1_000_000);
}

#[test]
fn many_callers_share_one_pool() {
    let pool = pool_of(3);
    let forks = AtomicUsize::new(0);
    thread::scope(|callers| {
        for _ in 0..8 {
            callers.spawn(|| {
                for _ in 0..100 {
                    let (a, b) = pool.join(|| fibonacci(8), || fibonacci(9));
                    assert_eq!((a, b), (21, 34));
                    forks.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(forks.into_inner(), 800);
}
