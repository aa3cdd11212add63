//! A cell that threads pass to one another by a protocol of their own: std's, or under the model checker loom's, which
//! reports two threads in it at once.

/// Memory for a value; its users must ensure that no other thread uses it while one writes.
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(RawCell<T>);

#[cfg(not(loom))]
type RawCell<T> = std::cell::UnsafeCell<T>;
#[cfg(loom)]
type RawCell<T> = loom::cell::UnsafeCell<T>;

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> Self {
        UnsafeCell(RawCell::new(value))
    }

    /// Calls `f` with a pointer to the contents, which may be followed only during the call.
    #[cfg(not(loom))]
    #[inline(always)]
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }

    #[cfg(loom)]
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        self.0.with_mut(f)
    }
}
