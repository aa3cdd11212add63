//! Layer 4: separators between the items of a producer.

use crate::iter::plumbing::{Producer, ProducerCallback};

pub(super) struct IntersperseCallback<CB, T> {
    pub(super) callback: CB,
    pub(super) separator: T,
    pub(super) len: usize,
}

impl<T, CB> ProducerCallback<T> for IntersperseCallback<CB, T>
where
    T: Clone + Send,
    CB: ProducerCallback<T>,
{
    type Output = CB::Output;

    #[inline]
    fn callback<P: Producer<Item = T>>(self, base: P) -> CB::Output {
        self.callback.callback(IntersperseProducer {
            base,
            pattern: Pattern { first: Kind::Item, len: self.len },
            separator: self.separator,
        })
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Item,
    Separator,
}

impl Kind {
    /// The kind of what is `distance` places from one of this kind.
    fn at(self, distance: usize) -> Self {
        match (self, distance % 2) {
            (kind, 0) => kind,
            (Kind::Item, _) => Kind::Separator,
            (Kind::Separator, _) => Kind::Item,
        }
    }
}

/// Items and separators in turn.
#[derive(Clone, Copy)]
struct Pattern {
    first: Kind,
    /// The number of both together.
    len: usize,
}

impl Pattern {
    /// The number of items among the first `count`.
    fn items(self, count: usize) -> usize {
        match self.first {
            Kind::Item => count.div_ceil(2),
            Kind::Separator => count / 2,
        }
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let left = Self { first: self.first, len: index };
        let right = Self { first: self.first.at(index), len: self.len - index };
        (left, right)
    }
}

struct IntersperseProducer<P, T> {
    base: P,
    pattern: Pattern,
    separator: T,
}

impl<T, P> Producer for IntersperseProducer<P, T>
where
    T: Clone + Send,
    P: Producer<Item = T>,
{
    type Item = T;
    type IntoIter = IntersperseIter<P::IntoIter, T>;

    #[inline]
    fn into_iter(self) -> Self::IntoIter {
        IntersperseIter { base: self.base.into_iter(), pattern: self.pattern, separator: self.separator }
    }

    #[inline]
    fn min_len(&self) -> usize {
        self.base.min_len()
    }

    #[inline]
    fn max_len(&self) -> usize {
        self.base.max_len()
    }

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let (left, right) = self.base.split_at(self.pattern.items(index));
        let (left_pattern, right_pattern) = self.pattern.split_at(index);
        let left = Self { base: left, pattern: left_pattern, separator: self.separator.clone() };
        let right = Self { base: right, pattern: right_pattern, separator: self.separator };
        (left, right)
    }

    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        self.base.can_run_in_blocks()
    }
}

struct IntersperseIter<I, T> {
    base: I,
    pattern: Pattern,
    separator: T,
}

impl<T: Clone, I: Iterator<Item = T>> Iterator for IntersperseIter<I, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if self.pattern.len == 0 {
            return None;
        }
        let (first, rest) = self.pattern.split_at(1);
        self.pattern = rest;
        match first.first {
            Kind::Item => self.base.next(),
            Kind::Separator => Some(self.separator.clone()),
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.pattern.len, Some(self.pattern.len))
    }
}

impl<T: Clone, I: DoubleEndedIterator<Item = T>> DoubleEndedIterator for IntersperseIter<I, T> {
    #[inline]
    fn next_back(&mut self) -> Option<T> {
        let before_last = self.pattern.len.checked_sub(1)?;
        let (rest, last) = self.pattern.split_at(before_last);
        self.pattern = rest;
        match last.first {
            Kind::Item => self.base.next_back(),
            Kind::Separator => Some(self.separator.clone()),
        }
    }
}

impl<T: Clone, I: Iterator<Item = T>> ExactSizeIterator for IntersperseIter<I, T> {}
