//! Layer 4: `for_each`.

use super::reduction::Reduction;

/// Calls a closure with every item.
pub(in crate::iter) struct ForEach<F>(pub(in crate::iter) F);

impl<T, F: Fn(T) + Sync> Reduction<T> for ForEach<F> {
    type Output = ();

    #[inline]
    fn identity(&self) {}

    fn fold<I: Iterator<Item = T>>(&self, (): (), iter: I) {
        iter.for_each(&self.0);
    }

    #[inline]
    fn combine(&self, (): (), (): ()) {}
}
