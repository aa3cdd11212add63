//! The cell that threads hand to one another by a protocol of their own: std's, or under the model checker loom's,
//! which reports two threads in it at once.

/// Memory whose users see to it that a writer is alone in it.
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

    /// Calls `f` with a pointer to what is in the cell, to be followed during the call only.
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
