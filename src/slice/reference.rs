//! Layer 5: a shared or unique reference to a slice, behind one trait for the iterators over its parts.

/// A reference to a slice that can be split in two.
pub(super) trait SliceRef: Send + Sized {
    /// The type of the slice's items.
    type Item;

    /// The slice.
    fn as_slice(&self) -> &[Self::Item];

    /// Splits the slice in two, before the item at `index`.
    fn split_at(self, index: usize) -> (Self, Self);

    /// The number of items.
    #[inline]
    fn len(&self) -> usize {
        self.as_slice().len()
    }
}

impl<T: Sync> SliceRef for &[T] {
    type Item = T;

    #[inline]
    fn as_slice(&self) -> &[T] {
        self
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        self.split_at(index)
    }
}

impl<T: Send> SliceRef for &mut [T] {
    type Item = T;

    #[inline]
    fn as_slice(&self) -> &[T] {
        self
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        self.split_at_mut(index)
    }
}
