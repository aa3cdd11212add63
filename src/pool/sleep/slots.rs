//! Who sits at a worker's place: the worker's own thread, or an external caller.

use crate::job::Region;

/// The state of one worker's slot. It changes under the lock of the sleepers; but whether a slot that is lent is taken,
/// or cached, the word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlotState {
    /// The worker's own thread has it, awake or asleep.
    Owed,
    /// The worker's own thread sleeps with nothing begun, and is on the list of sleepers or was just taken off it.
    Offered,
    /// An external caller has it, and is at work; or had it, and left it cached for the next one. The worker's own thread sleeps, and is
    /// on no list.
    Lent,
    /// The external caller sleeps too, until something that it waits for has happened.
    Left,
    /// The worker's own thread sees to its mail while the external caller sleeps. The external caller may want the slot back by now.
    Visited { wanted: bool },
}

/// What a thread finds that has been roused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WakeOutcome {
    /// It has its slot, and is counted as searching.
    Up,
    /// An external caller has its slot: it must sleep on.
    Away,
    /// Its external caller sleeps: it may see to its mail, and must then call [`Sleep::end_visit`](super::Sleep::end_visit).
    Visit,
}

/// A sleeping thread that runs jobs of one region alone: an external caller, or a worker in a job or an isolated call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RestrictedSleeper {
    pub(crate) index: usize,
    /// Which of the two threads of the place it is: during a visit both may sleep.
    pub(crate) sitter: Sitter,
    pub(crate) region: Region,
}

/// Who it is that waits restricted at a worker's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sitter {
    /// The worker's owner, in a job. It hands its place over where there is work of other regions.
    InJob,
    /// The worker's owner, in an isolated call.
    Isolated,
    /// The worker's external.
    Guest,
}
