//! Layer 4: parallel iterators over the item of an `Option`, if there is one.

use crate::iter::IntoParallelIterator;
use crate::iter::plumbing::Producer;

/// A parallel iterator over the item of an `Option`, by value.
///
/// ```
/// use paceline::prelude::*;
///
/// let numbers = (0..2).into_par_iter().chain(Some(9));
/// assert_eq!(numbers.collect::<Vec<_>>(), [0, 1, 9]);
/// ```
#[derive(Clone, Debug)]
pub struct IntoIter<T> {
    pub(in crate::iter) option: Option<T>,
}

impl<T: Send> IntoParallelIterator for Option<T> {
    type Item = T;
    type Iter = IntoIter<T>;

    fn into_par_iter(self) -> IntoIter<T> {
        IntoIter { option: self }
    }
}

bridged! {
    impl[T] IntoIter<T>
    where [T: Send]
    item: T,
    len: |this| usize::from(this.option.is_some()),
    producer: |this, callback| callback.callback(OptionProducer { option: this.option }),
}

struct OptionProducer<T> {
    option: Option<T>,
}

impl<T: Send> Producer for OptionProducer<T> {
    type Item = T;
    type IntoIter = std::option::IntoIter<T>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        self.option.into_iter()
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let nothing = Self { option: None };
        if index == 0 { (nothing, self) } else { (self, nothing) }
    }
}

/// Defines a parallel iterator that wraps an [`IntoIter`].
macro_rules! option_iter {
    ($(#[$meta:meta])* $name:ident<$($param:tt),*> of $item:ty where $bound:ident) => {
        $(#[$meta])*
        #[derive(Debug)]
        pub struct $name<$($param),*> {
            pub(in $crate::iter) inner: $crate::iter::source::option::IntoIter<$item>,
        }

        bridged! {
            impl[$($param),*] $name<$($param),*>
            where [T: $bound]
            item: $item,
            len: |this| this.inner.len(),
            producer: |this, callback| this.inner.with_producer(callback),
        }
    };
}

/// Implements parallel iteration by reference for a type with a conversion from its reference to an `Option`.
macro_rules! option_iter_from {
    ([$($param:tt),*] $source:ty => $iter:ident<$($arg:tt),*> of $item:ty where $bound:ident, |$this:ident| $option:expr) => {
        impl<$($param),*> $crate::iter::IntoParallelIterator for $source
        where
            T: $bound,
        {
            type Item = $item;
            type Iter = $iter<$($arg),*>;

            fn into_par_iter(self) -> Self::Iter {
                let $this = self;
                let option = $option;
                $iter { inner: $crate::iter::source::option::IntoIter { option } }
            }
        }
    };
}

option_iter! {
    /// A parallel iterator over the item of an `Option`, by shared reference.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!(Some(3).par_iter().chain(&[4, 5]).sum::<u32>(), 12);
    /// assert_eq!(None::<u32>.par_iter().max(), None);
    /// ```
    Iter<'a, T> of &'a T where Sync
}

option_iter! {
    /// A parallel iterator over the item of an `Option`, by unique reference.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut number = Some(3);
    /// number.par_iter_mut().for_each(|n| *n += 1);
    /// assert_eq!(number, Some(4));
    /// ```
    IterMut<'a, T> of &'a mut T where Send
}

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        let inner = self.inner.clone();
        Self { inner }
    }
}

option_iter_from! { ['a, T] &'a Option<T> => Iter<'a, T> of &'a T where Sync, |this| this.as_ref() }
option_iter_from! { ['a, T] &'a mut Option<T> => IterMut<'a, T> of &'a mut T where Send, |this| this.as_mut() }
