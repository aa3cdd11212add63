//! Layer 4: `ZipEq`, which pairs the items of two iterators of the same length.

use super::zip::Zip;
use crate::iter::IndexedParallelIterator;

/// Pairs the items of two iterators of the same length; made by [`zip_eq`](IndexedParallelIterator::zip_eq).
///
/// ```
/// use paceline::iter::ZipEq;
/// use paceline::prelude::*;
///
/// let (a, b) = ([1.0, 2.0], [0.5, 2.5]);
/// let pairs: ZipEq<_, _> = a.par_iter().zip_eq(&b);
/// assert!(pairs.any(|(a, b)| a < b));
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone, Debug)]
pub struct ZipEq<A, B> {
    zip: Zip<A, B>,
}

impl<A: IndexedParallelIterator, B: IndexedParallelIterator> ZipEq<A, B> {
    #[track_caller]
    pub(in crate::iter) fn new(a: A, b: B) -> Self {
        assert_eq!(a.len(), b.len(), "zip_eq needs iterators of the same length");
        Self { zip: Zip { a, b } }
    }
}

bridged! {
    impl[A, B] ZipEq<A, B>
    where [A: IndexedParallelIterator, B: IndexedParallelIterator]
    item: (A::Item, B::Item),
    len: |this| this.zip.len(),
    producer: |this, callback| this.zip.with_producer(callback),
}
