//! Layer 4: collecting into vectors, in place where the length is known and by way of segments where it is not; and into
//! what is made of vectors, of pairs, and of the parts of an iterator.

mod boxed;
mod fallible;
mod filling;
pub(super) mod gather;
pub(super) mod in_place;
mod pairs;
pub(crate) mod parts;
mod segments;
pub(super) mod unzip;
mod vec;
