//! Layer 4: collecting into vectors: in place where the length is known, by way of segments where it is not.

mod boxed;
mod fallible;
pub(super) mod gather;
pub(super) mod in_place;
pub(super) mod unzip;
mod vec;
