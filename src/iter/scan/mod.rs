//! Layer 4: scans, which replace each item of a slice by what all items up to it come to.
//!
//! They take two passes, as in Blelloch's "Prefix Sums and Their Applications" (Carnegie Mellon University, 1990): parts
//! are scanned each by itself, then what comes before a part is combined with its items. But the parts are those into
//! which a loop is split while it runs, because somebody was idle. A part that begins when the one before it has ended
//! goes on from there (`stretch`). So the second pass is only for stretches that were begun early by another worker;
//! where nobody was idle there is none, and a scan is a plain loop. Between the passes the last items of the stretches
//! are combined from left to right, which are few.
//!
//! Of what is `deterministic()` the parts are some that the length alone decides (`by_length`), and the second pass is for
//! all but the first of them, whoever scans them.
//!
//! Each item's slot holds an item at all times, and is given another only when the operation has returned it. So
//! wherever the operation panics, the slice has as many items as before, each of which is dropped once.

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

/// Replaces each item by what the items up to it come to, itself included.
///
/// It calls `op` less than twice for each item.
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

/// Replaces each item by what `init` and the items before it come to, and returns what all come to.
pub(crate) fn exclusive<T, F>(items: &mut [T], init: T, op: &F) -> T
where
    T: Send + Sync,
    F: Fn(&T, &T) -> T + Sync,
{
    let mut before = Some(init);
    let rest = alone(items.len(), |block| {
        before = before.take().map(|before| push_through(&mut items[block], before, op));
    });
    // Nothing is missing: a block that panics is the last.
    let before = before.expect("each block returns what all up to it come to");
    let Some(ScanRest { done, piece }) = rest else {
        return before;
    };
    exclusive_of(&mut items[done..], before, op, |rest, op| share(rest, piece, op))
}

impl Cut {
    /// [`inclusive`], of items that were cut so.
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

    /// [`exclusive`], of items that were cut so.
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

/// Makes an exclusive scan of an inclusive one.
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

/// Replaces each item by what `before` and the items before it come to, on this thread; returns what all come to.
fn push_through<T>(items: &mut [T], before: T, op: impl Fn(&T, &T) -> T) -> T {
    items.iter_mut().fold(before, |before, item| {
        let with_item = op(&before, item);
        *item = before;
        with_item
    })
}

/// Replaces each item but the first by what the items up to it come to, on this thread.
fn scan_here<T>(items: &mut [T], op: impl Fn(&T, &T) -> T) {
    let mut items = items.iter_mut();
    let Some(first) = items.next() else { return };
    items.fold(first, |last, item| {
        *item = op(last, item);
        item
    });
}

/// Does the same on all threads, none of which is given fewer than `piece` items.
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

/// The second pass: makes a scan of stretches that were scanned each by itself.
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

/// Of each stretch all items but the last, and what all before them come to.
fn bodies<'a, T>(items: &'a mut [T], starts: &[usize]) -> Vec<(&'a T, &'a mut [T])> {
    let mut bodies = Vec::with_capacity(starts.len());
    let (mut rest, mut rest_start) = (items, 0);
    let ends = starts.iter().skip(1).copied().chain([rest.len()]);
    for (start, end) in starts.iter().copied().zip(ends) {
        let (before, stretch) = rest.split_at_mut(start - rest_start);
        // The last item stays, for what follows.
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
