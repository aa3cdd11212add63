//! What this crate adds to the traits of rayon, in traits of its own.
//!
//! The [prelude](crate::prelude) has rayon's names alone, and rayon's traits have rayon's methods alone. So a program's
//! own extension traits keep working when it moves here: a method of theirs is never ambiguous with one of ours. For our
//! methods, import this module's [`prelude`] as well:
//!
//! ```
//! use paceline::extra::prelude::*;
//! use paceline::prelude::*;
//!
//! // Into a vector of the results.
//! let mut lengths = ["row", "of", "riders"].par_map(|word| word.len());
//! assert_eq!(lengths, [3, 2, 6]);
//!
//! // Prefix sums, in place.
//! lengths.par_inclusive_scan(|a, b| a + b);
//! assert_eq!(lengths, [3, 5, 11]);
//!
//! // In whatever order is cheapest.
//! let mut odd = lengths.into_par_iter().filter(|n| n % 2 == 1).collect_unordered();
//! odd.sort();
//! assert_eq!(odd, [3, 5, 11]);
//! ```

pub use crate::iter::extra::{IndexedParallelIteratorExt, IntoParallelIteratorExt, ParallelIteratorExt};
pub use crate::slice::extra::{ParallelSliceExt, ParallelSliceMutExt};
pub use crate::slice::parallel_vec::ParallelVec;
pub use crate::stream::{IntoSeqIterator, ParallelLines, ParallelMap};

pub mod prelude {
    //! The traits that bring in this crate's own methods: `use paceline::extra::prelude::*;`.
    #[doc(no_inline)]
    pub use super::{
        IndexedParallelIteratorExt, IntoParallelIteratorExt, IntoSeqIterator, ParallelIteratorExt, ParallelLines,
        ParallelMap, ParallelSliceExt, ParallelSliceMutExt, ParallelVec,
    };
}
