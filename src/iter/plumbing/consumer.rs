//! Layer 4: the receiving side of a parallel iterator: `Consumer`, `Folder`, `Reducer`, `UnindexedConsumer`.

/// Receives the items of one part of an iterator.
///
/// A consumer is split wherever its producer is split, and becomes a [`Folder`] when its part is run.
///
/// The examples of its methods use the `Adder` of this one:
///
/// ```
/// use paceline::iter::plumbing::{Consumer, Folder, Reducer};
/// use paceline::prelude::*;
///
/// /// Adds up numbers, as far as a `usize` can count.
/// #[derive(Clone, Copy)]
/// struct Adder;
///
/// impl Consumer<usize> for Adder {
///     type Folder = Sum;
///     type Reducer = Adder;
///     type Result = usize;
///
///     fn split_at(self, _index: usize) -> (Adder, Adder, Adder) {
///         (Adder, Adder, Adder)
///     }
///
///     fn into_folder(self) -> Sum {
///         Sum(0)
///     }
///
///     fn full(&self) -> bool {
///         false
///     }
/// }
///
/// /// The sum so far.
/// struct Sum(usize);
///
/// impl Folder<usize> for Sum {
///     type Result = usize;
///
///     fn consume(self, item: usize) -> Sum {
///         Sum(self.0.saturating_add(item))
///     }
///
///     fn complete(self) -> usize {
///         self.0
///     }
///
///     fn full(&self) -> bool {
///         self.0 == usize::MAX
///     }
/// }
///
/// impl Reducer<usize> for Adder {
///     fn reduce(self, left: usize, right: usize) -> usize {
///         left.saturating_add(right)
///     }
/// }
///
/// assert_eq!((0..100_usize).into_par_iter().drive(Adder), 4950);
/// ```
pub trait Consumer<Item>: Send + Sized {
    /// The type that takes the items of a part one after another.
    type Folder: Folder<Item, Result = Self::Result>;

    /// The type that combines the results of two neighbouring parts.
    type Reducer: Reducer<Self::Result>;

    /// The result of a part.
    type Result: Send;

    /// Splits this consumer in two, for the first `index` items and for the rest, and returns the reducer that will
    /// combine their results.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// let (left, right, reducer) = Adder.split_at(2);
    /// let left = left.into_folder().consume_iter([1, 2]).complete();
    /// let right = right.into_folder().consume_iter([3, 4]).complete();
    /// assert_eq!(reducer.reduce(left, right), 10);
    /// ```
    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer);

    /// Whether a part of this consumer can be split while it runs; false unless overridden. One that returns true
    /// overrides [`split_off_front`](Self::split_off_front) too. A consumer that sends its items to another one passes
    /// this call on, and the three that follow.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert!(!Adder.can_split_running());
    /// ```
    #[inline]
    fn can_split_running(&self) -> bool {
        false
    }

    /// Prepares this consumer for a part that may be split while it runs. The consumer returned becomes the folder that
    /// the part begins with. `self` stays behind as the part's *tail*, from which
    /// [`split_running`](Self::split_running) makes the consumers of the parts that are split off; if there are none,
    /// the tail is dropped.
    ///
    /// # Panics
    ///
    /// Unless overridden. The method is called only if [`can_split_running`](Self::can_split_running) returns true.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// /// Counts characters; it can be split anywhere.
    /// struct Count;
    ///
    /// impl Consumer<char> for Count {
    ///     fn can_split_running(&self) -> bool {
    ///         true
    ///     }
    ///
    ///     fn split_off_front(&self) -> Count {
    ///         Count
    ///     }
    ///     // ...
    /// #   type Folder = Counter;
    /// #   type Reducer = Adder;
    /// #   type Result = usize;
    /// #   fn split_at(self, _index: usize) -> (Count, Count, Adder) { (Count, Count, Adder) }
    /// #   fn into_folder(self) -> Counter { Counter(0) }
    /// #   fn full(&self) -> bool { false }
    /// }
    /// # struct Counter(usize);
    /// # impl Folder<char> for Counter {
    /// #     type Result = usize;
    /// #     fn consume(self, _item: char) -> Counter { Counter(self.0 + 1) }
    /// #     fn complete(self) -> usize { self.0 }
    /// #     fn full(&self) -> bool { false }
    /// # }
    ///
    /// // Three items; the last is split off when the first has been taken.
    /// let tail = Count;
    /// let folder = tail.split_off_front().into_folder().consume('a');
    /// let (folder, _, right, reducer) = tail.split_running(folder, 2);
    /// let left = folder.consume('b').complete();
    /// let right = right.into_folder().consume('c').complete();
    /// assert_eq!(reducer.reduce(left, right), 3);
    /// ```
    #[inline]
    fn split_off_front(&self) -> Self {
        panic!("a consumer that can be split while it runs does not say how");
    }

    /// Splits a part that runs: `self` is its tail; `folder` has taken its first items, and will get the others before
    /// the index `index` of the part. Returns the folder, its new tail, the consumer for the items from `index` on, and
    /// the reducer that will combine the results of both.
    ///
    /// Unless overridden this splits the tail by [`split_at`](Self::split_at), and leaves the folder as it is.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// let (sum, _, right, reducer) = Adder.split_running(Sum(0).consume(1), 2);
    /// let right = right.into_folder().consume(4).complete();
    /// assert_eq!(reducer.reduce(sum.consume(2).complete(), right), 7);
    /// ```
    #[inline]
    fn split_running(self, folder: Self::Folder, index: usize) -> (Self::Folder, Self, Self, Self::Reducer) {
        let (tail, right, reducer) = self.split_at(index);
        (folder, tail, right, reducer)
    }

    /// Undoes the last [`split_running`](Self::split_running), when the folder has taken all items before the split:
    /// `self` is the consumer for the items after it, which the folder will get as well. Returns the folder, and a
    /// tail. The indices of this tail count from the split.
    ///
    /// Unless overridden this returns both as they are.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// let (sum, _, right, _) = Adder.split_running(Sum(0).consume(1), 2);
    /// let (sum, _) = right.rejoin(sum.consume(2));
    /// assert_eq!(sum.consume(4).complete(), 7);
    /// ```
    #[inline]
    fn rejoin(self, folder: Self::Folder) -> (Self::Folder, Self) {
        (folder, self)
    }

    /// Makes the folder that takes the items of this part.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert_eq!(Adder.into_folder().consume(7).complete(), 7);
    /// ```
    fn into_folder(self) -> Self::Folder;

    /// True if further items would not change the result, so that the part may be skipped.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert!(!Adder.full());
    /// ```
    fn full(&self) -> bool;
}

/// Takes the items of a part in order, and ends with a result.
///
/// The examples of its methods use the `Sum` of the one at [`Consumer`]. A folder may wrap another:
///
/// ```
#[doc = include_str!("examples.txt")]
/// use paceline::iter::plumbing::Folder;
///
/// /// Passes on the squares of its items.
/// struct Squaring<F>(F);
///
/// impl<F: Folder<usize>> Folder<usize> for Squaring<F> {
///     type Result = F::Result;
///
///     fn consume(self, item: usize) -> Self {
///         Squaring(self.0.consume(item * item))
///     }
///
///     fn complete(self) -> F::Result {
///         self.0.complete()
///     }
///
///     fn full(&self) -> bool {
///         self.0.full()
///     }
/// }
///
/// assert_eq!(Squaring(Sum(0)).consume_iter([1, 2, 3]).complete(), 14);
/// ```
pub trait Folder<Item>: Sized {
    /// The result of the folder.
    type Result;

    /// Takes one item.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert_eq!(Sum(10).consume(1).consume(2).complete(), 13);
    /// ```
    fn consume(self, item: Item) -> Self;

    /// Takes the items of a sequential iterator until it ends or the folder is [`full`](Self::full).
    ///
    /// Folders that can pass the whole iterator on, rather than its items one by one, override this: then the innermost
    /// loop is compiled as a plain loop.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert_eq!(Sum(10).consume_iter(1..4).complete(), 16);
    /// // A full folder takes no more, so this ends.
    /// assert!(Sum(0).consume_iter(std::iter::repeat(usize::MAX)).full());
    /// ```
    #[inline]
    fn consume_iter<I>(mut self, iter: I) -> Self
    where
        I: IntoIterator<Item = Item>,
    {
        for item in iter {
            self = self.consume(item);
            if self.full() {
                break;
            }
        }
        self
    }

    /// Takes those items of a sequential iterator for which `predicate` is true, until it ends or the folder is
    /// [`full`](Self::full).
    ///
    /// Override this where an item can be written before it is known whether it stays: that saves a branch, which the
    /// processor often mispredicts.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert_eq!(Sum(10).consume_filtered(1..10, |n| n % 4 == 0).complete(), 22);
    /// ```
    #[inline]
    fn consume_filtered<I, P>(self, iter: I, predicate: P) -> Self
    where
        I: IntoIterator<Item = Item>,
        P: Fn(&Item) -> bool,
    {
        self.consume_iter(iter.into_iter().filter(predicate))
    }

    /// Ends the part.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert_eq!(Sum(10).complete(), 10);
    /// ```
    fn complete(self) -> Self::Result;

    /// True if further items would not change the result.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert!(!Sum(3).full());
    /// assert!(Sum(usize::MAX).full());
    /// ```
    fn full(&self) -> bool;
}

/// Combines the results of two neighbouring parts.
///
/// ```
/// use paceline::iter::plumbing::Reducer;
///
/// /// Puts the items of the later part behind those of the earlier one.
/// struct Append;
///
/// impl<T> Reducer<Vec<T>> for Append {
///     fn reduce(self, mut left: Vec<T>, mut right: Vec<T>) -> Vec<T> {
///         left.append(&mut right);
///         left
///     }
/// }
///
/// assert_eq!(Append.reduce(vec![1, 2], vec![3]), [1, 2, 3]);
/// ```
pub trait Reducer<Result> {
    /// True if parts must begin in the order of their items, because their folders may wait until earlier items are
    /// taken away, as those of [`into_seq_iter`](crate::IntoSeqIterator::into_seq_iter) do; false unless overridden.
    ///
    /// A reducer that wraps another one passes on that reducer's constant.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// /// Combines by two reducers.
    /// struct Both<A, B>(A, B);
    ///
    /// impl<T, U, A: Reducer<T>, B: Reducer<U>> Reducer<(T, U)> for Both<A, B> {
    ///     const IN_ORDER: bool = A::IN_ORDER || B::IN_ORDER;
    ///
    ///     fn reduce(self, left: (T, U), right: (T, U)) -> (T, U) {
    ///         (self.0.reduce(left.0, right.0), self.1.reduce(left.1, right.1))
    ///     }
    /// }
    ///
    /// assert!(!<Both<Adder, Adder> as Reducer<(usize, usize)>>::IN_ORDER);
    /// ```
    const IN_ORDER: bool = false;

    /// Combines the result of the earlier part, `left`, with that of the later one, `right`.
    ///
    /// With the `Adder` of the example at [`Consumer`]:
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert_eq!(Adder.reduce(3, 4), 7);
    /// ```
    fn reduce(self, left: Result, right: Result) -> Result;
}

/// A consumer that can be split at an unknown position.
///
/// With a `Largest` that is a consumer of numbers, and a reducer:
///
/// ```
/// use paceline::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};
/// use paceline::prelude::*;
///
/// impl UnindexedConsumer<f64> for Largest {
///     fn split_off_left(&self) -> Largest {
///         Largest
///     }
///
///     fn to_reducer(&self) -> Largest {
///         Largest
///     }
/// }
/// # struct Largest;
/// # impl Consumer<f64> for Largest {
/// #     type Folder = Maximum;
/// #     type Reducer = Largest;
/// #     type Result = f64;
/// #     fn split_at(self, _index: usize) -> (Largest, Largest, Largest) { (Largest, Largest, Largest) }
/// #     fn into_folder(self) -> Maximum { Maximum(f64::NEG_INFINITY) }
/// #     fn full(&self) -> bool { false }
/// # }
/// # struct Maximum(f64);
/// # impl Folder<f64> for Maximum {
/// #     type Result = f64;
/// #     fn consume(self, item: f64) -> Maximum { Maximum(self.0.max(item)) }
/// #     fn complete(self) -> f64 { self.0 }
/// #     fn full(&self) -> bool { false }
/// # }
/// # impl Reducer<f64> for Largest {
/// #     fn reduce(self, left: f64, right: f64) -> f64 { left.max(right) }
/// # }
///
/// let halves = [3.0, 8.0, 5.0].into_par_iter().map(|n| n / 2.0).filter(|&n| n < 3.0);
/// assert_eq!(halves.drive_unindexed(Largest), 2.5);
/// ```
pub trait UnindexedConsumer<I>: Consumer<I> {
    /// Makes a consumer for some first items; `self` remains for the items that follow.
    ///
    /// With the `Adder` of the example at [`Consumer`], which needs no position, either:
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// let (right, left) = (Adder, Adder.split_off_left());
    /// let left = left.into_folder().consume_iter([1, 2]).complete();
    /// let right = right.into_folder().consume_iter([3, 4]).complete();
    /// assert_eq!(Adder.to_reducer().reduce(left, right), 10);
    /// ```
    fn split_off_left(&self) -> Self;

    /// Makes the reducer for the results of `self` and of the consumer that was split off.
    ///
    /// ```
    #[doc = include_str!("examples.txt")]
    /// assert_eq!(Adder.to_reducer().reduce(3, 4), 7);
    /// ```
    fn to_reducer(&self) -> Self::Reducer;
}
