//! How much of a thread's stack is used, so that waiting does not pile strangers' jobs upon it without end.
//!
//! A worker that waits steals, what it steals may wait and steal in turn, and so on: there are programs in which this
//! nests hundreds of times (rayon's issues 751 and 854). Past half of the stack a waiting worker therefore takes only
//! its own work. The job it waits for makes progress without it: it runs on another thread, above whatever that
//! thread may be waiting for, or lies in the deque of another thread, which takes it up as its own. If an external caller has put
//! it aside, the waiting worker takes it back.

use crate::sync::stack::here;

/// Where the deep part of a thread's stack begins: addresses below this are deep.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Threshold(usize);

impl Threshold {
    /// For a thread that has not come yet: nothing is deep.
    pub(crate) const UNKNOWN: Threshold = Threshold(0);

    /// For a model: all is deep.
    #[cfg(all(test, loom))]
    pub(crate) const EVERYWHERE: Threshold = Threshold(usize::MAX);

    /// Half way down what is left of the caller's stack, which is so many bytes. Too small a guess makes careful early;
    /// on a stack smaller than the guess nothing is deep.
    #[inline]
    pub(crate) fn below(left: usize) -> Self {
        Threshold(here().saturating_sub(left / 2))
    }

    /// Whether the caller is past it.
    #[inline]
    pub(crate) fn is_passed(self) -> bool {
        here() < self.0
    }
}
