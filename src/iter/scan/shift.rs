//! Layer 4: inserts an item at the front of a slice, and takes the last item out.

use std::mem;

use crate::iter::schedule::thread_count;
use crate::iter::{IntoParallelIterator, ParallelIterator};

/// The fewest bytes that several threads move faster than one.
const FEWEST_BYTES: usize = 256 * 1024;

/// The number of pieces for each thread, so that no thread waits long for another.
const PIECES: usize = 4;

/// Moves each item to the next place, puts `item` in the first, and returns the last.
pub(super) fn push_front<T: Send>(items: &mut [T], item: T) -> T {
    if items.is_empty() {
        return item;
    }
    if size_of_val(items) < FEWEST_BYTES {
        items.rotate_right(1);
    } else {
        rotate_in_pieces(items);
    }
    mem::replace(&mut items[0], item)
}

/// Each piece is rotated by itself, which moves its last item to its front; then the fronts are rotated.
fn rotate_in_pieces<T: Send>(items: &mut [T]) {
    let len = items.len().div_ceil(PIECES * thread_count());
    let pieces: Vec<&mut [T]> = items.chunks_mut(len).collect();
    pieces.into_par_iter().for_each(|piece| piece.rotate_right(1));
    for front in (len..items.len()).step_by(len).rev() {
        items.swap(front, front - len);
    }
}
