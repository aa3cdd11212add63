//! The word of a task: who may touch what of it. What each flag means, and why the orderings do, is in `README.md`.

use crate::sync::atomic::{AtomicUsize, Ordering};

/// A reference lies in a queue. There is never more than one.
const QUEUED: usize = 1;
/// The body has something to do: it has not begun, or its future was woken, or it is to be dropped.
const DUE: usize = 1 << 1;
/// Somebody runs the body, and has it for itself.
const RUNNING: usize = 1 << 2;
/// The body has nothing to do any more. Stays.
const DONE: usize = 1 << 3;
/// Beside `DONE`: there is no outcome, since the task was cancelled. Stays.
const VOID: usize = 1 << 4;
/// The runner is to drop the body in place of running it (again).
const CANCEL: usize = 1 << 5;
/// There is a handle, who will take the outcome.
const HANDLE: usize = 1 << 6;
/// Somebody waits, and the place for it belongs to whoever brings about `DONE`.
const SLEEPER: usize = 1 << 7;
/// One that keeps the record in memory: the handle, the queue's reference or whoever took it there, each waker.
const REFERENCE: usize = 1 << 8;
/// With so many somebody leaks them in a loop, and the next step could be an overflow.
const TOO_MANY: usize = usize::MAX / 2;

/// A task's word.
#[derive(Debug)]
pub(super) struct TaskState(AtomicUsize);

/// The word as it was at a transition, for the one who made it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen(usize);

impl Seen {
    fn has(self, flags: usize) -> bool {
        self.0 & flags != 0
    }

    pub(super) fn is_queued(self) -> bool {
        self.has(QUEUED)
    }

    pub(super) fn is_done(self) -> bool {
        self.has(DONE)
    }

    pub(super) fn is_void(self) -> bool {
        self.has(VOID)
    }

    pub(super) fn has_handle(self) -> bool {
        self.has(HANDLE)
    }

    pub(super) fn has_sleeper(self) -> bool {
        self.has(SLEEPER)
    }
}

/// What becomes of a reference that was taken out of a queue.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum TakenReference {
    /// The body is the caller's, to be run.
    Run,
    /// The body runs elsewhere, or has nothing to do now.
    Nothing,
    /// The task was done already; the caller is to leave its home.
    Over,
}

/// What becomes of a body that has run and is not done.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum AfterRun {
    /// It waits to be woken.
    Idle,
    /// It was woken meanwhile: the caller is to queue the reference that was made for it.
    Queue,
    /// It was cancelled meanwhile: the caller is the runner still, and is to drop it.
    Cancelled,
}

/// What becomes of a record when a reference to it is given up.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Released {
    /// Others keep it.
    Kept,
    /// It was the last reference to a task that is done: the record is the caller's, to be freed.
    Last,
    /// It was the last reference to a task that is not done, so nothing can wake its future any more. The caller is to
    /// queue the reference that was made for it: a worker drops the future.
    Forsaken,
}

impl TaskState {
    /// A task that has not begun, with a reference for a queue and one for a handle.
    pub(super) fn new() -> Self {
        TaskState(AtomicUsize::new(QUEUED | DUE | HANDLE | (2 * REFERENCE)))
    }

    /// Replaces the word by what `next` makes of it, with the ordering `writing`; or leaves it, where `next` gives no
    /// word, and has read it with the ordering `reading`.
    fn transition<V>(&self, writing: Ordering, reading: Ordering, next: impl Fn(usize) -> (Option<usize>, V)) -> V {
        let mut word = self.0.load(reading);
        loop {
            let (next, verdict) = next(word);
            let Some(next) = next else {
                return verdict;
            };
            match self.0.compare_exchange(word, next, writing, reading) {
                Ok(_) => return verdict,
                Err(now) => word = now,
            }
        }
    }

    /// For whoever has taken the reference out of a queue, which it keeps as its own.
    pub(super) fn take_from_queue(&self) -> TakenReference {
        // Acquire: when it is over, all that the last runner did comes before the end of what the task belongs to.
        self.transition(Ordering::Acquire, Ordering::Relaxed, |word| {
            debug_assert!(word & QUEUED != 0);
            let rest = word & !QUEUED;
            match word & (RUNNING | DONE | DUE) {
                DUE => (Some(rest & !DUE | RUNNING), TakenReference::Run),
                flags if flags & DONE != 0 => (Some(rest), TakenReference::Over),
                _ => (Some(rest), TakenReference::Nothing),
            }
        })
    }

    /// Whether the body is the caller's now, who is to run it, or to drop it, without the reference in the queue.
    pub(super) fn claim(&self) -> bool {
        // Relaxed: what the last runner left of the body is acquired by the look that each runner takes before it runs the
        // body, `is_cancelled`. Who claims a closure to drop it comes before any runner, and has it from the spawner.
        self.transition(Ordering::Relaxed, Ordering::Relaxed, |word| match word & (RUNNING | DONE | DUE) {
            DUE => (Some(word & !DUE | RUNNING), true),
            _ => (None, false),
        })
    }

    /// Whether the body is to be dropped in place of running. For the runner.
    pub(super) fn is_cancelled(&self) -> bool {
        // Acquire pairs with the release in `rouse`: what was done before the cancel, for the body's destructor. And with
        // that in `rest`: what the last runner left of the body.
        self.0.load(Ordering::Acquire) & CANCEL != 0
    }

    /// The body has run and is done, and its outcome is there. For the runner.
    pub(super) fn complete(&self) -> Seen {
        // Release: the outcome, for the handle. Acquire: the sleeper, that the handle has put in its place.
        Seen(self.0.fetch_xor(RUNNING | DONE, Ordering::AcqRel))
    }

    /// The body was cancelled, and is gone. For the runner.
    pub(super) fn complete_void(&self) -> Seen {
        // Release: the end of the body, for a handle that finds the task done. Acquire: as in `complete`.
        Seen(self.0.fetch_xor(RUNNING | DONE | VOID, Ordering::AcqRel))
    }

    /// The body has run and is not done. For the runner.
    pub(super) fn rest(&self) -> AfterRun {
        // Release: the body, for the next who runs it. Acquire where it was cancelled pairs with the release in `rouse`:
        // what was done before the cancel, for the body's destructor.
        self.transition(Ordering::Release, Ordering::Acquire, |word| {
            let rest = word & !RUNNING;
            match word & (CANCEL | DUE | QUEUED) {
                flags if flags & CANCEL != 0 => (None, AfterRun::Cancelled),
                DUE => (Some((rest | QUEUED) + REFERENCE), AfterRun::Queue),
                _ => (Some(rest), AfterRun::Idle),
            }
        })
    }

    /// The future is to be polled again. Whether the caller is to queue the reference that was made for it.
    #[must_use]
    pub(super) fn wake(&self) -> bool {
        self.rouse(DUE)
    }

    /// The body is to be dropped, by the next who runs it or by who does. Whether the caller is to queue the reference
    /// that was made for it.
    #[must_use]
    pub(super) fn cancel(&self) -> bool {
        self.rouse(DUE | CANCEL)
    }

    fn rouse(&self, flags: usize) -> bool {
        // Release: what was done before the wake or the cancel, for whoever runs the body next; so also where no flag
        // changes.
        self.transition(Ordering::Release, Ordering::Relaxed, |word| {
            if word & DONE != 0 {
                return (None, false);
            }
            match word & (QUEUED | RUNNING) {
                0 => (Some((word | flags | QUEUED) + REFERENCE), true),
                _ => (Some(word | flags), false),
            }
        })
    }

    pub(super) fn seen(&self) -> Seen {
        // Acquire: the outcome, if it is done.
        Seen(self.0.load(Ordering::Acquire))
    }

    /// Gives the sleeper that the handle has put in its place away. False, and it stays the handle's, if the task is done.
    pub(super) fn post_sleeper(&self) -> bool {
        // Release: the sleeper. A handle that finds the task done looks again, by `seen`.
        self.transition(Ordering::Release, Ordering::Relaxed, |word| match word & DONE {
            0 => (Some(word | SLEEPER), true),
            _ => (None, false),
        })
    }

    /// Makes the sleeper's place the handle's again, which has given it away. False if the task is done: then it is not.
    pub(super) fn recall_sleeper(&self) -> bool {
        // It was the handle that wrote it.
        self.transition(Ordering::Relaxed, Ordering::Relaxed, |word| match word & DONE {
            0 => (Some(word & !SLEEPER), true),
            _ => (None, false),
        })
    }

    /// The handle goes. If the task is done its outcome is the handle's; else a sleeper that it has given away.
    pub(super) fn detach(&self) -> Seen {
        // Acquire: the outcome, if it is done.
        self.transition(Ordering::Relaxed, Ordering::Acquire, |word| match word & DONE {
            0 => (Some(word & !(HANDLE | SLEEPER)), Seen(word)),
            _ => (None, Seen(word)),
        })
    }

    /// One more keeps the record.
    pub(super) fn retain(&self) {
        // It orders nothing: the caller has a reference.
        if self.0.fetch_add(REFERENCE, Ordering::Relaxed) > TOO_MANY {
            std::process::abort();
        }
    }

    /// One less keeps the record.
    pub(super) fn release(&self) -> Released {
        // Release: what this one did with the record. Acquire: the last sees what all others did.
        let word = self.0.fetch_sub(REFERENCE, Ordering::AcqRel);
        if word >= 2 * REFERENCE {
            return Released::Kept;
        }
        if word & DONE != 0 {
            return Released::Last;
        }
        // The last had neither a handle nor a runner beside it. Relaxed: the queue passes it on.
        self.0.store(QUEUED | DUE | CANCEL | REFERENCE, Ordering::Relaxed);
        Released::Forsaken
    }

    /// Tells the model checker that nobody may touch the word any more.
    #[cfg(all(test, loom))]
    pub(super) fn expire(&mut self) {
        self.0.with_mut(|_| ());
    }
}
