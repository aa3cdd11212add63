//! Layer 5: removing repeated neighbours from a vector.
//!
//! The vector is cut into pieces. Each piece is gone through by one thread, which brings the items that stay to the
//! piece's front, in order. Then the borders are seen to, one after the other: what is at the front of a piece and
//! repeats the last item before it does not stay either. In the end the items that stay close up, and the others are
//! dropped.
//!
//! Items only ever change places within the vector until those that go are dropped from its end. So a panic leaves all
//! of them there.

use std::mem;
use std::ops::Range;

use super::ParallelSliceMut;
use crate::fork::current_num_threads;
use crate::iter::{IndexedParallelIterator, ParallelDrainRange, ParallelIterator};

/// The fewest items that several threads go through faster than one.
const FEWEST: usize = 16 * 1024;

/// How many pieces there are for each thread, so that none waits long for another.
const PIECES: usize = 8;

/// Removes each item that is the same as the last one before it that stays, as `same` says of the two, in that order.
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

/// Brings the items that stay to the front, in order, and returns their number.
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

/// Lets those go at the front of each piece that are the same as the last item before the piece that stays.
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
