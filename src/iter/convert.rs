//! Layer 4: the traits by which values become parallel iterators, and parallel iterators become values.

use super::ParallelIterator;
use super::mistakes::{CollectionOfSend, CollectionOfSync};

/// Types that can be turned into a parallel iterator, by value.
///
/// ```
/// use paceline::prelude::*;
///
/// let total: i32 = vec![1, 2, 3].into_par_iter().sum();
/// assert_eq!(total, (1..4).into_par_iter().sum());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be turned into a parallel iterator",
    label = "not a parallel iterator, nor a collection of items that threads may exchange",
    note = "any `Iterator` becomes parallel by `par_bridge`; `flat_map_iter` and `flatten_iter` take it as it is",
    note = "items must be `Send`, and behind a shared reference `Sync`, which `Rc`, `Cell` and `RefCell` are not"
)]
pub trait IntoParallelIterator {
    /// The type of the parallel iterator.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// The type of the items.
    type Item: Send;

    /// Turns `self` into a parallel iterator.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let doubled: Vec<i32> = (0..4).into_par_iter().map(|n| n * 2).collect();
    /// assert_eq!(doubled, [0, 2, 4, 6]);
    /// ```
    fn into_par_iter(self) -> Self::Iter;
}

#[diagnostic::do_not_recommend]
impl<T: ParallelIterator> IntoParallelIterator for T {
    type Iter = T;
    type Item = T::Item;

    fn into_par_iter(self) -> T {
        self
    }
}

/// Types that can be iterated over in parallel by shared reference.
///
/// A type implements it if a shared reference to it implements [`IntoParallelIterator`].
///
/// ```
/// use paceline::prelude::*;
///
/// /// Works for slices, maps, sets and options of numbers.
/// fn total<'data, C>(numbers: &'data C) -> u64
/// where
///     C: IntoParallelRefIterator<'data, Item = &'data u64> + ?Sized,
/// {
///     numbers.par_iter().sum()
/// }
///
/// assert_eq!(total(&vec![1, 2, 3]), 6);
/// assert_eq!(total(&std::collections::BTreeSet::from([4, 5])), 9);
/// ```
pub trait IntoParallelRefIterator<'data> {
    /// The parallel iterator over references.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// The type of the items, usually a shared reference.
    type Item: Send + 'data;

    /// Makes a parallel iterator over shared references to the items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let words = vec!["fast", "and", "even"];
    /// assert_eq!(words.par_iter().filter(|word| word.len() == 4).count(), 2);
    /// ```
    fn par_iter(&'data self) -> Self::Iter;
}

impl<'data, I> IntoParallelRefIterator<'data> for I
where
    I: ?Sized + 'data + CollectionOfSync<'data>,
{
    type Iter = I::Iter;
    type Item = I::Item;

    fn par_iter(&'data self) -> Self::Iter {
        self.iter_shared()
    }
}

/// Types that can be iterated over in parallel by unique reference.
///
/// A type implements it if a unique reference to it implements [`IntoParallelIterator`].
///
/// ```
/// use paceline::prelude::*;
///
/// /// Works for slices, lists and options of numbers.
/// fn halve<'data, C>(numbers: &'data mut C)
/// where
///     C: IntoParallelRefMutIterator<'data, Item = &'data mut f64> + ?Sized,
/// {
///     numbers.par_iter_mut().for_each(|number| *number /= 2.0);
/// }
///
/// let mut numbers = vec![1.0, 3.0];
/// halve(&mut numbers);
/// assert_eq!(numbers, [0.5, 1.5]);
/// ```
pub trait IntoParallelRefMutIterator<'data> {
    /// The parallel iterator over references.
    type Iter: ParallelIterator<Item = Self::Item>;

    /// The type of the items, usually a unique reference.
    type Item: Send + 'data;

    /// Makes a parallel iterator over unique references to the items.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = vec![1, 2, 3];
    /// numbers.par_iter_mut().for_each(|number| *number = -*number);
    /// assert_eq!(numbers, [-1, -2, -3]);
    /// ```
    fn par_iter_mut(&'data mut self) -> Self::Iter;
}

impl<'data, I> IntoParallelRefMutIterator<'data> for I
where
    I: ?Sized + 'data + CollectionOfSend<'data>,
{
    type Iter = I::Iter;
    type Item = I::Item;

    fn par_iter_mut(&'data mut self) -> Self::Iter {
        self.iter_unique()
    }
}

/// Types that [`collect`](ParallelIterator::collect) can make of a parallel iterator.
///
/// You can implement it for a type of yours by collecting into another one first:
///
/// ```
/// use paceline::prelude::*;
///
/// /// Numbers in ascending order.
/// #[derive(Debug, PartialEq)]
/// struct Sorted(Vec<u32>);
///
/// impl FromParallelIterator<u32> for Sorted {
///     fn from_par_iter<I: IntoParallelIterator<Item = u32>>(par_iter: I) -> Self {
///         let mut numbers = Vec::from_par_iter(par_iter);
///         numbers.par_sort_unstable();
///         Sorted(numbers)
///     }
/// }
///
/// let digits: Sorted = "1969".par_chars().filter_map(|char| char.to_digit(10)).collect();
/// assert_eq!(digits, Sorted(vec![1, 6, 9, 9]));
/// ```
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` cannot be collected from a parallel iterator over items of type `{T}`",
    label = "`{Self}` cannot be collected from items of type `{T}`"
)]
pub trait FromParallelIterator<T>
where
    T: Send,
{
    /// Runs `par_iter` and makes a value of its items; returns when all are there.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let squares = Vec::from_par_iter((0..4).into_par_iter().map(|n| n * n));
    /// assert_eq!(squares, [0, 1, 4, 9]);
    /// ```
    fn from_par_iter<I>(par_iter: I) -> Self
    where
        I: IntoParallelIterator<Item = T>;
}

/// Collections that can take in the items of a parallel iterator.
///
/// ```
/// use std::collections::HashSet;
///
/// use paceline::prelude::*;
///
/// /// Counts the distinct words of some texts.
/// fn vocabulary(texts: &[&str]) -> usize {
///     let mut words = HashSet::new();
///     for text in texts {
///         words.par_extend(text.par_split_whitespace());
///     }
///     words.len()
/// }
///
/// assert_eq!(vocabulary(&["to be or", "not to be"]), 4);
/// ```
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` cannot be extended by a parallel iterator over items of type `{T}`",
    label = "`{Self}` cannot be extended by items of type `{T}`"
)]
pub trait ParallelExtend<T>
where
    T: Send,
{
    /// Runs `par_iter` and takes in its items; returns when all are there.
    ///
    /// ```
    /// use paceline::prelude::*;
    ///
    /// let mut numbers = vec![0];
    /// numbers.par_extend(1..4);
    /// assert_eq!(numbers, [0, 1, 2, 3]);
    /// ```
    fn par_extend<I>(&mut self, par_iter: I)
    where
        I: IntoParallelIterator<Item = T>;
}
