//! Layer 5: collecting into the standard collections, and extending them.
//!
//! The items are made in parallel, into a vector. The collection then takes them in on the calling thread, by std's own
//! `collect` and `extend`, which treat a vector specially: a heap or a deque takes its memory, a tree is built from the
//! sorted items, a hash table reserves room for all. Only a linked list is built in parallel.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::hash::{BuildHasher, Hash};

use crate::iter::collect::parts::parts;
use crate::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};

/// Implements collecting into a collection that can be made, and extending it by items and by copies of items.
macro_rules! by_way_of_vec {
    (
        impl[$($param:ident),*] $collection:ty
        where [$($bounds:tt)*]
        to make: [$($make_bounds:tt)*],
        to copy: [$($copy_bounds:tt)*],
        $item:ty | $borrowed:ty as $copy:expr,
    ) => {
        impl<$($param),*> FromParallelIterator<$item> for $collection
        where
            $($make_bounds)*
            $($bounds)*
        {
            fn from_par_iter<P>(par_iter: P) -> Self
            where
                P: IntoParallelIterator<Item = $item>,
            {
                Vec::from_par_iter(par_iter).into_iter().collect()
            }
        }

        /// If a closure of the iterator panics, the collection is as it was before.
        impl<$($param),*> ParallelExtend<$item> for $collection
        where
            $($bounds)*
        {
            fn par_extend<P>(&mut self, par_iter: P)
            where
                P: IntoParallelIterator<Item = $item>,
            {
                self.extend(Vec::from_par_iter(par_iter));
            }
        }

        /// If a closure of the iterator panics, the collection is as it was before.
        impl<'a, $($param),*> ParallelExtend<$borrowed> for $collection
        where
            $($copy_bounds)*
            $($bounds)*
        {
            fn par_extend<P>(&mut self, par_iter: P)
            where
                P: IntoParallelIterator<Item = $borrowed>,
            {
                self.par_extend(par_iter.into_par_iter().map($copy));
            }
        }
    };
}

by_way_of_vec! {
    impl[T] VecDeque<T>
    where [T: Send]
    to make: [],
    to copy: [T: Copy + Sync + 'a,],
    T | &'a T as |&item| item,
}

by_way_of_vec! {
    impl[T] BinaryHeap<T>
    where [T: Ord + Send]
    to make: [],
    to copy: [T: Copy + Sync + 'a,],
    T | &'a T as |&item| item,
}

by_way_of_vec! {
    impl[T] BTreeSet<T>
    where [T: Ord + Send]
    to make: [],
    to copy: [T: Copy + Sync + 'a,],
    T | &'a T as |&item| item,
}

by_way_of_vec! {
    impl[K, V] BTreeMap<K, V>
    where [K: Ord + Send, V: Send]
    to make: [],
    to copy: [K: Copy + Sync + 'a, V: Copy + Sync + 'a,],
    (K, V) | (&'a K, &'a V) as |(&key, &value)| (key, value),
}

by_way_of_vec! {
    impl[T, S] HashSet<T, S>
    where [T: Eq + Hash + Send, S: BuildHasher + Send]
    to make: [S: Default,],
    to copy: [T: Copy + Sync + 'a,],
    T | &'a T as |&item| item,
}

by_way_of_vec! {
    impl[K, V, S] HashMap<K, V, S>
    where [K: Eq + Hash + Send, V: Send, S: BuildHasher + Send]
    to make: [S: Default,],
    to copy: [K: Copy + Sync + 'a, V: Copy + Sync + 'a,],
    (K, V) | (&'a K, &'a V) as |(&key, &value)| (key, value),
}

/// Every part becomes a list of its own, and the lists are then linked.
impl<T: Send> FromParallelIterator<T> for LinkedList<T> {
    fn from_par_iter<P>(par_iter: P) -> Self
    where
        P: IntoParallelIterator<Item = T>,
    {
        let mut list = Self::new();
        for mut part in parts::<Self, _>(par_iter.into_par_iter()) {
            list.append(&mut part);
        }
        list
    }
}

/// If a closure of the iterator panics, the list is as it was before.
impl<T: Send> ParallelExtend<T> for LinkedList<T> {
    fn par_extend<P>(&mut self, par_iter: P)
    where
        P: IntoParallelIterator<Item = T>,
    {
        self.append(&mut Self::from_par_iter(par_iter));
    }
}

/// If a closure of the iterator panics, the list is as it was before.
impl<'a, T: Copy + Send + Sync + 'a> ParallelExtend<&'a T> for LinkedList<T> {
    fn par_extend<P>(&mut self, par_iter: P)
    where
        P: IntoParallelIterator<Item = &'a T>,
    {
        self.par_extend(par_iter.into_par_iter().copied());
    }
}
