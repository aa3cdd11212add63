//! Layer 5: parallel iterators over strings, and collecting into strings.
//!
//! A text is split near its middle: between two characters if the items are made from characters ([`stretch`]), after a
//! delimiter if the items are the pieces between delimiters ([`pieces`]).

pub(crate) mod chars;
pub(crate) mod drain;
pub(crate) mod lines;
pub(crate) mod matches;
pub(crate) mod parallel_string;
mod pattern;
mod pieces;
pub(crate) mod split;
mod stretch;
mod targets;
mod utf8;
