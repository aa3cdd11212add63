//! Thread-locals of virtual threads.

use super::machine;
use std::cell::{Cell, RefCell};
use std::mem;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Replaces std's macro `thread_local`.
macro_rules! declare_thread_local {
    () => {};
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = const { $init:expr } $(; $($rest:tt)*)?) => {
        $(#[$attribute])*
        $visibility static $name: $crate::sync::sim::local::LocalKey<$type> =
            $crate::sync::sim::local::LocalKey::new(|| $init);
        $($crate::sync::sim::local::declare_thread_local! { $($rest)* })?
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = $init:expr $(; $($rest:tt)*)?) => {
        $(#[$attribute])*
        $visibility static $name: $crate::sync::sim::local::LocalKey<$type> =
            $crate::sync::sim::local::LocalKey::new(|| $init);
        $($crate::sync::sim::local::declare_thread_local! { $($rest)* })?
    };
}
pub(crate) use declare_thread_local;

/// A key's index in the tables of all threads: the same in each table, and different from those of other keys.
#[derive(Debug)]
pub(super) struct TablePlace(AtomicUsize);

impl TablePlace {
    pub(super) const fn new() -> Self {
        TablePlace(AtomicUsize::new(0))
    }

    /// The place, counted from 0. `count` is the number of places. No decision depends on these numbers.
    pub(super) fn get(&self, count: &AtomicUsize) -> usize {
        let known = self.0.load(Ordering::Relaxed);
        if known != 0 {
            return known - 1;
        }
        let fresh = count.fetch_add(1, Ordering::Relaxed) + 1;
        match self.0.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => fresh - 1,
            Err(first) => first - 1,
        }
    }
}

/// A value for each virtual thread, as [`std::thread::LocalKey`].
pub(crate) struct LocalKey<T: 'static> {
    place: TablePlace,
    init: fn() -> T,
}

/// The error when the thread is ending and its value has been dropped.
#[derive(Debug)]
pub(crate) struct AccessError;

static KEYS: AtomicUsize = AtomicUsize::new(0);

impl<T: 'static> LocalKey<T> {
    pub(crate) const fn new(init: fn() -> T) -> Self {
        LocalKey { place: TablePlace::new(), init }
    }

    /// Calls `f` with the calling thread's value.
    pub(crate) fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        self.try_with(f).expect("the value of a thread that is ending was dropped")
    }

    /// Calls `f` with the calling thread's value, if it is still there.
    pub(crate) fn try_with<R>(&'static self, f: impl FnOnce(&T) -> R) -> Result<R, AccessError> {
        std::thread_local! {
            static OUTSIDE: Locals = const { Locals::new() };
        }
        let get = |locals: &Locals| locals.get(self.place.get(&KEYS), self.init);
        let value = machine::with(|machine| match machine {
            Some(machine) => get(&machine.locals()),
            None => OUTSIDE.with(get),
        });
        let value = value.ok_or(AccessError)?;
        // SAFETY: the place belongs to this key alone, so the value there is a `T`. It stays until the thread ends: `f`
        // runs on the thread, before that, or in the destructor of another value. The value's own destructor runs only
        // when its place has been set to `Ended`.
        Ok(f(unsafe { value.as_ref() }))
    }
}

impl<T: Copy + 'static> LocalKey<Cell<T>> {
    pub(crate) fn get(&'static self) -> T {
        self.with(Cell::get)
    }
}

impl<T: 'static> LocalKey<RefCell<T>> {
    pub(crate) fn with_borrow_mut<R>(&'static self, f: impl FnOnce(&mut T) -> R) -> R {
        self.with(|cell| f(&mut cell.borrow_mut()))
    }
}

impl<T: 'static> LocalKey<Cell<T>> {
    pub(crate) fn set(&'static self, value: T) {
        self.with(|cell| cell.set(value));
    }

    pub(crate) fn replace(&'static self, value: T) -> T {
        self.with(|cell| cell.replace(value))
    }
}

#[derive(Debug, Clone, Copy)]
enum LocalEntry {
    Unused,
    /// A [`Boxed`] value.
    Alive(NonNull<()>),
    Ended,
}

/// A value in its box. The value comes first, so a pointer to the box is one to the value. Another field follows: a
/// zero-sized value could share its address with other values, and the library identifies threads by such addresses.
#[repr(C)]
struct Boxed<T> {
    value: T,
    _more: u8,
}

/// The function that drops a value in a box.
type Drop = unsafe fn(NonNull<()>);

/// The values of one thread. If the thread never ended, dropping this leaks its values.
#[derive(Debug)]
pub(super) struct Locals {
    entries: RefCell<Vec<LocalEntry>>,
    /// The places of the values, in the order in which they were made, and whether they have a destructor.
    made: RefCell<Vec<(usize, Drop, bool)>>,
}

impl Locals {
    pub(super) const fn new() -> Self {
        Locals { entries: RefCell::new(Vec::new()), made: RefCell::new(Vec::new()) }
    }

    fn get<T>(&self, place: usize, init: fn() -> T) -> Option<NonNull<T>> {
        let entry = self.entries.borrow().get(place).copied().unwrap_or(LocalEntry::Unused);
        match entry {
            // `Boxed` begins with the value.
            LocalEntry::Alive(value) => return Some(value.cast()),
            LocalEntry::Ended if mem::needs_drop::<T>() => return None,
            LocalEntry::Unused | LocalEntry::Ended => {}
        }
        let boxed: NonNull<Boxed<T>> = NonNull::from(Box::leak(Box::new(Boxed { value: init(), _more: 0 })));
        let mut entries = self.entries.borrow_mut();
        if entries.len() <= place {
            entries.resize(place + 1, LocalEntry::Unused);
        }
        entries[place] = LocalEntry::Alive(boxed.cast());
        self.made.borrow_mut().push((place, drop_box::<Boxed<T>>, mem::needs_drop::<T>()));
        Some(boxed.cast())
    }

    /// Drops the values of a thread that ends, the youngest first. Values without a destructor stay until the end.
    pub(super) fn destroy(&self) {
        loop {
            let next = {
                let mut made = self.made.borrow_mut();
                let place = made.iter().rposition(|&(_, _, has_destructor)| has_destructor);
                place.map(|place| made.remove(place))
            };
            let Some((place, drop, _)) = next else { break };
            self.end(place, drop);
        }
        for (place, drop, _) in self.made.take() {
            self.end(place, drop);
        }
    }

    fn end(&self, place: usize, drop: Drop) {
        let entry = mem::replace(&mut self.entries.borrow_mut()[place], LocalEntry::Ended);
        if let LocalEntry::Alive(value) = entry {
            // SAFETY: the box was made with this type, and its place has just been set to `Ended`.
            unsafe { drop(value) };
        }
    }
}

/// # Safety
///
/// The pointer is that of a box of a `T`, which is not used any more.
unsafe fn drop_box<T>(value: NonNull<()>) {
    // SAFETY: the caller's duty.
    drop(unsafe { Box::from_raw(value.cast::<T>().as_ptr()) });
}
