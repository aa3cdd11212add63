//! Layer 4: collecting into vectors, in place if the length is known and in segments if not; into types made from
//! vectors; into pairs of collections; and into one collection per part.

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
