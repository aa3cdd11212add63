//! A task's state: one word that decides which thread may touch which part of the task. `README.md` explains each flag,
//! and argues for the orderings.

use crate::sync::atomic::{AtomicUsize, Ordering};

/// A reference lies in a queue. There is never more than one there.
const QUEUED: usize = 1;
/// The body has something to do: it has not begun, its future was woken, or it is to be dropped.
const DUE: usize = 1 << 1;
/// A thread, the runner, runs the body. No other thread touches the body.
const RUNNING: usize = 1 << 2;
/// The body is over. The flag stays.
const DONE: usize = 1 << 3;
/// Beside `DONE`: the task was cancelled, and has no outcome. The flag stays.
const VOID: usize = 1 << 4;
/// The runner must drop the body instead of running it (again).
const CANCEL: usize = 1 << 5;
/// There is a handle, which will take the outcome.
const HANDLE: usize = 1 << 6;
/// A thread or future waits. Its place belongs to the thread that sets `DONE`.
const SLEEPER: usize = 1 << 7;
/// One reference that keeps the record in memory: the handle, the queue's reference or the thread that took it there,
/// each waker.
const REFERENCE: usize = 1 << 8;
/// With so many references the program leaks them in a loop, and the next step could overflow.
const TOO_MANY: usize = usize::MAX / 2;

/// A task's state word.
#[derive(Debug)]
pub(super) struct TaskState(AtomicUsize);

/// The word before a transition, for the thread that made it.
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

/// What the thread that took a reference out of a queue must do with it.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum TakenReference {
    /// The caller is the runner, and must run the body.
    Run,
    /// The body runs elsewhere, or has nothing to do now.
    Nothing,
    /// The task was done already; the caller must leave its home.
    Over,
}

/// What a run of the body came to, which decides the runner's transition.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum RunOutcome {
    /// The body is done, and its outcome is stored.
    Done,
    /// It is a future that was not ready. The runner must let it rest.
    Pending,
    /// Its pool discards it: the runner must drop it.
    Unwanted,
}

/// What the runner must do with a body that has run and is not done.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum AfterRun {
    /// Nothing: it waits to be woken.
    Idle,
    /// It was woken meanwhile. The caller must queue the reference that was made for it.
    Queue,
    /// It was cancelled meanwhile. The caller is still the runner, and must drop it.
    Cancelled,
}

/// What a thread that gave up a reference to a record must do with the record.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Released {
    /// Nothing: other references keep it.
    Kept,
    /// It was the last reference to a task that is done. The record belongs to the caller, which must free it.
    Last,
    /// It was the last reference to a task that is not done, so nothing can wake its future any more. The caller must
    /// queue the reference that was made for it: a worker then drops the future.
    Forsaken,
}

impl TaskState {
    /// A task that has not begun, with a reference for a queue and one for a handle.
    pub(super) fn new() -> Self {
        TaskState(AtomicUsize::new(QUEUED | DUE | HANDLE | (2 * REFERENCE)))
    }

    /// Replaces the word by the one that `next` makes of it, with the ordering `writing`. If `next` gives no word, it
    /// leaves the word as it is, and has read it with the ordering `reading`.
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

    /// Decides what becomes of a reference that the caller has taken out of a queue. The caller keeps the reference as
    /// its own.
    pub(super) fn take_from_queue(&self) -> TakenReference {
        // Acquire pairs with the release of the step to `DONE`: if the task is over, all that the last runner did
        // happens before its home is left.
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

    /// True if the body now belongs to the caller, which must run it or drop it. The reference in the queue stays
    /// there.
    pub(super) fn claim(&self) -> bool {
        // Relaxed suffices: every runner calls `is_cancelled` before it runs the body, and acquires there what the last
        // runner left of it. A thread that claims a closure to drop it is its first runner, and has the closure from
        // the spawner.
        self.transition(Ordering::Relaxed, Ordering::Relaxed, |word| match word & (RUNNING | DONE | DUE) {
            DUE => (Some(word & !DUE | RUNNING), true),
            _ => (None, false),
        })
    }

    /// True if the runner, which calls, must drop the body instead of running it.
    pub(super) fn is_cancelled(&self) -> bool {
        // Acquire pairs with the release in `rouse`: the body's destructor sees the writes before the cancel. It
        // also pairs with the release in `rest`: this runner sees what the last one left of the body.
        self.0.load(Ordering::Acquire) & CANCEL != 0
    }

    /// The runner calls this when the body is done and its outcome is stored.
    pub(super) fn complete(&self) -> Seen {
        // Release, for the acquire of the handle (`seen`, `detach`): it sees the outcome. Acquire pairs with the
        // release in `post_sleeper`: the runner sees the sleeper.
        Seen(self.0.fetch_xor(RUNNING | DONE, Ordering::AcqRel))
    }

    /// The runner calls this when the body was cancelled and dropped.
    pub(super) fn complete_void(&self) -> Seen {
        // Release, for a handle that finds the task done (`seen`): it sees the end of the body. Acquire: as in
        // `complete`.
        Seen(self.0.fetch_xor(RUNNING | DONE | VOID, Ordering::AcqRel))
    }

    /// The runner calls this when the body has run and is not done.
    pub(super) fn rest(&self) -> AfterRun {
        // Release, for the next runner (`is_cancelled`): it sees the body as this one left it. Acquire, where the task
        // was cancelled, pairs with the release in `rouse`: the body's destructor sees the writes before the
        // cancel.
        self.transition(Ordering::Release, Ordering::Acquire, |word| {
            let rest = word & !RUNNING;
            match word & (CANCEL | DUE | QUEUED) {
                flags if flags & CANCEL != 0 => (None, AfterRun::Cancelled),
                DUE => (Some((rest | QUEUED) + REFERENCE), AfterRun::Queue),
                _ => (Some(rest), AfterRun::Idle),
            }
        })
    }

    /// The future must be polled again. True if the caller must queue the reference that was made for it.
    #[must_use]
    pub(super) fn wake(&self) -> bool {
        self.rouse(DUE)
    }

    /// The next runner, or the present one, must drop the body. True if the caller must queue the reference that was
    /// made for it.
    #[must_use]
    pub(super) fn cancel(&self) -> bool {
        self.rouse(DUE | CANCEL)
    }

    fn rouse(&self, flags: usize) -> bool {
        // Release, for the next runner (`is_cancelled`, `rest`): it sees the writes before the wake or the
        // cancel. Therefore the step is made even where no flag changes.
        self.transition(Ordering::Release, Ordering::Relaxed, |word| {
            // Without a reference the word belongs to the thread that has just given up the last one (`release`). Only
            // a caller that found the task in its pool's list can meet that.
            if word & DONE != 0 || word < REFERENCE {
                return (None, false);
            }
            match word & (QUEUED | RUNNING) {
                0 => (Some((word | flags | QUEUED) + REFERENCE), true),
                _ => (Some(word | flags), false),
            }
        })
    }

    pub(super) fn seen(&self) -> Seen {
        // Acquire pairs with the release of the step to `DONE`: the handle sees the outcome, if the task is done.
        Seen(self.0.load(Ordering::Acquire))
    }

    /// Gives away the sleeper that the handle has stored. False if the task is done; then the sleeper still belongs to
    /// the handle.
    pub(super) fn post_sleeper(&self) -> bool {
        // Release, for the acquire of the step to `DONE`: the runner sees the sleeper. A handle that finds the task
        // done looks again, by `seen`.
        self.transition(Ordering::Release, Ordering::Relaxed, |word| match word & DONE {
            0 => (Some(word | SLEEPER), true),
            _ => (None, false),
        })
    }

    /// Takes back the sleeper that the handle has given away. False if the task is done; then its place does not belong
    /// to the handle.
    pub(super) fn recall_sleeper(&self) -> bool {
        // Relaxed suffices: this thread, or one that handed it the handle, wrote the sleeper.
        self.transition(Ordering::Relaxed, Ordering::Relaxed, |word| match word & DONE {
            0 => (Some(word & !SLEEPER), true),
            _ => (None, false),
        })
    }

    /// The handle is dropped. If the task is done, the outcome belongs to the handle; else a sleeper that it has given
    /// away belongs to it again.
    pub(super) fn detach(&self) -> Seen {
        // Acquire pairs with the release of the step to `DONE`: the handle sees the outcome, if the task is done.
        self.transition(Ordering::Relaxed, Ordering::Acquire, |word| match word & DONE {
            0 => (Some(word & !(HANDLE | SLEEPER)), Seen(word)),
            _ => (None, Seen(word)),
        })
    }

    /// Adds a reference.
    pub(super) fn retain(&self) {
        // Relaxed suffices: the caller has a reference, so the record stays.
        if self.0.fetch_add(REFERENCE, Ordering::Relaxed) > TOO_MANY {
            std::process::abort();
        }
    }

    /// Gives up a reference.
    pub(super) fn release(&self) -> Released {
        // Release: the last one sees what this thread did with the record. Acquire: the last one sees what all others
        // did.
        let word = self.0.fetch_sub(REFERENCE, Ordering::AcqRel);
        if word >= 2 * REFERENCE {
            return Released::Kept;
        }
        if word & DONE != 0 {
            return Released::Last;
        }
        // There is neither a handle nor a runner beside the last reference, and a thread that finds the task in its
        // pool's list leaves a word without references alone (`rouse`). Relaxed suffices: the queue orders this store
        // before the next runner.
        self.0.store(QUEUED | DUE | CANCEL | REFERENCE, Ordering::Relaxed);
        Released::Forsaken
    }

    /// Tells the model checker that no thread may touch the word any more.
    #[cfg(all(test, loom))]
    pub(super) fn expire(&mut self) {
        self.0.with_mut(|_| ());
    }
}
