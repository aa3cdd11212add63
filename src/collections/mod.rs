//! Iterates over std's collections in parallel, and collects into them.
//!
//! Each module has the iterators of one collection, which [`par_iter`], [`par_iter_mut`], [`into_par_iter`] and
//! `par_drain` make. A heap and a deque keep their items in slices, and are iterated over in place. The other
//! collections can only be walked from one end, so their items, or references to them, are first copied into a vector.
//!
//! ```
//! use std::collections::{BTreeSet, HashMap};
//!
//! use paceline::prelude::*;
//!
//! let ages: HashMap<&str, u32> = [("Ann", 31), ("Bob", 28), ("Cy", 31)].into_par_iter().collect();
//! let distinct: BTreeSet<u32> = ages.par_iter().map(|(_, &age)| age).collect();
//! assert_eq!(Vec::from_iter(distinct), [28, 31]);
//! ```
//!
//! [`par_iter`]: crate::iter::IntoParallelRefIterator::par_iter
//! [`par_iter_mut`]: crate::iter::IntoParallelRefMutIterator::par_iter_mut
//! [`into_par_iter`]: crate::iter::IntoParallelIterator::into_par_iter

#[macro_use]
mod named;

pub mod binary_heap;
pub mod btree_map;
pub mod btree_set;
pub mod hash_map;
pub mod hash_set;
pub mod linked_list;
mod targets;
pub mod vec_deque;
