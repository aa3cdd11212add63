//! Layer 4: `FoldChunks` and `FoldChunksWith`, which fold every `chunk_size` items into one.

use std::fmt;

use super::chunked::{ChunkedProducer, chunk_count};
use super::map::Mapping;
use super::stage::{Same, StageCallback};
use crate::iter::IndexedParallelIterator;
use crate::iter::plumbing::{Producer, ProducerCallback};

/// Folds chunks of items of a given length; made by [`fold_chunks`](IndexedParallelIterator::fold_chunks).
///
/// ```
/// use paceline::iter::FoldChunks;
/// use paceline::prelude::*;
///
/// let sums: FoldChunks<_, _, _> = (0..6_u32).into_par_iter().fold_chunks(2, || 0, |sum, n| sum + n);
/// assert_eq!(sums.collect::<Vec<u32>>(), [1, 5, 9]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct FoldChunks<I, ID, F> {
    pub(in crate::iter) base: I,
    /// At least 1.
    pub(in crate::iter) chunk_size: usize,
    pub(in crate::iter) identity: ID,
    pub(in crate::iter) fold_op: F,
}

debug_base! { FoldChunks { base } <I, ID, F> }

/// Folds chunks of items of a given length, from clones of a value; made by
/// [`fold_chunks_with`](IndexedParallelIterator::fold_chunks_with).
///
/// ```
/// use paceline::iter::FoldChunksWith;
/// use paceline::prelude::*;
///
/// let sums: FoldChunksWith<_, u32, _> = (0..6).into_par_iter().fold_chunks_with(2, 100, |sum, n| sum + n);
/// assert_eq!(sums.collect::<Vec<_>>(), [101, 105, 109]);
/// ```
#[must_use = "iterator adaptors are lazy and do nothing unless consumed"]
#[derive(Clone)]
pub struct FoldChunksWith<I, T, F> {
    pub(in crate::iter) base: I,
    /// At least 1.
    pub(in crate::iter) chunk_size: usize,
    pub(in crate::iter) init: T,
    pub(in crate::iter) fold_op: F,
}

impl<I: fmt::Debug, T: fmt::Debug, F> fmt::Debug for FoldChunksWith<I, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FoldChunksWith")
            .field("base", &self.base)
            .field("chunk_size", &self.chunk_size)
            .field("init", &self.init)
            .finish_non_exhaustive()
    }
}

bridged! {
    impl[I, ID, T, F] FoldChunks<I, ID, F>
    where [
        I: IndexedParallelIterator,
        ID: Fn() -> T + Send + Sync,
        F: Fn(T, I::Item) -> T + Send + Sync,
        T: Send,
    ]
    item: T,
    len: |this| chunk_count(this.base.len(), this.chunk_size),
    producer: |this, callback| {
        let Self { base, chunk_size, identity, fold_op } = this;
        let len = base.len();
        let (start, fold_op) = (&identity, &fold_op);
        base.with_producer(FoldChunksCallback { callback, len, chunk_size, start, fold_op })
    },
}

bridged! {
    impl[I, T, F] FoldChunksWith<I, T, F>
    where [
        I: IndexedParallelIterator,
        T: Send + Clone,
        F: Fn(T, I::Item) -> T + Send + Sync,
    ]
    item: T,
    len: |this| chunk_count(this.base.len(), this.chunk_size),
    producer: |this, callback| {
        let Self { base, chunk_size, init, fold_op } = this;
        let len = base.len();
        let start = move || init.clone();
        let fold_op = &fold_op;
        base.with_producer(FoldChunksCallback { callback, len, chunk_size, start, fold_op })
    },
}

struct FoldChunksCallback<'f, CB, S, F> {
    callback: CB,
    len: usize,
    chunk_size: usize,
    start: S,
    fold_op: &'f F,
}

impl<T, U, CB, S, F> ProducerCallback<T> for FoldChunksCallback<'_, CB, S, F>
where
    U: Send,
    CB: ProducerCallback<U>,
    S: Fn() -> U + Clone + Send,
    F: Fn(U, T) -> U + Sync,
{
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        let Self { start, fold_op, .. } = self;
        let chunks = ChunkedProducer::new(base, self.len, self.chunk_size);
        let fold = Mapping(move |chunk: P::IntoIter| chunk.fold(start(), fold_op));
        StageCallback::new(self.callback, Same(fold)).callback(chunks)
    }
}
