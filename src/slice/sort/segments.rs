//! Layer 5: finds the parts of a slice that are sorted already.
//!
//! A long run is followed to its end. Where none begins, some items are skipped before the next probe. So a slice
//! without long runs costs a few hundred comparisons, and a sorted one the comparison of all neighbours. Several
//! threads search a long slice, a stretch each; the pieces of a run across a border become one segment again.

use super::halves::join_both;
use super::kernels::{Direction, Kernels};

/// The most probes for finding that a slice has no long runs.
const LOOKS: usize = 256;

/// A run counts if it has at least one in twenty of all items: merging more runs than that takes as long as sorting.
const LEAST_PART: usize = 20;

/// The fewest items that are searched as a task.
const LEAF: usize = 128 * 1024;

/// A stretch of neighbouring items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SortSegment {
    pub(super) len: usize,
    /// The direction, if the segment is a run; otherwise nothing is known of its order.
    pub(super) run: Option<Direction>,
}

/// Divides `items` into segments.
///
/// The segments may be wrong if the comparison is not a total order.
pub(super) fn find<T: Send>(items: &mut [T], kernels: &dyn Kernels<T>) -> Vec<SortSegment> {
    let len = items.len();
    let stride = (len / LOOKS).max(len.isqrt());
    let mut segments = Vec::new();
    for segment in look_through(items, Looks { stride, leaf: LEAF.max(8 * stride) }, kernels) {
        let counts = segment.len >= len / LEAST_PART;
        push(&mut segments, SortSegment { run: segment.run.filter(|_| counts), ..segment });
    }
    segments
}

/// Adds a segment; two neighbours that are not runs become one.
fn push(segments: &mut Vec<SortSegment>, segment: SortSegment) {
    match segments.last_mut() {
        Some(last) if last.run.is_none() && segment.run.is_none() => last.len += segment.len,
        _ => segments.push(segment),
    }
}

/// The parameters of the search.
#[derive(Clone, Copy, Debug)]
struct Looks {
    /// The minimal length of a run, and the number of items that are skipped where none begins.
    stride: usize,
    /// The most items that one task searches.
    leaf: usize,
}

fn look_through<T: Send>(items: &mut [T], looks: Looks, kernels: &dyn Kernels<T>) -> Vec<SortSegment> {
    if items.len() <= looks.leaf {
        return look_here(items, looks.stride, kernels);
    }
    let middle = items.len() / 2;
    let (left, right) = items.split_at_mut(middle);
    let (mut in_left, mut in_right) = (Vec::new(), Vec::new());
    join_both(&mut || in_left = look_through(left, looks, kernels), &mut || {
        in_right = look_through(right, looks, kernels);
    });
    let seam =
        if kernels.is_less(&items[middle], &items[middle - 1]) { Direction::Descending } else { Direction::Ascending };
    let goes_on =
        |last: &SortSegment, first: &SortSegment| last.run == first.run && last.run.is_none_or(|run| run == seam);
    let mut in_right = in_right.into_iter();
    if let (Some(last), Some(&first)) = (in_left.last_mut(), in_right.as_slice().first()) {
        if goes_on(last, &first) {
            last.len += first.len;
            in_right.next();
        }
    }
    in_left.extend(in_right);
    in_left
}

fn look_here<T>(items: &[T], stride: usize, kernels: &dyn Kernels<T>) -> Vec<SortSegment> {
    let mut segments = Vec::new();
    let mut rest = items;
    while !rest.is_empty() {
        let (len, direction) = kernels.run(rest);
        // A run that reaches the end of the stretch may go on in the next one.
        let segment = if len >= stride || len == rest.len() {
            SortSegment { len, run: Some(direction) }
        } else {
            SortSegment { len: stride.min(rest.len()), run: None }
        };
        push(&mut segments, segment);
        rest = &rest[segment.len..];
    }
    segments
}
