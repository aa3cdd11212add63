//! The head: what a thread touches at every fork.

use crate::pool::worker::join_stack::JoinStack;
use crate::pool::worker::steal_request::StealRequest;

/// The front of a worker: the newest fork and the request.
///
/// Both are within reach of the shortest instructions, but not on one cache line: thieves look at the request, while the
/// owner writes the other line at every fork.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct WorkerHead {
    /// The forks that no other thread can see.
    pub(in crate::pool) stack: JoinStack,
    /// Made by idle workers; read by the owner at every fork.
    pub(in crate::pool) request: Line<StealRequest>,
}

/// Begins a cache line.
#[derive(Debug)]
#[repr(align(64))]
pub(in crate::pool) struct Line<T>(pub(in crate::pool) T);

impl WorkerHead {
    #[cfg(not(loom))]
    pub(in crate::pool) const fn new() -> Self {
        WorkerHead { stack: JoinStack::new(), request: Line(StealRequest::new()) }
    }

    /// As above; loom's atomics are not made by constants.
    #[cfg(loom)]
    pub(in crate::pool) fn new() -> Self {
        WorkerHead { stack: JoinStack::new(), request: Line(StealRequest::new()) }
    }

    /// Whether another worker has asked for work; at the head outside all pools, always.
    #[inline(always)]
    pub(crate) fn is_requested(&self) -> bool {
        self.request.0.is_on()
    }

    /// Whether another worker has asked for work since the owner served it last; at the head outside all pools, always.
    #[inline(always)]
    pub(crate) fn is_newly_requested(&self) -> bool {
        self.request.0.is_new()
    }
}

/// The head of all threads that are no workers. Its request is made from the start, and as no thread owns it, none serves
/// it: so a thread learns by the one load that it makes at every fork anyway that it is no worker.
#[cfg(not(loom))]
#[derive(Debug)]
pub(in crate::pool) struct Outside(pub(super) WorkerHead);

// SAFETY: of this head only the request is ever touched, which is an atomic.
#[cfg(not(loom))]
unsafe impl Sync for Outside {}

#[cfg(not(loom))]
pub(in crate::pool) static OUTSIDE: Outside = Outside(WorkerHead::new());
