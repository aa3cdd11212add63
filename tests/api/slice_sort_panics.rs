//! Whatever a comparison does, a sort leaves each item in the slice once, and nobody drops an item twice.

use std::cell::Cell;
use std::cmp::Ordering;
use std::panic::{self, AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Once;
use std::sync::atomic::{self, AtomicUsize};
use std::thread;

use paceline::extra::prelude::*;
use paceline::prelude::*;
use proptest::prelude::*;

use crate::iter::in_pools;
use crate::pools::pool_of;
use crate::slice_sorts::{scrambled, shapes, shapes_of_runs};
use crate::tally::{Tally, Token};

/// An item of a heap allocation, whose double drop would be found, and with a token, whose drops are counted.
///
/// Items that are some bytes wider are moved in other ways.
struct Item<const WIDER: usize = 0> {
    key: Box<u64>,
    number: usize,
    _token: Token,
    _padding: [u8; WIDER],
}

type Compare<'a> = &'a (dyn Fn(&u64, &u64) -> Ordering + Sync);

/// Sorts items with these keys, checks that all are there afterwards, and returns what came of it.
type Sort = fn(&[u64], Compare<'_>) -> thread::Result<()>;

/// So many of [`SORTS`] are of narrow items; the wide ones cost the most time, and are tried on fewer inputs.
const NARROW: usize = 3;

const SORTS: [Sort; 5] = [
    |keys, compare| check::<0>(keys, |items| items.par_sort_by(|a, b| compare(&a.key, &b.key))),
    |keys, compare| check::<0>(keys, |items| items.par_sort_unstable_by(|a, b| compare(&a.key, &b.key))),
    |keys, compare| {
        check::<0>(keys, |items| {
            if let Some(last) = items.len().checked_sub(1) {
                items.par_select_nth_unstable_by(last / 3, |a, b| compare(&a.key, &b.key));
            }
        })
    },
    |keys, compare| check::<40>(keys, |items| items.par_sort_by(|a, b| compare(&a.key, &b.key))),
    |keys, compare| check::<80>(keys, |items| items.par_sort_unstable_by(|a, b| compare(&a.key, &b.key))),
];

/// Keeps the panic hook from printing what std's sorts say of orders that are none: it is caught, but there is much.
fn silence_std() {
    static SILENCED: Once = Once::new();
    SILENCED.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let message = info.payload().downcast_ref::<&str>();
            if !message.is_some_and(|message| message.contains("total order")) {
                hook(info);
            }
        }));
    });
}

/// Sorts items with these keys by `sort`, checks that all are there afterwards, and returns what came of it.
fn check<const WIDER: usize>(keys: &[u64], sort: impl FnOnce(&mut [Item<WIDER>])) -> thread::Result<()> {
    let tally = Tally::default();
    let item = |(number, key): (usize, &u64)| {
        let (key, _token) = (Box::new(*key), tally.token());
        Item { key, number, _token, _padding: [0; WIDER] }
    };
    let mut items: Vec<Item<WIDER>> = keys.iter().enumerate().map(item).collect();
    silence_std();
    let outcome = catch_unwind(AssertUnwindSafe(|| sort(&mut items)));
    assert_eq!(tally.dropped(), 0);
    let mut seen = vec![false; keys.len()];
    for item in &items {
        assert_eq!(*item.key, keys[item.number]);
        assert!(!seen[item.number], "item {} is there twice", item.number);
        seen[item.number] = true;
    }
    drop(items);
    tally.assert_settled(keys.len());
    outcome
}

/// What a comparison panics with.
struct Mark;

/// Checks a sort whose comparison panics at the call of the given number, if it comes to that.
fn check_panic_at(call: usize, keys: &[u64], sorts: &[Sort]) {
    for sort in sorts {
        let calls = AtomicUsize::new(0);
        let outcome = sort(keys, &|a, b| {
            if calls.fetch_add(1, atomic::Ordering::Relaxed) == call {
                resume_unwind(Box::new(Mark));
            }
            a.cmp(b)
        });
        match outcome {
            Ok(()) => assert!(calls.into_inner() <= call, "the panic was swallowed"),
            Err(payload) => assert!(payload.is::<Mark>()),
        }
    }
}

#[test]
fn a_comparison_that_panics_at_some_call() {
    in_pools(|| {
        for (name, keys) in shapes(20_000) {
            for call in [0, 19_999, 40_000, 250_000] {
                check_panic_at(call, &keys, if name == "random" { &SORTS } else { &SORTS[..NARROW] });
            }
        }
    });
}

/// Runs are looked for, what lies between is sorted, and all are merged, to and fro: the panic comes in each of these.
#[test]
fn a_comparison_that_panics_where_most_is_sorted() {
    pool_of(3).install(|| {
        for (_, keys) in shapes_of_runs(20_000) {
            for call in (0..100_000).step_by(2999) {
                check_panic_at(call, &keys, &SORTS[..2]);
            }
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_comparison_that_panics_at_any_call(call in 0_usize..400_000, len in 0_usize..60_000, threads in 1_usize..8) {
        let keys: Vec<u64> = scrambled(len).collect();
        pool_of(threads).install(|| check_panic_at(call, &keys, &SORTS));
    }

    /// What seemed to be runs, or to be merged, is none.
    #[test]
    fn a_comparison_that_begins_to_lie(
        seed in any::<u64>(),
        call in 0_usize..90_000,
        len in 8000_usize..40_000,
        shape in 0_usize..7,
        threads in 1_usize..8,
    ) {
        let shapes = shapes_of_runs(len);
        let (_, keys) = &shapes[shape];
        pool_of(threads).install(|| {
            for sort in SORTS {
                let calls = AtomicUsize::new(0);
                let outcome = sort(keys, &|a, b| {
                    let number = calls.fetch_add(1, atomic::Ordering::Relaxed);
                    let lie = (number ^ seed as usize).wrapping_mul(0x9E37_79B9) >> 16 & 3;
                    if number < call { a.cmp(b) } else { lie.cmp(&1) }
                });
                assert!(outcome.is_ok());
            }
        });
    }

    #[test]
    fn a_comparison_that_tells_lies(seed in any::<u64>(), len in 0_usize..60_000, threads in 1_usize..8) {
        let keys: Vec<u64> = scrambled(len).collect();
        pool_of(threads).install(|| {
            for sort in SORTS {
                let random = AtomicUsize::new(seed as usize);
                let outcome = sort(&keys, &|_, _| {
                    let random = random.fetch_add(0x9E37_79B9, atomic::Ordering::Relaxed);
                    (random.wrapping_mul(0x85EB_CA6B) >> 16 & 3).cmp(&1)
                });
                assert!(outcome.is_ok());
            }
        });
    }
}

#[test]
fn comparisons_that_are_no_order() {
    let wrong: [Compare<'_>; 5] = [
        &|_, _| Ordering::Less,
        &|_, _| Ordering::Greater,
        &|a, _| a.cmp(&1000),
        &|a, b| if (a ^ b) & 4 == 0 { Ordering::Less } else { Ordering::Greater },
        &|a, b| a.cmp(b).then(Ordering::Less),
    ];
    in_pools(|| {
        for (name, keys) in shapes(17_000) {
            for sort in if name == "random" { &SORTS[..] } else { &SORTS[..NARROW] } {
                for compare in wrong {
                    assert!(sort(&keys, compare).is_ok());
                }
            }
        }
    });
}

/// std's sorts notice some orders that are none; it depends on them which, so many are tried.
#[test]
fn what_std_says_of_no_order_is_swallowed_and_what_a_comparison_says_is_not() {
    silence_std();
    let lie = |a: &u64, b: &u64| if (a ^ b) & 1 == 0 { a.cmp(b) } else { Ordering::Greater };
    let noticed = (20..2000).step_by(20).filter(|&len| {
        let mut keys: Vec<u64> = scrambled(len).collect();
        catch_unwind(AssertUnwindSafe(|| keys.sort_by(lie))).is_err()
    });
    let noticed: Vec<usize> = noticed.collect();
    assert!(!noticed.is_empty());
    for len in noticed {
        let mut keys: Vec<u64> = scrambled(len).collect();
        keys.par_sort_by(lie);
        keys.par_sort_unstable_by(lie);
        let mut expected: Vec<u64> = scrambled(len).collect();
        expected.sort();
        keys.sort();
        assert_eq!(keys, expected);
        let panics = |_: &u64, _: &u64| -> Ordering { resume_unwind(Box::new(Mark)) };
        let stable = catch_unwind(AssertUnwindSafe(|| keys.par_sort_by(panics)));
        let unstable = catch_unwind(AssertUnwindSafe(|| keys.par_sort_unstable_by(panics)));
        assert!(stable.is_err_and(|payload| payload.is::<Mark>()));
        assert!(unstable.is_err_and(|payload| payload.is::<Mark>()));
    }
}

#[test]
fn a_key_that_panics_leaves_all_as_it_was() {
    in_pools(|| {
        let keys: Vec<u64> = scrambled(20_000).collect();
        for bad in [0, 4500, 19_999] {
            let outcome = check::<0>(&keys, |items| {
                let sort = || {
                    items.par_sort_by_cached_key(|item| {
                        assert!(item.number != bad);
                        item.number as u64 % 17
                    });
                };
                assert!(catch_unwind(AssertUnwindSafe(sort)).is_err());
                assert!(items.iter().map(|item| item.number).eq(0..20_000));
            });
            assert!(outcome.is_ok());
        }
    });
}

/// Items that may not be shared: a comparison of one by two threads at a time would be a race.
#[test]
fn items_that_are_not_sync_are_compared_by_one_thread_at_a_time() {
    struct Guarded {
        key: u64,
        /// Set while the item is looked at.
        busy: Cell<bool>,
        looks: Cell<u32>,
    }

    impl Guarded {
        fn look(&self) -> u64 {
            assert!(!self.busy.replace(true), "two threads look at one item");
            self.looks.set(self.looks.get() + 1);
            std::hint::black_box(&self.busy).set(false);
            self.key
        }
    }

    in_pools(|| {
        for (name, keys) in shapes(40_000) {
            let items = || {
                let item = |&key: &u64| Guarded { key, busy: Cell::new(false), looks: Cell::new(0) };
                keys.iter().map(item).collect::<Vec<_>>()
            };
            let looked = |items: &[Guarded]| items.iter().map(|item| u64::from(item.looks.get())).sum::<u64>();
            let calls = AtomicUsize::new(0);
            let compare = |a: &Guarded, b: &Guarded| {
                calls.fetch_add(2, atomic::Ordering::Relaxed);
                a.look().cmp(&b.look())
            };
            for sort in [0, 1, 2] {
                let mut items = items();
                calls.store(0, atomic::Ordering::Relaxed);
                match sort {
                    0 => items.par_sort_by(compare),
                    1 => items.par_sort_unstable_by(compare),
                    _ => _ = items.par_select_nth_unstable_by(3000, compare),
                }
                assert!(sort == 2 || items.is_sorted_by_key(|item| item.key), "{name}");
                // No look was lost: what a comparison changes in an item goes with the item.
                assert_eq!(looked(&items), calls.load(atomic::Ordering::Relaxed) as u64, "{name}");
            }
        }
    });
}
