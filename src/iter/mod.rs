//! Runs loops in parallel: write `par_iter()` where a plain loop has `iter()`.
//!
//! ```
//! use paceline::prelude::*;
//!
//! let lengths = ["one", "three", "five"].to_vec();
//! let total: usize = lengths.par_iter().map(|word| word.len()).sum();
//! assert_eq!(total, 12);
//! ```
//!
//! A parallel iterator is a plan: a source (a slice, a vector, a range …), some adaptors (`map`, `filter` …) and one
//! terminal method (`sum`, `collect` …) that runs it. The terminal method splits the source into parts, and runs the
//! parts as tasks of the current pool. Each part is folded by a plain sequential loop. The results of neighbouring
//! parts are combined, in order, until one is left. The method returns when all parts are done, so closures may borrow
//! from the caller's stack. Outside all pools the current pool is the global one, and the calling thread takes part, in
//! the place of a sleeping thread if there is one.
//!
//! There are two main traits: [`ParallelIterator`] for all parallel iterators, and [`IndexedParallelIterator`] for
//! those that know the number and the positions of their items, and so can be zipped, enumerated and collected in
//! place. [`plumbing`] has the traits below them, for crates that add sources or adaptors of their own. The
//! methods that rayon does not have are in [`extra`](crate::extra).
//!
//! # Panics
//!
//! If a closure panics, parts that have not begun may be left out, the other running parts finish, and the terminal
//! method then panics with that payload; with one of them if several parts panic.

#[macro_use]
pub(crate) mod adaptor;

pub(crate) mod collect;
mod convert;
mod drain;
pub(crate) mod extra;
mod fallible;
mod indexed;
mod length;
mod mistakes;
mod parallel;
pub mod plumbing;
pub(crate) mod progress;
pub(crate) mod scan;
pub(crate) mod schedule;
mod signal;
pub(crate) mod source;
mod terminal;

pub use either::Either;

pub use self::adaptor::{
    any_count::{SkipAny, TakeAny},
    any_while::{SkipAnyWhile, TakeAnyWhile},
    blocks::{ExponentialBlocks, UniformBlocks},
    chain::Chain,
    chunks::Chunks,
    cloned::{Cloned, Copied},
    deterministic::Deterministic,
    enumerate::Enumerate,
    filter::Filter,
    filter_map::FilterMap,
    flat_map::{FlatMap, Flatten},
    flat_map_iter::{FlatMapIter, FlattenIter},
    fold::plain::{Fold, FoldWith},
    fold::tried::{TryFold, TryFoldWith},
    fold_chunks::{FoldChunks, FoldChunksWith},
    inspect::Inspect,
    interleave::{Interleave, InterleaveShortest},
    intersperse::Intersperse,
    len_bounds::{MaxLen, MinLen},
    map::Map,
    map_with::{MapInit, MapWith},
    map_worker_init::MapWorkerInit,
    panic_fuse::PanicFuse,
    positions::Positions,
    rev::Rev,
    step_by::StepBy,
    take_skip::{Skip, Take},
    update::Update,
    while_some::WhileSome,
    with_cancel::WithCancel,
    with_progress::WithProgress,
    zip::Zip,
    zip_eq::ZipEq,
};
pub use self::convert::{
    FromParallelIterator, IntoParallelIterator, IntoParallelRefIterator, IntoParallelRefMutIterator, ParallelExtend,
};
pub use self::drain::{ParallelDrainFull, ParallelDrainRange};
pub use self::indexed::IndexedParallelIterator;
#[doc(hidden)]
pub use self::length::KnowsLen;
pub use self::parallel::ParallelIterator;
#[expect(deprecated, reason = "the name is kept for programs that use it")]
pub use self::source::repeat::repeatn;
pub use self::source::{
    multizip::MultiZip,
    par_bridge::{IterBridge, ParallelBridge},
    repeat::{Repeat, RepeatN, repeat, repeat_n},
    single::{Empty, Once, empty, once},
    split::{Split, split},
    walk_tree::{WalkTree, WalkTreePostfix, WalkTreePrefix, walk_tree, walk_tree_postfix, walk_tree_prefix},
};
