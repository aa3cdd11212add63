//! Layer 4: the bounds for the lengths of parts.

use super::grain::aligned;

/// The minimal and maximal length of the parts of an iterator. Where the two conflict, the minimum wins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    min: usize,
    max: usize,
}

impl Bounds {
    #[inline]
    pub(super) fn new(min: usize, max: usize) -> Self {
        Bounds { min: min.max(1), max }
    }

    /// True if a part of `len` items may be split in two.
    #[inline]
    pub(super) fn can_be_cut(self, len: usize) -> bool {
        len / 2 >= self.min
    }

    /// True if there is a maximal length.
    #[inline]
    pub(super) fn has_max(self) -> bool {
        self.max < usize::MAX
    }

    /// True if a part of `len` items must be split in two before it runs, when `pieces` pieces are wanted.
    #[inline]
    pub(super) fn wants_cut(self, len: usize, pieces: usize) -> bool {
        self.can_be_cut(len) && (pieces > 1 || len > self.max)
    }

    /// The length of the left half of `len` items, after `done` items of the same part.
    #[inline]
    pub(super) fn left_half_of(self, len: usize, done: usize) -> usize {
        let half = aligned(done, len / 2);
        if self.has_max() || half < self.min { len / 2 } else { half }
    }

    /// The length of the front to split off a part of `len` items when `wanted` are wanted; `None` if the part must not
    /// be split.
    pub(super) fn front_of(self, len: usize, wanted: usize) -> Option<usize> {
        let front = wanted.min(self.max).max(self.min);
        (front < len && len - front >= self.min).then_some(front)
    }
}
