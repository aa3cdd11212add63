//! Layer 4: scans, which replace each item of a slice by the combination of all items up to it.
//!
//! They take two passes, as in Blelloch's "Prefix Sums and Their Applications" (Carnegie Mellon University, 1990): each
//! part is scanned by itself, then the combination of all items before a part is combined with its items. But here the
//! parts are those into which a loop is split while it runs, because a worker was idle. A part that begins when the one
//! before it has ended continues that one's scan (`stretch`). So the second pass is only for stretches that another
//! worker began early; if no worker was idle there is none, and a scan is a plain loop. Between the passes the last
//! items of the stretches, which are few, are combined from left to right.
//!
//! After `deterministic()` the length alone decides the parts (`by_length`), and the second pass is for all but the
//! first of them.
//!
//! Each slot holds an item at all times: its item is replaced only when the operation has returned the new one. So
//! wherever the operation panics, the slice has as many items as before, and each is dropped once.

mod alone;
mod by_length;
mod noted;
mod shift;
mod stretch;

use self::alone::{ScanRest, alone};
use self::noted::Cut;
pub(crate) use self::noted::collect;
use self::stretch::scan_stretches;
use super::{IntoParallelIterator, ParallelIterator};

/// Replaces each item by the combination of all items up to and including it.
///
/// Calls `op` less than twice for each item.
pub(crate) fn inclusive<T, F>(items: &mut [T], op: &F)
where
    T: Send + Sync,
    F: Fn(&T, &T) -> T + Sync,
{
    let rest = alone(items.len(), |block| scan_here(&mut items[block.start.saturating_sub(1)..block.end], op));
    if let Some(ScanRest { done, piece }) = rest {
        share(&mut items[done - 1..], piece, op);
    }
}

/// Replaces each item by the combination of `init` and all items before it, and returns the combination of all.
pub(crate) fn exclusive<T, F>(items: &mut [T], init: T, op: &F) -> T
where
    T: Send + Sync,
    F: Fn(&T, &T) -> T + Sync,
{
    let mut before = Some(init);
    let rest = alone(items.len(), |block| {
        before = before.take().map(|before| push_through(&mut items[block], before, op));
    });
    // Never `None` here: a block that panics is the last.
    let before = before.expect("each block returns the combination of all items up to its end");
    let Some(ScanRest { done, piece }) = rest else {
        return before;
    };
    exclusive_of(&mut items[done..], before, op, |rest, op| share(rest, piece, op))
}

impl Cut {
    /// [`inclusive`], for items that were split in this way.
    pub(crate) fn inclusive<T, F>(self, items: &mut [T], op: &F)
    where
        T: Send + Sync,
        F: Fn(&T, &T) -> T + Sync,
    {
        match self {
            Cut::AsItComes => inclusive(items, op),
            Cut::ByLength => by_length::inclusive(items, op),
        }
    }

    /// [`exclusive`], for items that were split in this way.
    pub(crate) fn exclusive<T, F>(self, items: &mut [T], init: T, op: &F) -> T
    where
        T: Send + Sync,
        F: Fn(&T, &T) -> T + Sync,
    {
        match self {
            Cut::AsItComes => exclusive(items, init, op),
            Cut::ByLength => exclusive_of(items, init, op, by_length::inclusive),
        }
    }
}

/// Turns an inclusive scan into an exclusive one.
fn exclusive_of<T: Send, F: Fn(&T, &T) -> T>(
    items: &mut [T],
    init: T,
    op: &F,
    inclusive: impl FnOnce(&mut [T], &F),
) -> T {
    if let Some(first) = items.first_mut() {
        *first = op(&init, first);
    }
    inclusive(items, op);
    shift::push_front(items, init)
}

/// Replaces each item by the combination of `before` and all items before it, on this thread; returns the combination
/// of all.
fn push_through<T>(items: &mut [T], before: T, op: impl Fn(&T, &T) -> T) -> T {
    items.iter_mut().fold(before, |before, item| {
        let with_item = op(&before, item);
        *item = before;
        with_item
    })
}

/// Replaces each item but the first by the combination of all items up to it, on this thread.
fn scan_here<T>(items: &mut [T], op: impl Fn(&T, &T) -> T) {
    let mut items = items.iter_mut();
    let Some(first) = items.next() else { return };
    items.fold(first, |last, item| {
        *item = op(last, item);
        item
    });
}

/// As [`scan_here`], on all threads; each thread gets at least `piece` items.
fn share<T, F>(items: &mut [T], piece: usize, op: &F)
where
    T: Send + Sync,
    F: Fn(&T, &T) -> T + Sync,
{
    let starts = scan_stretches(items, piece, op);
    if !starts.is_empty() {
        join_stretches(items, &starts, op);
    }
}

/// The second pass: turns separately scanned stretches into one scan.
fn join_stretches<T, F>(items: &mut [T], starts: &[usize], op: &F)
where
    T: Send + Sync,
    F: Fn(&T, &T) -> T + Sync,
{
    combine_ends(items, starts, op);
    let bodies = bodies(items, starts).into_par_iter();
    bodies.for_each(|(before, body)| body.into_par_iter().for_each(|item| *item = op(before, item)));
}

/// Combines the last item of each stretch with that of the stretch before it.
fn combine_ends<T>(items: &mut [T], starts: &[usize], op: impl Fn(&T, &T) -> T) {
    let ends = starts.iter().skip(1).copied().chain([items.len()]);
    for (&start, end) in starts.iter().zip(ends) {
        if let ([.., before], [.., last]) = items[..end].split_at_mut(start) {
            *last = op(before, last);
        }
    }
}

/// For each stretch, all items but the last, and the combination of all items before the stretch.
fn bodies<'a, T>(items: &'a mut [T], starts: &[usize]) -> Vec<(&'a T, &'a mut [T])> {
    let mut bodies = Vec::with_capacity(starts.len());
    let (mut rest, mut rest_start) = (items, 0);
    let ends = starts.iter().skip(1).copied().chain([rest.len()]);
    for (start, end) in starts.iter().copied().zip(ends) {
        let (before, stretch) = rest.split_at_mut(start - rest_start);
        // The last item stays in `rest`, for the stretch that follows.
        let (body, last) = stretch.split_at_mut((end - start).saturating_sub(1));
        (rest, rest_start) = (last, start + body.len());
        if let [.., before] = before {
            bodies.push((&*before, body));
        }
    }
    bodies
}

#[cfg(test)]
mod tests;
