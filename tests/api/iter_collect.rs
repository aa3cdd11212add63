//! Collecting into vectors, also from iterators that lie about their length.

use paceline::iter::plumbing::{Consumer, Folder, ProducerCallback, Reducer, UnindexedConsumer, bridge};
use paceline::prelude::*;

use crate::iter::{in_pools, panic_message};

#[test]
fn a_filtered_iterator_is_collected_in_order() {
    in_pools(|| {
        for len in [0, 1, 16, 17, 1000, 200_000] {
            let kept: Vec<u32> = (0..len).into_par_iter().filter(|n| n % 3 != 1).collect();
            assert_eq!(kept, (0..len).filter(|n| n % 3 != 1).collect::<Vec<_>>());
        }
    });
}

#[test]
fn extending_appends() {
    in_pools(|| {
        let mut words = vec!["zero".to_string()];
        words.par_extend((1..100).into_par_iter().map(|n| n.to_string()));
        words.par_extend((100..200).into_par_iter().map(|n| n.to_string()).filter(|_| true));
        assert_eq!(words.len(), 200);
        assert!(words.iter().enumerate().skip(1).all(|(i, word)| *word == i.to_string()));
        let mut numbers = vec![1_u8];
        numbers.par_extend(&[2, 3]);
        assert_eq!(numbers, [1, 2, 3]);
    });
}

#[test]
fn collect_into_vec_uses_the_memory_again() {
    let mut target = Vec::with_capacity(100);
    target.push(1);
    let memory = target.as_ptr();
    (0..100).into_par_iter().collect_into_vec(&mut target);
    assert_eq!(target, (0..100).collect::<Vec<_>>());
    assert_eq!(target.as_ptr(), memory);
}

/// An iterator over `actual` strings that claims to have `claimed`.
struct Liar {
    actual: usize,
    claimed: usize,
}

impl ParallelIterator for Liar {
    type Item = String;

    fn drive_unindexed<C: UnindexedConsumer<String>>(self, consumer: C) -> C::Result {
        self.drive(consumer)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(self.claimed)
    }
}

impl IndexedParallelIterator for Liar {
    fn len(&self) -> usize {
        self.claimed
    }

    fn drive<C: Consumer<String>>(self, consumer: C) -> C::Result {
        bridge((0..self.actual).into_par_iter().map(|n| n.to_string()), consumer)
    }

    fn with_producer<CB: ProducerCallback<String>>(self, callback: CB) -> CB::Output {
        let strings = (0..self.actual).into_par_iter().map(|n| n.to_string());
        strings.with_producer(callback)
    }
}

#[test]
fn too_few_items_are_refused() {
    in_pools(|| {
        for (actual, claimed) in [(0, 1), (5, 9), (99, 100)] {
            let mut target = Vec::new();
            let liar = Liar { actual, claimed };
            let message = panic_message(|| liar.collect_into_vec(&mut target));
            assert!(message.contains(&format!("of {claimed} items")), "{message}");
            assert!(message.contains(&format!("produced {actual} items")), "{message}");
            assert!(target.is_empty());
        }
    });
}

#[test]
fn too_many_items_are_refused() {
    in_pools(|| {
        for (actual, claimed) in [(1, 0), (9, 5), (100, 99)] {
            let mut target = vec!["old".to_string()];
            let message = panic_message(|| target.par_extend(Liar { actual, claimed }));
            // Which part finds out depends on how the iterator was split.
            let numbers: Vec<usize> = message.split(' ').flat_map(str::parse).collect();
            // How many items it had, or where it was to be split for others.
            let ([room, found] | [room, found, _]) = numbers[..] else {
                panic!("not two counts, or three: {message}");
            };
            assert!(room <= claimed, "{message}");
            assert!(found > room, "{message}");
            assert_eq!(target, ["old"]);
        }
    });
}

/// Combines the results of its two halves in the wrong order.
struct Swapped;

impl ParallelIterator for Swapped {
    type Item = String;

    fn drive_unindexed<C: UnindexedConsumer<String>>(self, consumer: C) -> C::Result {
        let item = || ["item".to_string()];
        let (left, right, reducer) = consumer.split_at(1);
        let left = left.into_folder().consume_iter(item()).complete();
        let right = right.into_folder().consume_iter(item()).complete();
        reducer.reduce(right, left)
    }

    fn opt_len(&self) -> Option<usize> {
        Some(2)
    }
}

#[test]
fn results_in_the_wrong_order_are_refused() {
    let message = panic_message(|| Swapped.collect::<Vec<_>>());
    assert!(message.contains("2 items"), "{message}");
}

/// Claims to have a length, but is split anywhere.
struct Unpositioned;

impl ParallelIterator for Unpositioned {
    type Item = u8;

    fn drive_unindexed<C: UnindexedConsumer<u8>>(self, consumer: C) -> C::Result {
        drop(consumer.split_off_left());
        consumer.into_folder().complete()
    }

    fn opt_len(&self) -> Option<usize> {
        Some(3)
    }
}

#[test]
fn splitting_without_a_position_is_refused_where_a_length_is_claimed() {
    let message = panic_message(|| Unpositioned.collect::<Vec<_>>());
    assert!(message.contains("an opt_len() of Some(3)"), "{message}");
}
