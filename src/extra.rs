//! Methods that rayon does not have: `par_map`, scans, `with_cancel`, streams and more, in traits of their own.
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
    //! Import this, beside the [prelude](crate::prelude), for the methods that rayon does not have:
    //! `use paceline::extra::prelude::*;`.
    //!
    //! ```
    //! use paceline::extra::prelude::*;
    //! use paceline::prelude::*;
    //!
    //! let squares: Vec<u32> = vec![1, 2, 3].par_map(|n| n * n);
    //! assert_eq!(squares.par_iter().copied().inclusive_scan(|a, b| a + b), [1, 5, 14]);
    //! ```
    #[doc(no_inline)]
    pub use super::{
        IndexedParallelIteratorExt, IntoParallelIteratorExt, IntoSeqIterator, ParallelIteratorExt, ParallelLines,
        ParallelMap, ParallelSliceExt, ParallelSliceMutExt, ParallelVec,
    };
}
