//! Layer 5: running two long halves.

use crate::fork::scope::scope;

/// Runs both closures, perhaps at the same time, and returns both results.
///
/// A fork by `join` may stay hidden from other threads until the next one, and a leaf of a sort runs for milliseconds
/// without any. A spawned job is public from its start, for the price of an allocation.
pub(super) fn run_both<A, B, RA, RB>(first: A, second: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    let mut second_result = None;
    let first_result = scope(|scope| {
        scope.spawn(|_| second_result = Some(second()));
        first()
    });
    // A panic in either half has gone on to the caller.
    (first_result, second_result.expect("the scope ends when its jobs have ended"))
}

/// Runs `work` in the current pool, or in the global one: a thread from outside would else enter it at each fork.
pub(super) fn run_inside<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    scope(|_| work())
}
