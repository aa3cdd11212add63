//! Layer 4: sources, the parallel iterators that adaptors start from.

#[macro_use]
pub(crate) mod option;

pub(crate) mod array;
mod char_range;
mod either;
pub(crate) mod multizip;
mod owned;
pub(crate) mod par_bridge;
pub(crate) mod range;
pub(crate) mod range_inclusive;
pub(crate) mod repeat;
pub(crate) mod result;
pub(crate) mod single;
pub(crate) mod slice;
pub(crate) mod split;
pub(crate) mod vec;
pub(crate) mod vec_drain;
pub(crate) mod walk_tree;
