//! Layer 4: digests, which most terminals are, and the consumer they share.
//!
//! A terminal such as `sum` or `reduce` says, as a [`Digest`], what a whole sequential iterator comes to and
//! how two results make one; how parts are consumed lives here, once.

use std::marker::PhantomData;

use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Consumer, Folder, Producer, Reducer, UnindexedConsumer, bridge_producer_consumer};

/// What some items come to.
pub(in crate::iter) trait Digest<T>: Sync {
    /// The type of what they come to.
    type Output: Send;

    /// What no items come to.
    fn nothing(&self) -> Self::Output;

    /// What the items of `iter` come to, after those that came to `so_far`.
    fn add<I>(&self, so_far: Self::Output, iter: I) -> Self::Output
    where
        I: Iterator<Item = T>;

    /// What the items of two neighbouring parts come to.
    fn combine(&self, left: Self::Output, right: Self::Output) -> Self::Output;

    /// Whether further items would change nothing; then [`add`](Self::add) need not look at any more.
    #[inline]
    fn is_full(&self) -> bool {
        false
    }
}

/// Runs a parallel iterator, and returns what its items come to.
#[inline]
pub(in crate::iter) fn digest<I, D>(par_iter: I, digest: D) -> D::Output
where
    I: ParallelIterator,
    D: Digest<I::Item>,
{
    par_iter.drive_unindexed(DigestConsumer { digest: &digest })
}

/// Runs a producer of `len` items, and returns what they come to.
#[inline]
pub(in crate::iter) fn digest_producer<P, D>(len: usize, producer: P, digest: D) -> D::Output
where
    P: Producer,
    D: Digest<P::Item>,
{
    bridge_producer_consumer(len, producer, DigestConsumer { digest: &digest })
}

/// Consumes a part by a digest that all parts share.
struct DigestConsumer<'d, D> {
    digest: &'d D,
}

impl<D> Clone for DigestConsumer<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for DigestConsumer<'_, D> {}

impl<'d, T, D: Digest<T>> Consumer<T> for DigestConsumer<'d, D> {
    type Folder = DigestFolder<'d, D, D::Output>;
    type Reducer = DigestReducer<'d, D, T>;
    type Result = D::Output;

    #[inline]
    fn split_at(self, _index: usize) -> (Self, Self, Self::Reducer) {
        (self, self, self.to_reducer())
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        true
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        *self
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        DigestFolder { digest: self.digest, so_far: self.digest.nothing() }
    }

    #[inline]
    fn full(&self) -> bool {
        self.digest.is_full()
    }
}

impl<T, D: Digest<T>> UnindexedConsumer<T> for DigestConsumer<'_, D> {
    #[inline]
    fn split_off_left(&self) -> Self {
        *self
    }

    #[inline]
    fn to_reducer(&self) -> Self::Reducer {
        DigestReducer { digest: self.digest, items: PhantomData }
    }
}

/// Combines by a digest of items of type `T`.
struct DigestReducer<'d, D, T> {
    digest: &'d D,
    items: PhantomData<fn(T)>,
}

impl<T, D: Digest<T>> Reducer<D::Output> for DigestReducer<'_, D, T> {
    #[inline]
    fn reduce(self, left: D::Output, right: D::Output) -> D::Output {
        self.digest.combine(left, right)
    }
}

struct DigestFolder<'d, D, O> {
    digest: &'d D,
    so_far: O,
}

impl<T, D: Digest<T>> Folder<T> for DigestFolder<'_, D, D::Output> {
    type Result = D::Output;

    #[inline]
    fn consume(self, item: T) -> Self {
        self.consume_iter(std::iter::once(item))
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(self, iter: I) -> Self {
        Self { digest: self.digest, so_far: self.digest.add(self.so_far, iter.into_iter()) }
    }

    #[inline]
    fn complete(self) -> D::Output {
        self.so_far
    }

    #[inline]
    fn full(&self) -> bool {
        self.digest.is_full()
    }
}
