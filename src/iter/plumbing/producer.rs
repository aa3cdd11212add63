//! Layer 4: the giving side of a parallel iterator: `Producer`, `ProducerCallback`, `UnindexedProducer`.

use super::Folder;

/// A function, generic over the type of producer that it is given.
///
/// A closure cannot be generic, so
/// [`with_producer`](crate::iter::IndexedParallelIterator::with_producer) takes one of these instead.
///
/// ```
/// use paceline::iter::plumbing::{Producer, ProducerCallback};
/// use paceline::prelude::*;
///
/// /// Splits at a position.
/// struct CutAt(usize);
///
/// impl<T> ProducerCallback<T> for CutAt {
///     type Output = (Vec<T>, Vec<T>);
///
///     fn callback<P: Producer<Item = T>>(self, producer: P) -> Self::Output {
///         let (left, right) = producer.split_at(self.0);
///         (left.into_iter().collect(), right.into_iter().collect())
///     }
/// }
///
/// let squares = (0..5).into_par_iter().map(|n| n * n);
/// assert_eq!(squares.with_producer(CutAt(2)), (vec![0, 1], vec![4, 9, 16]));
/// ```
pub trait ProducerCallback<T> {
    /// The return type of [`callback`](Self::callback).
    type Output;

    /// Uses up `producer`, which gives all items of the iterator.
    ///
    /// With the `Multiples` of the example at [`Producer`]:
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// /// Gives the last item.
    /// struct Last;
    ///
    /// impl<T> ProducerCallback<T> for Last {
    ///     type Output = Option<T>;
    ///
    ///     fn callback<P: Producer<Item = T>>(self, producer: P) -> Option<T> {
    ///         producer.into_iter().next_back()
    ///     }
    /// }
    ///
    /// assert_eq!(Last.callback(Multiples { of: 5, range: 0..20 }), Some(15));
    /// ```
    fn callback<P>(self, producer: P) -> Self::Output
    where
        P: Producer<Item = T>;
}

/// A part of an iterator with a known number of items, which can be split at any position.
///
/// A producer does not know its own length: the caller that splits it keeps count. A producer is dropped unused if the
/// computation ends early, so if it owns items it must drop those that it has not given away.
///
/// The examples of its methods use the `Multiples` of this one:
///
/// ```
/// use std::iter::StepBy;
/// use std::ops::Range;
///
/// use paceline::iter::plumbing::{Producer, UnindexedConsumer, bridge_producer_consumer};
/// use paceline::prelude::*;
///
/// /// Every `of`th number of a range, beginning with the first.
/// struct Multiples {
///     of: usize,
///     range: Range<usize>,
/// }
///
/// impl Producer for Multiples {
///     type Item = usize;
///     type IntoIter = StepBy<Range<usize>>;
///
///     fn into_iter(self) -> Self::IntoIter {
///         self.range.step_by(self.of)
///     }
///
///     fn split_at(self, index: usize) -> (Self, Self) {
///         let Self { of, range: Range { start, end } } = self;
///         let middle = end.min(start + index * of);
///         (Self { of, range: start..middle }, Self { of, range: middle..end })
///     }
/// }
///
/// impl ParallelIterator for Multiples {
///     type Item = usize;
///
///     fn drive_unindexed<C: UnindexedConsumer<usize>>(self, consumer: C) -> C::Result {
///         let len = self.range.clone().step_by(self.of).len();
///         bridge_producer_consumer(len, self, consumer)
///     }
/// }
///
/// assert_eq!(Multiples { of: 5, range: 0..100 }.sum::<usize>(), 950);
/// ```
pub trait Producer: Send + Sized {
    /// The type of the items.
    type Item;

    /// The sequential iterator over the items of a part.
    type IntoIter: Iterator<Item = Self::Item> + DoubleEndedIterator + ExactSizeIterator;

    /// Makes a sequential iterator over the items of this part.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert!(Multiples { of: 5, range: 0..20 }.into_iter().eq([0, 5, 10, 15]));
    /// ```
    fn into_iter(self) -> Self::IntoIter;

    /// The number of items below which a part is not worth a task of its own; 1 unless overridden.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert_eq!(Multiples { of: 5, range: 0..20 }.min_len(), 1);
    /// ```
    #[inline]
    fn min_len(&self) -> usize {
        1
    }

    /// The number of items above which a part is split further; `usize::MAX` unless overridden.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert_eq!(Multiples { of: 5, range: 0..20 }.max_len(), usize::MAX);
    /// ```
    #[inline]
    fn max_len(&self) -> usize {
        usize::MAX
    }

    /// Splits this part in two: the first `index` items, and the rest.
    ///
    /// `index` is at most the length of the part; implementations may panic on more.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// let (left, right) = Multiples { of: 5, range: 0..20 }.split_at(3);
    /// assert!(left.into_iter().eq([0, 5, 10]));
    /// assert!(right.into_iter().eq([15]));
    /// ```
    fn split_at(self, index: usize) -> (Self, Self);

    /// Gives all items of this part to `folder`, in order, or as many as it wants.
    ///
    /// With the `Sum` of the example at [`Consumer`](super::Consumer):
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert_eq!(Multiples { of: 5, range: 0..20 }.fold_with(Sum(0)).complete(), 30);
    /// ```
    #[inline]
    fn fold_with<F>(self, folder: F) -> F
    where
        F: Folder<Self::Item>,
    {
        folder.consume_iter(self.into_iter())
    }

    /// True if a part may be cut into many short pieces that are run one after the other, so that the part can still be
    /// split while it runs. True unless overridden; return false where each piece would cost much, for instance because
    /// it has a state of its own.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// /// Some of the Fibonacci numbers; a piece begins with counting up to its first.
    /// struct Fibonacci(Range<usize>);
    ///
    /// impl Producer for Fibonacci {
    ///     fn can_run_in_blocks(&self) -> bool {
    ///         false
    ///     }
    ///     // ...
    /// #   type Item = usize;
    /// #   type IntoIter = std::vec::IntoIter<usize>;
    /// #   fn into_iter(self) -> Self::IntoIter {
    /// #       let mut pair = (0, 1);
    /// #       let mut next = || { pair = (pair.1, pair.0 + pair.1); pair.0 };
    /// #       let all: Vec<_> = (0..self.0.end).map(|_| next()).skip(self.0.start).collect();
    /// #       all.into_iter()
    /// #   }
    /// #   fn split_at(self, index: usize) -> (Self, Self) {
    /// #       let Range { start, end } = self.0;
    /// #       (Fibonacci(start..start + index), Fibonacci(start + index..end))
    /// #   }
    /// }
    ///
    /// // 1 + 1 + 2 + 3 + 5 + 8 + 13
    /// assert_eq!(bridge_producer_consumer(7, Fibonacci(0..7), Adder), 33);
    /// ```
    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        true
    }
}

/// A part of an iterator that can be split in two, but not at a given position.
///
/// The examples of its methods use the `Span` of this one:
///
/// ```
/// use std::ops::Range;
///
/// use paceline::iter::plumbing::{Folder, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
/// use paceline::prelude::*;
///
/// /// The numbers of a range.
/// struct Span(Range<usize>);
///
/// impl UnindexedProducer for Span {
///     type Item = usize;
///
///     fn split(self) -> (Self, Option<Self>) {
///         let Range { start, end } = self.0;
///         let middle = start + (end - start) / 2;
///         if middle == start { (self, None) } else { (Span(start..middle), Some(Span(middle..end))) }
///     }
///
///     fn fold_with<F: Folder<usize>>(self, folder: F) -> F {
///         folder.consume_iter(self.0)
///     }
/// }
///
/// impl ParallelIterator for Span {
///     type Item = usize;
///
///     fn drive_unindexed<C: UnindexedConsumer<usize>>(self, consumer: C) -> C::Result {
///         bridge_unindexed(self, consumer)
///     }
/// }
///
/// assert_eq!(Span(0..100).filter(|n| n % 7 == 0).count(), 15);
/// ```
pub trait UnindexedProducer: Send + Sized {
    /// The type of the items.
    type Item;

    /// Splits this part in two if possible: the second half follows the first in order.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// let (left, right) = Span(0..10).split();
    /// assert_eq!((left.0, right.unwrap().0), (0..5, 5..10));
    /// assert!(Span(0..1).split().1.is_none());
    /// ```
    fn split(self) -> (Self, Option<Self>);

    /// Gives all items of this part to `folder`, in order, or as many as it wants.
    ///
    /// With the `Sum` of the example at [`Consumer`](super::Consumer):
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert_eq!(Span(1..5).fold_with(Sum(0)).complete(), 10);
    /// ```
    fn fold_with<F>(self, folder: F) -> F
    where
        F: Folder<Self::Item>;

    /// Gives the first items, about `len` of them, to `folder`, and returns the rest, if there is one.
    ///
    /// Between two calls the part can be split. Unless overridden this gives all items, so that a part cannot be split
    /// once it runs.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// /// The numbers from a first one down to 1.
    /// struct Down(usize);
    ///
    /// impl UnindexedProducer for Down {
    ///     fn fold_some<F: Folder<usize>>(self, len: usize, folder: F) -> (F, Option<Down>) {
    ///         let rest = self.0.saturating_sub(len);
    ///         let folder = folder.consume_iter((rest + 1..=self.0).rev());
    ///         (folder, (rest > 0).then_some(Down(rest)))
    ///     }
    ///     // ...
    /// #   type Item = usize;
    /// #   fn split(self) -> (Self, Option<Self>) { (self, None) }
    /// #   fn fold_with<F: Folder<usize>>(self, folder: F) -> F { folder.consume_iter((1..=self.0).rev()) }
    /// }
    ///
    /// let (sum, rest) = Down(10).fold_some(4, Sum(0));
    /// assert_eq!(sum.complete(), 10 + 9 + 8 + 7);
    /// assert_eq!(rest.unwrap().0, 6);
    /// ```
    #[inline]
    fn fold_some<F>(self, len: usize, folder: F) -> (F, Option<Self>)
    where
        F: Folder<Self::Item>,
    {
        _ = len;
        (self.fold_with(folder), None)
    }
}
