//! Scans agree with plain loops, whatever is scanned and wherever the operation panics.

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

use paceline::ThreadPool;
use paceline::extra::prelude::*;
use paceline::prelude::*;
use proptest::prelude::*;

use crate::pools::pool_of;

fn pools() -> &'static [ThreadPool] {
    static POOLS: OnceLock<Vec<ThreadPool>> = OnceLock::new();
    POOLS.get_or_init(|| [1, 2, 7, 64].map(pool_of).into())
}

/// Takes so long that a scan of a thousand items is worth sharing.
fn linger() {
    for step in 0..300 {
        black_box(step);
    }
}

/// The scans by plain loops: the inclusive one, the exclusive one, and what all items come to.
fn expected<T: Clone>(items: &[T], init: &T, op: impl Fn(&T, &T) -> T) -> (Vec<T>, Vec<T>, T) {
    let mut inclusive: Vec<T> = Vec::new();
    let (mut exclusive, mut all) = (Vec::new(), init.clone());
    for item in items {
        inclusive.push(inclusive.last().map_or_else(|| item.clone(), |last| op(last, item)));
        exclusive.push(all.clone());
        all = op(&all, item);
    }
    (inclusive, exclusive, all)
}

/// Checks all four scans.
fn check<T>(items: &[T], init: &T, op: impl Fn(&T, &T) -> T + Sync + Send + Copy)
where
    T: Clone + Send + Sync + PartialEq + std::fmt::Debug,
{
    let (inclusive, exclusive, all) = expected(items, init, op);
    let mut copy = items.to_vec();
    copy.par_inclusive_scan(op);
    assert_eq!(copy, inclusive);
    let mut copy = items.to_vec();
    assert_eq!(copy.par_exclusive_scan(init.clone(), op), all);
    assert_eq!(copy, exclusive);
    assert_eq!(items.par_iter().cloned().inclusive_scan(op), inclusive);
    assert_eq!(items.par_iter().cloned().exclusive_scan(init.clone(), op), exclusive);
}

/// Products of matrices modulo a prime: associative, and not commutative.
fn product(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    linger();
    let cell = |row: usize, column: usize| (a[2 * row] * b[column] + a[2 * row + 1] * b[2 + column]) % 1_000_003;
    [cell(0, 0), cell(0, 1), cell(1, 0), cell(1, 1)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn sums(items in prop::collection::vec(any::<u64>(), 0..3000), init: u64, pool in 0_usize..4) {
        let add = |a: &u64, b: &u64| {
            linger();
            a.wrapping_add(*b)
        };
        pools()[pool].install(|| check(&items, &init, add));
    }

    #[test]
    fn products_of_matrices(items in prop::collection::vec(any::<[u16; 4]>(), 0..3000), pool in 0_usize..4) {
        let items: Vec<[u64; 4]> = items.into_iter().map(|matrix| matrix.map(u64::from)).collect();
        pools()[pool].install(|| check(&items, &[3, 1, 4, 1], product));
    }

    #[test]
    fn texts(items in prop::collection::vec("[a-z]{0,3}", 0..400), init in "[a-z]{0,3}", pool in 0_usize..4) {
        let append = |a: &String, b: &String| {
            linger();
            a.clone() + b
        };
        pools()[pool].install(|| check(&items, &init, append));
    }

    #[test]
    fn of_what_passes_a_filter(items in prop::collection::vec(any::<i32>(), 0..2000), pool in 0_usize..4) {
        let is_odd = |n: &i32| n % 2 != 0;
        let odd: Vec<i32> = items.iter().copied().filter(is_odd).collect();
        let (inclusive, exclusive, _) = expected(&odd, &i32::MIN, |a, b| *a.max(b));
        pools()[pool].install(|| {
            let odd = || items.par_iter().copied().filter(is_odd);
            assert_eq!(odd().inclusive_scan(|a, b| *a.max(b)), inclusive);
            assert_eq!(odd().exclusive_scan(i32::MIN, |a, b| *a.max(b)), exclusive);
        });
    }
}

/// Cheap operations on many items, some of them shared.
#[test]
fn many_cheap_items() {
    for pool in pools() {
        pool.install(|| {
            let items: Vec<u64> = (0..600_000).map(|n| (n * 0x9E37_79B9) >> 7).collect();
            check(&items, &5, |a, b| a.wrapping_add(*b));
        });
    }
}

#[test]
fn the_operation_is_called_less_than_twice_for_each_item() {
    for pool in pools() {
        for len in [0, 1, 2, 100, 5000] {
            let calls = AtomicUsize::new(0);
            let add = |a: &u64, b: &u64| {
                calls.fetch_add(1, Ordering::Relaxed);
                linger();
                a + b
            };
            let mut items = vec![1; len];
            pool.install(|| items.par_inclusive_scan(add));
            let inclusive = calls.swap(0, Ordering::Relaxed);
            assert!(inclusive <= 2 * len && inclusive >= len.saturating_sub(1), "{inclusive} for {len} items");
            pool.install(|| items.par_exclusive_scan(0, add));
            let exclusive = calls.into_inner();
            assert!(exclusive <= 2 * len && exclusive >= len, "{exclusive} for {len} items");
            // One thread has nobody who could begin further behind.
            assert!(pool.current_num_threads() > 1 || inclusive + exclusive == (2 * len).saturating_sub(1));
        }
    }
}

/// A number in memory of its own, so that a second drop would be found, and counted while it lives.
struct Counted<'l> {
    number: Box<u64>,
    living: &'l AtomicIsize,
}

impl<'l> Counted<'l> {
    fn new(number: u64, living: &'l AtomicIsize) -> Self {
        living.fetch_add(1, Ordering::Relaxed);
        Self { number: Box::new(number), living }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        assert_ne!(std::mem::take(&mut *self.number), 0, "dropped twice");
        self.living.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Scans `len` items by an operation that panics at a call, and says whether it did.
fn panics_at(call: usize, len: usize, is_exclusive: bool) -> bool {
    let (living, calls) = (AtomicIsize::new(0), AtomicUsize::new(0));
    let add = |a: &Counted<'_>, b: &Counted<'_>| {
        linger();
        if calls.fetch_add(1, Ordering::Relaxed) == call {
            resume_unwind(Box::new("at a call"));
        }
        Counted::new(*a.number + *b.number, &living)
    };
    let mut items: Vec<Counted<'_>> = (0..len).map(|_| Counted::new(1, &living)).collect();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        if is_exclusive {
            let all = items.par_exclusive_scan(Counted::new(1, &living), add);
            assert_eq!(*all.number, len as u64 + 1);
        } else {
            items.par_inclusive_scan(add);
        }
    }));
    if outcome.is_ok() {
        assert!(items.iter().zip(1..).all(|(item, place)| *item.number == place));
    }
    assert_eq!(living.load(Ordering::Relaxed), len as isize, "one item in each place");
    drop(items);
    assert_eq!(living.into_inner(), 0);
    outcome.is_err()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn an_operation_that_panics(call in 0_usize..6000, len in 0_usize..4000, exclusive: bool, pool in 0_usize..4) {
        let panicked = pools()[pool].install(|| panics_at(call, len, exclusive));
        // It is called at least once for each item, but for the first of an inclusive scan.
        assert!(panicked || call + 1 >= len);
        assert!(!panicked || call < 2 * len);
    }
}

#[test]
fn an_iterator_whose_closure_panics_leaves_nothing_behind() {
    for pool in pools() {
        let living = AtomicIsize::new(0);
        let items = (0..1000_u64).into_par_iter().map(|number| {
            assert_ne!(number, 700);
            Counted::new(1, &living)
        });
        let scan = || items.inclusive_scan(|a, b| Counted::new(*a.number + *b.number, &living));
        assert!(catch_unwind(AssertUnwindSafe(|| pool.install(scan))).is_err());
        assert_eq!(living.into_inner(), 0);
    }
}

#[test]
fn items_without_size() {
    static LIVING: AtomicIsize = AtomicIsize::new(0);

    struct Empty;

    impl Empty {
        fn new() -> Self {
            LIVING.fetch_add(1, Ordering::Relaxed);
            Self
        }
    }

    impl Drop for Empty {
        fn drop(&mut self) {
            LIVING.fetch_sub(1, Ordering::Relaxed);
        }
    }

    let op = |_: &Empty, _: &Empty| {
        linger();
        Empty::new()
    };
    for pool in pools() {
        for len in [0, 1, 2, 3000] {
            let mut items: Vec<Empty> = (0..len).map(|_| Empty::new()).collect();
            pool.install(|| {
                items.par_inclusive_scan(op);
                drop(items.par_exclusive_scan(Empty::new(), op));
            });
            assert_eq!(LIVING.load(Ordering::Relaxed), len);
            let items = pool.install(|| items.into_par_iter().exclusive_scan(Empty::new(), op));
            assert_eq!(items.len() as isize, len);
            assert_eq!(LIVING.load(Ordering::Relaxed), len);
            drop(items);
            assert_eq!(LIVING.load(Ordering::Relaxed), 0);
        }
    }
}
