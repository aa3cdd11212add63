//! The iterators over parts of a slice agree with std's, wherever they are split.

use std::fmt::Debug;
use std::mem;

use paceline::prelude::*;

use crate::iter::{in_pools, panic_message};
use crate::iter_laws::check;

const LENGTHS: [usize; 6] = [0, 1, 2, 5, 10, 13];
const ITEMS: &[u32] = &[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9];
const SIZES: [usize; 6] = [1, 2, 3, 5, 100, usize::MAX];

/// Checks an iterator over parts of a shared slice.
fn check_shared<I, J>(make: impl Fn(&'static [u32]) -> I, expected: impl Fn(&'static [u32]) -> J)
where
    I: IndexedParallelIterator<Item: PartialEq<J::Item> + Debug>,
    J: Iterator<Item: Debug>,
{
    for len in LENGTHS {
        check(|| make(&ITEMS[..len]), expected(&ITEMS[..len]));
    }
}

/// Checks an iterator over parts of a slice by unique reference, which is given a fresh copy in `room` each time.
fn check_unique<'a, I, J>(
    room: &'a mut Vec<u32>,
    make: impl Fn(&'a mut [u32]) -> I,
    expected: impl Fn(&'static [u32]) -> J,
) where
    I: IndexedParallelIterator<Item: PartialEq<J::Item> + Debug>,
    J: Iterator<Item: Debug>,
{
    const COPIES: usize = 600;
    for len in LENGTHS {
        room.extend(ITEMS[..len].repeat(COPIES));
    }
    let mut room = &mut room[..];
    for len in LENGTHS {
        let source = || {
            let (copy, rest) = mem::take(&mut room).split_at_mut(len);
            room = rest;
            make(copy)
        };
        check(source, expected(&ITEMS[..len]));
        // What the check has left of its copies is skipped; the lengths rise.
        let after: usize = LENGTHS.iter().filter(|&&other| other > len).sum();
        let skipped = room.len() - after * COPIES;
        room = &mut mem::take(&mut room)[skipped..];
    }
}

#[test]
fn chunks() {
    for size in SIZES {
        check_shared(|items| items.par_chunks(size), |items| items.chunks(size));
        check_shared(|items| items.par_rchunks(size), |items| items.rchunks(size));
        check_shared(|items| items.par_chunks_exact(size), |items| items.chunks_exact(size));
        check_shared(|items| items.par_rchunks_exact(size), |items| items.rchunks_exact(size));
    }
}

#[test]
fn chunks_by_unique_reference() {
    for size in [1, 3, usize::MAX] {
        check_unique(&mut Vec::new(), |items| items.par_chunks_mut(size), |items| items.chunks(size));
        check_unique(&mut Vec::new(), |items| items.par_rchunks_mut(size), |items| items.rchunks(size));
        check_unique(&mut Vec::new(), |items| items.par_chunks_exact_mut(size), |items| items.chunks_exact(size));
        check_unique(&mut Vec::new(), |items| items.par_rchunks_exact_mut(size), |items| items.rchunks_exact(size));
    }
}

#[test]
fn windows() {
    for size in SIZES {
        check_shared(|items| items.par_windows(size), |items| items.windows(size));
    }
    check_shared(|items| items.par_array_windows::<1>(), |items| items.windows(1));
    check_shared(|items| items.par_array_windows::<4>(), |items| items.windows(4));
    check_shared(|items| items.par_array_windows::<20>(), |items| items.windows(20));
}

#[test]
fn slices_of_items_without_size() {
    const MOST: usize = usize::MAX;
    let items: &[()] = &[(); MOST];
    assert_eq!(items.par_chunks(MOST / 2).map(<[_]>::len).collect::<Vec<_>>(), [MOST / 2, MOST / 2, 1]);
    assert_eq!(items.par_rchunks(MOST / 2).map(<[_]>::len).collect::<Vec<_>>(), [MOST / 2, MOST / 2, 1]);
    assert_eq!(items.par_chunks_exact(MOST / 2).remainder().len(), 1);
    assert_eq!(items.par_windows(MOST - 1).len(), 2);
    assert_eq!(items.par_windows(MOST).count(), 1);
    assert_eq!(items.par_windows(1).len(), MOST);
}

#[test]
fn remainders() {
    let mut items = [0, 1, 2, 3, 4, 5, 6, 7];
    for size in [1, 2, 3, 8, 9] {
        let left = items.len() % size;
        let expected = items;
        assert_eq!(items.par_chunks_exact(size).remainder(), &expected[8 - left..]);
        assert_eq!(items.par_rchunks_exact(size).remainder(), &expected[..left]);
        assert_eq!(items.par_chunks_exact(size).clone().remainder().len(), left);
        assert_eq!(items.par_chunks_exact_mut(size).into_remainder(), &expected[8 - left..]);
        assert_eq!(items.par_rchunks_exact_mut(size).into_remainder(), &expected[..left]);

        let mut chunks = items.par_chunks_exact_mut(size);
        assert_eq!(chunks.remainder(), &expected[8 - left..]);
        assert_eq!(chunks.take_remainder(), &expected[8 - left..]);
        assert!(chunks.take_remainder().is_empty() && chunks.remainder().is_empty());
        assert_eq!(chunks.len(), 8 / size);

        let mut chunks = items.par_rchunks_exact_mut(size);
        assert_eq!(chunks.remainder(), &expected[..left]);
        assert_eq!(chunks.take_remainder(), &expected[..left]);
        assert!(chunks.into_remainder().is_empty());
    }
}

#[test]
fn a_remainder_may_be_changed_beside_the_chunks() {
    in_pools(|| {
        let mut items: Vec<u32> = vec![1; 1003];
        let mut chunks = items.par_rchunks_exact_mut(10);
        chunks.take_remainder().fill(7);
        chunks.enumerate().for_each(|(index, chunk)| chunk.fill(index as u32));
        assert_eq!(items[..4], [7, 7, 7, 99]);
        assert_eq!(items.iter().sum::<u32>(), 21 + 10 * (99 * 100 / 2));
    });
}

#[test]
fn sizes_of_0_are_refused_before_any_work() {
    let mut items = [1, 2, 3];
    let zero = "chunk_size must not be zero";
    assert_eq!(panic_message(|| items.par_chunks(0)), zero);
    assert_eq!(panic_message(|| items.par_chunks_exact(0)), zero);
    assert_eq!(panic_message(|| items.par_rchunks(0)), zero);
    assert_eq!(panic_message(|| items.par_rchunks_exact(0)), zero);
    assert_eq!(panic_message(|| items.par_chunks_mut(0).len()), zero);
    assert_eq!(panic_message(|| items.par_chunks_exact_mut(0).len()), zero);
    assert_eq!(panic_message(|| items.par_rchunks_mut(0).len()), zero);
    assert_eq!(panic_message(|| items.par_rchunks_exact_mut(0).len()), zero);
    assert_eq!(panic_message(|| items.par_windows(0)), "window_size must be at least 1, but is 0");
    let message = panic_message(|| items.par_array_windows::<0>());
    assert_eq!(message, "N, the length of a window, must be at least 1, but is 0");
}

#[test]
fn clones_and_what_is_shown() {
    let items = [1, 2, 3];
    assert_eq!(items.par_chunks(2).clone().count(), 2);
    assert_eq!(items.par_rchunks(2).clone().count(), 2);
    assert_eq!(items.par_rchunks_exact(2).clone().count(), 1);
    assert_eq!(items.par_windows(2).clone().count(), 2);
    assert_eq!(items.par_array_windows::<2>().clone().count(), 2);
    assert_eq!(items.par_split(|&n| n == 2).clone().count(), 2);
    assert_eq!(items.par_split_inclusive(|&n| n == 2).clone().count(), 2);
    assert_eq!(items.par_chunk_by(|a, b| a == b).clone().count(), 3);
    let shown = format!("{:?}", items.par_split(|&n| n == 2));
    assert!(shown.contains("Split") && shown.contains("[1, 2, 3]"), "{shown}");
    let shown = format!("{:?}", items.par_rchunks_exact(2));
    assert!(shown.contains("RChunksExact") && shown.contains("[2, 3]"), "{shown}");
}
