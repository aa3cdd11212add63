//! Layer 4: whether a type of parallel iterators knows how many items there are, so that code for the other case is not
//! compiled for it.

/// When [`opt_len`](super::ParallelIterator::opt_len) of a type is `Some`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnowsLen {
    /// In no case.
    Never,
    /// It depends on the value, or the type does not say.
    Perhaps,
    /// In every case.
    Always,
}

impl KnowsLen {
    /// For an iterator made of two, which knows its length if both do.
    pub(crate) const fn and(self, other: KnowsLen) -> KnowsLen {
        match (self, other) {
            (KnowsLen::Never, _) | (_, KnowsLen::Never) => KnowsLen::Never,
            (KnowsLen::Always, KnowsLen::Always) => KnowsLen::Always,
            _ => KnowsLen::Perhaps,
        }
    }

    /// For an iterator that is one of two.
    pub(crate) const fn or(self, other: KnowsLen) -> KnowsLen {
        match (self, other) {
            (KnowsLen::Never, KnowsLen::Never) => KnowsLen::Never,
            (KnowsLen::Always, KnowsLen::Always) => KnowsLen::Always,
            _ => KnowsLen::Perhaps,
        }
    }

    /// For an iterator that knows its length if the other does and the number is not too large.
    pub(crate) const fn unless_too_large(self) -> KnowsLen {
        self.and(KnowsLen::Perhaps)
    }

    /// For ranges of integers of so many bytes that have at most as many items as there are such integers.
    pub(crate) const fn of_integers(bytes: usize) -> KnowsLen {
        if bytes <= size_of::<usize>() { KnowsLen::Always } else { KnowsLen::Perhaps }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
