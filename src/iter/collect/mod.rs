//! Layer 4: collecting into vectors: in place where the length is known, by way of segments where it is not.

mod gather;
pub(super) mod in_place;
mod vec;
