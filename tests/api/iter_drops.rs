//! Every item is dropped exactly once, whoever panics and whatever is left over.

use std::sync::atomic::{AtomicUsize, Ordering};

use paceline::iter::plumbing::{Producer, ProducerCallback};
use paceline::prelude::*;

use crate::iter::{in_pools, panic_message};

/// Counts how often each of some items is dropped.
struct Drops(Vec<AtomicUsize>);

/// An item whose drop is counted.
pub(crate) struct Item<'d> {
    id: usize,
    drops: &'d [AtomicUsize],
}

impl Drop for Item<'_> {
    fn drop(&mut self) {
        self.drops[self.id].fetch_add(1, Ordering::Relaxed);
    }
}

impl Drops {
    fn new(len: usize) -> Self {
        Self((0..len).map(|_| AtomicUsize::new(0)).collect())
    }

    fn item(&self, id: usize) -> Item<'_> {
        Item { id, drops: &self.0 }
    }

    fn items(&self) -> Vec<Item<'_>> {
        (0..self.0.len()).map(|id| self.item(id)).collect()
    }

    #[track_caller]
    fn assert_all(&self, times: usize) {
        for (id, drops) in self.0.iter().enumerate() {
            assert_eq!(drops.load(Ordering::Relaxed), times, "item {id}");
        }
    }
}

#[test]
fn a_vector_by_value() {
    in_pools(|| {
        for len in [0, 1, 10, 300] {
            let drops = Drops::new(len);
            assert_eq!(drops.items().into_par_iter().count(), len);
            drops.assert_all(1);
            drop(drops.items().into_par_iter());
            drops.assert_all(2);
            let collected: Vec<_> = drops.items().into_par_iter().collect();
            drops.assert_all(2);
            drop(collected);
            drops.assert_all(3);
            // Half of the items are never asked for.
            let _ = drops.items().into_par_iter().zip(0..len / 2).count();
            drops.assert_all(4);
        }
    });
}

#[test]
fn a_vector_by_value_when_a_closure_panics() {
    in_pools(|| {
        for bad in 0..40 {
            let drops = Drops::new(40);
            let message = panic_message(|| {
                drops.items().into_par_iter().for_each(|item| {
                    assert!(item.id != bad, "item {bad}");
                });
            });
            assert_eq!(message, format!("item {bad}"));
            drops.assert_all(1);
        }
    });
}

#[test]
fn a_vector_by_value_whose_producer_is_dropped_or_misused() {
    struct Misuse {
        split: Option<usize>,
    }

    impl<T> ProducerCallback<T> for Misuse {
        type Output = ();

        fn callback<P: Producer<Item = T>>(self, producer: P) {
            if let Some(index) = self.split {
                let (_unused, rest) = producer.split_at(index);
                let mut rest = rest.into_iter();
                assert_eq!(rest.next().is_some(), rest.next_back().is_some());
            }
        }
    }

    let drops = Drops::new(10);
    drops.items().into_par_iter().with_producer(Misuse { split: None });
    drops.assert_all(1);
    let split = Misuse { split: Some(4) };
    drops.items().into_par_iter().with_producer(split);
    drops.assert_all(2);
    let message = panic_message(|| {
        let split = Misuse { split: Some(11) };
        drops.items().into_par_iter().with_producer(split);
    });
    assert!(message.contains("10 items at 11"), "{message}");
    drops.assert_all(3);
}

#[test]
fn collecting_in_place_when_a_closure_panics() {
    in_pools(|| {
        for bad in 0..40 {
            let drops = Drops::new(40);
            let made = Drops::new(41);
            let mut target = vec![made.item(40)];
            panic_message(|| {
                let items = drops.items().into_par_iter().map(|item| {
                    assert!(item.id != bad);
                    made.item(item.id)
                });
                target.par_extend(items);
            });
            drops.assert_all(1);
            // What was there stays; what was made of the others is gone, if it was made.
            assert_eq!(target.len(), 1);
            for drops in &made.0 {
                assert!(drops.load(Ordering::Relaxed) <= 1);
            }
            assert_eq!(made.0[bad].load(Ordering::Relaxed), 0);
            drop(target);
            assert_eq!(made.0[40].load(Ordering::Relaxed), 1);
        }
    });
}

#[test]
fn collecting_by_segments_when_a_closure_panics() {
    in_pools(|| {
        for bad in [0, 1, 20, 199] {
            let drops = Drops::new(200);
            panic_message(|| {
                let items = drops.items().into_par_iter().filter(|item| {
                    assert!(item.id != bad);
                    item.id % 3 != 0
                });
                items.collect::<Vec<_>>()
            });
            drops.assert_all(1);
        }
    });
}

#[test]
fn chunks_drop_what_they_hold() {
    in_pools(|| {
        let drops = Drops::new(100);
        panic_message(|| {
            drops.items().into_par_iter().chunks(7).for_each(|chunk| {
                assert!(chunk[0].id != 49);
            });
        });
        drops.assert_all(1);
    });
}

#[test]
fn items_without_size() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);

    struct Empty;

    impl Drop for Empty {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
    }

    let items = |len: usize| (0..len).map(|_| Empty).collect::<Vec<_>>();
    let mut expected = 0;
    let mut check = |dropped: usize| {
        expected += dropped;
        assert_eq!(DROPPED.load(Ordering::Relaxed), expected);
    };
    items(100).into_par_iter().for_each(drop);
    check(100);
    let collected: Vec<Empty> = items(100).into_par_iter().collect();
    assert_eq!(collected.len(), 100);
    check(0);
    drop(collected);
    check(100);
    let filtered: Vec<Empty> = items(100).into_par_iter().filter(|_| true).collect();
    assert_eq!(filtered.len(), 100);
    drop(filtered);
    check(100);
    panic_message(|| {
        let pairs = items(100).into_par_iter().enumerate();
        pairs
            .map(|(i, item)| {
                assert!(i != 70);
                item
            })
            .collect::<Vec<_>>()
    });
    check(100);
}

#[test]
fn draining_a_vector() {
    in_pools(|| {
        for (start, end) in [(0, 0), (0, 100), (20, 60), (100, 100), (60, 100)] {
            let drops = Drops::new(100);
            let ids = |items: &[Item<'_>]| items.iter().map(|item| item.id).collect::<Vec<_>>();
            let mut items = drops.items();
            let taken: Vec<_> = items.par_drain(start..end).collect();
            assert_eq!(ids(&taken), (start..end).collect::<Vec<_>>());
            let rest: Vec<usize> = (0..start).chain(end..100).collect();
            assert_eq!(ids(&items), rest);
            drops.assert_all(0);
            drop((items, taken));
            drops.assert_all(1);
            // Never run, and run into a panic.
            let mut items = drops.items();
            drop(items.par_drain(start..end));
            assert_eq!(ids(&items), rest);
            drop(items);
            drops.assert_all(2);
            let mut items = drops.items();
            if start < end {
                panic_message(|| {
                    let drain = items.par_drain(start..end);
                    drain.for_each(|item| assert!(item.id != start + 3));
                });
                assert_eq!(ids(&items), rest);
            }
            drop(items);
            drops.assert_all(3);
        }
    });
    let mut numbers = vec![1, 2, 3];
    let message = panic_message(|| numbers.par_drain(2..5).count());
    assert!(message.contains("2..5") && message.contains("length of 3"), "{message}");
    assert_eq!(numbers.par_drain(..=1).sum::<i32>(), 3);
    assert_eq!(numbers.par_drain(..).len(), 1);
    assert!(numbers.is_empty());
}
