//! Iterates over the items of a [`HashSet`] in parallel, in no particular order.
//!
//! ```
//! use std::collections::HashSet;
//!
//! use paceline::prelude::*;
//!
//! let words: HashSet<&str> = ["row", "of", "of"].into_par_iter().collect();
//! assert_eq!(words.par_iter().map(|word| word.len()).sum::<usize>(), 5);
//! ```

use std::collections::HashSet;
use std::marker::PhantomData;

use super::named::{CopiedItems, gather};
use crate::iter::ParallelDrainFull;
use crate::iter::adaptor::bridged::bridged;

named! {
    /// A parallel iterator over the items of a set, by value.
    ///
    /// ```
    /// use std::collections::HashSet;
    ///
    /// use paceline::prelude::*;
    ///
    /// let words = HashSet::from(["a", "few", "words"]);
    /// assert_eq!(words.into_par_iter().map(str::len).sum::<usize>(), 9);
    /// ```
    pub struct IntoIter<T> = CopiedItems<T>
    where [T: Send]
    item: T,
    from: impl[T, S] HashSet<T, S>, |set| gather(set),
}

named! {
    /// A parallel iterator over the items of a set, by shared reference.
    ///
    /// ```
    /// use std::collections::HashSet;
    ///
    /// use paceline::prelude::*;
    ///
    /// let words = HashSet::from(["a", "few", "words"]);
    /// assert!(words.par_iter().any(|&word| word == "few"));
    /// ```
    pub struct Iter<'a, T> = CopiedItems<&'a T>
    where [T: Sync]
    item: &'a T,
    from: impl['a, T, S] &'a HashSet<T, S>, |set| gather(set),
}

clone_shared! { Iter<'a, T> }

/// A parallel iterator that takes all items out of a set.
///
/// The set is emptied when the iterator is made, and keeps its memory.
///
/// ```
/// use std::collections::HashSet;
///
/// use paceline::prelude::*;
///
/// let mut words = HashSet::from(["a", "few", "words"]);
/// assert_eq!(words.par_drain().max(), Some("words"));
/// assert!(words.is_empty());
/// ```
#[derive(Debug)]
pub struct Drain<'a, T> {
    inner: CopiedItems<T>,
    set: PhantomData<&'a mut HashSet<T>>,
}

impl<'a, T: Send, S> ParallelDrainFull for &'a mut HashSet<T, S> {
    type Iter = Drain<'a, T>;
    type Item = T;

    fn par_drain(self) -> Drain<'a, T> {
        Drain { inner: gather(self.drain()), set: PhantomData }
    }
}

bridged! {
    impl['a, T] Drain<'a, T>
    where [T: Send]
    item: T,
    len: |this| this.inner.len(),
    producer: |this, callback| this.inner.with_producer(callback),
}
