//! Works on the items, chunks or windows of a slice in parallel, and sorts it.
//!
//! [`ParallelSlice`] has the iterators by shared reference, [`ParallelSliceMut`] those by unique reference, and the
//! sorts. Both are implemented for `[T]`, and so work on vectors and arrays too; the [prelude](crate::prelude) imports
//! them. The iterators over single items, [`Iter`] and [`IterMut`], come from `par_iter` and `par_iter_mut`. The methods
//! that rayon does not have are in [`extra`](crate::extra).
//!
//! ```
//! use paceline::prelude::*;
//!
//! let mut pixels = [9_u8, 3, 7, 1, 8, 2];
//! pixels.par_chunks_mut(3).for_each(|row| row.reverse());
//! assert_eq!(pixels, [7, 3, 9, 2, 8, 1]);
//! pixels.par_sort();
//! assert_eq!(pixels, [1, 2, 3, 7, 8, 9]);
//! ```

mod chunk_by;
mod chunked;
mod chunks;
mod chunks_exact;
mod dedup;
pub(crate) mod extra;
mod parallel_slice;
mod parallel_slice_mut;
pub(crate) mod parallel_vec;
mod pieces;
mod reference;
mod sort;
mod split;
mod windows;

pub use self::chunk_by::{ChunkBy, ChunkByMut};
pub use self::chunks::{Chunks, ChunksMut, RChunks, RChunksMut};
pub use self::chunks_exact::{ChunksExact, ChunksExactMut, RChunksExact, RChunksExactMut};
pub use self::parallel_slice::ParallelSlice;
pub use self::parallel_slice_mut::ParallelSliceMut;
pub use self::split::{Split, SplitInclusive, SplitInclusiveMut, SplitMut};
pub use self::windows::{ArrayWindows, Windows};
pub use crate::iter::source::slice::{Iter, IterMut};
