//! How parallel iterators whose items come out one by one end: panics, drops, and whoever leaves them behind.

use crate::gauge::{Count, Gate, Gauge, pool, until};
use paceline::extra::prelude::*;
use paceline::iter::walk_tree_prefix;
use paceline::prelude::*;
use paceline::stream::SeqIter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[test]
fn a_panic_comes_in_its_items_place() {
    for threads in [1, 2, 4] {
        let pool = pool(threads);
        for window in [1, 3, 100] {
            for bad in [0, 1, 7, 31, 59] {
                let check = |mut items: SeqIter<i32>| {
                    for number in 0..bad {
                        assert_eq!(items.next(), Some(number));
                    }
                    let panic = catch_unwind(AssertUnwindSafe(|| items.next())).unwrap_err();
                    assert_eq!(panic.downcast_ref::<i32>(), Some(&bad));
                    assert_eq!(items.next(), None);
                    assert_eq!(items.size_hint(), (0, Some(0)));
                };
                // Those behind it panic, too.
                let panic = move |n: i32| if n >= bad { std::panic::panic_any(n) } else { n };
                check(pool.install(|| (0..60).into_par_iter().map(panic).into_seq_iter(window)));
                check(pool.install(|| (0..60).into_par_iter().filter(move |&n| panic(n) == n).into_seq_iter(window)));
                let inner = move |n| [n].into_par_iter().map(panic);
                check(pool.install(|| (0..60).into_par_iter().flat_map(inner).into_seq_iter(window)));
            }
        }
    }
}

/// `panic_fuse` ends all parts elsewhere. Here the parts before the panic give all their items, or a gap would be seen.
#[test]
fn a_fuse_leaves_no_gap_before_the_panic() {
    struct OpensAtPanic(Arc<Gate>);
    impl Drop for OpensAtPanic {
        fn drop(&mut self) {
            if std::thread::panicking() {
                self.0.open();
            }
        }
    }
    // Chunks of four: the first waits at its first item until the fuse of the second has been dropped in a panic.
    let bad = 5;
    let numbers = |gate: Arc<Gate>| {
        let made_in = Arc::clone(&gate);
        let part = (0..40).into_par_iter().with_min_len(4).with_max_len(4);
        part.map_init(
            move || OpensAtPanic(Arc::clone(&made_in)),
            move |_, n: i32| {
                if n == 0 {
                    gate.pass("the opening of the gate");
                }
                if n == bad { std::panic::panic_any(n) } else { n }
            },
        )
    };
    let check = |mut items: SeqIter<i32>| {
        for number in 0..bad {
            assert_eq!(items.next(), Some(number));
        }
        let panic = catch_unwind(AssertUnwindSafe(|| items.next())).unwrap_err();
        assert_eq!(panic.downcast_ref::<i32>(), Some(&bad));
    };
    let pool = pool(2);
    let gate = Arc::<Gate>::default;
    check(pool.install(|| numbers(gate()).panic_fuse().into_seq_iter(10)));
    check(pool.install(|| numbers(gate()).panic_fuse().filter(|_| true).into_seq_iter(10)));
    check(pool.install(|| numbers(gate()).panic_fuse().zip(0..40).map(|(n, _)| n).into_seq_iter(10)));
}

/// Items before it may be lost with the part that is split.
#[test]
fn a_panic_of_what_splits_comes_behind_some_of_the_items_before_it() {
    for bad in [0, 1, 20, 50] {
        let children = move |&n: &i32| {
            assert_ne!(n, bad);
            if n < 60 { vec![2 * n + 1, 2 * n + 2] } else { vec![] }
        };
        let order: Vec<_> =
            walk_tree_prefix(0, |&n: &i32| if n < 60 { vec![2 * n + 1, 2 * n + 2] } else { vec![] }).collect();
        let mut items = pool(2).install(|| walk_tree_prefix(0, children).into_seq_iter(5));
        let mut found = Vec::new();
        let panic = catch_unwind(AssertUnwindSafe(|| found.extend(items.by_ref())));
        assert!(panic.is_err());
        assert_eq!(items.next(), None);
        assert_eq!(found, order[..found.len()]);
        assert!(!found.contains(&bad));
    }
}

#[test]
fn a_panic_before_the_first_item_comes_with_the_first_call() {
    struct Bad;
    impl ParallelIterator for Bad {
        type Item = i32;
        fn drive_unindexed<C>(self, _: C) -> C::Result
        where
            C: paceline::iter::plumbing::UnindexedConsumer<i32>,
        {
            panic!("no items")
        }
    }
    let mut items = pool(2).install(|| Bad.into_seq_iter(3));
    assert!(catch_unwind(AssertUnwindSafe(|| items.next())).is_err());
    assert_eq!(items.next(), None);
}

#[test]
fn every_item_is_dropped_once_whenever_the_reader_goes() {
    for threads in [1, 3] {
        for window in [1, 7, 100] {
            for asked in [0, 1, 5, 60] {
                let gauge = Gauge::new();
                let made = Arc::new(AtomicUsize::new(0));
                let pool = pool(threads);
                let items: Vec<_> = gauge.input(60).collect();
                let count = Arc::clone(&made);
                let items = items.into_par_iter().map(move |item| {
                    count.fetch_add(1, SeqCst);
                    item
                });
                let items = pool.install(|| items.into_seq_iter(window));
                assert_eq!(
                    items.take(asked).map(|item| item.number).collect::<Vec<_>>(),
                    (0..asked).collect::<Vec<_>>()
                );
                // The threads are the iterator's own.
                until(|| gauge.alive.load(SeqCst) == 0);
                assert!(made.load(SeqCst) <= 2 * 60.min(asked + window));
            }
        }
    }
}

#[test]
fn dropping_it_does_not_wait_for_closures_that_run() {
    let (begun, gate, token) = (Arc::new(Count::default()), Arc::<Gate>::default(), Arc::new(()));
    let (count, pass, held) = (Arc::clone(&begun), Arc::clone(&gate), Arc::clone(&token));
    let mut items = pool(2).install(|| {
        (0..100)
            .into_par_iter()
            .map(move |n| {
                let _held = &held;
                count.add();
                if n > 0 {
                    pass.pass("the opening of the gate");
                }
                n
            })
            .into_seq_iter(10)
    });
    assert_eq!(items.next(), Some(0));
    begun.wait_for(2);
    drop(items);
    assert_eq!(Arc::strong_count(&token), 2, "closures run");
    gate.open();
    until(|| Arc::strong_count(&token) == 1);
    assert!(begun.get() <= 3, "those that had begun");
}

#[test]
fn a_leaked_one_fills_its_window_and_goes_no_further() {
    let count = Arc::new(Count::default());
    let made = Arc::clone(&count);
    let mut items = pool(2).install(|| {
        let counted = (0..100).into_par_iter().map(move |n| {
            made.add();
            n
        });
        counted.into_seq_iter(3)
    });
    assert_eq!(items.next(), Some(0));
    std::mem::forget(items);
    count.wait_for(4);
    // Others are not held up by its threads, which wait for ever.
    let others = pool(2).install(|| (0..10_000).into_par_iter().into_seq_iter(3));
    assert!(others.eq(0..10_000));
    assert_eq!(count.get(), 4);
}

#[test]
fn it_may_be_sent() {
    fn is_ordinary<T: Send + Sync>(_: &T) {}
    let mut items = pool(2).install(|| (0..10).into_par_iter().into_seq_iter(3));
    is_ordinary(&items);
    assert!(format!("{items:?}").starts_with("SeqIter {"));
    assert_eq!(items.next(), Some(0));
    assert!(std::thread::spawn(move || items.eq(1..10)).join().unwrap());
}
