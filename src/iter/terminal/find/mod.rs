//! Layer 4: searches.

pub(in crate::iter) mod anywhere;
pub(in crate::iter) mod ordered;
mod place;

#[cfg(all(test, loom))]
mod loom;
