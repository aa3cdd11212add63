//! Import this to have `par_iter` and the other parallel methods: `use paceline::prelude::*;`.
//!
//! ```
//! use paceline::prelude::*;
//!
//! let mut lengths: Vec<usize> = ["row", "of", "riders"].par_iter().map(|word| word.len()).collect();
//! lengths.par_sort_unstable();
//! assert_eq!(lengths, [2, 3, 6]);
//! ```
//!
//! It has the traits that rayon's prelude has, and no other names. [`extra::prelude`](crate::extra::prelude) has those of
//! this crate's own methods.

pub use crate::iter::{
    FromParallelIterator, IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator,
    IntoParallelRefMutIterator, ParallelBridge, ParallelDrainFull, ParallelDrainRange, ParallelExtend,
    ParallelIterator,
};
pub use crate::slice::{ParallelSlice, ParallelSliceMut};
pub use crate::text::parallel_string::ParallelString;
