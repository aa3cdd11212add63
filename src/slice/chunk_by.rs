//! Layer 5: the iterators over runs of neighbours for which a closure returns true.

use super::pieces::{Rule, piece_clone, piece_iterator};

/// Splits between two neighbours for which the closure returns false.
pub(super) struct Between<'p, P>(pub(super) &'p P);

impl<P> Clone for Between<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Between<'_, P> {}

impl<P> Between<'_, P> {
    /// True if two neighbours are separated.
    fn separates<T>(self, pair: &[T]) -> bool
    where
        P: Fn(&T, &T) -> bool,
    {
        matches!(pair, [before, after] if !(self.0)(before, after))
    }
}

impl<T, P: Fn(&T, &T) -> bool + Sync> Rule<T> for Between<'_, P> {
    const TAKEN: usize = 0;

    fn first_cut(self, items: &[T]) -> Option<usize> {
        let before = items.windows(2).position(|pair| self.separates(pair))?;
        Some(before + 1)
    }

    fn last_cut(self, items: &[T]) -> Option<usize> {
        let before = items.windows(2).rposition(|pair| self.separates(pair))?;
        Some(before + 1)
    }
}

/// A parallel iterator over the runs of neighbours of a slice for which a closure returns true; made by
/// [`par_chunk_by`](super::ParallelSlice::par_chunk_by).
///
/// ```
/// use paceline::prelude::*;
///
/// let runs = [1, 1, 2, 3, 3, 3].par_chunk_by(|a, b| a == b);
/// assert_eq!(runs.map(|run| run.len()).collect::<Vec<_>>(), [2, 1, 3]);
/// ```
pub struct ChunkBy<'data, T, P> {
    pub(super) slice: &'data [T],
    pub(super) closure: P,
}

/// A parallel iterator over the runs of neighbours of a slice for which a closure returns true, by unique reference;
/// made by [`par_chunk_by_mut`](super::ParallelSliceMut::par_chunk_by_mut).
///
/// ```
/// use paceline::prelude::*;
///
/// let mut numbers = [1, 2, 4, 3, 5];
/// numbers.par_chunk_by_mut(|a, b| a <= b).for_each(|run| run.reverse());
/// assert_eq!(numbers, [4, 2, 1, 5, 3]);
/// ```
pub struct ChunkByMut<'data, T, P> {
    pub(super) slice: &'data mut [T],
    pub(super) closure: P,
}

piece_iterator! { ChunkBy: Sync &'data [T], Between, Fn(&T, &T) }
piece_iterator! { ChunkByMut: Send &'data mut [T], Between, Fn(&T, &T) }

piece_clone! { ChunkBy }
