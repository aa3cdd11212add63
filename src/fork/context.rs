//! What a forked closure is told about where it runs.

use std::fmt;
use std::marker::PhantomData;

/// Tells a closure of [`join_context`](crate::join_context) where it runs.
pub struct FnContext {
    migrated: bool,
    /// What it says holds on this thread only, so it must not leave it.
    not_send: PhantomData<*mut ()>,
}

impl FnContext {
    #[inline(always)]
    pub(crate) fn new(migrated: bool) -> Self {
        FnContext { migrated, not_send: PhantomData }
    }

    /// Whether the closure runs on another thread than the one that called `join_context`.
    ///
    /// A closure that was given to a thief shows that somebody was idle, so it is a good moment to split further.
    #[inline]
    pub fn migrated(&self) -> bool {
        self.migrated
    }
}

impl fmt::Debug for FnContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FnContext").field("migrated", &self.migrated).finish()
    }
}
