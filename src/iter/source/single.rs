//! Layer 4: `empty` and `once`, the parallel iterators over nothing and over one item.

use std::fmt;
use std::marker::PhantomData;

use super::option;

/// Makes a parallel iterator without items.
///
/// ```
/// use paceline::iter::empty;
/// use paceline::prelude::*;
///
/// let numbers: Vec<i32> = (0..2).into_par_iter().chain(empty()).collect();
/// assert_eq!(numbers, [0, 1]);
/// ```
pub fn empty<T: Send>() -> Empty<T> {
    Empty { items: PhantomData }
}

/// A parallel iterator without items; made by [`empty`].
///
/// ```
/// use paceline::iter::{Empty, empty};
/// use paceline::prelude::*;
///
/// let nothing: Empty<u32> = empty();
/// assert_eq!(nothing.max(), None);
/// ```
pub struct Empty<T> {
    items: PhantomData<fn() -> T>,
}

impl<T> Clone for Empty<T> {
    fn clone(&self) -> Self {
        Self { items: PhantomData }
    }
}

impl<T> fmt::Debug for Empty<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("Empty")
    }
}

bridged! {
    impl[T] Empty<T>
    where [T: Send]
    item: T,
    len: |_this| 0,
    producer: |_this, callback| option::IntoIter { option: None }.with_producer(callback),
}

/// Makes a parallel iterator over one item.
///
/// ```
/// use paceline::iter::once;
/// use paceline::prelude::*;
///
/// let numbers: Vec<i32> = once(7).chain(0..2).collect();
/// assert_eq!(numbers, [7, 0, 1]);
/// ```
pub fn once<T: Send>(item: T) -> Once<T> {
    Once { item }
}

/// A parallel iterator over one item; made by [`once`].
///
/// ```
/// use paceline::iter::{Once, once};
/// use paceline::prelude::*;
///
/// let header: Once<&str> = once("name");
/// assert_eq!(header.chain(["Ann", "Bob"]).collect::<Vec<_>>(), ["name", "Ann", "Bob"]);
/// ```
#[derive(Clone, Debug)]
pub struct Once<T> {
    item: T,
}

bridged! {
    impl[T] Once<T>
    where [T: Send]
    item: T,
    len: |_this| 1,
    producer: |this, callback| option::IntoIter { option: Some(this.item) }.with_producer(callback),
}
