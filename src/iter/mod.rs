//! Layer 4: parallel iterators.
//!
//! A parallel iterator is a plan: a source (a slice, a vector, a range …), some adaptors (`map`, `filter` …)
//! and one terminal method (`sum`, `collect` …) that carries it out. The terminal method cuts the source into
//! parts, runs the parts as tasks of the current pool, folds each part by a plain sequential loop, and
//! combines the results of neighbouring parts, in order, until one is left. It returns when all parts are
//! done, so closures may borrow from the caller's stack.
//!
//! ```
//! use paceline::prelude::*;
//!
//! let lengths = ["one", "three", "five"].to_vec();
//! let total: usize = lengths.par_iter().map(|word| word.len()).sum();
//! assert_eq!(total, 12);
//! ```
//!
//! Two traits carry everything: [`ParallelIterator`] for any number of items, and
//! [`IndexedParallelIterator`] for those whose number and positions are known, which can be zipped,
//! enumerated and collected in place. [`plumbing`] has the traits below them, for crates that bring sources
//! or adaptors of their own.
//!
//! # Panics
//!
//! If a closure panics, parts that have not begun may be left out, the other running parts finish, and the
//! panic then reaches whoever called the terminal method. If several parts panic, one of the payloads arrives.

pub(crate) mod adaptor;
pub(crate) mod collect;
mod convert;
mod indexed;
mod parallel;
pub mod plumbing;
pub(crate) mod source;
mod terminal;

pub use self::adaptor::{
    chunks::Chunks,
    enumerate::Enumerate,
    filter::Filter,
    len_bounds::{MaxLen, MinLen},
    map::Map,
    zip::Zip,
};
pub use self::convert::{
    FromParallelIterator, IntoParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelExtend,
};
pub use self::indexed::IndexedParallelIterator;
pub use self::parallel::ParallelIterator;
