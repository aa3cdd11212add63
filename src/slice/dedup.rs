//! Layer 5: removing repeated neighbours from a vector.
//!
//! The vector is divided into pieces. One thread goes through each piece, and moves the items that stay to the piece's
//! front, in order. Then each border is checked, one after the other: items at the front of a piece that repeat the
//! last item before the piece do not stay either. In the end the items that stay are moved together, and the others are
//! dropped.
//!
//! Until the removed items are dropped from the vector's end, items only change places within it. So after a panic all
//! items are still there.

use std::mem;
use std::ops::Range;

use super::ParallelSliceMut;
use crate::fork::current_num_threads;
use crate::iter::{IndexedParallelIterator, ParallelDrainRange, ParallelIterator};

/// The fewest items that several threads go through faster than one.
const FEWEST: usize = 16 * 1024;

/// The number of pieces for each thread, so that no thread waits long for another.
const PIECES: usize = 8;

/// Removes each item for which `same` returns true, called with the item and the last item before it that stays.
pub(super) fn dedup_by<T, F>(items: &mut Vec<T>, same: &F)
where
    T: Send,
    F: Fn(&mut T, &mut T) -> bool + Sync,
{
    if items.len() < FEWEST || current_num_threads() == 1 {
        return items.dedup_by(same);
    }
    let len = items.len().div_ceil(PIECES * current_num_threads());
    let mut staying: Vec<Range<usize>> = Vec::new();
    let pieces = items.par_chunks_mut(len).enumerate();
    pieces.map(|(number, piece)| number * len..number * len + dedup_piece(piece, same)).collect_into_vec(&mut staying);
    trim_borders(items, &mut staying, same);
    let stay = close_up(items, staying);
    if mem::needs_drop::<T>() {
        items.par_drain(stay..).for_each(drop);
    } else {
        items.truncate(stay);
    }
}

/// Moves the items of a piece that stay to its front, in order, and returns their number.
fn dedup_piece<T>(items: &mut [T], same: impl Fn(&mut T, &mut T) -> bool) -> usize {
    let mut stay = items.len().min(1);
    for place in 1..items.len() {
        let (front, rest) = items.split_at_mut(place);
        if !same(&mut rest[0], &mut front[stay - 1]) {
            items.swap(stay, place);
            stay += 1;
        }
    }
    stay
}

/// Removes the items at the front of each piece that are the same as the last item before the piece that stays.
fn trim_borders<T>(items: &mut [T], staying: &mut [Range<usize>], same: impl Fn(&mut T, &mut T) -> bool) {
    let mut last: Option<usize> = None;
    for piece in staying {
        let Range { start, end } = *piece;
        if let Some(last) = last {
            let (before, rest) = items.split_at_mut(start);
            let first = rest[..end - start].iter_mut().position(|item| !same(item, &mut before[last]));
            piece.start = first.map_or(end, |first| start + first);
        }
        if piece.start < end {
            last = Some(end - 1);
        }
    }
}

/// Moves the items that stay to the front, in order, and returns their number.
fn close_up<T>(items: &mut [T], staying: Vec<Range<usize>>) -> usize {
    let mut to = 0;
    for Range { start, end } in staying {
        let (len, gap) = (end - start, start - to);
        if gap >= len {
            let (front, piece) = items.split_at_mut(start);
            front[to..to + len].swap_with_slice(&mut piece[..len]);
        } else {
            items[to..end].rotate_left(gap);
        }
        to += len;
    }
    to
}
