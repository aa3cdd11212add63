//! Layer 4: the giving side of a parallel iterator, `Producer` and its kin.

use super::Folder;

/// A function, generic over the type of producer that it is given.
///
/// A closure cannot be generic, so
/// [`with_producer`](crate::iter::IndexedParallelIterator::with_producer) takes one of these instead.
pub trait ProducerCallback<T> {
    /// What [`callback`](Self::callback) returns.
    type Output;

    /// Uses up `producer`, which gives all items of the iterator.
    fn callback<P>(self, producer: P) -> Self::Output
    where
        P: Producer<Item = T>;
}

/// A part of an iterator with a known number of items, which can be cut at any position.
///
/// A producer does not know its own length: whoever splits it keeps count. It is dropped unused if the
/// computation ends early, so one that owns items drops those that it has not given away.
pub trait Producer: Send + Sized {
    /// The type of the items.
    type Item;

    /// The sequential iterator over the items of a part.
    type IntoIter: Iterator<Item = Self::Item> + DoubleEndedIterator + ExactSizeIterator;

    /// Makes a sequential iterator over the items of this part.
    fn into_iter(self) -> Self::IntoIter;

    /// The number of items below which a part is not worth a task of its own; 1 unless asked for.
    fn min_len(&self) -> usize {
        1
    }

    /// The number of items above which a part is split further; without limit unless asked for.
    fn max_len(&self) -> usize {
        usize::MAX
    }

    /// Cuts this part in two: the first `index` items, and the rest.
    ///
    /// `index` is at most the length of the part; implementations may panic on more.
    fn split_at(self, index: usize) -> (Self, Self);

    /// Gives all items of this part to `folder`, in order, or as many as it wants.
    fn fold_with<F>(self, folder: F) -> F
    where
        F: Folder<Self::Item>,
    {
        folder.consume_iter(self.into_iter())
    }

    /// Whether a part may be cut into many short pieces that are run one after the other, so that it can still be split
    /// while it runs. True unless overridden; false where each piece would cost much, as when it has a state of its own.
    fn can_run_in_blocks(&self) -> bool {
        true
    }
}

/// A part of an iterator that can be cut in two, though not at any given position.
pub trait UnindexedProducer: Send + Sized {
    /// The type of the items.
    type Item;

    /// Cuts this part in two if it can be cut: the second half follows the first in order.
    fn split(self) -> (Self, Option<Self>);

    /// Gives all items of this part to `folder`, in order, or as many as it wants.
    fn fold_with<F>(self, folder: F) -> F
    where
        F: Folder<Self::Item>;

    /// Gives the first items, about `len` of them, to `folder`, and returns what is left, if anything is.
    ///
    /// Between two calls the part can be split. Unless overridden this gives all items, so that a part cannot be split
    /// once it runs.
    fn fold_some<F>(self, len: usize, folder: F) -> (F, Option<Self>)
    where
        F: Folder<Self::Item>,
    {
        _ = len;
        (self.fold_with(folder), None)
    }
}
