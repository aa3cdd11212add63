//! Layer 4: `repeat` and `repeat_n`, which give clones of an item, without end or a given number.

use crate::iter::plumbing::{Folder, Producer, UnindexedConsumer, UnindexedProducer, bridge_unindexed};
use crate::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator, Zip};

/// Makes a parallel iterator that gives clones of an item without end.
///
/// It must be limited: by [`take`](Repeat::take) or [`zip`](Repeat::zip), or by an adaptor or terminal that ends early.
///
/// ```
/// use paceline::iter::repeat;
/// use paceline::prelude::*;
///
/// let pairs: Vec<(char, i32)> = repeat('x').zip(0..3).collect();
/// assert_eq!(pairs, [('x', 0), ('x', 1), ('x', 2)]);
/// ```
pub fn repeat<T: Clone + Send>(element: T) -> Repeat<T> {
    Repeat { element }
}

/// A parallel iterator that gives clones of an item without end; made by [`repeat`].
///
/// ```
/// use paceline::iter::{Repeat, repeat};
/// use paceline::prelude::*;
///
/// let zeros: Repeat<u32> = repeat(0);
/// assert_eq!(zeros.zip(1..4).collect::<Vec<_>>(), [(0, 1), (0, 2), (0, 3)]);
/// ```
#[derive(Clone, Debug)]
pub struct Repeat<T> {
    element: T,
}

impl<T: Clone + Send> Repeat<T> {
    /// Gives the item only `n` times.
    ///
    /// ```
    /// use paceline::iter::repeat;
    /// use paceline::prelude::*;
    ///
    /// assert_eq!(repeat(5).take(4).sum::<i32>(), 20);
    /// ```
    pub fn take(self, n: usize) -> RepeatN<T> {
        repeat_n(self.element, n)
    }

    /// Pairs the item with each item of another iterator.
    ///
    /// ```
    /// use paceline::iter::repeat;
    /// use paceline::prelude::*;
    ///
    /// assert_eq!(repeat(5).zip(0..3).map(|(five, n)| five * n).sum::<i32>(), 15);
    /// ```
    pub fn zip<Z>(self, zip_op: Z) -> Zip<RepeatN<T>, Z::Iter>
    where
        Z: IntoParallelIterator<Iter: IndexedParallelIterator>,
    {
        let other = zip_op.into_par_iter();
        self.take(other.len()).zip(other)
    }
}

impl<T: Clone + Send> ParallelIterator for Repeat<T> {
    type Item = T;

    #[inline]
    fn drive_unindexed<C: UnindexedConsumer<T>>(self, consumer: C) -> C::Result {
        bridge_unindexed(RepeatProducer(self.element), consumer)
    }
}

struct RepeatProducer<T>(T);

impl<T: Clone + Send> UnindexedProducer for RepeatProducer<T> {
    type Item = T;

    #[inline]
    fn split(self) -> (Self, Option<Self>) {
        let left = Self(self.0.clone());
        (left, Some(self))
    }

    #[inline]
    fn fold_with<F: Folder<T>>(self, folder: F) -> F {
        folder.consume_iter(std::iter::repeat(self.0))
    }

    #[inline]
    fn fold_some<F: Folder<T>>(self, len: usize, folder: F) -> (F, Option<Self>) {
        let items = std::iter::repeat_with(|| self.0.clone()).take(len);
        (folder.consume_iter(items), Some(self))
    }
}

/// Makes a parallel iterator that gives an item `n` times.
///
/// ```
/// use paceline::iter::repeat_n;
/// use paceline::prelude::*;
///
/// let words: Vec<String> = repeat_n("ha".to_string(), 3).collect();
/// assert_eq!(words, ["ha", "ha", "ha"]);
/// ```
pub fn repeat_n<T: Clone + Send>(element: T, n: usize) -> RepeatN<T> {
    RepeatN { element: (n > 0).then_some(element), count: n }
}

/// Makes a parallel iterator that gives an item `n` times.
///
/// ```
/// #![allow(deprecated)]
/// use paceline::iter::{repeat_n, repeatn};
/// use paceline::prelude::*;
///
/// assert!(repeatn('a', 3).eq(repeat_n('a', 3)));
/// ```
#[deprecated(note = "use `repeat_n`")]
pub fn repeatn<T: Clone + Send>(element: T, n: usize) -> RepeatN<T> {
    repeat_n(element, n)
}

/// A parallel iterator that gives an item a given number of times; made by [`repeat_n`].
///
/// ```
/// use paceline::iter::{RepeatN, repeat_n};
/// use paceline::prelude::*;
///
/// let lists: RepeatN<Vec<u8>> = repeat_n(vec![1, 2], 3);
/// assert_eq!(lists.flatten().sum::<u8>(), 9);
/// ```
#[derive(Clone, Debug)]
pub struct RepeatN<T> {
    /// `Some` as long as `count` is not 0: an empty iterator keeps no item alive.
    element: Option<T>,
    count: usize,
}

impl<T> RepeatN<T> {
    fn nothing() -> Self {
        Self { element: None, count: 0 }
    }
}

bridged! {
    impl[T] RepeatN<T>
    where [T: Clone + Send]
    item: T,
    len: |this| this.count,
    producer: |this, callback| callback.callback(RepeatNProducer(this)),
}

struct RepeatNProducer<T>(RepeatN<T>);

impl<T: Clone + Send> Producer for RepeatNProducer<T> {
    type Item = T;
    type IntoIter = Copies<T>;

    #[inline]
    fn into_iter(self) -> Copies<T> {
        let RepeatN { element, count } = self.0;
        Copies { rest: element.map(|element| std::iter::repeat_n(element, count)) }
    }

    /// Clones the item only if neither part is empty.
    #[inline]
    fn split_at(self, index: usize) -> (Self, Self) {
        let RepeatN { element, count } = self.0;
        let (left, right) = match index {
            0 => (RepeatN::nothing(), RepeatN { element, count }),
            _ if index == count => (RepeatN { element, count }, RepeatN::nothing()),
            _ => (RepeatN { element: element.clone(), count: index }, RepeatN { element, count: count - index }),
        };
        (Self(left), Self(right))
    }

    /// False, because every piece would need its own clone of the item.
    #[inline]
    fn can_run_in_blocks(&self) -> bool {
        false
    }
}

/// Gives clones of an item, and the item itself last.
struct Copies<T> {
    rest: Option<std::iter::RepeatN<T>>,
}

impl<T: Clone> Iterator for Copies<T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.rest.as_mut()?.next()
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.rest.as_ref().map_or(0, ExactSizeIterator::len);
        (len, Some(len))
    }

    /// Makes no clones of the items that it skips.
    #[inline]
    fn nth(&mut self, n: usize) -> Option<T> {
        self.rest.as_mut()?.nth(n)
    }

    #[inline]
    fn fold<A, F: FnMut(A, T) -> A>(self, init: A, f: F) -> A {
        self.rest.into_iter().flatten().fold(init, f)
    }
}

impl<T: Clone> DoubleEndedIterator for Copies<T> {
    #[inline]
    fn next_back(&mut self) -> Option<T> {
        self.next()
    }

    #[inline]
    fn nth_back(&mut self, n: usize) -> Option<T> {
        self.nth(n)
    }
}

impl<T: Clone> ExactSizeIterator for Copies<T> {}
