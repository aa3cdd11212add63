//! Removing repeated neighbours agrees with std, and no item is lost or dropped twice whatever the closure does.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

use paceline::ThreadPool;
use paceline::extra::prelude::*;
use proptest::prelude::*;

use crate::pools::pool_of;

fn pools() -> &'static [ThreadPool] {
    static POOLS: OnceLock<Vec<ThreadPool>> = OnceLock::new();
    POOLS.get_or_init(|| [1, 2, 7, 64].map(pool_of).into())
}

/// Items in runs of different lengths, now and then one that is longer than a piece of the vector.
fn runs(lens: &[(u16, usize)], most: usize) -> Vec<u16> {
    let run = |&(item, len): &(u16, usize)| std::iter::repeat_n(item, if len == 0 { 9000 } else { len });
    lens.iter().flat_map(run).cycle().take(if lens.is_empty() { 0 } else { most }).collect()
}

/// Checks all three methods against std's.
fn check(items: &[u16]) {
    let (mut ours, mut expected) = (items.to_vec(), items.to_vec());
    ours.par_dedup();
    expected.dedup();
    assert!(ours == expected);
    let (mut ours, mut expected) = (items.to_vec(), items.to_vec());
    ours.par_dedup_by_key(|item| *item / 2);
    expected.dedup_by_key(|item| *item / 2);
    assert!(ours == expected);
    // Which of two is the later, the closure can tell by their places.
    let placed = || items.iter().copied().enumerate().collect::<Vec<_>>();
    let (mut ours, mut expected) = (placed(), placed());
    ours.par_dedup_by(|later, earlier| {
        assert!(later.0 > earlier.0);
        later.1 == earlier.1
    });
    expected.dedup_by(|later, earlier| later.1 == earlier.1);
    assert!(ours == expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn short(items in prop::collection::vec(0_u16..4, 0..300), pool in 0_usize..4) {
        pools()[pool].install(|| check(&items));
    }

    #[test]
    fn long(lens in prop::collection::vec((0_u16..5, 0_usize..6), 0..2000), most in 0_usize..60_000, pool in 0_usize..4) {
        let items = runs(&lens, most);
        pools()[pool].install(|| check(&items));
    }

    #[test]
    fn a_closure_that_panics(call in 0_usize..60_000, len in 0_usize..50_000, pool in 0_usize..4) {
        let items: Vec<u64> = (0..len as u64).map(|n| n / 3).collect();
        let (panicked, _) = pools()[pool].install(|| counted(&items, Some(call), |a, b| a == b));
        // Each item but the first is compared once, and a few at the borders once more.
        assert!(panicked || call + 1 >= len);
        assert!(!panicked || call < len + 2000);
    }

    #[test]
    fn a_closure_that_tells_lies(seed: u64, len in 0_usize..50_000, pool in 0_usize..4) {
        let items: Vec<u64> = (0..len as u64).collect();
        let random = AtomicUsize::new(seed as usize);
        let (panicked, rest) = pools()[pool].install(|| counted(&items, None, |_, _| {
            let random = random.fetch_add(0x9E37_79B9, Ordering::Relaxed);
            random.wrapping_mul(0x85EB_CA6B) >> 16 & 3 == 0
        }));
        assert!(!panicked);
        assert!(rest.is_sorted() && rest.first() == items.first());
    }

    #[test]
    fn a_relation_that_is_no_equivalence(table: u64, len in 0_usize..50_000, pool in 0_usize..4) {
        let same = |later: u64, earlier: u64| table >> (later % 8 * 8 + earlier % 8) & 1 == 1;
        let items: Vec<u64> = (0..len as u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) + (n << 24)).collect();
        let (panicked, rest) = pools()[pool].install(|| counted(&items, None, same));
        assert!(!panicked);
        assert!(rest.is_sorted() && rest.first() == items.first());
        assert!(rest.windows(2).all(|pair| !same(pair[1], pair[0])));
    }
}

/// A number in memory of its own, so that a second drop would be found, and counted while it lives.
struct Counted<'l>(Box<u64>, &'l AtomicIsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Removes repeated neighbours by a closure that panics at the call of a number. Says whether it did, and which items
/// there are afterwards: if it did, at least one of each kind.
fn counted(items: &[u64], bad: Option<usize>, same: impl Fn(u64, u64) -> bool + Sync) -> (bool, Vec<u64>) {
    let living = AtomicIsize::new(items.len() as isize);
    let calls = AtomicUsize::new(0);
    let mut counted: Vec<Counted<'_>> = items.iter().map(|&item| Counted(Box::new(item), &living)).collect();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        counted.par_dedup_by(|later, earlier| {
            if Some(calls.fetch_add(1, Ordering::Relaxed)) == bad {
                resume_unwind(Box::new("at a call"));
            }
            same(*later.0, *earlier.0)
        });
    }));
    assert_eq!(living.load(Ordering::Relaxed), counted.len() as isize);
    let rest: Vec<u64> = counted.iter().map(|item| *item.0).collect();
    if outcome.is_err() {
        assert!(rest.iter().collect::<BTreeSet<_>>() == items.iter().collect::<BTreeSet<_>>());
    }
    drop(counted);
    assert_eq!(living.into_inner(), 0);
    (outcome.is_err(), rest)
}

#[test]
fn special_vectors() {
    for pool in pools() {
        pool.install(|| {
            for len in [0, 1, 2, 16_383, 16_384, 16_385, 100_000] {
                check(&vec![7; len]);
                check(&(0..len).map(|n| (n % 50_000) as u16).collect::<Vec<_>>());
                check(&(0..len).map(|n| (n / 1000) as u16).collect::<Vec<_>>());
            }
        });
    }
}

#[test]
fn items_without_size() {
    static LIVING: AtomicIsize = AtomicIsize::new(0);

    struct Empty;

    impl Drop for Empty {
        fn drop(&mut self) {
            LIVING.fetch_sub(1, Ordering::Relaxed);
        }
    }

    for pool in pools() {
        for (len, same, left) in [(0, true, 0), (50_000, true, 1), (50_000, false, 50_000), (3, true, 1)] {
            let mut items: Vec<Empty> = (0..len).map(|_| Empty).collect();
            LIVING.store(len, Ordering::Relaxed);
            pool.install(|| items.par_dedup_by(|_, _| same));
            assert_eq!((items.len(), LIVING.load(Ordering::Relaxed)), (left, left as isize));
        }
    }
}

/// Items need not be [`Sync`]: no two threads look at one at the same time.
#[test]
fn items_that_are_not_sync() {
    struct Guarded(u64, Cell<bool>);

    impl Guarded {
        fn look(&self) -> u64 {
            assert!(!self.1.replace(true), "two threads look at one item");
            std::hint::black_box(&self.1).set(false);
            self.0
        }
    }

    for pool in pools() {
        let mut items: Vec<Guarded> = (0..50_000).map(|n| Guarded(n / 2, Cell::new(false))).collect();
        pool.install(|| items.par_dedup_by(|later, earlier| later.look() == earlier.look()));
        assert!(items.iter().map(|item| item.0).eq(0..25_000));
    }
}

/// What the closure changes in the items that stay is not lost.
#[test]
fn the_closure_may_change_items() {
    for pool in pools() {
        let mut items: Vec<(u64, u64)> = (0..60_000).map(|n| (n / 1000, 1)).collect();
        pool.install(|| {
            items.par_dedup_by(|later, earlier| {
                let same = later.0 == earlier.0;
                if same {
                    earlier.1 += later.1;
                }
                same
            });
        });
        assert!(items.iter().map(|item| item.0).eq(0..60));
        assert_eq!(items.iter().map(|item| item.1).sum::<u64>(), 60_000);
    }
}
