//! Layer 4: searches.

pub(in crate::iter) mod anywhere;
pub(in crate::iter) mod ordered;
