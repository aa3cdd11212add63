//! Layer 5: the iterators over chunks that all have the same length.

use std::mem;

use super::chunked::{Chunked, Exact, FromBack, FromFront, chunk_iterator};

/// A parallel iterator over the whole chunks of a slice, from the front; made by
/// [`par_chunks_exact`](super::ParallelSlice::par_chunks_exact).
///
/// ```
/// use paceline::prelude::*;
/// use paceline::slice::ChunksExact;
///
/// let chunks: ChunksExact<'_, u32> = [1, 2, 3, 4, 5].par_chunks_exact(2);
/// assert_eq!(chunks.remainder(), [5]);
/// assert_eq!(chunks.map(|chunk| chunk[0] * chunk[1]).sum::<u32>(), 14);
/// ```
#[derive(Debug)]
pub struct ChunksExact<'data, T> {
    chunks: Chunked<&'data [T], FromFront, Exact>,
    remainder: &'data [T],
}

/// A parallel iterator over the whole chunks of a slice, from the back; made by
/// [`par_rchunks_exact`](super::ParallelSlice::par_rchunks_exact).
///
/// ```
/// use paceline::prelude::*;
/// use paceline::slice::RChunksExact;
///
/// let chunks: RChunksExact<'_, u32> = [1, 2, 3, 4, 5].par_rchunks_exact(2);
/// assert_eq!(chunks.remainder(), [1]);
/// assert_eq!(chunks.map(|chunk| chunk[0] * chunk[1]).sum::<u32>(), 26);
/// ```
#[derive(Debug)]
pub struct RChunksExact<'data, T> {
    chunks: Chunked<&'data [T], FromBack, Exact>,
    remainder: &'data [T],
}

/// A parallel iterator over the whole chunks of a slice, from the front, by unique reference; made by
/// [`par_chunks_exact_mut`](super::ParallelSliceMut::par_chunks_exact_mut).
///
/// ```
/// use paceline::prelude::*;
/// use paceline::slice::ChunksExactMut;
///
/// let mut numbers = [1, 2, 3, 4, 5];
/// let chunks: ChunksExactMut<'_, u32> = numbers.par_chunks_exact_mut(2);
/// chunks.for_each(|chunk| chunk.swap(0, 1));
/// assert_eq!(numbers, [2, 1, 4, 3, 5]);
/// ```
#[derive(Debug)]
pub struct ChunksExactMut<'data, T> {
    chunks: Chunked<&'data mut [T], FromFront, Exact>,
    remainder: &'data mut [T],
}

/// A parallel iterator over the whole chunks of a slice, from the back, by unique reference; made by
/// [`par_rchunks_exact_mut`](super::ParallelSliceMut::par_rchunks_exact_mut).
///
/// ```
/// use paceline::prelude::*;
/// use paceline::slice::RChunksExactMut;
///
/// let mut numbers = [1, 2, 3, 4, 5];
/// let chunks: RChunksExactMut<'_, u32> = numbers.par_rchunks_exact_mut(2);
/// chunks.for_each(|chunk| chunk.swap(0, 1));
/// assert_eq!(numbers, [1, 3, 2, 5, 4]);
/// ```
#[derive(Debug)]
pub struct RChunksExactMut<'data, T> {
    chunks: Chunked<&'data mut [T], FromBack, Exact>,
    remainder: &'data mut [T],
}

chunk_iterator! { ChunksExact: Sync &'data [T] }
chunk_iterator! { RChunksExact: Sync &'data [T] }
chunk_iterator! { ChunksExactMut: Send &'data mut [T] }
chunk_iterator! { RChunksExactMut: Send &'data mut [T] }

macro_rules! shared {
    ($($name:ident, $end:literal, $make:literal, $left:literal;)*) => {
        $(
            impl<'data, T: Sync> $name<'data, T> {
                #[track_caller]
                pub(super) fn new(slice: &'data [T], chunk_size: usize) -> Self {
                    let (chunks, remainder) = Chunked::exact(slice, chunk_size);
                    Self { chunks, remainder }
                }
            }

            impl<'data, T> $name<'data, T> {
                #[doc = concat!("The items at the ", $end, " of the slice that do not fill a chunk.")]
                ///
                /// ```
                /// use paceline::prelude::*;
                ///
                #[doc = concat!("let chunks = [1, 2, 3, 4, 5].", $make, "(2);")]
                #[doc = concat!("assert_eq!(chunks.remainder(), [", $left, "]);")]
                /// ```
                pub fn remainder(&self) -> &'data [T] {
                    self.remainder
                }
            }

            impl<T> Clone for $name<'_, T> {
                fn clone(&self) -> Self {
                    Self { chunks: self.chunks.clone(), remainder: self.remainder }
                }
            }
        )*
    };
}

shared! {
    ChunksExact, "end", "par_chunks_exact", "5";
    RChunksExact, "start", "par_rchunks_exact", "1";
}

macro_rules! unique {
    ($($name:ident, $end:literal, $make:literal, $left:literal;)*) => {
        $(
            impl<'data, T: Send> $name<'data, T> {
                #[track_caller]
                pub(super) fn new(slice: &'data mut [T], chunk_size: usize) -> Self {
                    let (chunks, remainder) = Chunked::exact(slice, chunk_size);
                    Self { chunks, remainder }
                }
            }

            impl<'data, T> $name<'data, T> {
                #[doc = concat!("Gives up the chunks for the items at the ", $end, " that do not fill one.")]
                ///
                /// [`take_remainder`](Self::take_remainder) keeps the chunks.
                ///
                /// ```
                /// use paceline::prelude::*;
                ///
                /// let mut numbers = [1, 2, 3, 4, 5];
                #[doc = concat!("let remainder = numbers.", $make, "(2).into_remainder();")]
                #[doc = concat!("assert_eq!(remainder, [", $left, "]);")]
                /// ```
                pub fn into_remainder(self) -> &'data mut [T] {
                    self.remainder
                }

                #[doc = concat!("The items at the ", $end, " of the slice that do not fill a chunk.")]
                ///
                /// ```
                /// use paceline::prelude::*;
                ///
                /// let mut numbers = [1, 2, 3, 4, 5];
                #[doc = concat!("let mut chunks = numbers.", $make, "(2);")]
                /// chunks.remainder()[0] = 9;
                /// assert_eq!(chunks.count(), 2);
                /// assert_eq!(numbers.iter().max(), Some(&9));
                /// ```
                pub fn remainder(&mut self) -> &mut [T] {
                    self.remainder
                }

                #[doc = concat!("Takes away the items at the ", $end, " that do not fill a chunk.")]
                ///
                /// A second call returns an empty slice.
                ///
                /// ```
                /// use paceline::prelude::*;
                ///
                /// let mut numbers = [1, 2, 3, 4, 5];
                #[doc = concat!("let mut chunks = numbers.", $make, "(2);")]
                /// let remainder = chunks.take_remainder();
                #[doc = concat!("assert_eq!(remainder, [", $left, "]);")]
                /// assert!(chunks.remainder().is_empty());
                /// remainder[0] = 9;
                /// chunks.for_each(|chunk| chunk.fill(0));
                /// assert_eq!(numbers.iter().sum::<u32>(), 9);
                /// ```
                pub fn take_remainder(&mut self) -> &'data mut [T] {
                    mem::take(&mut self.remainder)
                }
            }
        )*
    };
}

unique! {
    ChunksExactMut, "end", "par_chunks_exact_mut", "5";
    RChunksExactMut, "start", "par_rchunks_exact_mut", "1";
}
