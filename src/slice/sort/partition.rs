//! Layer 5: partitioning a slice around one of its items.

use std::array;
use std::cmp::Ordering;
use std::mem;

/// How many items are looked at to choose one that is likely to be near the middle.
const SAMPLE: usize = 63;

/// How many items at each end are looked at before any of them is moved; a place in a block fits into a byte.
const BLOCK: usize = 128;

/// Moves smaller items before and greater ones behind a pivot, and returns both parts; the pivot and perhaps items
/// equal to it lie between them.
///
/// Both parts are shorter than `items`, which has at least [`SAMPLE`] items.
pub(super) fn partition<'a, T, C>(items: &'a mut [T], compare: &C) -> (&'a mut [T], &'a mut [T])
where
    C: Fn(&T, &T) -> Ordering,
{
    let pivot = choose_pivot(items, compare);
    items.swap(0, pivot);
    let Some((pivot, others)) = items.split_first_mut() else { return (&mut [], &mut []) };
    let smaller = gather(others, |item| compare(item, pivot) == Ordering::Less);
    items.swap(0, smaller);
    let (lower, upper) = items.split_at_mut(smaller);
    let Some((pivot, upper)) = upper.split_first_mut() else { return (lower, &mut []) };
    if lower.len() > upper.len() / 8 {
        return (lower, upper);
    }
    // Few are smaller: perhaps many are equal, which need no further sorting.
    let equal = gather(upper, |item| compare(pivot, item) != Ordering::Less);
    (lower, &mut upper[equal..])
}

/// The index of the median of some items, one out of each of [`SAMPLE`] equal stretches.
fn choose_pivot<T, C>(items: &[T], compare: &C) -> usize
where
    C: Fn(&T, &T) -> Ordering,
{
    let stretch = items.len() / SAMPLE;
    // A place in the stretch that no pattern of the input is likely to hit each time.
    let within = |number: usize| number.wrapping_mul(0x9E37_79B1).rotate_right(7) % stretch;
    let mut sample: [usize; SAMPLE] = array::from_fn(|number| number * stretch + within(number));
    sample.sort_unstable_by(|&a, &b| compare(&items[a], &items[b]));
    sample[SAMPLE / 2]
}

/// Moves the items for which `belongs` returns true to the front, and returns their number.
///
/// Of a block at each end, first the misplaced items are listed, then pairs of them are swapped: no branch depends on
/// what `belongs` returns.
fn gather<T>(items: &mut [T], belongs: impl Fn(&T) -> bool) -> usize {
    let (mut front, mut back) = (0, items.len());
    let (mut in_front, mut in_back) = (Misplaced::default(), Misplaced::default());
    while back - front >= 2 * BLOCK {
        let (left, right) = items[front..back].split_at_mut(BLOCK);
        let last_block = right.len() - BLOCK;
        let right = &mut right[last_block..];
        if in_front.is_empty() {
            in_front.list(left, |item| !belongs(item));
        }
        if in_back.is_empty() {
            in_back.list(right, &belongs);
        }
        Misplaced::swap(left, &mut in_front, right, &mut in_back);
        if in_front.is_empty() {
            front += BLOCK;
        }
        if in_back.is_empty() {
            back -= BLOCK;
        }
    }
    front + gather_from_ends(&mut items[front..back], belongs)
}

/// The places in a block of those items that are on the wrong side.
struct Misplaced {
    places: [u8; BLOCK],
    /// The first entry that still counts.
    start: usize,
    /// The end of those that do.
    end: usize,
}

impl Default for Misplaced {
    fn default() -> Self {
        Self { places: [0; BLOCK], start: 0, end: 0 }
    }
}

impl Misplaced {
    fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Lists the places of the items of `block` for which `is_misplaced` returns true.
    fn list<T>(&mut self, block: &[T], is_misplaced: impl Fn(&T) -> bool) {
        (self.start, self.end) = (0, 0);
        for (place, item) in (0..).zip(block) {
            // The remainder only tells the compiler what is so anyway.
            self.places[self.end % BLOCK] = place;
            self.end += usize::from(is_misplaced(item));
        }
    }

    /// Swaps as many pairs as both blocks have.
    fn swap<T>(left: &mut [T], in_left: &mut Self, right: &mut [T], in_right: &mut Self) {
        let pairs = (in_left.end - in_left.start).min(in_right.end - in_right.start);
        let left_places = &in_left.places[in_left.start..][..pairs];
        let right_places = &in_right.places[in_right.start..][..pairs];
        for (&from, &to) in left_places.iter().zip(right_places) {
            mem::swap(&mut left[usize::from(from)], &mut right[usize::from(to)]);
        }
        in_left.start += pairs;
        in_right.start += pairs;
    }
}

/// Does the same for few items, from both ends.
fn gather_from_ends<T>(items: &mut [T], belongs: impl Fn(&T) -> bool) -> usize {
    let (mut front, mut back) = (0, items.len());
    loop {
        while front < back && belongs(&items[front]) {
            front += 1;
        }
        while front < back && !belongs(&items[back - 1]) {
            back -= 1;
        }
        if front == back {
            return front;
        }
        items.swap(front, back - 1);
        front += 1;
        back -= 1;
    }
}
