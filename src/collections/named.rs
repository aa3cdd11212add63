//! Layer 5: the common part of the iterators of all collections: a named type that wraps another iterator.

use crate::iter::IntoParallelIterator;
use crate::iter::source::vec;

/// The iterator over the items of a collection that had to be copied out.
pub(super) type CopiedItems<T> = vec::IntoIter<T>;

/// Copies the items of a collection, or the references to them, into a vector.
pub(super) fn gather<T: Send>(items: impl IntoIterator<Item = T>) -> CopiedItems<T> {
    Vec::from_iter(items).into_par_iter()
}

/// Defines a public parallel iterator that wraps another one, and implements the collection's conversion into it.
macro_rules! named {
    (
        $(#[$meta:meta])*
        pub struct $name:ident<$($param:tt),*> = $inner:ty
        where [$($bounds:tt)*]
        item: $item:ty,
        from: impl[$($source_param:tt)*] $source:ty, |$collection:ident| $make:expr,
    ) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub struct $name<$($param),*> {
            inner: $inner,
        }

        $crate::iter::adaptor::bridged::bridged! {
            impl[$($param),*] $name<$($param),*>
            where [$($bounds)*]
            item: $item,
            len: |this| this.inner.len(),
            producer: |this, callback| this.inner.with_producer(callback),
        }

        impl<$($source_param)*> $crate::iter::IntoParallelIterator for $source
        where
            $($bounds)*
        {
            type Item = $item;
            type Iter = $name<$($param),*>;

            fn into_par_iter(self) -> Self::Iter {
                let $collection = self;
                $name { inner: $make }
            }
        }
    };
}

/// Implements `Clone` for iterators over shared references, whether or not the items can be cloned.
macro_rules! clone_shared {
    ($name:ident<$($param:tt),*>) => {
        impl<$($param),*> Clone for $name<$($param),*> {
            fn clone(&self) -> Self {
                Self { inner: self.inner.clone() }
            }
        }
    };
}
