//! Layer 4: separators between an unknown number of items.
//!
//! A separator belongs between two parts only if neither turns out to be empty, which is known when both are done. So
//! each split makes a third consumer for the separator between the halves. The left half keeps it until both are done.

use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};

pub(super) struct IntersperseConsumer<C, T> {
    base: C,
    separator: T,
    /// The number of items, without separators, if it is known; then the base is split by position.
    len: Option<usize>,
    /// Takes the separator after this part, if one is needed.
    after: Option<C>,
}

impl<C, T> IntersperseConsumer<C, T> {
    pub(super) fn new(base: C, separator: T, len: Option<usize>) -> Self {
        Self { base, separator, len, after: None }
    }
}

/// The result of a part.
pub(super) struct Interspersed<C, R> {
    result: R,
    is_empty: bool,
    after: Option<C>,
}

impl<C, R> Interspersed<C, R> {
    pub(super) fn into_result(self) -> R {
        self.result
    }
}

impl<T, C> Consumer<T> for IntersperseConsumer<C, T>
where
    T: Clone + Send,
    C: Consumer<T>,
{
    type Folder = IntersperseFolder<C, C::Folder, T>;
    type Reducer = IntersperseReducer<C::Reducer, T>;
    type Result = Interspersed<C, C::Result>;

    #[inline]
    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer) {
        let right_len = self.len.map(|len| len - index);
        let left_width = super::interspersed_len(index).unwrap_or(usize::MAX);
        let (left, rest, outer) = self.base.split_at(left_width);
        // No separator comes beside a half that is known to be empty.
        let (between, right, inner) = if index == 0 || right_len == Some(0) {
            (None, rest, None)
        } else {
            let (between, right, inner) = rest.split_at(1);
            (Some(between), right, Some(inner))
        };
        let reducer = IntersperseReducer { outer, inner, separator: self.separator.clone() };
        let left = Self { base: left, separator: self.separator.clone(), len: self.len.map(|_| index), after: between };
        let right = Self { base: right, separator: self.separator, len: right_len, after: self.after };
        (left, right, reducer)
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        IntersperseFolder {
            base: self.base.into_folder(),
            separator: self.separator,
            is_empty: true,
            after: self.after,
        }
    }

    #[inline]
    fn full(&self) -> bool {
        self.base.full()
    }
}

impl<T, C> UnindexedConsumer<T> for IntersperseConsumer<C, T>
where
    T: Clone + Send,
    C: UnindexedConsumer<T>,
{
    #[inline]
    fn split_off_left(&self) -> Self {
        let left = self.base.split_off_left();
        let between = self.base.split_off_left();
        Self { base: left, separator: self.separator.clone(), len: None, after: Some(between) }
    }

    #[inline]
    fn to_reducer(&self) -> Self::Reducer {
        IntersperseReducer {
            outer: self.base.to_reducer(),
            inner: Some(self.base.to_reducer()),
            separator: self.separator.clone(),
        }
    }
}

pub(super) struct IntersperseReducer<R, T> {
    /// Combines the left half and the rest.
    outer: R,
    /// Combines the separator and the right half.
    inner: Option<R>,
    separator: T,
}

impl<T, C, R> Reducer<Interspersed<C, C::Result>> for IntersperseReducer<R, T>
where
    C: Consumer<T>,
    R: Reducer<C::Result>,
{
    const IN_ORDER: bool = R::IN_ORDER;

    #[inline]
    fn reduce(self, left: Interspersed<C, C::Result>, right: Interspersed<C, C::Result>) -> Interspersed<C, C::Result> {
        let mut rest = right.result;
        if !left.is_empty && !right.is_empty {
            if let (Some(between), Some(inner)) = (left.after, self.inner) {
                let separator = between.into_folder().consume(self.separator).complete();
                rest = inner.reduce(separator, rest);
            }
        }
        Interspersed {
            result: self.outer.reduce(left.result, rest),
            is_empty: left.is_empty && right.is_empty,
            after: right.after,
        }
    }
}

pub(super) struct IntersperseFolder<C, F, T> {
    base: F,
    separator: T,
    is_empty: bool,
    after: Option<C>,
}

impl<T, C, F> Folder<T> for IntersperseFolder<C, F, T>
where
    T: Clone,
    C: Consumer<T, Result = F::Result>,
    F: Folder<T>,
{
    type Result = Interspersed<C, F::Result>;

    #[inline]
    fn consume(mut self, item: T) -> Self {
        if !self.is_empty {
            self.base = self.base.consume(self.separator.clone());
        }
        self.is_empty = false;
        if !self.base.full() {
            self.base = self.base.consume(item);
        }
        self
    }

    #[inline]
    fn complete(self) -> Interspersed<C, F::Result> {
        Interspersed { result: self.base.complete(), is_empty: self.is_empty, after: self.after }
    }

    #[inline]
    fn full(&self) -> bool {
        self.base.full()
    }
}
