//! Layer 4: an iterator that passes each item of another through a stage with state. For exact stages without a
//! counterpart in std.

/// Makes one item of another, with state of its own.
pub(crate) trait Each<T> {
    /// The type of the items that come out.
    type Item;

    /// Makes an item of `item`.
    fn each(&mut self, item: T) -> Self::Item;
}

/// Passes the items of `iter` through `each`, which lives as long as the iterator.
pub(crate) struct EachIter<I, E> {
    iter: I,
    each: E,
}

impl<I, E> EachIter<I, E> {
    pub(crate) fn new(iter: I, each: E) -> Self {
        Self { iter, each }
    }
}

impl<I: Iterator, E: Each<I::Item>> Iterator for EachIter<I, E> {
    type Item = E::Item;

    #[inline]
    fn next(&mut self) -> Option<E::Item> {
        let item = self.iter.next()?;
        Some(self.each.each(item))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iter.size_hint()
    }

    #[inline]
    fn fold<A, F: FnMut(A, E::Item) -> A>(self, init: A, mut f: F) -> A {
        let Self { iter, mut each } = self;
        iter.fold(init, |so_far, item| f(so_far, each.each(item)))
    }
}

impl<I: DoubleEndedIterator, E: Each<I::Item>> DoubleEndedIterator for EachIter<I, E> {
    #[inline]
    fn next_back(&mut self) -> Option<E::Item> {
        let item = self.iter.next_back()?;
        Some(self.each.each(item))
    }
}

impl<I: ExactSizeIterator, E: Each<I::Item>> ExactSizeIterator for EachIter<I, E> {}

/// Implements the stage traits for a type that implements [`Each`].
macro_rules! each_stage {
    (impl[$($param:tt)*] $stage:ty where [$($bounds:tt)*] $item:ty => $out:ty) => {
        impl<$($param)*> $crate::iter::adaptor::stage::Stage<$item> for $stage
        where
            $($bounds)*
        {
            type Item = $out;

            #[inline]
            fn over<I: Iterator<Item = $item>>(&mut self, iter: I) -> impl Iterator<Item = $out> {
                iter.map(|item| self.each(item))
            }
        }

        impl<$($param)*> $crate::iter::adaptor::stage::ExactStage<$item> for $stage
        where
            $($bounds)*
        {
            type Exact<I>
                = $crate::iter::adaptor::each::EachIter<I, Self>
            where
                I: DoubleEndedIterator<Item = $item> + ExactSizeIterator;

            #[inline]
            fn exact<I>(self, iter: I) -> Self::Exact<I>
            where
                I: DoubleEndedIterator<Item = $item> + ExactSizeIterator,
            {
                $crate::iter::adaptor::each::EachIter::new(iter, self)
            }
        }
    };
}
