//! The head: the data that a thread touches at every fork.

use crate::pool::worker::join_stack::JoinStack;
use crate::pool::worker::steal_request::StealRequest;

/// The front of a worker: its newest fork and its steal request.
///
/// Both are within reach of the shortest instructions, but not on one cache line: thieves read the request, while the
/// worker's thread writes the other line at every fork.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct WorkerHead {
    /// The private forks.
    pub(in crate::pool) stack: JoinStack,
    /// Made by idle workers; read by the worker's thread at every fork.
    pub(in crate::pool) request: Line<StealRequest>,
}

/// A value at the start of a cache line of its own.
#[derive(Debug)]
#[repr(align(64))]
pub(in crate::pool) struct Line<T>(pub(in crate::pool) T);

impl WorkerHead {
    #[cfg(not(loom))]
    pub(in crate::pool) const fn new() -> Self {
        WorkerHead { stack: JoinStack::new(), request: Line(StealRequest::new()) }
    }

    /// As above; loom's atomics have no const constructor.
    #[cfg(loom)]
    pub(in crate::pool) fn new() -> Self {
        WorkerHead { stack: JoinStack::new(), request: Line(StealRequest::new()) }
    }

    /// True if the steal request is on; always true for the head outside all pools.
    #[inline(always)]
    pub(crate) fn is_requested(&self) -> bool {
        self.request.0.is_on()
    }

    /// True if the steal request is on, or the contexts of forks are captured; always true for the head outside all pools.
    #[inline(always)]
    pub(crate) fn is_disturbed(&self) -> bool {
        self.request.0.disturbs()
    }

    /// True if a thief has made a request since the worker served the last one; always true for the head outside all
    /// pools.
    #[inline(always)]
    pub(crate) fn is_newly_requested(&self) -> bool {
        self.request.0.is_new()
    }
}

/// The head of all threads that are no workers. Its request is on from the start, and no thread serves it. So a thread
/// learns that it is no worker by the one load that it makes at every fork anyway.
#[cfg(not(loom))]
#[derive(Debug)]
pub(in crate::pool) struct Outside(pub(super) WorkerHead);

// SAFETY: only the request of this head is ever touched, and that is an atomic.
#[cfg(not(loom))]
unsafe impl Sync for Outside {}

#[cfg(not(loom))]
pub(in crate::pool) static OUTSIDE: Outside = Outside(WorkerHead::new());
