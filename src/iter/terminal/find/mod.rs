//! Layer 4: searches.

pub(in crate::iter) mod anywhere;
pub(in crate::iter) mod ordered;
mod place;

#[cfg(all(test, loom))]
mod loom;

/// The number of items between two looks at what other leaves have found. With a look for each item the loop would not be
/// unrolled. (Heavy items run in blocks of one or two, and a block begins with a look.)
const STRIDE: usize = 8;
