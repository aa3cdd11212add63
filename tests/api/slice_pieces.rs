//! The iterators over parts that a closure delimits agree with std's.

use paceline::prelude::*;
use proptest::prelude::*;

use crate::iter::in_pools;
use crate::pools::pool_of;

/// Checks all six iterators on slices of few different items.
fn check(items: &[u8]) {
    let zero = |item: &u8| *item == 0;
    let rising = |a: &u8, b: &u8| a <= b;
    let shared = items.par_split(zero).collect::<Vec<_>>();
    assert_eq!(shared, items.split(zero).collect::<Vec<_>>());
    let shared = items.par_split_inclusive(zero).collect::<Vec<_>>();
    assert_eq!(shared, items.split_inclusive(zero).collect::<Vec<_>>());
    let shared = items.par_chunk_by(rising).collect::<Vec<_>>();
    assert_eq!(shared, items.chunk_by(rising).collect::<Vec<_>>());

    let mut copy = items.to_vec();
    let unique = copy.par_split_mut(zero).collect::<Vec<_>>();
    assert_eq!(unique, items.split(zero).collect::<Vec<_>>());
    let unique = copy.par_split_inclusive_mut(zero).collect::<Vec<_>>();
    assert_eq!(unique, items.split_inclusive(zero).collect::<Vec<_>>());
    let unique = copy.par_chunk_by_mut(rising).collect::<Vec<_>>();
    assert_eq!(unique, items.chunk_by(rising).collect::<Vec<_>>());
}

#[test]
fn special_slices() {
    in_pools(|| {
        for items in [&[][..], &[0], &[1], &[0, 0], &[1, 0], &[0, 1], &[0; 50], &[1; 50], &[9, 8, 7, 6, 5]] {
            check(items);
        }
        // One separator, at either end and in between.
        for at in [0, 1, 499, 500, 501, 999] {
            let mut items = [1; 1000];
            items[at] = 0;
            check(&items);
        }
    });
}

proptest! {
    #[test]
    fn slices_of_few_different_items(items in prop::collection::vec(0_u8..4, 0..300), threads in 1_usize..8) {
        pool_of(threads).install(|| check(&items));
    }

    #[test]
    fn slices_with_few_separators(items in prop::collection::vec(0_u8..=255, 0..2000)) {
        pool_of(7).install(|| check(&items));
    }
}

#[test]
fn parts_may_be_changed() {
    in_pools(|| {
        let mut items: Vec<u32> = (0..1000).map(|n| n % 10).collect();
        items.par_split_mut(|&n| n == 0).for_each(|part| part.reverse());
        let expected: Vec<u32> = (0..1000).map(|n| (10 - n % 10) % 10).collect();
        assert_eq!(items, expected);
        items.par_chunk_by_mut(|a, b| a > b).for_each(|run| run.fill(run.len() as u32));
        assert_eq!(items.iter().map(|&n| usize::from(n == 10)).sum::<usize>(), 990);
    });
}
