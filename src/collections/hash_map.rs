//! Iterates over the entries of a [`HashMap`] in parallel, in no particular order.
//!
//! ```
//! use std::collections::HashMap;
//!
//! use paceline::prelude::*;
//!
//! let mut stock: HashMap<&str, u32> = [("nut", 20), ("nail", 90)].into_par_iter().collect();
//! stock.par_iter_mut().for_each(|(_, n)| *n += 1);
//! assert_eq!(stock.par_iter().map(|(_, n)| n).sum::<u32>(), 112);
//! ```

use std::collections::HashMap;
use std::marker::PhantomData;

use super::named::{CopiedItems, gather};
use crate::iter::ParallelDrainFull;
use crate::iter::adaptor::bridged::bridged;

named! {
    /// A parallel iterator over the entries of a map, by value.
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// use paceline::prelude::*;
    ///
    /// let stock = HashMap::from([("nail", 90), ("nut", 20)]);
    /// let lines: HashMap<_, _> = stock.into_par_iter().map(|(name, n)| (name, n + 1)).collect();
    /// assert_eq!(lines["nut"], 21);
    /// ```
    pub struct IntoIter<K, V> = CopiedItems<(K, V)>
    where [K: Send, V: Send]
    item: (K, V),
    from: impl[K, V, S] HashMap<K, V, S>, |map| gather(map),
}

named! {
    /// A parallel iterator over the entries of a map, by shared reference.
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// use paceline::prelude::*;
    ///
    /// let stock = HashMap::from([("nail", 90), ("nut", 20)]);
    /// assert_eq!(stock.par_iter().map(|(_, n)| n).sum::<i32>(), 110);
    /// ```
    pub struct Iter<'a, K, V> = CopiedItems<(&'a K, &'a V)>
    where [K: Sync, V: Sync]
    item: (&'a K, &'a V),
    from: impl['a, K, V, S] &'a HashMap<K, V, S>, |map| gather(map),
}

clone_shared! { Iter<'a, K, V> }

named! {
    /// A parallel iterator over the entries of a map: the keys by shared reference, the values by unique reference.
    ///
    /// ```
    /// use std::collections::HashMap;
    ///
    /// use paceline::prelude::*;
    ///
    /// let mut stock = HashMap::from([("nail", 90), ("nut", 20)]);
    /// stock.par_iter_mut().for_each(|(_, n)| *n /= 10);
    /// assert_eq!(stock["nail"], 9);
    /// ```
    pub struct IterMut<'a, K, V> = CopiedItems<(&'a K, &'a mut V)>
    where [K: Sync, V: Send]
    item: (&'a K, &'a mut V),
    from: impl['a, K, V, S] &'a mut HashMap<K, V, S>, |map| gather(map),
}

/// A parallel iterator that takes all entries out of a map.
///
/// The map is emptied when the iterator is made, and keeps its memory.
///
/// ```
/// use std::collections::HashMap;
///
/// use paceline::prelude::*;
///
/// let mut stock = HashMap::from([("nail", 90), ("nut", 20)]);
/// assert_eq!(stock.par_drain().filter(|&(_, n)| n > 50).count(), 1);
/// assert!(stock.is_empty());
/// ```
#[derive(Debug)]
pub struct Drain<'a, K, V> {
    inner: CopiedItems<(K, V)>,
    map: PhantomData<&'a mut HashMap<K, V>>,
}

impl<'a, K: Send, V: Send, S> ParallelDrainFull for &'a mut HashMap<K, V, S> {
    type Iter = Drain<'a, K, V>;
    type Item = (K, V);

    fn par_drain(self) -> Drain<'a, K, V> {
        Drain { inner: gather(self.drain()), map: PhantomData }
    }
}

bridged! {
    impl['a, K, V] Drain<'a, K, V>
    where [K: Send, V: Send]
    item: (K, V),
    len: |this| this.inner.len(),
    producer: |this, callback| this.inner.with_producer(callback),
}
