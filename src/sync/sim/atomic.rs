//! Atomics, fences and the spin hint: each operation is a point.
//!
//! Only one effect of the orderings is simulated, and only in runs with store buffers: other threads see a store that
//! is not sequentially consistent later. Otherwise all threads see one order of all operations. Code that depends on
//! weaker orderings is tested by loom and on real machines.

use super::machine::{self, Identity, Machine, point, point_alone};
use super::trace::Access;
use std::fmt;
use std::sync::atomic as std_atomic;

pub(crate) use std::sync::atomic::Ordering;

/// The ordering of all real operations.
const ORDER: Ordering = Ordering::SeqCst;

macro_rules! cell {
    ($(#[$attribute:meta])* $visibility:vis $name:ident, $type:ty, $inner:ty $(, $parameter:ident)?) => {
        $(#[$attribute])*
        $visibility struct $name $(<$parameter>)? {
            identity: Identity,
            inner: $inner,
        }

        #[allow(dead_code, reason = "the same for all types, as std has them")]
        impl $(<$parameter>)? $name $(<$parameter>)? {
            /// An atomic with this value.
            $visibility const fn new(value: $type) -> Self {
                $name { identity: Identity::new(), inner: <$inner>::new(value) }
            }

            /// Resets it, as if it were new.
            pub(in crate::sync::sim) fn reset(&self, value: $type) {
                self.identity.forget();
                self.inner.store(value, ORDER);
            }

            /// The value.
            #[inline]
            #[track_caller]
            $visibility fn load(&self, _: Ordering) -> $type {
                point(Access::Load, &self.identity);
                see(&self.identity, self.inner.load(ORDER))
            }

            /// Writes a value.
            #[inline]
            #[track_caller]
            $visibility fn store(&self, value: $type, order: Ordering) {
                if order == Ordering::SeqCst {
                    self.swap(value, order);
                    return;
                }
                point(Access::Store, &self.identity);
                let before = self.inner.swap(value, ORDER);
                buffer(&self.identity, before, value);
            }

            /// Writes a value, and returns the one before.
            #[inline]
            #[track_caller]
            $visibility fn swap(&self, value: $type, _: Ordering) -> $type {
                point_to_change(&self.identity);
                self.inner.swap(value, ORDER)
            }

            /// Writes `new` if the value is `current`, and returns the value before.
            #[inline]
            #[track_caller]
            $visibility fn compare_exchange(&self, current: $type, new: $type, _: Ordering, _: Ordering) -> Result<$type, $type> {
                point_to_change(&self.identity);
                self.inner.compare_exchange(current, new, ORDER, ORDER)
            }

            /// As [`compare_exchange`](Self::compare_exchange): it never fails spuriously.
            #[inline]
            #[track_caller]
            $visibility fn compare_exchange_weak(&self, current: $type, new: $type, _: Ordering, _: Ordering) -> Result<$type, $type> {
                self.compare_exchange(current, new, ORDER, ORDER)
            }

            /// Changes the value by `f`.
            #[track_caller]
            $visibility fn fetch_update(&self, _: Ordering, _: Ordering, mut f: impl FnMut($type) -> Option<$type>) -> Result<$type, $type> {
                let mut now = self.load(ORDER);
                while let Some(next) = f(now) {
                    match self.compare_exchange(now, next, ORDER, ORDER) {
                        Ok(before) => return Ok(before),
                        Err(other) => now = other,
                    }
                }
                Err(now)
            }

            /// The value, by unique reference.
            $visibility fn get_mut(&mut self) -> &mut $type {
                self.inner.get_mut()
            }

            /// The last value.
            $visibility fn into_inner(self) -> $type {
                self.inner.into_inner()
            }
        }

        impl $(<$parameter>)? fmt::Debug for $name $(<$parameter>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

macro_rules! arithmetic {
    ($visibility:vis $name:ident, $type:ty, $($operation:ident)*) => {
        #[allow(dead_code, reason = "the same for all types, as std has them")]
        impl $name {
            $(
                /// Changes the value by the operation of this name, and returns the value before.
                #[inline]
                #[track_caller]
                $visibility fn $operation(&self, value: $type, _: Ordering) -> $type {
                    point_to_change(&self.identity);
                    self.inner.$operation(value, ORDER)
                }
            )*
        }
    };
}

cell!(pub(crate) AtomicBool, bool, std_atomic::AtomicBool);
cell!(pub(crate) AtomicU32, u32, std_atomic::AtomicU32);
cell!(
    /// A number that virtual threads share, as [`std::sync::atomic::AtomicUsize`]: each operation is a point.
    pub AtomicUsize, usize, std_atomic::AtomicUsize
);
cell!(pub(crate) AtomicIsize, isize, std_atomic::AtomicIsize);
cell!(pub(crate) AtomicPtr, *mut T, std_atomic::AtomicPtr<T>, T);
arithmetic!(pub(crate) AtomicBool, bool, fetch_and fetch_or fetch_xor);
arithmetic!(pub(crate) AtomicU32, u32, fetch_add fetch_sub fetch_and fetch_or fetch_xor fetch_max fetch_min);
arithmetic!(pub AtomicUsize, usize, fetch_add fetch_sub fetch_and fetch_or fetch_xor fetch_max fetch_min);
arithmetic!(pub(crate) AtomicIsize, isize, fetch_add fetch_sub fetch_and fetch_or fetch_xor fetch_max fetch_min);

/// The value of an atomic as a number, for the store buffers.
trait Word: Copy {
    fn to_bits(self) -> u64;
    fn from_bits(bits: u64) -> Self;
}

macro_rules! words {
    ($($type:ty)*) => {
        $(
            impl Word for $type {
                fn to_bits(self) -> u64 {
                    self as u64
                }
                fn from_bits(bits: u64) -> Self {
                    bits as $type
                }
            }
        )*
    };
}
words!(u32 usize isize);

impl Word for bool {
    fn to_bits(self) -> u64 {
        u64::from(self)
    }
    fn from_bits(bits: u64) -> Self {
        bits != 0
    }
}

impl<T> Word for *mut T {
    fn to_bits(self) -> u64 {
        self.expose_provenance() as u64
    }
    fn from_bits(bits: u64) -> Self {
        std::ptr::with_exposed_provenance_mut(bits as usize)
    }
}

/// Calls `f` with the machine, if stores may stay in buffers on it.
#[inline]
fn with_buffers<R>(f: impl FnOnce(&Machine) -> R) -> Option<R> {
    machine::with(|machine| machine.filter(|machine| machine.has_store_buffers()).map(f))
}

/// The value that the running thread sees if the object holds `value`.
#[inline]
fn see<W: Word>(identity: &Identity, value: W) -> W {
    let seen = with_buffers(|machine| {
        let object = machine.number_of(identity);
        let bits = value.to_bits();
        let seen = machine.with_state(|state| state.seen(object, bits));
        if seen == bits { value } else { W::from_bits(seen) }
    });
    seen.unwrap_or(value)
}

/// Buffers a store of the running thread.
#[inline]
fn buffer<W: Word>(identity: &Identity, before: W, after: W) {
    with_buffers(|machine| {
        let object = machine.number_of(identity);
        machine.with_state(|state| state.buffer_store(object, before.to_bits(), after.to_bits()));
    });
}

/// A point before a read-modify-write.
#[inline]
#[track_caller]
fn point_to_change(identity: &Identity) {
    point(Access::Rmw, identity);
    with_buffers(|machine| {
        let object = machine.number_of(identity);
        machine.with_state(|state| state.show(object));
    });
}

impl Default for AtomicBool {
    fn default() -> Self {
        AtomicBool::new(false)
    }
}

impl Default for AtomicUsize {
    fn default() -> Self {
        AtomicUsize::new(0)
    }
}

/// A fence of the running thread.
#[inline]
#[track_caller]
pub fn fence(order: Ordering) {
    point_alone(if order == Ordering::SeqCst { Access::Fence } else { Access::LightFence });
}

/// A fence that every running thread passes.
#[track_caller]
pub(crate) fn fence_all() -> bool {
    point_alone(Access::HeavyFence);
    true
}

/// One iteration of a loop that waits for another thread.
#[inline]
#[track_caller]
pub(crate) fn spin_loop() {
    point_alone(Access::Spin);
}
