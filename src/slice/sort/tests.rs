//! The segments that are found, and merges of runs that alternate in various ways.

use std::mem::MaybeUninit;

use super::kernels::{ByComparison, Direction};
use super::merge::merge;
use super::{leaf, segments};

const UP: Option<Direction> = Some(Direction::Ascending);
const DOWN: Option<Direction> = Some(Direction::Descending);

/// The lengths and directions of the segments that are found in `keys`.
fn found(keys: &[u64]) -> Vec<(usize, Option<Direction>)> {
    let kernels = ByComparison::new(&u64::cmp, leaf::sort);
    let segments = segments::find(&mut keys.to_vec(), &kernels);
    segments.into_iter().map(|segment| (segment.len, segment.run)).collect()
}

/// Numbers that look random and have no long runs.
fn scrambled(len: usize) -> impl Iterator<Item = u64> {
    (0..len as u64).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

#[test]
fn whole_slices_are_one_segment() {
    for len in [8192, 10_000, 70_000, 300_001] {
        let up = || 0..len as u64;
        assert_eq!(found(&up().collect::<Vec<_>>()), [(len, UP)]);
        assert_eq!(found(&up().rev().collect::<Vec<_>>()), [(len, DOWN)]);
        assert_eq!(found(&vec![7; len]), [(len, UP)]);
        // Equal items end a descent, or the sort would not be stable.
        assert_eq!(found(&up().rev().map(|n| n / 2).collect::<Vec<_>>()), [(len, None)]);
        assert_eq!(found(&scrambled(len).collect::<Vec<_>>()), [(len, None)]);
        assert_eq!(found(&up().map(|n| n % 50).collect::<Vec<_>>()), [(len, None)]);
    }
}

#[test]
fn long_runs_are_found_wherever_they_lie() {
    for len in [10_000, 100_000, 1_000_000] {
        let part = len / 100;
        let run = |len: usize| 0..len as u64;
        let tail: Vec<u64> = run(len - part).chain([0]).chain(scrambled(part - 1)).collect();
        assert_eq!(found(&tail), [(len - part, UP), (part, None)]);
        let down: Vec<u64> = run(len - part).rev().chain([3]).chain(scrambled(part - 1)).collect();
        assert_eq!(found(&down), [(len - part, DOWN), (part, None)]);
        let hole: Vec<u64> = run(len / 2).chain([0]).chain(scrambled(part - 1)).chain(run(len / 2)).collect();
        let [(first, UP), (between, None), (last, UP)] = found(&hole)[..] else { panic!("{:?}", found(&hole)) };
        assert!(first == len / 2 && between + last == len / 2 + part && between < 2 * part, "{:?}", found(&hole));
        let two: Vec<u64> = run(len / 3).chain(run(len - len / 3)).collect();
        assert_eq!(found(&two), [(len / 3, UP), (len - len / 3, UP)]);
        // The border of two stretches that different tasks search.
        let halves: Vec<u64> = run(len / 2).chain(run(len / 2)).collect();
        assert_eq!(found(&halves), [(len / 2, UP); 2]);
        let down: Vec<u64> = halves.into_iter().rev().collect();
        assert_eq!(found(&down), [(len / 2, DOWN); 2]);
        let ten: Vec<u64> = run(len).map(|n| n % (len as u64 / 10)).collect();
        assert_eq!(found(&ten), [(len / 10, UP); 10]);
        let pipe: Vec<u64> = run(len / 2).chain(run(len / 2).rev().map(|n| 2 * n)).collect();
        assert_eq!(found(&pipe).len(), 2);
    }
}

/// Checks that a merge of these keys equals std's sort; equal keys of `left` come before those of `right`.
fn check_merge(left: &[u64], right: &[u64]) {
    let tagged = |keys: &[u64], run: u8| keys.iter().map(|&key| (key, run)).collect::<Vec<_>>();
    let (mut left, mut right) = (tagged(left, 0), tagged(right, 1));
    let mut to = vec![MaybeUninit::new((u64::MAX, 9)); left.len() + right.len()];
    let by_key = |a: &(u64, u8), b: &(u64, u8)| a.0.cmp(&b.0);
    merge(&mut left, &mut right, &mut to, &ByComparison::new(&by_key, leaf::sort));
    // SAFETY: all slots were made with a value.
    let merged: Vec<_> = to.iter().map(|slot| unsafe { slot.assume_init() }).collect();
    let mut expected = [left, right].concat();
    expected.sort_by_key(|item| item.0);
    assert!(merged == expected);
}

#[test]
fn runs_that_alternate_in_stretches() {
    // This number of items of one run, then this number of the other, and so on.
    for stretches in
        [[1, 1], [1, 2], [7, 3], [15, 16], [17, 33], [64, 1], [1, 100], [200, 200], [1000, 3], [0, 1], [1, 0]]
    {
        for len in [0, 1, 2, 3, 31, 64, 65, 100, 777, 20_000] {
            let whose = |place: usize| place % (stretches[0] + stretches[1]) < stretches[0];
            for scale in [1, 2, 50] {
                let run = |is_left: bool| {
                    let places = (0..len).filter(|&place| whose(place) == is_left);
                    places.map(|place| place as u64 / scale).collect::<Vec<_>>()
                };
                check_merge(&run(true), &run(false));
            }
        }
    }
}

#[test]
fn runs_one_beside_the_other() {
    let run = |start: u64, len: usize| (start..).take(len).collect::<Vec<_>>();
    for (left, right) in [(0, 0), (0, 5), (5, 0), (1, 1), (40, 3000), (3000, 40), (9000, 9000)] {
        check_merge(&run(0, left), &run(left as u64, right));
        check_merge(&run(right as u64, left), &run(0, right));
        check_merge(&vec![5; left], &vec![5; right]);
    }
}
