//! Iterates over the items of a [`LinkedList`] in parallel, in order.
//!
//! ```
//! use std::collections::LinkedList;
//!
//! use paceline::prelude::*;
//!
//! let words = LinkedList::from(["a", "few", "words"]);
//! assert_eq!(words.par_iter().map(|word| word.len()).collect::<Vec<_>>(), [1, 3, 5]);
//! ```

use std::collections::LinkedList;

use super::named::{CopiedItems, gather};

named! {
    /// A parallel iterator over the items of a list, by value.
    ///
    /// ```
    /// use std::collections::LinkedList;
    ///
    /// use paceline::prelude::*;
    ///
    /// let words = LinkedList::from(["a", "few", "words"]);
    /// assert_eq!(words.into_par_iter().map(str::len).sum::<usize>(), 9);
    /// ```
    #[derive(Clone)]
    pub struct IntoIter<T> = CopiedItems<T>
    where [T: Send]
    item: T,
    from: impl[T] LinkedList<T>, |list| gather(list),
}

named! {
    /// A parallel iterator over the items of a list, by shared reference.
    ///
    /// ```
    /// use std::collections::LinkedList;
    ///
    /// use paceline::prelude::*;
    ///
    /// let words = LinkedList::from(["a", "few", "words"]);
    /// assert!(words.par_iter().any(|&word| word == "few"));
    /// ```
    pub struct Iter<'a, T> = CopiedItems<&'a T>
    where [T: Sync]
    item: &'a T,
    from: impl['a, T] &'a LinkedList<T>, |list| gather(list),
}

clone_shared! { Iter<'a, T> }

named! {
    /// A parallel iterator over the items of a list, by unique reference.
    ///
    /// ```
    /// use std::collections::LinkedList;
    ///
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = LinkedList::from([1, 2]);
    /// numbers.par_iter_mut().for_each(|n| *n *= 10);
    /// assert_eq!(numbers, LinkedList::from([10, 20]));
    /// ```
    pub struct IterMut<'a, T> = CopiedItems<&'a mut T>
    where [T: Send]
    item: &'a mut T,
    from: impl['a, T] &'a mut LinkedList<T>, |list| gather(list),
}
