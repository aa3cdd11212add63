//! The desk: what a thread touches at every fork.

use crate::pool::worker::bell::Bell;
use crate::pool::worker::join_stack::JoinStack;

/// The front of a worker: the newest fork and the bell.
///
/// Both are within reach of the shortest instructions, but not on one cache line: thieves look at the bell, while the
/// owner writes the other line at every fork.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Desk {
    /// The forks that nobody else can see.
    pub(super) stack: JoinStack,
    /// Rung by idle workers; read by the owner at every fork.
    pub(super) bell: Line<Bell>,
}

/// Begins a cache line.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Line<T>(pub(super) T);

impl Desk {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Desk { stack: JoinStack::new(), bell: Line(Bell::new()) }
    }

    /// As above; loom's atomics are not made by constants.
    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Desk { stack: JoinStack::new(), bell: Line(Bell::new()) }
    }

    /// Whether anybody has asked for work; at the desk outside all pools, always.
    #[inline(always)]
    pub(crate) fn bell_is_on(&self) -> bool {
        self.bell.0.is_on()
    }

    /// Whether anybody has asked for work since the owner answered last; at the desk outside all pools, always.
    #[inline(always)]
    pub(crate) fn bell_is_rung(&self) -> bool {
        self.bell.0.is_rung()
    }
}

/// The desk of all threads that are no workers. Its bell is rung from the start, and as nobody owns it, it is never
/// answered: so a thread learns by the one look that it takes at every fork anyway that it should look closer.
#[cfg(not(loom))]
#[derive(Debug)]
pub(super) struct Outside(pub(super) Desk);

// SAFETY: of this desk only the bell is ever touched, which is an atomic.
#[cfg(not(loom))]
unsafe impl Sync for Outside {}

#[cfg(not(loom))]
pub(super) static OUTSIDE: Outside = Outside(Desk::new());
