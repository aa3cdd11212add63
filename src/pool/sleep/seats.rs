//! Who sits at a worker's place: the worker's own thread, or a guest.

use crate::job::Region;

/// The state of one worker's seat. It changes under the lock of the sleepers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seat {
    /// The worker's own thread has it, awake or asleep.
    Kept,
    /// The worker's own thread sleeps with nothing begun, and is on the list of sleepers or was just taken off it.
    Offered,
    /// A guest has it, and is at work. The worker's own thread sleeps, and is on no list.
    Lent,
    /// The guest sleeps too, until something that it waits for has happened.
    Left,
    /// The worker's own thread sees to its mail while the guest sleeps. The guest may want the seat back by now.
    Visited { wanted: bool },
}

/// What a thread finds that has been roused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rising {
    /// It has its seat, and is counted as searching.
    Up,
    /// A guest has its seat: it must sleep on.
    Away,
    /// Its guest sleeps: it may see to its mail, and must then call [`Sleep::end_visit`](super::Sleep::end_visit).
    Visit,
}

/// A guest that sleeps: where, and the only jobs that it would run.
#[derive(Debug, Clone, Copy)]
pub(super) struct SleepingGuest {
    pub(super) index: usize,
    pub(super) region: Region,
}
