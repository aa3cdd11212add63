//! Layer 5: `ParallelSlice`, the parallel iterators over a shared slice.

use super::{ArrayWindows, ChunkBy, Chunks, ChunksExact, RChunks, RChunksExact, Split, SplitInclusive, Windows};

/// Parallel iterators over parts of a shared slice.
///
/// ```
/// use paceline::prelude::*;
///
/// let samples: Vec<f64> = (0..1000).map(f64::from).collect();
/// let means: Vec<f64> = samples.par_chunks(100).map(|part| part.iter().sum::<f64>() / 100.0).collect();
/// assert_eq!(means[3], 349.5);
/// ```
pub trait ParallelSlice<T: Sync> {
    /// The slice that the other methods work on.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let numbers = [1, 2, 3];
    /// assert_eq!(numbers.as_parallel_slice().len(), 3);
    /// ```
    fn as_parallel_slice(&self) -> &[T];

    /// Iterates over the parts between the items for which `separator` returns true.
    ///
    /// The separators belong to no part. There is one more part than separators; parts may be empty.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let words: Vec<&[u8]> = b"to be or not".par_split(|&byte| byte == b' ').collect();
    /// assert_eq!(words, [&b"to"[..], b"be", b"or", b"not"]);
    /// ```
    fn par_split<P>(&self, separator: P) -> Split<'_, T, P>
    where
        P: Fn(&T) -> bool + Sync + Send,
    {
        Split { slice: self.as_parallel_slice(), closure: separator }
    }

    /// Iterates over the parts that end with an item for which `separator` returns true.
    ///
    /// The last part may end without a separator. No part is empty.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let lines: Vec<&[u8]> = b"one\ntwo\nthree".par_split_inclusive(|&byte| byte == b'\n').collect();
    /// assert_eq!(lines, [&b"one\n"[..], b"two\n", b"three"]);
    /// ```
    fn par_split_inclusive<P>(&self, separator: P) -> SplitInclusive<'_, T, P>
    where
        P: Fn(&T) -> bool + Sync + Send,
    {
        SplitInclusive { slice: self.as_parallel_slice(), closure: separator }
    }

    /// Iterates over all overlapping windows of `window_size` neighbouring items.
    ///
    /// A shorter slice has none.
    ///
    /// # Panics
    ///
    /// If `window_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let rises = [1, 4, 2, 8].par_windows(2).filter(|pair| pair[0] < pair[1]).count();
    /// assert_eq!(rises, 2);
    /// ```
    #[track_caller]
    fn par_windows(&self, window_size: usize) -> Windows<'_, T> {
        Windows::new(self.as_parallel_slice(), window_size)
    }

    /// Iterates over all overlapping windows of `N` neighbouring items, as arrays.
    ///
    /// A shorter slice has none.
    ///
    /// # Panics
    ///
    /// If `N` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let steps: Vec<i32> = [1, 4, 2, 8].par_array_windows().map(|[a, b]| b - a).collect();
    /// assert_eq!(steps, [3, -2, 6]);
    /// ```
    #[track_caller]
    fn par_array_windows<const N: usize>(&self) -> ArrayWindows<'_, T, N> {
        ArrayWindows::new(self.as_parallel_slice())
    }

    /// Iterates over chunks of `chunk_size` items; the last may be shorter.
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let chunks: Vec<&[i32]> = [1, 2, 3, 4, 5].par_chunks(2).collect();
    /// assert_eq!(chunks, [&[1, 2][..], &[3, 4], &[5]]);
    /// ```
    #[track_caller]
    fn par_chunks(&self, chunk_size: usize) -> Chunks<'_, T> {
        Chunks::new(self.as_parallel_slice(), chunk_size)
    }

    /// Iterates over chunks of exactly `chunk_size` items.
    ///
    /// The items left at the end, fewer than `chunk_size`, are the iterator's [`remainder`](ChunksExact::remainder).
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let chunks = [1, 2, 3, 4, 5].par_chunks_exact(2);
    /// assert_eq!(chunks.remainder(), [5]);
    /// assert_eq!(chunks.collect::<Vec<_>>(), [[1, 2], [3, 4]]);
    /// ```
    #[track_caller]
    fn par_chunks_exact(&self, chunk_size: usize) -> ChunksExact<'_, T> {
        ChunksExact::new(self.as_parallel_slice(), chunk_size)
    }

    /// Iterates over chunks of `chunk_size` items from the back; the last, at the slice's start, may be shorter.
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let chunks: Vec<&[i32]> = [1, 2, 3, 4, 5].par_rchunks(2).collect();
    /// assert_eq!(chunks, [&[4, 5][..], &[2, 3], &[1]]);
    /// ```
    #[track_caller]
    fn par_rchunks(&self, chunk_size: usize) -> RChunks<'_, T> {
        RChunks::new(self.as_parallel_slice(), chunk_size)
    }

    /// Iterates over chunks of exactly `chunk_size` items from the back.
    ///
    /// The items left at the slice's start, fewer than `chunk_size`, are the iterator's
    /// [`remainder`](RChunksExact::remainder).
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let chunks = [1, 2, 3, 4, 5].par_rchunks_exact(2);
    /// assert_eq!(chunks.remainder(), [1]);
    /// assert_eq!(chunks.collect::<Vec<_>>(), [[4, 5], [2, 3]]);
    /// ```
    #[track_caller]
    fn par_rchunks_exact(&self, chunk_size: usize) -> RChunksExact<'_, T> {
        RChunksExact::new(self.as_parallel_slice(), chunk_size)
    }

    /// Iterates over the longest runs in which `pred` returns true for all pairs of neighbours.
    ///
    /// No run is empty.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let runs: Vec<&[i32]> = [1, 2, 4, 3, 5].par_chunk_by(|a, b| a <= b).collect();
    /// assert_eq!(runs, [&[1, 2, 4][..], &[3, 5]]);
    /// ```
    fn par_chunk_by<F>(&self, pred: F) -> ChunkBy<'_, T, F>
    where
        F: Fn(&T, &T) -> bool + Send + Sync,
    {
        ChunkBy { slice: self.as_parallel_slice(), closure: pred }
    }
}

impl<T: Sync> ParallelSlice<T> for [T] {
    #[inline]
    fn as_parallel_slice(&self) -> &[T] {
        self
    }
}
