//! Layer 4: traits by which the compiler says in our words what a frequent mistake is.
//!
//! The compiler prints the message of a trait's `on_unimplemented` where a bound by the trait is not met. If there is no such
//! bound, it speaks of std's `Iterator` instead, which these mistakes have nothing to do with. So the bounds here stand where
//! the mistakes are made. Each is hidden in the documentation. `ci/mistakes.sh` checks the messages.

use super::adaptor::{
    enumerate::Enumerate,
    filter::Filter,
    filter_map::FilterMap,
    flat_map::{FlatMap, Flatten},
    flat_map_iter::{FlatMapIter, FlattenIter},
};
use super::source::par_bridge::IterBridge;
use super::source::{range, range_inclusive};
use super::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

/// Collections with a parallel iterator over shared references to their items, for `par_iter`.
///
/// The compiler prints the message only if the bound is on the type that the method is called on, not on a reference to it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a collection of items that threads may share",
    label = "not a collection of `Sync` items",
    note = "items with an `Rc`, a `Cell` or a `RefCell` in them are not `Sync`: use `Arc`, `Mutex` or atomics, or `par_iter_mut`",
    note = "any `Iterator` becomes parallel by `par_bridge`; a type of yours, if `IntoParallelIterator` is implemented for `&{Self}`"
)]
pub trait CollectionOfSync<'data> {
    /// The parallel iterator over references.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// The type of the items.
    type Item: Send + 'data;

    /// Turns the reference into a parallel iterator.
    fn iter_shared(&'data self) -> Self::Iter;
}

impl<'data, I> CollectionOfSync<'data> for I
where
    I: ?Sized + 'data,
    &'data I: IntoParallelIterator,
{
    type Iter = <&'data I as IntoParallelIterator>::Iter;
    type Item = <&'data I as IntoParallelIterator>::Item;

    #[inline]
    fn iter_shared(&'data self) -> Self::Iter {
        self.into_par_iter()
    }
}

/// Collections with a parallel iterator over unique references to their items, for `par_iter_mut`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a collection of items that threads may change",
    label = "not a collection of `Send` items",
    note = "items with an `Rc` in them are not `Send`: use `Arc`; the keys of maps and the items of sets cannot be changed",
    note = "a type of yours has this method if `IntoParallelIterator` is implemented for `&mut {Self}`"
)]
pub trait CollectionOfSend<'data> {
    /// The parallel iterator over references.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// The type of the items.
    type Item: Send + 'data;

    /// Turns the reference into a parallel iterator.
    fn iter_unique(&'data mut self) -> Self::Iter;
}

impl<'data, I> CollectionOfSend<'data> for I
where
    I: ?Sized + 'data,
    &'data mut I: IntoParallelIterator,
{
    type Iter = <&'data mut I as IntoParallelIterator>::Iter;
    type Item = <&'data mut I as IntoParallelIterator>::Item;

    #[inline]
    fn iter_unique(&'data mut self) -> Self::Iter {
        self.into_par_iter()
    }
}

/// Iterators that know the positions of their items. No type implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not know the positions of its items",
    label = "not possible behind `filter`, `flat_map` or `par_bridge`",
    note = "call `enumerate`, `zip`, `rev`, `take` or `skip` before `filter` and the like, or collect into a vector first",
    note = "`take_any` and `skip_any` work everywhere: they take or leave out items from anywhere"
)]
pub trait KnowsPositions: Sized {
    /// Stands for the value of a method that cannot be called.
    fn positioned<R>(self) -> R;
}

/// Gives adaptors that are not indexed some methods of those that are, with a bound that is never met. They return any type,
/// so that the compiler does not complain about the rest of a chain of calls as well.
macro_rules! without_positions {
    ($($adaptor:ident<$($param:ident),*>),* $(,)?) => { $(
        impl<$($param),*> $adaptor<$($param),*> {
            #[doc(hidden)]
            pub fn enumerate<R>(self) -> R
            where
                Self: KnowsPositions,
            {
                self.positioned()
            }

            #[doc(hidden)]
            pub fn zip<Z, R>(self, _other: Z) -> R
            where
                Self: KnowsPositions,
            {
                self.positioned()
            }

            #[doc(hidden)]
            pub fn rev<R>(self) -> R
            where
                Self: KnowsPositions,
            {
                self.positioned()
            }

            #[doc(hidden)]
            pub fn take<R>(self, _n: usize) -> R
            where
                Self: KnowsPositions,
            {
                self.positioned()
            }

            #[doc(hidden)]
            pub fn skip<R>(self, _n: usize) -> R
            where
                Self: KnowsPositions,
            {
                self.positioned()
            }
        }
    )* };
}

without_positions! {
    Filter<I, P>,
    FilterMap<I, P>,
    FlatMap<I, F>,
    Flatten<I>,
    FlatMapIter<I, F>,
    FlattenIter<I>,
    IterBridge<I>,
}

/// Ranges of integers are indexed or not: the bound on the integer says why.
macro_rules! range_methods {
    ($($module:ident),*) => { $(
        impl<T> $module::Iter<T> {
            #[doc(hidden)]
            pub fn enumerate(self) -> Enumerate<Self>
            where
                T: $module::IndexedRangeInteger,
            {
                IndexedParallelIterator::enumerate(self)
            }
        }
    )* };
}

range_methods! { range, range_inclusive }
