//! Layer 4: sources, the parallel iterators that others are made from.

pub(crate) mod array;
mod owned;
pub(crate) mod range;
pub(crate) mod slice;
pub(crate) mod vec;
