//! Layer 4: whether a type of parallel iterator knows its number of items, so that the code for the other case is not
//! compiled.

/// Tells for a type when [`opt_len`](super::ParallelIterator::opt_len) is `Some`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnowsLen {
    /// Never.
    Never,
    /// It depends on the value, or the type does not say.
    Perhaps,
    /// Always.
    Always,
}

impl KnowsLen {
    /// For an iterator made of two; it knows its length if both do.
    pub(crate) const fn and(self, other: KnowsLen) -> KnowsLen {
        match (self, other) {
            (KnowsLen::Never, _) | (_, KnowsLen::Never) => KnowsLen::Never,
            (KnowsLen::Always, KnowsLen::Always) => KnowsLen::Always,
            _ => KnowsLen::Perhaps,
        }
    }

    /// For an iterator that is either of two.
    pub(crate) const fn or(self, other: KnowsLen) -> KnowsLen {
        match (self, other) {
            (KnowsLen::Never, KnowsLen::Never) => KnowsLen::Never,
            (KnowsLen::Always, KnowsLen::Always) => KnowsLen::Always,
            _ => KnowsLen::Perhaps,
        }
    }

    /// For an iterator that knows its length if its base does and the number is not too large.
    pub(crate) const fn unless_too_large(self) -> KnowsLen {
        self.and(KnowsLen::Perhaps)
    }

    /// For ranges of integers of `bytes` bytes, with at most as many items as there are such integers.
    pub(crate) const fn of_integers(bytes: usize) -> KnowsLen {
        if bytes <= size_of::<usize>() { KnowsLen::Always } else { KnowsLen::Perhaps }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
