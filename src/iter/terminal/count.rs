//! Layer 4: `count`.

use super::digest::Digest;

/// Counts the items.
pub(in crate::iter) struct Count;

impl<T> Digest<T> for Count {
    type Output = usize;

    #[inline]
    fn nothing(&self) -> usize {
        0
    }

    #[inline]
    fn add<I: Iterator<Item = T>>(&self, so_far: usize, iter: I) -> usize {
        so_far + iter.count()
    }

    #[inline]
    fn combine(&self, left: usize, right: usize) -> usize {
        left + right
    }
}
