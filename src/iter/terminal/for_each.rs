//! Layer 4: `for_each`.

use super::digest::Digest;

/// Gives every item to a closure.
pub(in crate::iter) struct ForEach<F>(pub(in crate::iter) F);

impl<T, F: Fn(T) + Sync> Digest<T> for ForEach<F> {
    type Output = ();

    #[inline]
    fn nothing(&self) {}

    fn add<I: Iterator<Item = T>>(&self, (): (), iter: I) {
        iter.for_each(&self.0);
    }

    #[inline]
    fn combine(&self, (): (), (): ()) {}
}
