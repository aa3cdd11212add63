//! Layer 4: `IndexedParallelIterator`, for iterators whose items have positions.

use super::adaptor::chunked::assert_chunk_size;
use super::adaptor::{
    chunks::Chunks,
    enumerate::Enumerate,
    len_bounds::{MaxLen, MinLen},
    zip::Zip,
};
use super::collect::in_place;
use super::plumbing::{Consumer, ProducerCallback};
use super::{IntoParallelIterator, ParallelIterator};

/// A parallel iterator whose number of items is known, and which can be cut at any position.
#[expect(clippy::len_without_is_empty, reason = "the trait has exactly the methods of the one that it stands in for")]
pub trait IndexedParallelIterator: ParallelIterator {
    /// Replaces the contents of `target` by the items, in order, each written to its final place once.
    ///
    /// The vector's memory is used again if it suffices. It returns when all items are there.
    ///
    /// # Panics
    ///
    /// If a closure panics, `target` is left empty.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut squares = vec![7; 100];
    /// (0..4).into_par_iter().map(|n| n * n).collect_into_vec(&mut squares);
    /// assert_eq!(squares, [0, 1, 4, 9]);
    /// ```
    fn collect_into_vec(self, target: &mut Vec<Self::Item>) {
        target.clear();
        in_place::append(target, self.len(), |stretch| self.drive(stretch));
    }

    /// Pairs the items of two iterators; what the longer one has beyond the shorter one is left out.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let (a, b) = ([1, 2, 3], [10, 20, 30]);
    /// let product: i32 = a.par_iter().zip(&b).map(|(x, y)| x * y).sum();
    /// assert_eq!(product, 140);
    /// ```
    fn zip<Z>(self, zip_op: Z) -> Zip<Self, Z::Iter>
    where
        Z: IntoParallelIterator<Iter: IndexedParallelIterator>,
    {
        Zip { a: self, b: zip_op.into_par_iter() }
    }

    /// Gathers every `chunk_size` items into a vector; the last one may be shorter.
    ///
    /// For slices, `par_chunks` does the same without copying.
    ///
    /// # Panics
    ///
    /// If `chunk_size` is 0.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let chunks: Vec<Vec<i32>> = (0..5).into_par_iter().chunks(2).collect();
    /// assert_eq!(chunks, [vec![0, 1], vec![2, 3], vec![4]]);
    /// ```
    #[track_caller]
    fn chunks(self, chunk_size: usize) -> Chunks<Self> {
        assert_chunk_size(chunk_size);
        Chunks { base: self, chunk_size }
    }

    /// Pairs each item with its position.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let places: Vec<(usize, char)> = vec!['a', 'b'].into_par_iter().enumerate().collect();
    /// assert_eq!(places, [(0, 'a'), (1, 'b')]);
    /// ```
    fn enumerate(self) -> Enumerate<Self> {
        Enumerate { base: self }
    }

    /// Keeps parts from being split into halves of fewer than `min` items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let total: u32 = (0..1000_u32).into_par_iter().with_min_len(100).sum();
    /// assert_eq!(total, 499_500);
    /// ```
    fn with_min_len(self, min: usize) -> MinLen<Self> {
        MinLen { base: self, min }
    }

    /// Has parts of more than `max` items split further, as far as the minimal length allows.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let total: u32 = (0..1000_u32).into_par_iter().with_max_len(10).sum();
    /// assert_eq!(total, 499_500);
    /// ```
    fn with_max_len(self, max: usize) -> MaxLen<Self> {
        MaxLen { base: self, max }
    }

    /// The number of items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// assert_eq!((0..10).into_par_iter().chunks(3).len(), 4);
    /// ```
    fn len(&self) -> usize;

    /// Runs the iterator against a consumer, which is cut by position, and returns its result.
    ///
    /// Implementations usually call [`bridge`](super::plumbing::bridge).
    fn drive<C: Consumer<Self::Item>>(self, consumer: C) -> C::Result;

    /// Makes the producer of all items and hands it to `callback`, as it may borrow from this call.
    fn with_producer<CB: ProducerCallback<Self::Item>>(self, callback: CB) -> CB::Output;
}
