//! Slices: parts, sorts, scans, and vectors without repeated neighbours.

use crate::exported;
use paceline::extra::prelude::*;
use paceline::prelude::*;

const MANY: usize = 30_000;

/// Numbers in no order.
fn shuffled() -> Vec<u64> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state >> 40
    };
    (0..MANY).map(|_| next()).collect()
}

/// Checks that `sort` does what std's sort does.
fn sorts(sort: impl FnOnce(&mut [u64])) {
    let (mut ours, mut stds) = (shuffled(), shuffled());
    sort(&mut ours);
    stds.sort();
    assert_eq!(ours, stds);
}

exported! {
    fn stable_sorts() {
        sorts(|slice| slice.par_sort());
        sorts(|slice| slice.par_sort_by(u64::cmp));
        sorts(|slice| slice.par_sort_by_key(|&n| n));
        sorts(|slice| slice.par_sort_by_cached_key(|n| n.to_be_bytes()));
        let mut words: Vec<String> = shuffled().iter().map(u64::to_string).collect();
        words.par_sort();
        assert!(words.par_is_sorted());
    }

    fn unstable_sorts() {
        sorts(|slice| slice.par_sort_unstable());
        sorts(|slice| slice.par_sort_unstable_by(u64::cmp));
        sorts(|slice| slice.par_sort_unstable_by_key(|&n| n));
        assert!(!shuffled().par_is_sorted_by(|a, b| a <= b) && !shuffled().par_is_sorted_by_key(|&n| n));
    }

    fn selections() {
        let mut sorted = shuffled();
        sorted.sort();
        let middle = MANY / 2;
        assert_eq!(*shuffled().par_select_nth_unstable(middle).1, sorted[middle]);
        assert_eq!(*shuffled().par_select_nth_unstable_by(middle, u64::cmp).1, sorted[middle]);
        assert_eq!(*shuffled().par_select_nth_unstable_by_key(middle, |&n| n).1, sorted[middle]);
    }

    fn scans() {
        let mut ones = vec![1_u64; MANY];
        ones.par_inclusive_scan(|a, b| a + b);
        assert!(ones.iter().copied().eq(1..MANY as u64 + 1));
        let mut ones = vec![1_u64; MANY];
        assert_eq!(ones.par_exclusive_scan(0, |a, b| a + b), MANY as u64);
        assert!(ones.iter().copied().eq(0..MANY as u64));
    }

    fn dedup() {
        let halved = || (0..MANY).map(|n| n / 2).collect::<Vec<_>>();
        let (mut plain, mut by, mut by_key) = (halved(), halved(), halved());
        plain.par_dedup();
        by.par_dedup_by(|a, b| a == b);
        by_key.par_dedup_by_key(|n| *n);
        for ours in [plain, by, by_key] {
            assert!(ours.into_iter().eq(0..MANY / 2));
        }
    }

    fn parts() {
        let numbers: Vec<usize> = (0..MANY).collect();
        assert_eq!(numbers.par_windows(3).count(), MANY - 2);
        assert_eq!(numbers.par_array_windows::<3>().count(), MANY - 2);
        assert_eq!(numbers.par_chunks(7).count(), MANY.div_ceil(7));
        assert_eq!(numbers.par_chunks_exact(7).count(), MANY / 7);
        assert_eq!(numbers.par_rchunks(7).count(), MANY.div_ceil(7));
        assert_eq!(numbers.par_rchunks_exact(7).count(), MANY / 7);
        assert_eq!(numbers.par_split(|n| n % 100 == 99).count(), MANY / 100 + 1);
        assert_eq!(numbers.par_split_inclusive(|n| n % 100 == 99).count(), MANY / 100);
        assert_eq!(numbers.par_chunk_by(|a, b| a / 10 == b / 10).count(), MANY / 10);
    }

    fn parts_to_change() {
        let mut numbers: Vec<usize> = (0..MANY).collect();
        assert_eq!(numbers.par_chunks_mut(7).count(), MANY.div_ceil(7));
        assert_eq!(numbers.par_chunks_exact_mut(7).count(), MANY / 7);
        assert_eq!(numbers.par_rchunks_mut(7).count(), MANY.div_ceil(7));
        assert_eq!(numbers.par_rchunks_exact_mut(7).count(), MANY / 7);
        assert_eq!(numbers.par_split_mut(|n| n % 100 == 99).count(), MANY / 100 + 1);
        assert_eq!(numbers.par_split_inclusive_mut(|n| n % 100 == 99).count(), MANY / 100);
        assert_eq!(numbers.par_chunk_by_mut(|a, b| a / 10 == b / 10).count(), MANY / 10);
    }
}
