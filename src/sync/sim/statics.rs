//! Statics that have their initial values at the beginning of each run.

use super::atomic::{AtomicPtr, AtomicUsize};
use super::local::TablePlace;
use super::machine;
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize as Count, Ordering};

/// The cell of one static on one real thread, and the run that has used it last. The cell is leaked: references to it
/// may outlive a run.
type Used<T> = (u32, &'static T);

std::thread_local! {
    static NUMBERS: RefCell<Vec<Option<Used<AtomicUsize>>>> = const { RefCell::new(Vec::new()) };
    static POINTERS: RefCell<Vec<Option<Used<AtomicPtr<()>>>>> = const { RefCell::new(Vec::new()) };
}

static STATICS: Count = Count::new(0);

/// The cell at a place, with the value of the current run.
fn cell<T>(all: &mut Vec<Option<Used<T>>>, place: usize, make: impl Fn() -> T, reset: impl Fn(&T)) -> &'static T {
    let run = machine::with(|machine| machine.map_or(0, |machine| machine.number()));
    if all.len() <= place {
        all.resize_with(place + 1, || None);
    }
    let (last, cell) = all[place].get_or_insert_with(|| (run, Box::leak(Box::new(make()))));
    if *last != run {
        *last = run;
        reset(cell);
    }
    cell
}

/// An atomic number.
#[derive(Debug)]
pub(crate) struct StaticAtomicUsize {
    place: TablePlace,
    initial: usize,
}

impl StaticAtomicUsize {
    pub(crate) const fn new(initial: usize) -> Self {
        StaticAtomicUsize { place: TablePlace::new(), initial }
    }

    fn cell(&self) -> &'static AtomicUsize {
        let place = self.place.get(&STATICS);
        let (make, reset) = (|| AtomicUsize::new(self.initial), |cell: &AtomicUsize| cell.reset(self.initial));
        NUMBERS.with_borrow_mut(|all| cell(all, place, make, reset))
    }

    #[track_caller]
    pub(crate) fn load(&self, order: Ordering) -> usize {
        self.cell().load(order)
    }

    #[track_caller]
    pub(crate) fn store(&self, value: usize, order: Ordering) {
        self.cell().store(value, order);
    }

    #[track_caller]
    pub(crate) fn fetch_add(&self, value: usize, order: Ordering) -> usize {
        self.cell().fetch_add(value, order)
    }

    #[track_caller]
    pub(crate) fn compare_exchange(
        &self,
        current: usize,
        new: usize,
        set: Ordering,
        get: Ordering,
    ) -> Result<usize, usize> {
        self.cell().compare_exchange(current, new, set, get)
    }
}

/// An atomic pointer.
#[derive(Debug)]
pub(crate) struct StaticAtomicPtr<T> {
    place: TablePlace,
    initial: *mut T,
}

// SAFETY: `initial` is only copied out, never dereferenced, as in std's `AtomicPtr`.
unsafe impl<T> Sync for StaticAtomicPtr<T> {}

impl<T> StaticAtomicPtr<T> {
    pub(crate) const fn new(initial: *mut T) -> Self {
        StaticAtomicPtr { place: TablePlace::new(), initial }
    }

    fn cell(&self) -> &'static AtomicPtr<()> {
        let place = self.place.get(&STATICS);
        let initial = self.initial.cast();
        POINTERS.with_borrow_mut(|all| cell(all, place, || AtomicPtr::new(initial), |cell| cell.reset(initial)))
    }

    #[track_caller]
    pub(crate) fn load(&self, order: Ordering) -> *mut T {
        self.cell().load(order).cast()
    }

    #[track_caller]
    pub(crate) fn store(&self, value: *mut T, order: Ordering) {
        self.cell().store(value.cast(), order);
    }

    #[track_caller]
    pub(crate) fn compare_exchange(
        &self,
        current: *mut T,
        new: *mut T,
        set: Ordering,
        get: Ordering,
    ) -> Result<*mut T, *mut T> {
        let changed = self.cell().compare_exchange(current.cast(), new.cast(), set, get);
        changed.map(<*mut ()>::cast).map_err(<*mut ()>::cast)
    }
}
