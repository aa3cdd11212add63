//! How far iterators are split: lengths asked for are honoured, and so are foreign producers.

use std::ops::Range;

use paceline::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use paceline::prelude::*;

use crate::iter::in_pools;

/// Returns the number of items of each leaf, in order.
struct LeafLengths;

impl<T> Consumer<T> for LeafLengths {
    type Folder = LeafLength;
    type Reducer = Self;
    type Result = Vec<usize>;

    fn split_at(self, _index: usize) -> (Self, Self, Self) {
        (Self, Self, Self)
    }

    fn into_folder(self) -> LeafLength {
        LeafLength(0)
    }

    fn full(&self) -> bool {
        false
    }
}

impl<T> UnindexedConsumer<T> for LeafLengths {
    fn split_off_left(&self) -> Self {
        Self
    }

    fn to_reducer(&self) -> Self {
        Self
    }
}

impl Reducer<Vec<usize>> for LeafLengths {
    fn reduce(self, mut left: Vec<usize>, right: Vec<usize>) -> Vec<usize> {
        left.extend(right);
        left
    }
}

struct LeafLength(usize);

impl<T> Folder<T> for LeafLength {
    type Result = Vec<usize>;

    fn consume(self, _item: T) -> Self {
        Self(self.0 + 1)
    }

    fn complete(self) -> Vec<usize> {
        vec![self.0]
    }

    fn full(&self) -> bool {
        false
    }
}

#[test]
fn leaves_are_as_long_as_asked_for() {
    in_pools(|| {
        for len in [0, 1, 5, 99, 1000] {
            for (min, max) in [(1, 1), (1, 7), (0, 100), (10, 25), (50, usize::MAX)] {
                let bounded = (0..len).into_par_iter().with_min_len(min).with_max_len(max);
                let leaves = bounded.drive(LeafLengths);
                assert_eq!(leaves.iter().sum::<usize>(), len);
                assert!(leaves.iter().all(|&leaf| leaf <= max), "{leaves:?}");
                let whole = leaves.len() == 1;
                assert!(whole || leaves.iter().all(|&leaf| leaf >= min), "{leaves:?}");
            }
        }
    });
}

#[test]
fn the_minimum_wins_over_the_maximum() {
    in_pools(|| {
        let bounded = (0..100).into_par_iter().with_max_len(3).with_min_len(20);
        let leaves = bounded.drive(LeafLengths);
        assert!(leaves.iter().all(|&leaf| leaf >= 20), "{leaves:?}");
    });
}

#[test]
fn there_are_at_least_as_many_leaves_as_threads() {
    in_pools(|| {
        let leaves = (0..1000).into_par_iter().drive(LeafLengths);
        assert!(leaves.len() >= paceline::current_num_threads());
        let leaves = (0..1000).into_par_iter().filter(|_| true).drive_unindexed(LeafLengths);
        assert!(leaves.len() >= paceline::current_num_threads());
    });
}

#[test]
fn one_thread_splits_only_as_far_as_it_must() {
    let pool = paceline::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        let numbers = || (0..1024).into_par_iter();
        assert_eq!(numbers().drive(LeafLengths), [1024]);
        assert_eq!(numbers().with_max_len(256).drive(LeafLengths), [256; 4]);
        assert_eq!(numbers().chunks(100).with_max_len(6).drive(LeafLengths), [5, 6]);
        // A part of 3 items is not one of 2 chunks, and a bound on items is one on chunks of them.
        assert_eq!(numbers().with_max_len(512).chunks(100).drive(LeafLengths), [5, 3, 3]);
    });
}

/// Splits off one item after another, from the front.
struct Peel(Range<u32>);

impl UnindexedProducer for Peel {
    type Item = u32;

    fn split(self) -> (Self, Option<Self>) {
        let Range { start, end } = self.0;
        if end - start < 2 {
            return (self, None);
        }
        (Peel(start..start + 1), Some(Peel(start + 1..end)))
    }

    fn fold_with<F: Folder<u32>>(self, folder: F) -> F {
        folder.consume_iter(self.0)
    }
}

impl ParallelIterator for Peel {
    type Item = u32;

    fn drive_unindexed<C: UnindexedConsumer<u32>>(self, consumer: C) -> C::Result {
        bridge_unindexed(self, consumer)
    }
}

#[test]
fn a_foreign_producer_is_split_and_kept_in_order() {
    in_pools(|| {
        for len in [0, 1, 2, 99] {
            let items: Vec<u32> = Peel(0..len).collect();
            assert_eq!(items, (0..len).collect::<Vec<_>>());
            let leaves = Peel(0..len).map(|n| n).drive_unindexed(LeafLengths);
            assert_eq!(leaves.iter().sum::<usize>(), len as usize);
        }
    });
}

/// Is full from the start.
struct Full;

impl<T> Consumer<T> for Full {
    type Folder = Self;
    type Reducer = Self;
    type Result = ();

    fn split_at(self, _index: usize) -> (Self, Self, Self) {
        panic!("a full consumer was split");
    }

    fn into_folder(self) -> Self {
        self
    }

    fn full(&self) -> bool {
        true
    }
}

impl<T> Folder<T> for Full {
    type Result = ();

    fn consume(self, _item: T) -> Self {
        panic!("a full folder was given an item");
    }

    fn complete(self) {}

    fn full(&self) -> bool {
        true
    }
}

impl Reducer<()> for Full {
    fn reduce(self, (): (), (): ()) {}
}

#[test]
fn a_full_consumer_is_given_nothing() {
    in_pools(|| {
        (0..100).into_par_iter().map(|n| n + 1).drive(Full);
        vec![(); 9].into_par_iter().enumerate().drive(Full);
    });
}
