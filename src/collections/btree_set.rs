//! Iterates over the items of a [`BTreeSet`] in parallel, in ascending order.
//!
//! ```
//! use std::collections::BTreeSet;
//!
//! use paceline::prelude::*;
//!
//! let words: BTreeSet<&str> = ["row", "of", "of"].into_par_iter().collect();
//! assert_eq!(words.par_iter().map(|word| word.len()).collect::<Vec<_>>(), [2, 3]);
//! ```

use std::collections::BTreeSet;

use super::named::{CopiedItems, gather};

named! {
    /// A parallel iterator over the items of a set, by value.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    ///
    /// use paceline::prelude::*;
    ///
    /// let words = BTreeSet::from(["a", "few", "words"]);
    /// assert_eq!(words.into_par_iter().map(str::len).sum::<usize>(), 9);
    /// ```
    pub struct IntoIter<T> = CopiedItems<T>
    where [T: Send]
    item: T,
    from: impl[T] BTreeSet<T>, |set| gather(set),
}

named! {
    /// A parallel iterator over the items of a set, by shared reference.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    ///
    /// use paceline::prelude::*;
    ///
    /// let words = BTreeSet::from(["a", "few", "words"]);
    /// assert!(words.par_iter().any(|&word| word == "few"));
    /// ```
    pub struct Iter<'a, T> = CopiedItems<&'a T>
    where [T: Sync]
    item: &'a T,
    from: impl['a, T] &'a BTreeSet<T>, |set| gather(set),
}

clone_shared! { Iter<'a, T> }
