//! Layer 4: a producer of chunks of equal length; each item is the sequential iterator over one chunk.

use crate::iter::plumbing::Producer;

/// The number of chunks of `chunk_size` items in `len` items; the last one may be shorter.
pub(super) fn chunk_count(len: usize, chunk_size: usize) -> usize {
    len.div_ceil(chunk_size)
}

/// Panics if `chunk_size` is 0.
#[track_caller]
pub(crate) fn assert_chunk_size(chunk_size: usize) {
    assert!(chunk_size > 0, "chunk_size must not be zero");
}

/// A part of `len` items, in chunks of `chunk_size`; only the last may be shorter.
pub(super) struct ChunkedProducer<P> {
    chunk_size: usize,
    len: usize,
    base: P,
}

impl<P> ChunkedProducer<P> {
    /// Divides `base`, which has `len` items.
    pub(super) fn new(base: P, len: usize, chunk_size: usize) -> Self {
        Self { chunk_size, len, base }
    }
}

impl<P: Producer> Producer for ChunkedProducer<P> {
    type Item = P::IntoIter;
    type IntoIter = ChunkIter<P>;

    #[inline]
    fn into_iter(self) -> ChunkIter<P> {
        ChunkIter { rest: (self.len > 0).then_some(self) }
    }

    #[inline]
    fn min_len(&self) -> usize {
        chunk_count(self.base.min_len(), self.chunk_size)
    }

    #[inline]
    fn max_len(&self) -> usize {
        (self.base.max_len() / self.chunk_size).max(1)
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let Self { chunk_size, len, base } = self;
        let items = index.saturating_mul(chunk_size).min(len);
        let (left, right) = base.split_at(items);
        let left = Self::new(left, items, chunk_size);
        (left, Self::new(right, len - items, chunk_size))
    }

    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        self.base.can_run_in_blocks()
    }
}

/// Splits chunks off a part, at either end.
pub(super) struct ChunkIter<P> {
    /// The rest; never an empty part.
    rest: Option<ChunkedProducer<P>>,
}

impl<P: Producer> ChunkIter<P> {
    /// Stores the rest, unless it is empty.
    fn keep(&mut self, rest: ChunkedProducer<P>) {
        self.rest = (rest.len > 0).then_some(rest);
    }
}

impl<P: Producer> Iterator for ChunkIter<P> {
    type Item = P::IntoIter;

    #[inline]
    fn next(&mut self) -> Option<P::IntoIter> {
        let (chunk, rest) = self.rest.take()?.split_at(1);
        self.keep(rest);
        Some(chunk.base.into_iter())
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match &self.rest {
            Some(rest) => chunk_count(rest.len, rest.chunk_size),
            None => 0,
        };
        (len, Some(len))
    }
}

impl<P: Producer> DoubleEndedIterator for ChunkIter<P> {
    #[inline]
    fn next_back(&mut self) -> Option<P::IntoIter> {
        let before_last = self.len().checked_sub(1)?;
        let (rest, chunk) = self.rest.take()?.split_at(before_last);
        self.keep(rest);
        Some(chunk.base.into_iter())
    }
}

impl<P: Producer> ExactSizeIterator for ChunkIter<P> {}
