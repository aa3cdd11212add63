//! Layer 4: searches.

pub(in crate::iter) mod anywhere;
pub(in crate::iter) mod ordered;
mod place;

#[cfg(all(test, loom))]
mod loom;

/// The number of items between two checks for the finds of other leaves. With a check for each item the compiler would
/// not unroll the loop. (Heavy items run in blocks of one or two, and a block begins with a check.)
const STRIDE: usize = 8;
