//! Layer 4: the search for the first or the last item that matches.
//!
//! Each part has a stretch of an imaginary line; the search prefers earlier places on the line, and a split halves the
//! stretch. A find is recorded at the beginning of its part's stretch. A part need not go on if its own beginning lies
//! behind a find. When a stretch cannot be halved any more, both halves keep it, and do not stop each other. A part
//! that is run in blocks takes a single place, at the end of the stretch where its first items belong.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Range;

use super::STRIDE;
use super::place::{LINE, LeastPlace, LinePlace};
use crate::iter::ParallelIterator;
use crate::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};

/// The end from which the search goes, as a type.
pub(in crate::iter) trait SearchEnd: Send {
    /// Orders the values of the left and of the right half by preference; applied again, it restores the order.
    fn prefer<A>(left: A, right: A) -> (A, A);

    /// Cuts a single place off the end of a stretch where the first items of a part belong.
    fn cut_front(stretch: Range<LinePlace>) -> (Range<LinePlace>, Range<LinePlace>);

    /// Chooses one of two finds.
    #[inline]
    fn choose<T>(left: Option<T>, right: Option<T>) -> Option<T> {
        let (preferred, other) = Self::prefer(left, right);
        preferred.or(other)
    }

    /// Searches a sequential iterator until `is_over`; `found` is the find among the items before it.
    fn search<T>(
        found: Option<T>,
        iter: impl Iterator<Item = T>,
        matches: impl FnMut(&T) -> bool,
        is_over: impl Fn() -> bool,
    ) -> Option<T>;

    /// True if a find ends the search of a part.
    const FIND_ENDS: bool;
}

/// The search for the first item.
pub(in crate::iter) struct First;

impl SearchEnd for First {
    #[inline]
    fn prefer<A>(left: A, right: A) -> (A, A) {
        (left, right)
    }

    #[inline]
    fn search<T>(
        found: Option<T>,
        mut iter: impl Iterator<Item = T>,
        mut matches: impl FnMut(&T) -> bool,
        is_over: impl Fn() -> bool,
    ) -> Option<T> {
        if found.is_some() {
            return found;
        }
        while !is_over() {
            for _ in 0..STRIDE {
                let item = iter.next()?;
                if matches(&item) {
                    return Some(item);
                }
            }
        }
        None
    }

    #[inline]
    fn cut_front(Range { start, end }: Range<LinePlace>) -> (Range<LinePlace>, Range<LinePlace>) {
        (start..start, (start + 1).min(end)..end)
    }

    const FIND_ENDS: bool = true;
}

/// The search for the last item.
pub(in crate::iter) struct Last;

impl SearchEnd for Last {
    #[inline]
    fn prefer<A>(left: A, right: A) -> (A, A) {
        (right, left)
    }

    #[inline]
    fn search<T>(
        mut found: Option<T>,
        mut iter: impl Iterator<Item = T>,
        mut matches: impl FnMut(&T) -> bool,
        is_over: impl Fn() -> bool,
    ) -> Option<T> {
        while !is_over() {
            for _ in 0..STRIDE {
                let Some(item) = iter.next() else { return found };
                if matches(&item) {
                    found = Some(item);
                }
            }
        }
        found
    }

    #[inline]
    fn cut_front(Range { start, end }: Range<LinePlace>) -> (Range<LinePlace>, Range<LinePlace>) {
        let last = end.saturating_sub(1).max(start);
        (last..last, start..last)
    }

    const FIND_ENDS: bool = false;
}

/// Finds the item nearest to an end for which `predicate` is true.
#[inline]
pub(in crate::iter) fn find<E, I, P>(par_iter: I, predicate: P) -> Option<I::Item>
where
    E: SearchEnd,
    I: ParallelIterator,
    P: Fn(&I::Item) -> bool + Sync,
{
    par_iter.drive_unindexed(FindConsumer {
        search: &Search { predicate, found: LeastPlace::new() },
        stretch: Cell::new(LINE),
        end: PhantomData::<E>,
    })
}

/// The state that all parts share.
struct Search<P> {
    predicate: P,
    found: LeastPlace,
}

struct FindConsumer<'s, P, E> {
    search: &'s Search<P>,
    stretch: Cell<Range<LinePlace>>,
    end: PhantomData<E>,
}

impl<'s, P, E: SearchEnd> FindConsumer<'s, P, E> {
    fn stretch(&self) -> Range<LinePlace> {
        let stretch = self.stretch.take();
        self.stretch.set(stretch.clone());
        stretch
    }

    /// Keeps the stretch of the right half, and makes the consumer of the left.
    fn halve(&self) -> Self {
        let Range { start, end } = self.stretch();
        let middle = start + (end - start) / 2;
        let (left, right) = E::prefer(start..middle, middle..end);
        self.stretch.set(right);
        Self { search: self.search, stretch: Cell::new(left), end: PhantomData }
    }
}

impl<'s, T, P, E> Consumer<T> for FindConsumer<'s, P, E>
where
    T: Send,
    P: Fn(&T) -> bool + Sync,
    E: SearchEnd,
{
    type Folder = FindFolder<'s, T, P, E>;
    type Reducer = FindReducer<E>;
    type Result = Option<T>;

    #[inline]
    fn split_at(self, _index: usize) -> (Self, Self, FindReducer<E>) {
        (self.halve(), self, FindReducer(PhantomData))
    }

    #[inline]
    fn can_split_running(&self) -> bool {
        true
    }

    #[inline]
    fn split_off_front(&self) -> Self {
        let (front, stretch) = E::cut_front(self.stretch());
        self.stretch.set(stretch);
        Self { search: self.search, stretch: Cell::new(front), end: PhantomData }
    }

    #[inline]
    fn into_folder(self) -> Self::Folder {
        FindFolder { search: self.search, place: self.stretch.into_inner().start, found: None, end: PhantomData }
    }

    #[inline]
    fn full(&self) -> bool {
        self.search.found.is_before(self.stretch().start)
    }
}

impl<T, P, E> UnindexedConsumer<T> for FindConsumer<'_, P, E>
where
    T: Send,
    P: Fn(&T) -> bool + Sync,
    E: SearchEnd,
{
    #[inline]
    fn split_off_left(&self) -> Self {
        self.halve()
    }

    #[inline]
    fn to_reducer(&self) -> FindReducer<E> {
        FindReducer(PhantomData)
    }
}

struct FindReducer<E>(PhantomData<E>);

impl<T, E: SearchEnd> Reducer<Option<T>> for FindReducer<E> {
    #[inline]
    fn reduce(self, left: Option<T>, right: Option<T>) -> Option<T> {
        E::choose(left, right)
    }
}

struct FindFolder<'s, T, P, E> {
    search: &'s Search<P>,
    /// The beginning of this part's stretch.
    place: LinePlace,
    found: Option<T>,
    end: PhantomData<E>,
}

impl<T, P, E> Folder<T> for FindFolder<'_, T, P, E>
where
    P: Fn(&T) -> bool,
    E: SearchEnd,
{
    type Result = Option<T>;

    #[inline]
    fn consume(self, item: T) -> Self {
        self.consume_iter(std::iter::once(item))
    }

    #[inline]
    fn consume_iter<I: IntoIterator<Item = T>>(mut self, iter: I) -> Self {
        let Search { predicate, found } = self.search;
        let matches = |item: &T| {
            let matches = predicate(item);
            if matches {
                found.found(self.place);
            }
            matches
        };
        let is_over = || found.is_before(self.place);
        self.found = E::search(self.found, iter.into_iter(), matches, is_over);
        self
    }

    #[inline]
    fn complete(self) -> Option<T> {
        self.found
    }

    #[inline]
    fn full(&self) -> bool {
        (E::FIND_ENDS && self.found.is_some()) || self.search.found.is_before(self.place)
    }
}
