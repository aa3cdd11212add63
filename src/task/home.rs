//! What a task belongs to, and keeps from ending: a pool, or a scope.

use crate::fork::scope::Piece;
use crate::job::JobRef;
use crate::pool::registry::Registry;
use std::sync::Arc;

/// What a task belongs to.
pub(super) trait Home {
    /// Whether any thread may leave it, or only those of the pool.
    const IS_LEFT_ANYWHERE: bool;

    /// Lets it end, as far as the task is concerned.
    fn leave(self);

    /// Queues the task again.
    fn enqueue(&self, job: JobRef);
}

/// The pool that a detached task was spawned into. A count of its detached jobs stands for the task.
pub(super) struct InPool(pub(super) Arc<Registry>);

impl Home for InPool {
    const IS_LEFT_ANYWHERE: bool = true;

    fn leave(self) {
        self.0.end_detached();
    }

    fn enqueue(&self, job: JobRef) {
        if !self.0.belongs_to_this_process() {
            // Those who poll futures there, and drop them, did not survive the fork; the waker's caller is not to blame.
            // The reference is leaked, and with it the future: its parent's threads may have been in the midst of it.
            return;
        }
        // By the time that the job is public it may have run, and the task be gone.
        let registry = Arc::clone(&self.0);
        // To the queue that is first in, first out: a future that wakes itself lets all others go first.
        registry.inject(job);
    }
}

/// The scope that a task was spawned into.
pub(super) struct InScope<'scope>(pub(super) Piece<'scope>);

impl Home for InScope<'_> {
    const IS_LEFT_ANYWHERE: bool = false;

    fn leave(self) {
        // SAFETY: a task of a scope is a closure, whose reference stays in its queue until a worker of the pool takes it.
        // So the last to be done with it is that worker, or the one that had claimed it before, of the same pool.
        unsafe { self.0.end() };
    }

    fn enqueue(&self, _: JobRef) {
        unreachable!("a closure is queued once")
    }
}
