//! Who sits at a worker's place: the worker's own thread, or a guest.

use crate::job::Region;

/// The state of one worker's seat. It changes under the lock of the sleepers; but whether a seat that is lent is taken,
/// or warm, the word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seat {
    /// The worker's own thread has it, awake or asleep.
    Kept,
    /// The worker's own thread sleeps with nothing begun, and is on the list of sleepers or was just taken off it.
    Offered,
    /// A guest has it, and is at work; or had it, and left it warm for the next one. The worker's own thread sleeps, and is
    /// on no list.
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

/// A sleeping thread that runs jobs of one region alone: a guest, or a worker in a job or an isolated call.
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
    /// The worker's guest.
    Guest,
}
