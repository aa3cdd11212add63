//! Layer 4: the lengths that parts were asked to have.

use super::grain::aligned;

/// How short and how long the parts of an iterator may be. Where both cannot be had, the minimum wins.
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

    /// Whether a part of `len` items may be cut in two.
    #[inline]
    pub(super) fn can_be_cut(self, len: usize) -> bool {
        len / 2 >= self.min
    }

    /// Whether parts were asked to be no longer than so much.
    #[inline]
    pub(super) fn has_max(self) -> bool {
        self.max < usize::MAX
    }

    /// Whether a part of `len` items shall be cut in two before it runs, when so many pieces are wanted of it.
    #[inline]
    pub(super) fn wants_cut(self, len: usize, pieces: usize) -> bool {
        self.can_be_cut(len) && (pieces > 1 || len > self.max)
    }

    /// How long the left half is of `len` items that follow so many others of the same part.
    #[inline]
    pub(super) fn left_half_of(self, len: usize, done: usize) -> usize {
        let half = aligned(done, len / 2);
        if self.has_max() || half < self.min { len / 2 } else { half }
    }

    /// How long the front is that is to be cut off a part of `len` items when so many are wanted, if it may be cut at all.
    pub(super) fn front_of(self, len: usize, wanted: usize) -> Option<usize> {
        let front = wanted.min(self.max).max(self.min);
        (front < len && len - front >= self.min).then_some(front)
    }
}
