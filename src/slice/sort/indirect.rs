//! Layer 5: sorting wide items by way of their indices, so that each is moved once, however often it is compared.
//!
//! The indices are sorted by what lies at them; then every item goes to its place, cycle by cycle.

use std::cmp::Ordering;
use std::mem::{self, MaybeUninit};
use std::ptr;

/// From this size on, in bytes, items are wide for an unstable sort.
const WIDE_UNSTABLE: usize = 96;

/// From this size on, in bytes, items are wide for a stable sort, which else moves them to and fro.
const WIDE_STABLE: usize = 48;

/// The fewest items for which making the indices pays.
const FEWEST: usize = 32;

/// The most bytes of items that are sorted unstably by their indices. These lead all over the slice, which is slower
/// than moving items about as soon as the processor's cache does not hold them.
const MOST_UNSTABLE: usize = 4 << 20;

/// The most bytes of items that are sorted stably by their indices; there moving items about costs more.
const MOST_STABLE: usize = 128 << 20;

/// Whether an item is wide for an unstable sort.
pub(super) const fn is_wide_unstable<T>() -> bool {
    size_of::<T>() >= WIDE_UNSTABLE
}

/// Whether an item is wide for a stable sort.
pub(super) const fn is_wide_stable<T>() -> bool {
    size_of::<T>() >= WIDE_STABLE
}

/// How many items are sorted unstably by their indices at most, if they are wide.
pub(super) fn most_unstable<T>() -> Option<usize> {
    is_wide_unstable::<T>().then(|| MOST_UNSTABLE / size_of::<T>())
}

/// Whether an unstable sort of `len` items goes by their indices.
pub(super) fn suits_unstable<T>(len: usize) -> bool {
    most_unstable::<T>().is_some_and(|most| (FEWEST..=most).contains(&len))
}

/// Whether a stable sort of `len` items goes by their indices.
pub(super) fn suits_stable<T>(len: usize) -> bool {
    is_wide_stable::<T>() && (FEWEST..=MOST_STABLE / size_of::<T>()).contains(&len)
}

/// Sorts `items`, no more than suit, and keeps equal ones in order. If `compare` panics no item has moved.
pub(super) fn sort<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = indices(items.len());
    order.sort_by(|&a, &b| compare(&items[a as usize], &items[b as usize]));
    // SAFETY: these are all the indices, each once, and a sort of std's loses none.
    unsafe { permute(items, &mut order) };
}

/// Does the same, and may change the order of equal items.
pub(super) fn sort_unstable<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = indices(items.len());
    order.sort_unstable_by(|&a, &b| compare(&items[a as usize], &items[b as usize]));
    // SAFETY: these are all the indices, each once, and a sort of std's loses none.
    unsafe { permute(items, &mut order) };
}

/// The indices of `len` items, which fit into 32 bits each: items that are wide are not that many.
fn indices(len: usize) -> Vec<u32> {
    (0..).take(len).collect()
}

/// Puts at each place the item that is at the index which `order` has there.
///
/// # Safety
///
/// `order` has the index of every item once.
unsafe fn permute<T>(items: &mut [T], order: &mut [u32]) {
    assert_eq!(items.len(), order.len());
    let slots = ptr::from_mut(items) as *mut [MaybeUninit<T>];
    // SAFETY: a `MaybeUninit<T>` is laid out as a `T`, and the reference is unique. No code of others runs before every
    // slot has one of the items again, each once by the caller's promise.
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
            // SAFETY: both are slots, and not the same one: each index comes once, and this one was not at its place.
            unsafe { ptr::copy_nonoverlapping(from_slot, to, 1) };
            place = from;
        }
        slots[place] = first;
    }
}
