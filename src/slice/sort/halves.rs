//! Layer 5: running two halves of a sort.
//!
//! The halves are passed as references to closures, so that what it takes to fork is compiled once, in this crate.

use crate::fork::join_context;
use crate::fork::scope::scope;

/// Runs two long halves, perhaps at the same time.
///
/// A fork by `join` may stay hidden from other threads until the next one, and a leaf of a sort runs for milliseconds
/// without any. A spawned job is public from its start, for the price of an allocation.
pub(super) fn run_both(first: &mut (dyn FnMut() + Send), second: &mut (dyn FnMut() + Send)) {
    scope(|scope| {
        scope.spawn(|_| second());
        first();
    });
}

/// Runs two halves that are short or soon fork again, perhaps at the same time.
pub(super) fn join_both(first: &mut (dyn FnMut() + Send), second: &mut (dyn FnMut() + Send)) {
    join_context(|_| first(), |_| second());
}

/// Runs `work` in the current pool, or in the global one: a thread from outside would else enter it at each fork.
pub(super) fn run_inside(work: &mut (dyn FnMut() + Send)) {
    scope(|_| work());
}
