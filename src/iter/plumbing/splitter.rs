//! Layer 4: how far a part is split before it is run.

use crate::fork::{FnContext, current_num_threads};

/// How many pieces a part may still be cut into.
///
/// There are as many pieces as threads at first. A part that another thread has taken shows that somebody was
/// idle, so it may be cut into as many pieces again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Splitter {
    pieces: usize,
}

impl Splitter {
    /// A piece for each thread of the current pool.
    pub(super) fn new() -> Self {
        Self { pieces: current_num_threads() }
    }

    /// The splitter to go on with where a part begins to run.
    pub(super) fn arrive(self, context: &FnContext) -> Self {
        if context.migrated() { Self { pieces: self.pieces.max(current_num_threads()) } } else { self }
    }

    /// Shares the pieces out to two halves, or says that the part is to be run as it is.
    pub(super) fn halve(self) -> Option<(Self, Self)> {
        (self.pieces > 1).then(|| self.share())
    }

    fn share(self) -> (Self, Self) {
        let right = self.pieces / 2;
        let left = self.pieces - right;
        (Self { pieces: left }, Self { pieces: right })
    }
}

/// A [`Splitter`] that knows the length of its part, and the lengths that were asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct LengthSplitter {
    splitter: Splitter,
    min: usize,
    max: usize,
}

impl LengthSplitter {
    /// For a part of `len` items, to be cut into parts of `min` to `max` items; where both cannot be had,
    /// `min` wins.
    pub(super) fn new(len: usize, min: usize, max: usize) -> Self {
        let min = min.max(1);
        let splitter = if len / 2 >= min { Splitter::new() } else { Splitter { pieces: 1 } };
        Self { splitter, min, max }
    }

    /// The splitter to go on with where a part begins to run.
    pub(super) fn arrive(self, context: &FnContext) -> Self {
        Self { splitter: self.splitter.arrive(context), ..self }
    }

    /// Shares the pieces out to the two halves of a part of `len` items, or says that the part is to be run
    /// as it is.
    pub(super) fn halve(self, len: usize) -> Option<(Self, Self)> {
        if len / 2 < self.min {
            return None;
        }
        let (left, right) = if len > self.max { self.splitter.share() } else { self.splitter.halve()? };
        let with = |splitter| Self { splitter, ..self };
        Some((with(left), with(right)))
    }
}
