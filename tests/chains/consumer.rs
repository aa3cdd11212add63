//! A consumer without its type. Its results stay in a list, and the numbers of their places go through the tree.

use crate::item::Item;
use paceline::iter::plumbing::{Consumer, Folder, Reducer, UnindexedConsumer};
use std::sync::Mutex;

/// The place of a result.
pub(crate) struct Slot(usize);

/// The results of the parts of one drive.
pub(crate) struct Results<R>(Mutex<Vec<Option<R>>>);

impl<R> Default for Results<R> {
    fn default() -> Self {
        Results(Mutex::default())
    }
}

impl<R> Results<R> {
    fn put(&self, result: R) -> Slot {
        let mut results = self.0.lock().unwrap();
        results.push(Some(result));
        Slot(results.len() - 1)
    }

    pub(crate) fn take(&self, slot: Slot) -> R {
        let result = self.0.lock().unwrap()[slot.0].take();
        result.expect("a slot is one result's, and is used once")
    }
}

/// A consumer of a type that is known when the test runs.
trait DynConsumer<'c>: Send {
    fn split_at(self: Box<Self>, index: usize) -> (AnyConsumer<'c>, AnyConsumer<'c>, AnyReducer<'c>);
    fn split_off_left(&self) -> AnyConsumer<'c>;
    fn to_reducer(&self) -> AnyReducer<'c>;
    fn into_folder(self: Box<Self>) -> AnyFolder<'c>;
    fn full(&self) -> bool;
}

/// A consumer that is cut by position only.
struct Positioned<'c, C: Consumer<Item>> {
    consumer: C,
    results: &'c Results<C::Result>,
}

impl<'c, C: Consumer<Item> + 'c> DynConsumer<'c> for Positioned<'c, C> {
    fn split_at(self: Box<Self>, index: usize) -> (AnyConsumer<'c>, AnyConsumer<'c>, AnyReducer<'c>) {
        let Positioned { consumer, results } = *self;
        let (left, right, reducer) = consumer.split_at(index);
        let (left, right) = (AnyConsumer::positioned(left, results), AnyConsumer::positioned(right, results));
        (left, right, AnyReducer::of(reducer, results))
    }

    fn split_off_left(&self) -> AnyConsumer<'c> {
        unreachable!("`drive` cuts its consumer by position")
    }

    fn to_reducer(&self) -> AnyReducer<'c> {
        unreachable!("`drive` cuts its consumer by position")
    }

    fn into_folder(self: Box<Self>) -> AnyFolder<'c> {
        AnyFolder::of(self.consumer.into_folder(), self.results)
    }

    fn full(&self) -> bool {
        self.consumer.full()
    }
}

/// A consumer that is cut anywhere.
struct Free<'c, C: Consumer<Item>> {
    consumer: C,
    results: &'c Results<C::Result>,
}

impl<'c, C: UnindexedConsumer<Item> + 'c> DynConsumer<'c> for Free<'c, C> {
    fn split_at(self: Box<Self>, index: usize) -> (AnyConsumer<'c>, AnyConsumer<'c>, AnyReducer<'c>) {
        let Free { consumer, results } = *self;
        let (left, right, reducer) = consumer.split_at(index);
        let (left, right) = (AnyConsumer::free(left, results), AnyConsumer::free(right, results));
        (left, right, AnyReducer::of(reducer, results))
    }

    fn split_off_left(&self) -> AnyConsumer<'c> {
        AnyConsumer::free(self.consumer.split_off_left(), self.results)
    }

    fn to_reducer(&self) -> AnyReducer<'c> {
        AnyReducer::of(self.consumer.to_reducer(), self.results)
    }

    fn into_folder(self: Box<Self>) -> AnyFolder<'c> {
        AnyFolder::of(self.consumer.into_folder(), self.results)
    }

    fn full(&self) -> bool {
        self.consumer.full()
    }
}

/// Any consumer.
pub(crate) struct AnyConsumer<'c>(Box<dyn DynConsumer<'c> + 'c>);

impl<'c> AnyConsumer<'c> {
    pub(crate) fn positioned<C: Consumer<Item> + 'c>(consumer: C, results: &'c Results<C::Result>) -> Self {
        AnyConsumer(Box::new(Positioned { consumer, results }))
    }

    pub(crate) fn free<C: UnindexedConsumer<Item> + 'c>(consumer: C, results: &'c Results<C::Result>) -> Self {
        AnyConsumer(Box::new(Free { consumer, results }))
    }
}

impl<'c> Consumer<Item> for AnyConsumer<'c> {
    type Folder = AnyFolder<'c>;
    type Reducer = AnyReducer<'c>;
    type Result = Slot;

    fn split_at(self, index: usize) -> (Self, Self, AnyReducer<'c>) {
        self.0.split_at(index)
    }

    fn into_folder(self) -> AnyFolder<'c> {
        self.0.into_folder()
    }

    fn full(&self) -> bool {
        self.0.full()
    }
}

impl<'c> UnindexedConsumer<Item> for AnyConsumer<'c> {
    fn split_off_left(&self) -> Self {
        self.0.split_off_left()
    }

    fn to_reducer(&self) -> AnyReducer<'c> {
        self.0.to_reducer()
    }
}

/// Any reducer.
pub(crate) struct AnyReducer<'c>(Box<dyn FnOnce(Slot, Slot) -> Slot + 'c>);

impl<'c> AnyReducer<'c> {
    fn of<R>(reducer: impl Reducer<R> + 'c, results: &'c Results<R>) -> Self {
        AnyReducer(Box::new(move |left, right| {
            let (left, right) = (results.take(left), results.take(right));
            results.put(reducer.reduce(left, right))
        }))
    }
}

impl Reducer<Slot> for AnyReducer<'_> {
    fn reduce(self, left: Slot, right: Slot) -> Slot {
        (self.0)(left, right)
    }
}

/// A folder of a type that is known when the test runs.
trait DynFolder {
    fn consume(&mut self, item: Item);
    fn consume_iter(&mut self, items: &mut dyn Iterator<Item = Item>);
    fn complete(self: Box<Self>) -> Slot;
    fn full(&self) -> bool;
}

/// A folder, and where its result goes; it is empty while it takes items, and after a panic.
struct Holder<'c, F: Folder<Item>> {
    folder: Option<F>,
    results: &'c Results<F::Result>,
}

impl<F: Folder<Item>> DynFolder for Holder<'_, F> {
    fn consume(&mut self, item: Item) {
        let folder = self.folder.take().expect("no item follows a panic");
        self.folder = Some(folder.consume(item));
    }

    fn consume_iter(&mut self, items: &mut dyn Iterator<Item = Item>) {
        let folder = self.folder.take().expect("no item follows a panic");
        self.folder = Some(folder.consume_iter(items));
    }

    fn complete(self: Box<Self>) -> Slot {
        let folder = self.folder.expect("no end follows a panic");
        self.results.put(folder.complete())
    }

    fn full(&self) -> bool {
        self.folder.as_ref().is_some_and(Folder::full)
    }
}

/// Any folder.
pub(crate) struct AnyFolder<'c>(Box<dyn DynFolder + 'c>);

impl<'c> AnyFolder<'c> {
    fn of<F: Folder<Item> + 'c>(folder: F, results: &'c Results<F::Result>) -> Self {
        AnyFolder(Box::new(Holder { folder: Some(folder), results }))
    }
}

impl Folder<Item> for AnyFolder<'_> {
    type Result = Slot;

    fn consume(mut self, item: Item) -> Self {
        self.0.consume(item);
        self
    }

    fn consume_iter<I: IntoIterator<Item = Item>>(mut self, iter: I) -> Self {
        self.0.consume_iter(&mut iter.into_iter());
        self
    }

    fn complete(self) -> Slot {
        self.0.complete()
    }

    fn full(&self) -> bool {
        self.0.full()
    }
}
