//! Layer 5: sorts wide items by their indices, so that each is moved once, even if it is compared many times.
//!
//! The indices are sorted by the items at them; then every item is moved to its place, cycle by cycle.

use std::cmp::Ordering;
use std::mem::{self, MaybeUninit};
use std::ptr;

/// From this size on, in bytes, items are wide for an unstable sort.
const WIDE_UNSTABLE: usize = 96;

/// From this size on, in bytes, items are wide for a stable sort, which would otherwise move them several times.
const WIDE_STABLE: usize = 48;

/// The fewest items that are worth making indices for.
const FEWEST: usize = 32;

/// The most bytes of items that are sorted unstably by their indices. Accesses by index are scattered over the slice,
/// which is slower than moving items once the slice exceeds the processor's cache.
const MOST_UNSTABLE: usize = 4 << 20;

/// The most bytes of items that are sorted stably by their indices; a stable sort moves items more often.
const MOST_STABLE: usize = 128 << 20;

/// True if an item is wide for an unstable sort.
pub(super) const fn is_wide_unstable<T>() -> bool {
    size_of::<T>() >= WIDE_UNSTABLE
}

/// True if an item is wide for a stable sort.
pub(super) const fn is_wide_stable<T>() -> bool {
    size_of::<T>() >= WIDE_STABLE
}

/// The most items that are sorted unstably by their indices, if they are wide.
pub(super) fn most_unstable<T>() -> Option<usize> {
    is_wide_unstable::<T>().then(|| MOST_UNSTABLE / size_of::<T>())
}

/// True if an unstable sort of `len` items uses their indices.
pub(super) fn suits_unstable<T>(len: usize) -> bool {
    most_unstable::<T>().is_some_and(|most| (FEWEST..=most).contains(&len))
}

/// True if a stable sort of `len` items uses their indices.
pub(super) fn suits_stable<T>(len: usize) -> bool {
    is_wide_stable::<T>() && (FEWEST..=MOST_STABLE / size_of::<T>()).contains(&len)
}

/// Sorts `items`, and keeps the order of equal ones. Their number must be one that [`suits_stable`] accepts. If
/// `compare` panics no item has moved.
pub(super) fn sort<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = indices(items.len());
    order.sort_by(|&a, &b| compare(&items[a as usize], &items[b as usize]));
    // SAFETY: these are all the indices, each once, and std's sorts lose none.
    unsafe { permute(items, &mut order) };
}

/// As [`sort`], but may change the order of equal items.
pub(super) fn sort_unstable<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = indices(items.len());
    order.sort_unstable_by(|&a, &b| compare(&items[a as usize], &items[b as usize]));
    // SAFETY: these are all the indices, each once, and std's sorts lose none.
    unsafe { permute(items, &mut order) };
}

/// The indices of `len` items. They fit into 32 bits, because the number of wide items is bounded.
fn indices(len: usize) -> Vec<u32> {
    (0..).take(len).collect()
}

/// Moves to each place the item at the index that `order` has for that place.
///
/// # Safety
///
/// `order` contains the index of each item exactly once.
unsafe fn permute<T>(items: &mut [T], order: &mut [u32]) {
    assert_eq!(items.len(), order.len());
    let slots = ptr::from_mut(items) as *mut [MaybeUninit<T>];
    // SAFETY: a `MaybeUninit<T>` is laid out as a `T`, and the reference is unique. No user code runs before every slot
    // has one of the items again, each exactly once by the caller's duty.
    let slots = unsafe { &mut *slots };
    for start in 0..order.len() {
        if order[start] as usize == start {
            continue;
        }
        let first = &raw const slots[start];
        // SAFETY: a reference is valid for reading, and any bits make a `MaybeUninit<T>`.
        let first = unsafe { first.read() };
        let mut place = start;
        loop {
            let from = mem::replace(&mut order[place], place as u32) as usize;
            if from == start {
                break;
            }
            let (from_slot, to) = (&raw const slots[from], &raw mut slots[place]);
            // SAFETY: both are slots, and different ones: each index occurs once, and this item was not at its place.
            unsafe { ptr::copy_nonoverlapping(from_slot, to, 1) };
            place = from;
        }
        slots[place] = first;
    }
}
