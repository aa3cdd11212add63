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
            pattern: Alternation { first: Element::Item, len: self.len },
            separator: self.separator,
        })
    }
}

#[derive(Clone, Copy)]
enum Element {
    Item,
    Separator,
}

impl Element {
    /// The kind of the element that is `distance` places from one of this kind.
    fn at(self, distance: usize) -> Self {
        match (self, distance % 2) {
            (kind, 0) => kind,
            (Element::Item, _) => Element::Separator,
            (Element::Separator, _) => Element::Item,
        }
    }
}

/// Alternating items and separators.
#[derive(Clone, Copy)]
struct Alternation {
    first: Element,
    /// The number of both together.
    len: usize,
}

impl Alternation {
    /// The number of items among the first `count`.
    fn items(self, count: usize) -> usize {
        match self.first {
            Element::Item => count.div_ceil(2),
            Element::Separator => count / 2,
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
    pattern: Alternation,
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
    pattern: Alternation,
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
            Element::Item => self.base.next(),
            Element::Separator => Some(self.separator.clone()),
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
            Element::Item => self.base.next_back(),
            Element::Separator => Some(self.separator.clone()),
        }
    }
}

impl<T: Clone, I: Iterator<Item = T>> ExactSizeIterator for IntersperseIter<I, T> {}
