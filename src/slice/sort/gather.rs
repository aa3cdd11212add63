//! Layer 5: gathering the items that belong in front, on one thread.

use std::mem;

/// How many items at each end are looked at before any of them is moved; a place in a block fits into a byte.
const BLOCK: usize = 128;

/// Items that are no longer are swapped even if they need not be.
const SHORT: usize = 2 * size_of::<usize>();

/// Moves the items for which `belongs` returns true to the front, and returns their number.
///
/// No branch depends on what `belongs` returns.
pub(super) fn gather<T>(items: &mut [T], belongs: impl Fn(&T) -> bool) -> usize {
    if size_of::<T>() <= SHORT { gather_one_by_one(items, belongs) } else { gather_by_blocks(items, belongs) }
}

/// Swaps each item with the first that does not belong in front, and counts it if it does.
fn gather_one_by_one<T>(items: &mut [T], belongs: impl Fn(&T) -> bool) -> usize {
    let mut gathered = 0;
    for place in 0..items.len() {
        let does = belongs(&items[place]);
        items.swap(gathered, place);
        gathered += usize::from(does);
    }
    gathered
}

/// Of a block at each end, first the misplaced items are listed, then pairs of them are swapped.
fn gather_by_blocks<T>(items: &mut [T], belongs: impl Fn(&T) -> bool) -> usize {
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
    front + gather_one_by_one(&mut items[front..back], belongs)
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
