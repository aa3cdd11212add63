//! `map_worker_init`: how many values are made, that nobody shares one, and that all are dropped.

use crate::panic_of;
use crate::pools::{at_each_size, pool_of};
use crate::slots::{SIZES, as_external_caller, at_sizes};
use crate::tally::{Tally, Token};
use paceline::extra::prelude::*;
use paceline::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

const ITEMS: usize = 10_000;

/// A value that notices when it is used twice at a time.
struct Private {
    _counted: Token,
    in_use: bool,
    items: usize,
}

impl Private {
    fn new(tally: &Tally) -> Self {
        Private { _counted: tally.token(), in_use: false, items: 0 }
    }

    fn use_for<R>(&mut self, f: impl FnOnce() -> R) -> R {
        assert!(!self.in_use, "a value is used while it is in use");
        self.in_use = true;
        self.items += 1;
        let result = f();
        self.in_use = false;
        result
    }
}

/// Some work, more for some items than for others.
fn work(n: usize) -> usize {
    (0..(n % 64) * (n % 8)).fold(n, |so_far, i| std::hint::black_box(so_far ^ i))
}

#[test]
fn no_more_values_are_made_than_there_are_threads() {
    let expected: Vec<_> = (0..ITEMS).map(work).collect();
    for threads in [1, 2, 3, 8, 32] {
        let pool = pool_of(threads);
        for _ in 0..5 {
            let tally = Tally::of_at_most(threads);
            let run = |value: &mut Private, n| value.use_for(|| work(n));
            let items = (0..ITEMS).into_par_iter().map_worker_init(|| Private::new(&tally), run);
            let mapped: Vec<_> = pool.install(|| items.collect());
            assert_eq!(mapped, expected);
            assert!(tally.made() >= 1);
            tally.assert_all_dropped();
        }
    }
}

#[test]
fn nor_when_every_item_is_a_part_or_the_number_of_items_is_not_known() {
    at_each_size(|pool, threads| {
        let run = |value: &mut Private, n| value.use_for(|| work(n));
        let tally = Tally::of_at_most(threads);
        let items = (0..2000).into_par_iter().with_max_len(1);
        let sum: usize = pool.install(|| items.map_worker_init(|| Private::new(&tally), run).sum());
        assert_eq!(sum, (0..2000).map(work).sum());
        tally.assert_all_dropped();

        let tally = Tally::of_at_most(threads);
        let items = (0..ITEMS).into_par_iter().filter(|n| n % 3 == 0);
        let sum: usize = pool.install(|| items.map_worker_init(|| Private::new(&tally), run).sum());
        assert_eq!(sum, (0..ITEMS).step_by(3).map(work).sum());
        tally.assert_all_dropped();
    });
}

#[test]
fn without_items_no_value_is_made() {
    let none = 0..0_u32;
    let mapped = none.into_par_iter().map_worker_init(|| panic!("nobody needs one"), |(): &mut (), n| n);
    assert_eq!(mapped.count(), 0);
}

#[test]
fn it_keeps_positions() {
    at_each_size(|pool, threads| {
        let tally = Tally::of_at_most(threads);
        let run = |value: &mut Private, n| value.use_for(|| n);
        let items = (0..5000).into_par_iter().map_worker_init(|| Private::new(&tally), run);
        assert_eq!(items.len(), 5000);
        let pairs: Vec<_> = pool.install(|| items.rev().zip(0..5000).skip(10).enumerate().collect());
        let expected: Vec<_> = (0..5000).rev().zip(0..5000).skip(10).enumerate().collect();
        assert_eq!(pairs, expected);
        tally.assert_all_dropped();
    });
}

#[test]
fn one_thread_has_one_value_for_all_items() {
    let tally = Tally::of_at_most(1);
    let items = (0..ITEMS).into_par_iter();
    let counted = items.map_worker_init(
        || Private::new(&tally),
        |value, _| {
            value.use_for(|| ());
            value.items
        },
    );
    assert_eq!(pool_of(1).install(|| counted.max()), Some(ITEMS));
}

#[test]
fn items_that_wait_for_parallel_work_of_their_own_share_no_value() {
    at_each_size(|pool, _| {
        let items = 400;
        let tally = Tally::of_at_most(items);
        let run = |value: &mut Private, n: usize| {
            value.use_for(|| (0..200).into_par_iter().with_max_len(1).map(|i| work(n + i)).sum::<usize>())
        };
        let mapped = (0..items).into_par_iter().with_max_len(1).map_worker_init(|| Private::new(&tally), run);
        let sum: usize = pool.install(|| mapped.sum());
        assert_eq!(sum, (0..items).flat_map(|n| (0..200).map(move |i| work(n + i))).sum());
        tally.assert_all_dropped();
    });
}

#[test]
fn panics_go_on_and_all_values_are_dropped() {
    at_each_size(|pool, threads| {
        let tally = Tally::of_at_most(threads);
        let run = |_: &mut Token, n| assert_ne!(n, 5000, "an item");
        let items = (0..ITEMS).into_par_iter().map_worker_init(|| tally.token(), run);
        assert!(panic_of(|| pool.install(|| items.for_each(drop))).ends_with("an item\n  left: 5000\n right: 5000"));
        tally.assert_all_dropped();

        let (tally, inits) = (Tally::of_at_most(threads), AtomicUsize::new(0));
        let init = || match inits.fetch_add(1, Ordering::Relaxed) {
            0 => panic!("the first value"),
            _ => tally.token(),
        };
        let items = (0..ITEMS).into_par_iter().map_worker_init(init, |_, n| n);
        assert_eq!(panic_of(|| _ = pool.install(|| items.count())), "the first value");
        tally.assert_all_dropped();
    });
}

#[test]
fn external_callers_and_their_helpers_have_a_value_each() {
    at_sizes(&SIZES, "worker_init::external_callers_and_their_helpers_have_a_value_each", |threads| {
        for _ in 0..5 {
            let tally = Tally::of_at_most(threads);
            let run = |value: &mut Private, n| value.use_for(|| work(n));
            let items = (0..ITEMS).into_par_iter().map_worker_init(|| Private::new(&tally), run);
            let sum: usize = as_external_caller(|| items.sum());
            assert_eq!(sum, (0..ITEMS).map(work).sum());
            tally.assert_all_dropped();
        }
    });
}
