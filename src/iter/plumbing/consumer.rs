//! Layer 4: the receiving side of a parallel iterator, `Consumer` and its kin.

/// What is to be done with the items of one part of an iterator.
///
/// A consumer is cut wherever its producer is cut, and becomes a [`Folder`] when its part is to be run.
pub trait Consumer<Item>: Send + Sized {
    /// What takes the items of a part one after another.
    type Folder: Folder<Item, Result = Self::Result>;

    /// What combines the results of two neighbouring parts.
    type Reducer: Reducer<Self::Result>;

    /// What a part comes to.
    type Result: Send;

    /// Cuts this consumer in two, for the first `index` items and for the rest, and gives the reducer that
    /// will combine their results.
    fn split_at(self, index: usize) -> (Self, Self, Self::Reducer);

    /// Divides this consumer without knowing where: the one returned is for some first items of the part, and
    /// `self` stays for those that follow. `None`, which is what this does unless overridden, if that cannot be done.
    ///
    /// A part whose consumer can do this can be split while it runs. A consumer that sends what it gets to another one
    /// passes the call on.
    ///
    /// # Safety
    ///
    /// The consumer returned is only made a folder, and `self` is only split, once, with
    /// [`split_at`](Self::split_at). Before that the folder has been told by [`Folder::limit`] how many items it still
    /// gets, and the index is how many it then gets in all. Of the two halves the right one is a consumer as any other,
    /// and for the left one the same holds as for `self`.
    unsafe fn split_off_front(&self) -> Option<Self> {
        None
    }

    /// Makes the folder that takes the items of this part.
    fn into_folder(self) -> Self::Folder;

    /// Whether further items would change nothing, so that the part may be skipped.
    fn full(&self) -> bool;
}

/// Takes the items of a part in order, and ends as a result.
pub trait Folder<Item>: Sized {
    /// What the folder ends as.
    type Result;

    /// Takes one item.
    fn consume(self, item: Item) -> Self;

    /// Takes the items of a sequential iterator until it ends or the folder is [`full`](Self::full).
    ///
    /// Folders that can hand the whole iterator on, rather than its items one by one, override this: that is
    /// what lets the innermost loop be compiled as a plain one.
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

    /// Says that at most so many items will follow, since the part ends earlier than was thought when the folder was
    /// made.
    ///
    /// Most folders need not know, and ignore it as this does unless overridden. A folder that sends one item to another
    /// folder for each that it gets passes it on.
    #[must_use]
    fn limit(self, items: usize) -> Self {
        _ = items;
        self
    }

    /// Ends the part.
    fn complete(self) -> Self::Result;

    /// Whether further items would change nothing.
    fn full(&self) -> bool;
}

/// Combines the results of two neighbouring parts.
pub trait Reducer<Result> {
    /// Combines the result of the earlier part, `left`, with that of the later one, `right`.
    fn reduce(self, left: Result, right: Result) -> Result;
}

/// A consumer that can be cut without knowing at which item.
pub trait UnindexedConsumer<I>: Consumer<I> {
    /// Makes a consumer for some first items; `self` is left for those that follow.
    fn split_off_left(&self) -> Self;

    /// Makes the reducer for the results of `self` and of what was split off.
    fn to_reducer(&self) -> Self::Reducer;
}
