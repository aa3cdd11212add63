//! Layer 5: the iterators over chunks of equal length; the last may be shorter.

use super::chunked::{Chunked, FromBack, FromFront, Ragged, chunk_iterator};

/// A parallel iterator over the chunks of a slice, from the front; made by
/// [`par_chunks`](super::ParallelSlice::par_chunks).
///
/// ```
/// use paceline::prelude::*;
/// use paceline::slice::Chunks;
///
/// let chunks: Chunks<'_, u32> = [1, 2, 3, 4, 5].par_chunks(2);
/// assert_eq!(chunks.map(|chunk| chunk.len()).collect::<Vec<_>>(), [2, 2, 1]);
/// ```
#[derive(Debug)]
pub struct Chunks<'data, T> {
    chunks: Chunked<&'data [T], FromFront, Ragged>,
}

/// A parallel iterator over the chunks of a slice, from the back; made by
/// [`par_rchunks`](super::ParallelSlice::par_rchunks).
///
/// ```
/// use paceline::prelude::*;
/// use paceline::slice::RChunks;
///
/// let chunks: RChunks<'_, u32> = [1, 2, 3, 4, 5].par_rchunks(2);
/// assert_eq!(chunks.map(|chunk| chunk[0]).collect::<Vec<_>>(), [4, 2, 1]);
/// ```
#[derive(Debug)]
pub struct RChunks<'data, T> {
    chunks: Chunked<&'data [T], FromBack, Ragged>,
}

/// A parallel iterator over the chunks of a slice, from the front, by unique reference; made by
/// [`par_chunks_mut`](super::ParallelSliceMut::par_chunks_mut).
///
/// ```
/// use paceline::prelude::*;
/// use paceline::slice::ChunksMut;
///
/// let mut numbers = [1, 2, 3, 4, 5];
/// let chunks: ChunksMut<'_, u32> = numbers.par_chunks_mut(2);
/// chunks.for_each(|chunk| chunk.reverse());
/// assert_eq!(numbers, [2, 1, 4, 3, 5]);
/// ```
#[derive(Debug)]
pub struct ChunksMut<'data, T> {
    chunks: Chunked<&'data mut [T], FromFront, Ragged>,
}

/// A parallel iterator over the chunks of a slice, from the back, by unique reference; made by
/// [`par_rchunks_mut`](super::ParallelSliceMut::par_rchunks_mut).
///
/// ```
/// use paceline::prelude::*;
/// use paceline::slice::RChunksMut;
///
/// let mut numbers = [1, 2, 3, 4, 5];
/// let chunks: RChunksMut<'_, u32> = numbers.par_rchunks_mut(2);
/// chunks.for_each(|chunk| chunk.reverse());
/// assert_eq!(numbers, [1, 3, 2, 5, 4]);
/// ```
#[derive(Debug)]
pub struct RChunksMut<'data, T> {
    chunks: Chunked<&'data mut [T], FromBack, Ragged>,
}

chunk_iterator! { Chunks: Sync &'data [T] }
chunk_iterator! { RChunks: Sync &'data [T] }
chunk_iterator! { ChunksMut: Send &'data mut [T] }
chunk_iterator! { RChunksMut: Send &'data mut [T] }

macro_rules! ragged {
    ($($name:ident: $bound:ident $slice:ty;)*) => {
        $(
            impl<'data, T: $bound> $name<'data, T> {
                #[track_caller]
                pub(super) fn new(slice: $slice, chunk_size: usize) -> Self {
                    Self { chunks: Chunked::ragged(slice, chunk_size) }
                }
            }
        )*
    };
}

ragged! {
    Chunks: Sync &'data [T];
    RChunks: Sync &'data [T];
    ChunksMut: Send &'data mut [T];
    RChunksMut: Send &'data mut [T];
}

impl<T> Clone for Chunks<'_, T> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone() }
    }
}

impl<T> Clone for RChunks<'_, T> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone() }
    }
}
