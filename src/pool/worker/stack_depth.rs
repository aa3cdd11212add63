//! How much of a thread's stack is used, so that waits do not nest other workers' jobs on it without end.
//!
//! A worker that waits steals, the stolen job may wait and steal in turn, and so on: there are programs in which this
//! nests hundreds of times (rayon's issues 751 and 854). Past half of the stack a waiting worker therefore takes only
//! its own jobs. The job that it waits for makes progress without it: it runs on another thread, above a wait of that
//! thread; or it is in the deque of another thread, which runs it as its own; or another thread has deferred it, and
//! the waiting worker finds it among the deferred jobs.

use crate::sync::stack::here;

/// Where the deep part of a thread's stack begins: addresses below this are deep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Threshold(usize);

impl Threshold {
    /// For a thread that has not started yet: nothing is deep.
    pub(crate) const UNKNOWN: Threshold = Threshold(0);

    /// For a model: everything is deep.
    #[cfg(all(test, loom))]
    pub(crate) const EVERYWHERE: Threshold = Threshold(usize::MAX);

    /// Half way down the rest of the caller's stack, which is `left` bytes. If `left` is too small, the thread takes
    /// only its own jobs earlier than it must; if the real stack is smaller than that, nothing is deep.
    #[inline]
    pub(crate) fn below(left: usize) -> Self {
        Threshold(here().saturating_sub(left / 2))
    }

    /// True if the caller is past it.
    #[inline]
    pub(crate) fn is_passed(self) -> bool {
        here() < self.0
    }
}
