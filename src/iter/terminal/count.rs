//! Layer 4: `count`.

use super::reduction::Reduction;

/// Counts the items.
pub(in crate::iter) struct Count;

impl<T> Reduction<T> for Count {
    type Output = usize;

    #[inline]
    fn identity(&self) -> usize {
        0
    }

    #[inline]
    fn fold<I: Iterator<Item = T>>(&self, so_far: usize, iter: I) -> usize {
        so_far + iter.count()
    }

    #[inline]
    fn combine(&self, left: usize, right: usize) -> usize {
        left + right
    }
}
