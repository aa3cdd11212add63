//! Layer 5: finding out how far a slice is sorted already.

use std::cmp::Ordering;

use super::halves::run_both;

/// The fewest items that are looked through as a task.
const LEAF: usize = 64 * 1024;

/// How many items one thread looks through before others help: most inputs have no longer run at their front.
const FIRST_LOOK: usize = 1024;

/// How many pairs are looked at in a loop of known length, which the compiler unrolls.
const STEP: usize = 8;

/// The length of the run at the front of `items`; if it was descending, it has been reversed.
///
/// No two items of a descending run are equal, so equal ones keep their order.
pub(super) fn sort_front<T, C>(items: &mut [T], compare: &C) -> usize
where
    T: Send,
    C: Fn(&T, &T) -> Ordering + Sync,
{
    let is_descending = matches!(items, [first, second, ..] if compare(second, first) == Ordering::Less);
    if is_descending {
        // Reversing brings all items back to this thread's processor, so no other is to fetch them.
        let front = front_here(items, &|a, b| compare(b, a) == Ordering::Less);
        items[..front].reverse();
        return front;
    }
    let in_order = |a: &T, b: &T| compare(b, a) != Ordering::Less;
    let first_look = items.len().min(FIRST_LOOK);
    match front_here(&items[..first_look], &in_order) {
        front if front < first_look => front,
        _ => front_anywhere(items, &in_order),
    }
}

fn front_anywhere<T, P>(items: &mut [T], in_order: &P) -> usize
where
    T: Send,
    P: Fn(&T, &T) -> bool + Sync,
{
    if items.len() <= LEAF {
        return front_here(items, in_order);
    }
    let middle = items.len() / 2;
    let (left, right) = items.split_at_mut(middle);
    match run_both(|| front_anywhere(left, in_order), || front_anywhere(right, in_order)) {
        (in_left, in_right) if in_left == middle && in_order(&items[middle - 1], &items[middle]) => middle + in_right,
        (in_left, _) => in_left,
    }
}

/// The length of the run at the front, looked through by this thread alone.
pub(super) fn front_here<T>(items: &[T], in_order: &impl Fn(&T, &T) -> bool) -> usize {
    let mut front = 0;
    while let Some(step) = items[front..].first_chunk::<{ STEP + 1 }>() {
        if !(0..STEP).all(|place| in_order(&step[place], &step[place + 1])) {
            break;
        }
        front += STEP;
    }
    let end = items[front..].windows(2).position(|pair| !in_order(&pair[0], &pair[1]));
    end.map_or(items.len(), |last| front + last + 1)
}
