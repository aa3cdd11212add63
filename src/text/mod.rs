//! Layer 5: strings, which parallel iterators are made from and collected into.
//!
//! A text is cut near its middle: between two characters where the items are read off the characters
//! ([`stretch`]), behind a delimiter where they are what lies between delimiters ([`pieces`]).

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
