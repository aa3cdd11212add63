//! The steal request: how an idle worker asks a busy one to publish some of its forks.

use crate::job::context;
use crate::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use crate::sync::ticks::Ticks;

/// No request is pending.
const NONE: u32 = 0;
/// The worker left the request on, for jobs that were requested and have not been forked yet.
const OWED: u32 = 1;
/// A thief has made a request: the worker may publish for all idle workers.
const MADE: u32 = 2;
/// No request is pending, but each fork must have its context captured.
const CAPTURE: u32 = 4;

/// The steal request that other threads make to one worker. The worker's thread, called the owner here, reads it once a
/// fork.
///
/// Every operation is relaxed: the word carries no data. A request that comes too late for one fork is seen at the
/// next, and the publication that follows has orderings of its own. A thief that finds the request on does not write.
/// Two fences make sure that the owner then counts this thief as idle: `Worker::serve_request` has one after it has
/// turned the request off, `Sleep::register` one before the thief makes its request.
#[derive(Debug)]
pub(crate) struct StealRequest {
    state: AtomicU32,
    /// When the request was made, as a word of [`Ticks::to_word`]. A thread may see the request before this time, so
    /// only heuristics may use it.
    made_at: AtomicUsize,
}

/// What had turned the request on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// A thief.
    Made,
    /// The owner, for the part of an earlier request that is still owed.
    Owed,
}

impl StealRequest {
    /// A request that is on, for the workers that have yet to start.
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        StealRequest { state: AtomicU32::new(MADE), made_at: AtomicUsize::new(0) }
    }

    /// As above; loom's atomics have no const constructor.
    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        StealRequest { state: AtomicU32::new(MADE), made_at: AtomicUsize::new(0) }
    }

    /// True if the owner should serve it.
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        self.state.load(Ordering::Relaxed) & (OWED | MADE) != 0
    }

    /// True if the owner should serve it, or if contexts are captured.
    #[inline(always)]
    pub(crate) fn disturbs(&self) -> bool {
        self.state.load(Ordering::Relaxed) != NONE
    }

    /// True if a thief has made a request since the owner served the last one. If not, the request may still be on, for
    /// owed jobs.
    #[inline(always)]
    pub(crate) fn is_new(&self) -> bool {
        self.state.load(Ordering::Relaxed) == MADE
    }

    /// Makes a request to the owner. The load comes first: a request that is on already is not written again, so its
    /// cache line stays with the owner.
    #[inline]
    pub(crate) fn make(&self) {
        if self.state.load(Ordering::Relaxed) != MADE {
            // Not in a model, where times would differ between two runs of the same interleaving.
            if !cfg!(loom) {
                self.made_at.store(Ticks::now().to_word(), Ordering::Relaxed);
            }
            self.state.store(MADE, Ordering::Relaxed);
        }
    }

    /// For the owner: about when the request was made, if a thief has made it.
    pub(crate) fn made_at(&self) -> Option<Ticks> {
        self.is_new().then(|| Ticks::from_word(self.made_at.load(Ordering::Relaxed)))
    }

    /// For the owner: turns the request off and returns what had turned it on. The owner must call this *before* it
    /// publishes, so that it sees a request that comes in between at the next fork.
    pub(crate) fn take(&self) -> Call {
        let call = if self.is_new() { Call::Made } else { Call::Owed };
        self.state.store(if context::is_carried() { CAPTURE } else { NONE }, Ordering::Relaxed);
        call
    }

    /// For the owner: has the contexts of its forks captured from now on. If a request is on, that sees to it: contexts are
    /// captured for ever after the first, and `take` looks.
    #[cold]
    pub(crate) fn capture_contexts(&self) {
        // A plain store could overwrite a request that is made meanwhile.
        _ = self.state.compare_exchange(NONE, CAPTURE, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// For the owner: leaves the request on, to publish at the next fork too. If this overwrites a request that was
    /// made meanwhile, only that request's claim to more jobs is lost.
    pub(crate) fn keep_on(&self) {
        self.state.store(OWED, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::StealRequest;
    use std::thread;

    /// Not a loom model: loom 0.7 has no order between a store and the exchange of another thread, and so lets the exchange be
    /// overwritten by a store that it had not read. Miri runs this in other interleavings.
    #[test]
    fn a_request_that_is_made_while_capturing_begins_is_not_lost() {
        const ROUNDS: u32 = if cfg!(miri) { 20 } else { 200 };
        for _ in 0..ROUNDS {
            let request = StealRequest::new();
            // As after the first fork of a worker: no request is on.
            _ = request.take();
            thread::scope(|scope| {
                scope.spawn(|| request.make());
                request.capture_contexts();
                // A fork: its context is captured, or the request is served.
                assert!(request.disturbs(), "the fork's context is not captured");
            });
            assert!(request.is_new(), "the request is lost");
        }
    }
}
