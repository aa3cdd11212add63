//! Layer 5: partition on one thread: moves the items that belong in front there.

use std::mem;

/// The number of items at each end that are compared before any of them is moved; a place in a block fits into a byte.
const BLOCK: usize = 128;

/// Items of at most this size are swapped even if they need not be.
const SHORT: usize = 2 * size_of::<usize>();

/// Moves the items for which `belongs` returns true to the front of `left` and `right`, taken as one sequence, and
/// returns their number. If that is about the length of `left`, few items are moved more than once.
///
/// No branch depends on the results of `belongs`.
pub(super) fn partition<T>(left: &mut [T], right: &mut [T], belongs: &impl Fn(&T) -> bool) -> usize {
    if const { size_of::<T>() <= SHORT } {
        partition_one_by_one_apart(left, right, belongs)
    } else {
        partition_by_blocks_apart(left, right, belongs)
    }
}

/// Swaps each item with the first that does not belong in front, and counts it if it belongs in front. The first
/// `strangers` items are known not to belong there.
fn partition_one_by_one<T>(items: &mut [T], strangers: usize, belongs: &impl Fn(&T) -> bool) -> usize {
    let mut in_front = 0;
    for place in strangers..items.len() {
        let does = belongs(&items[place]);
        items.swap(in_front, place);
        in_front += usize::from(does);
    }
    in_front
}

fn partition_one_by_one_apart<T>(left: &mut [T], right: &mut [T], belongs: &impl Fn(&T) -> bool) -> usize {
    let mut in_front = partition_one_by_one(left, 0, belongs);
    let mut looked_at = 0;
    while in_front < left.len() && looked_at < right.len() {
        let does = belongs(&right[looked_at]);
        mem::swap(&mut left[in_front], &mut right[looked_at]);
        in_front += usize::from(does);
        looked_at += 1;
    }
    // If the left is full, the items that were swapped from there to the right do not belong in front.
    in_front + partition_one_by_one(right, looked_at, belongs)
}

/// Lists the misplaced items of a block at each end, then swaps pairs of them.
fn partition_by_blocks<T>(items: &mut [T], belongs: &impl Fn(&T) -> bool) -> usize {
    let (mut front, mut back) = (0, items.len());
    let mut ends = Ends::default();
    while back - front >= 2 * BLOCK {
        let (left, right) = items[front..back].split_at_mut(BLOCK);
        let last_block = right.len() - BLOCK;
        let done = ends.exchange(left, &mut right[last_block..], belongs);
        front += done.in_front;
        back -= done.in_back;
    }
    front + partition_one_by_one(&mut items[front..back], 0, belongs)
}

fn partition_by_blocks_apart<T>(left: &mut [T], right: &mut [T], belongs: &impl Fn(&T) -> bool) -> usize {
    let (mut front, mut back) = (0, right.len());
    let mut ends = Ends::default();
    while left.len() - front >= BLOCK && back >= BLOCK {
        let done = ends.exchange(&mut left[front..][..BLOCK], &mut right[back - BLOCK..back], belongs);
        front += done.in_front;
        back -= done.in_back;
    }
    let in_left = front + partition_by_blocks(&mut left[front..], belongs);
    let in_right = partition_by_blocks(&mut right[..back], belongs);
    let pairs = (left.len() - in_left).min(in_right);
    left[in_left..][..pairs].swap_with_slice(&mut right[in_right - pairs..in_right]);
    in_left + in_right
}

/// A block at the front and one at the back; misplaced items are exchanged between them.
#[derive(Default)]
struct Ends {
    in_front: Misplaced,
    in_back: Misplaced,
}

/// The number of items at each end that are where they belong: a block, or none.
struct PlacedCounts {
    in_front: usize,
    in_back: usize,
}

impl Ends {
    /// Exchanges as many items as possible, between the same blocks as before; a finished block is replaced by the
    /// next.
    fn exchange<T>(&mut self, left: &mut [T], right: &mut [T], belongs: &impl Fn(&T) -> bool) -> PlacedCounts {
        let Ends { in_front, in_back } = self;
        if in_front.is_empty() {
            in_front.list(left, |item| !belongs(item));
        }
        if in_back.is_empty() {
            in_back.list(right, belongs);
        }
        Misplaced::swap(left, in_front, right, in_back);
        let done = |list: &Misplaced| if list.is_empty() { BLOCK } else { 0 };
        PlacedCounts { in_front: done(in_front), in_back: done(in_back) }
    }
}

/// The places in a block of the items that are on the wrong side.
struct Misplaced {
    places: [u8; BLOCK],
    /// The first entry that is still misplaced.
    start: usize,
    /// The end of the entries.
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
            // The remainder changes nothing; it shows the compiler that the index is in bounds.
            self.places[self.end % BLOCK] = place;
            self.end += usize::from(is_misplaced(item));
        }
    }

    /// Swaps as many pairs as both blocks allow.
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
