//! Layer 5: running two halves of a sort.
//!
//! The halves are passed as references to closures, so that the forks are compiled once, in this crate.

use crate::fork::join_context;
use crate::fork::scope::scope;

/// Runs two long halves, perhaps at the same time.
///
/// A fork by `join` may stay private until the next fork, and a leaf of a sort runs for milliseconds without one. A
/// spawned job is public at once, for the price of an allocation.
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

/// Runs `work` in the current pool, or in the global one. Otherwise a thread from outside would enter the pool at each
/// fork.
pub(super) fn run_inside(work: &mut (dyn FnMut() + Send)) {
    scope(|_| work());
}
