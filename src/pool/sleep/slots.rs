//! The slots of a pool, as the sleep protocol sees them: which is held, which is free, and which threads wait for one.

use crate::job::Region;
use crate::sync::parker::Parker;
use std::collections::VecDeque;
use std::sync::Arc;

/// The state of one slot. It changes under the lock of the sleepers. A cached slot, which no thread uses, is `Held`
/// here; the counters tell that it is cached.
#[derive(Debug)]
pub(super) struct SlotState {
    pub(super) occupancy: Occupancy,
    /// True while the slot's own thread has nothing begun, and waits for the slot or for work.
    pub(super) own_is_idle: bool,
    /// Which of the two idle threads is in `returning`.
    pub(super) queued: Option<Queued>,
    /// True if the slot was granted to the idle standby thread, which has not noticed yet.
    pub(super) standby_has_it: bool,
    /// The parker of a standby thread that has nothing begun, and waits for work at this slot.
    pub(super) standby: Option<Arc<Parker>>,
    /// The threads that want the slot back, the first to come first.
    pub(super) returning: VecDeque<Returning>,
    /// How often the slot has been granted; wraps around.
    pub(super) grants: usize,
    /// How many threads go on without the slot and will return to it.
    pub(super) without: u32,
    /// How many threads have parked in a wait without giving the slot up.
    pub(super) resting: usize,
}

/// An idle thread that is queued for a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queued {
    Own,
    Standby,
}

/// Which thread uses a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occupancy {
    /// An active thread uses it, or it is the cached one, or its own thread has not started yet.
    Held,
    /// An idle thread is registered as asleep, and looks at the queues for the last time.
    Dozing,
    /// No thread uses it. The slot is on the list of sleepers, or a waker has taken it off for the idle thread.
    Free,
    /// Its holder is parked in a wait within a job.
    Resting,
}

/// A thread that wants a slot back.
#[derive(Debug)]
pub(super) struct Returning {
    pub(super) parker: Arc<Parker>,
    pub(super) kind: Returner,
}

/// What a thread has begun that wants a slot back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returner {
    /// Nothing: it is an idle thread that has mail, or sees that the pool has ended, or takes over from a standby
    /// thread.
    Idle,
    /// A job of the pool.
    InJob,
    /// A call from outside.
    External,
}

/// An idle thread at a slot.
#[derive(Debug, Clone, Copy)]
pub(crate) enum IdleThread<'a> {
    /// The slot's own thread.
    Own,
    /// A standby thread, which parks there.
    Standby(&'a Arc<Parker>),
}

impl IdleThread<'_> {
    /// As an entry of `returning`.
    pub(super) fn as_queued(self) -> Queued {
        match self {
            IdleThread::Own => Queued::Own,
            IdleThread::Standby(_) => Queued::Standby,
        }
    }
}

/// Whether an idle worker may search.
#[must_use = "a worker counted as searching must end its search or register as sleeping"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SearchPermit {
    /// It is counted as searching, and publishers rely on it.
    Granted,
    /// Half of the pool searches already: the worker only looks at the queues once more on its way to sleep.
    Refused,
}

/// Whether an idle thread without its slot wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wants {
    /// It has mail, or its pool has ended.
    Slot,
    /// It sleeps on until there is work.
    Nothing,
}

/// What an idle thread finds when it wakes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WakeOutcome {
    /// It has the slot, and is counted as searching.
    Up,
    /// Another thread has the slot.
    Away,
    /// A thread that belongs there has the slot: the caller is a standby thread that is no longer needed.
    Dismissed,
}

/// The state of a thread's request to have its slot back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReturnState {
    /// It has the slot.
    Granted,
    /// Another thread still has it.
    Waiting,
}

/// A slot's grants and its threads without it, as a queued thread has seen them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotProgress {
    /// How often the slot had been granted by then.
    grants: usize,
    /// How many threads went on without the slot by then.
    pub(crate) without: u32,
}

/// The outcome for a thread that has waited for its slot for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LongWait {
    /// It has the slot.
    Granted,
    /// The slot has passed from one thread to another meanwhile, or other threads come first: the thread waits on.
    Again(SlotProgress),
    /// The slot's holder has run one job for all that time: the thread goes on without the slot.
    Without,
}

/// A parked thread that runs only jobs of one region.
#[derive(Debug, Clone)]
pub(crate) struct RestrictedSleeper {
    pub(crate) parker: Arc<Parker>,
    pub(crate) kind: Restriction,
    pub(crate) region: Region,
}

/// Why a thread runs only jobs of one region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restriction {
    /// It is in a job. It hands its slot over if there is work of other regions.
    InJob,
    /// It keeps its slot, or has none: it is in an isolated call, or is pinned, or has gone on without its slot.
    Bound,
}

/// The state of a slot that an external caller has given up.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GaveUp {
    /// Another thread has it, or is woken for work there.
    ToAnother,
    /// The same, but the caller must look at every public queue: no thread was idle that publishers could have relied on.
    MustLook,
    /// The caller still holds it: no thread would be woken for work there, since its own thread is suspended in a job.
    Unattended,
}

impl SlotState {
    pub(super) fn new() -> Self {
        SlotState {
            occupancy: Occupancy::Held,
            own_is_idle: false,
            queued: None,
            standby_has_it: false,
            standby: None,
            returning: VecDeque::new(),
            grants: 0,
            without: 0,
            resting: 0,
        }
    }

    pub(super) fn progress(&self) -> SlotProgress {
        SlotProgress { grants: self.grants, without: self.without }
    }

    pub(super) fn set_idle(&mut self, thread: IdleThread<'_>) {
        match thread {
            IdleThread::Own => self.own_is_idle = true,
            IdleThread::Standby(parker) => self.standby = Some(Arc::clone(parker)),
        }
    }

    /// True if another thread than this idle one holds the slot, or dozes in it.
    pub(super) fn is_used_by_another(&self, thread: IdleThread<'_>) -> bool {
        match self.occupancy {
            Occupancy::Held => true,
            Occupancy::Dozing => self.standby_dozes() != matches!(thread, IdleThread::Standby(_)),
            Occupancy::Free | Occupancy::Resting => false,
        }
    }

    /// True if an idle thread waits for work here.
    pub(super) fn is_attended(&self) -> bool {
        self.own_is_idle || self.standby.is_some()
    }

    /// True if the dozing thread is a standby thread. The slot's own thread, when it takes the slot, dismisses the
    /// standby thread.
    pub(super) fn standby_dozes(&self) -> bool {
        self.occupancy == Occupancy::Dozing && self.standby.is_some()
    }

    /// True if the thread is one of those that wait for work here.
    pub(super) fn is_idle(&self, thread: IdleThread<'_>) -> bool {
        match thread {
            IdleThread::Own => self.own_is_idle,
            IdleThread::Standby(parker) => self.standby.as_ref().is_some_and(|standby| Arc::ptr_eq(standby, parker)),
        }
    }

    /// The idle thread takes the slot.
    pub(super) fn take_as(&mut self, thread: IdleThread<'_>) {
        self.occupancy = Occupancy::Held;
        match thread {
            IdleThread::Own => self.own_is_idle = false,
            IdleThread::Standby(_) => self.standby = None,
        }
    }
}
