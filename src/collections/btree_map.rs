//! Iterates over the entries of a [`BTreeMap`] in parallel, in ascending order of their keys.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use paceline::prelude::*;
//!
//! let mut stock = BTreeMap::from([("nut", 20), ("nail", 90)]);
//! stock.par_iter_mut().for_each(|(_, n)| *n += 1);
//! assert_eq!(stock.into_par_iter().collect::<Vec<_>>(), [("nail", 91), ("nut", 21)]);
//! ```

use std::collections::BTreeMap;

use super::named::{CopiedItems, gather};

named! {
    /// A parallel iterator over the entries of a map, by value.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use paceline::prelude::*;
    ///
    /// let stock = BTreeMap::from([("nail", 90), ("nut", 20)]);
    /// let lines: BTreeMap<_, _> = stock.into_par_iter().map(|(name, n)| (name, n + 1)).collect();
    /// assert_eq!(lines["nut"], 21);
    /// ```
    pub struct IntoIter<K, V> = CopiedItems<(K, V)>
    where [K: Send, V: Send]
    item: (K, V),
    from: impl[K, V] BTreeMap<K, V>, |map| gather(map),
}

named! {
    /// A parallel iterator over the entries of a map, by shared reference.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use paceline::prelude::*;
    ///
    /// let stock = BTreeMap::from([("nail", 90), ("nut", 20)]);
    /// assert_eq!(stock.par_iter().map(|(_, n)| n).sum::<i32>(), 110);
    /// ```
    pub struct Iter<'a, K, V> = CopiedItems<(&'a K, &'a V)>
    where [K: Sync, V: Sync]
    item: (&'a K, &'a V),
    from: impl['a, K, V] &'a BTreeMap<K, V>, |map| gather(map),
}

clone_shared! { Iter<'a, K, V> }

named! {
    /// A parallel iterator over the entries of a map: the keys by shared reference, the values by unique reference.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use paceline::prelude::*;
    ///
    /// let mut stock = BTreeMap::from([("nail", 90), ("nut", 20)]);
    /// stock.par_iter_mut().for_each(|(_, n)| *n /= 10);
    /// assert_eq!(stock["nail"], 9);
    /// ```
    pub struct IterMut<'a, K, V> = CopiedItems<(&'a K, &'a mut V)>
    where [K: Sync, V: Send]
    item: (&'a K, &'a mut V),
    from: impl['a, K, V] &'a mut BTreeMap<K, V>, |map| gather(map),
}
