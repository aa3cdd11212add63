//! Atomics, fences and the spin hint: each operation is a point.
//!
//! The orderings are not simulated: all threads see one order of all operations. What depends on weaker ones is for loom
//! and for real machines.

use super::machine::{Identity, point, point_alone};
use super::trace::Access;
use std::fmt;
use std::sync::atomic as std_atomic;

pub(crate) use std::sync::atomic::Ordering;

/// All that takes part in one order.
const ORDER: Ordering = Ordering::SeqCst;

macro_rules! cell {
    ($name:ident, $type:ty, $inner:ty $(, $parameter:ident)?) => {
        pub(crate) struct $name $(<$parameter>)? {
            identity: Identity,
            inner: $inner,
        }

        #[allow(dead_code, reason = "the same for all types, as std has them")]
        impl $(<$parameter>)? $name $(<$parameter>)? {
            pub(crate) const fn new(value: $type) -> Self {
                $name { identity: Identity::new(), inner: <$inner>::new(value) }
            }

            /// As if made anew.
            pub(in crate::sync::sim) fn reset(&self, value: $type) {
                self.identity.forget();
                self.inner.store(value, ORDER);
            }

            #[inline]
            #[track_caller]
            pub(crate) fn load(&self, _: Ordering) -> $type {
                point(Access::Load, &self.identity);
                self.inner.load(ORDER)
            }

            #[inline]
            #[track_caller]
            pub(crate) fn store(&self, value: $type, _: Ordering) {
                point(Access::Store, &self.identity);
                self.inner.store(value, ORDER);
            }

            #[inline]
            #[track_caller]
            pub(crate) fn swap(&self, value: $type, _: Ordering) -> $type {
                point(Access::Rmw, &self.identity);
                self.inner.swap(value, ORDER)
            }

            #[inline]
            #[track_caller]
            pub(crate) fn compare_exchange(&self, current: $type, new: $type, _: Ordering, _: Ordering) -> Result<$type, $type> {
                point(Access::Rmw, &self.identity);
                self.inner.compare_exchange(current, new, ORDER, ORDER)
            }

            #[inline]
            #[track_caller]
            pub(crate) fn compare_exchange_weak(&self, current: $type, new: $type, _: Ordering, _: Ordering) -> Result<$type, $type> {
                self.compare_exchange(current, new, ORDER, ORDER)
            }

            #[track_caller]
            pub(crate) fn fetch_update(&self, _: Ordering, _: Ordering, mut f: impl FnMut($type) -> Option<$type>) -> Result<$type, $type> {
                let mut now = self.load(ORDER);
                while let Some(next) = f(now) {
                    match self.compare_exchange(now, next, ORDER, ORDER) {
                        Ok(before) => return Ok(before),
                        Err(other) => now = other,
                    }
                }
                Err(now)
            }

            pub(crate) fn get_mut(&mut self) -> &mut $type {
                self.inner.get_mut()
            }

            pub(crate) fn into_inner(self) -> $type {
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
    ($name:ident, $type:ty, $($operation:ident)*) => {
        #[allow(dead_code, reason = "the same for all types, as std has them")]
        impl $name {
            $(
                #[inline]
                #[track_caller]
                pub(crate) fn $operation(&self, value: $type, _: Ordering) -> $type {
                    point(Access::Rmw, &self.identity);
                    self.inner.$operation(value, ORDER)
                }
            )*
        }
    };
}

cell!(AtomicBool, bool, std_atomic::AtomicBool);
cell!(AtomicU32, u32, std_atomic::AtomicU32);
cell!(AtomicUsize, usize, std_atomic::AtomicUsize);
cell!(AtomicIsize, isize, std_atomic::AtomicIsize);
cell!(AtomicPtr, *mut T, std_atomic::AtomicPtr<T>, T);
arithmetic!(AtomicBool, bool, fetch_and fetch_or fetch_xor);
arithmetic!(AtomicU32, u32, fetch_add fetch_sub fetch_and fetch_or fetch_xor fetch_max fetch_min);
arithmetic!(AtomicUsize, usize, fetch_add fetch_sub fetch_and fetch_or fetch_xor fetch_max fetch_min);
arithmetic!(AtomicIsize, isize, fetch_add fetch_sub fetch_and fetch_or fetch_xor fetch_max fetch_min);

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
pub(crate) fn fence(_: Ordering) {
    point_alone(Access::Fence);
}

/// A fence that every running thread passes.
#[track_caller]
pub(crate) fn fence_all() -> bool {
    point_alone(Access::HeavyFence);
    true
}

/// A turn of a loop that waits for another thread.
#[inline]
#[track_caller]
pub(crate) fn spin_loop() {
    point_alone(Access::Spin);
}
