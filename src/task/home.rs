//! A task's home: the pool or the scope to which it belongs, and which it keeps from ending.

use crate::fork::scope::Piece;
use crate::job::JobRef;
use crate::pool::discard::Discard;
use crate::pool::queues::Class;
use crate::pool::registry::Registry;
use std::sync::Arc;

/// The pool or the scope of a task.
pub(super) trait Home {
    /// True if any thread may leave it; false if only threads of the pool may.
    const IS_LEFT_ANYWHERE: bool;

    /// Lets the pool or the scope end as far as this task is concerned.
    fn leave(self);

    /// Queues the task again.
    fn enqueue(&self, job: JobRef);

    /// Tells whether the task must be dropped if it has not begun, and finds it if it is a future that waits. `None` if
    /// a frame may wait for the task: it must run.
    fn discard(&self) -> Option<&Arc<Discard>>;
}

/// The pool that a detached task was spawned into. A count of its detached jobs stands for the task.
pub(super) struct InPool {
    pub(super) registry: Arc<Registry>,
    /// The queue to which a future goes when it is woken. It is first in, first out: a future that wakes itself lets
    /// all others of its priority go first.
    pub(super) class: Class,
}

impl Home for InPool {
    const IS_LEFT_ANYWHERE: bool = true;

    fn leave(self) {
        self.registry.end_detached();
    }

    fn enqueue(&self, job: JobRef) {
        if !self.registry.belongs_to_this_process() {
            // The threads that poll and drop futures there did not survive the fork, and the waker's caller is not to
            // blame. The reference is leaked, and the future with it: a thread of the parent may have been polling it.
            return;
        }
        // Once the job is public it may run, and the task may be freed with its home. So this keeps the registry.
        let registry = Arc::clone(&self.registry);
        registry.push(job, self.class);
    }

    #[inline]
    fn discard(&self) -> Option<&Arc<Discard>> {
        Some(self.registry.discard())
    }
}

/// The scope that a task was spawned into.
pub(super) struct InScope<'scope>(pub(super) Piece<'scope>);

impl Home for InScope<'_> {
    const IS_LEFT_ANYWHERE: bool = false;

    fn leave(self) {
        // SAFETY: a task of a scope is a closure, and its reference stays in its queue until a worker of the pool takes
        // it. So the last thread to be done with the task is that worker, or the one that claimed it before, of the
        // same pool.
        unsafe { self.0.end() };
    }

    fn enqueue(&self, _: JobRef) {
        unreachable!("a closure is queued once")
    }

    #[inline]
    fn discard(&self) -> Option<&Arc<Discard>> {
        None
    }
}
