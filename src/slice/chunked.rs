//! Layer 5: the producer of all iterators over chunks.
//!
//! Type parameters say whether the chunks begin at the front or at the back, and whether a shorter one may come last.

use std::marker::PhantomData;

use super::reference::SliceRef;
use crate::iter::adaptor::chunked::assert_chunk_size;
use crate::iter::plumbing::Producer;

/// The end of a slice that has the first chunk.
pub(super) trait ChunkOrigin: Send {
    /// Splits off the first `items` items, counted from the origin; they are the first of the two results.
    fn cut_off<S: SliceRef>(slice: S, items: usize) -> (S, S);
}

/// Chunks are counted from the front.
#[derive(Clone, Debug)]
pub(super) struct FromFront;

impl ChunkOrigin for FromFront {
    #[inline]
    fn cut_off<S: SliceRef>(slice: S, items: usize) -> (S, S) {
        slice.split_at(items)
    }
}

/// Chunks are counted from the back.
#[derive(Clone, Debug)]
pub(super) struct FromBack;

impl ChunkOrigin for FromBack {
    #[inline]
    fn cut_off<S: SliceRef>(slice: S, items: usize) -> (S, S) {
        let rest = slice.len() - items;
        let (rest, first) = slice.split_at(rest);
        (first, rest)
    }
}

/// The last chunk may be shorter.
#[derive(Clone, Debug)]
pub(super) struct Ragged;

/// All chunks have the same length.
#[derive(Clone, Debug)]
pub(super) struct Exact;

/// Gives std's iterator over the chunks of a slice, in direction `D`, of lengths `L`.
pub(super) trait ChunkedBy<D, L>: SliceRef {
    /// The iterator.
    type Iter: DoubleEndedIterator<Item = Self> + ExactSizeIterator;

    /// Makes the iterator; `chunk_size` is at least 1.
    fn chunks(self, chunk_size: usize) -> Self::Iter;
}

macro_rules! chunked_by {
    ($($direction:ident $lengths:ident: $bound:ident $slice:ty, $iter:ident $chunks:ident;)*) => {
        $(
            impl<'data, T: $bound> ChunkedBy<$direction, $lengths> for $slice {
                type Iter = std::slice::$iter<'data, T>;

                #[inline]
                fn chunks(self, chunk_size: usize) -> Self::Iter {
                    self.$chunks(chunk_size)
                }
            }
        )*
    };
}

chunked_by! {
    FromFront Ragged: Sync &'data [T], Chunks chunks;
    FromFront Exact: Sync &'data [T], ChunksExact chunks_exact;
    FromBack Ragged: Sync &'data [T], RChunks rchunks;
    FromBack Exact: Sync &'data [T], RChunksExact rchunks_exact;
    FromFront Ragged: Send &'data mut [T], ChunksMut chunks_mut;
    FromFront Exact: Send &'data mut [T], ChunksExactMut chunks_exact_mut;
    FromBack Ragged: Send &'data mut [T], RChunksMut rchunks_mut;
    FromBack Exact: Send &'data mut [T], RChunksExactMut rchunks_exact_mut;
}

/// A part of the chunks of a slice.
#[derive(Clone, Debug)]
pub(super) struct Chunked<S, D, L> {
    slice: S,
    /// At least 1.
    chunk_size: usize,
    order: PhantomData<(D, L)>,
}

impl<S: SliceRef, D: ChunkOrigin> Chunked<S, D, Ragged> {
    /// Divides all of `slice` into chunks.
    #[track_caller]
    pub(super) fn ragged(slice: S, chunk_size: usize) -> Self {
        assert_chunk_size(chunk_size);
        Self { slice, chunk_size, order: PhantomData }
    }
}

impl<S: SliceRef, D: ChunkOrigin> Chunked<S, D, Exact> {
    /// Divides `slice` into as many whole chunks as possible; the second result is the rest.
    #[track_caller]
    pub(super) fn exact(slice: S, chunk_size: usize) -> (Self, S) {
        assert_chunk_size(chunk_size);
        let whole = slice.len() - slice.len() % chunk_size;
        let (slice, remainder) = D::cut_off(slice, whole);
        (Self { slice, chunk_size, order: PhantomData }, remainder)
    }
}

impl<S: SliceRef, D, L> Chunked<S, D, L> {
    /// The number of chunks.
    pub(super) fn len(&self) -> usize {
        self.slice.len().div_ceil(self.chunk_size)
    }
}

impl<S: ChunkedBy<D, L>, D: ChunkOrigin, L: Send> Producer for Chunked<S, D, L> {
    type Item = S;
    type IntoIter = S::Iter;

    #[inline]
    fn into_iter(self) -> S::Iter {
        self.slice.chunks(self.chunk_size)
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let Self { slice, chunk_size, order } = self;
        // Only the last chunk can be shorter, at the end of the slice.
        let items = index.saturating_mul(chunk_size).min(slice.len());
        let (first, rest) = D::cut_off(slice, items);
        (Self { slice: first, chunk_size, order }, Self { slice: rest, chunk_size, order })
    }
}

/// Implements the traits of parallel iterators for a public type around a [`Chunked`] in its field `chunks`.
macro_rules! chunk_iterator {
    ($name:ident: $bound:ident $slice:ty) => {
        $crate::iter::adaptor::bridged::bridged! {
            impl['data, T: $bound] $name<'data, T>
            where []
            item: $slice,
            len: |this| this.chunks.len(),
            producer: |this, callback| callback.callback(this.chunks),
        }
    };
}

pub(super) use chunk_iterator;
