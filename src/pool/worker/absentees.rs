//! Who has begun something at a worker and is not its owner now.
//!
//! An absentee is a thread that is in a blocking call, or that waits while another goes on at its worker. It waits for
//! something of its own, and until it is made the owner again it sleeps. Whoever is the owner meanwhile looks whether
//! any of them could go on.

use crate::job::latch::{Latch, OnceLatch, Wait};
use crate::sync::parker::Parker;
use std::cell::RefCell;
use std::sync::Arc;

/// The absentees of one worker, the one that has been away for longest first. For the owner alone.
///
/// 1. Both latches of an absentee are in a frame that its thread does not leave before `recall` is open, and whoever
///    opens that has taken the absentee out of the list: so the latches of those in the list are there.
/// 2. The owner calls the methods of `until` in the absentee's place, whose thread does not while it is in the list.
#[derive(Debug)]
pub(super) struct Absentees(RefCell<Vec<Absentee>>);

#[derive(Debug)]
struct Absentee {
    /// Opens when it can go on.
    until: *const dyn Wait,
    stack: Stack,
    recall: Recall,
}

/// What is on an absentee's stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stack {
    /// A job that it is in.
    Job,
    /// Nothing: it is the worker's own thread, and could go on at any time.
    Empty,
}

/// The latch that makes an absentee the owner of its worker again.
#[derive(Debug)]
#[must_use = "an absentee that is not recalled sleeps for ever"]
pub(crate) struct Recall(*const OnceLatch<Arc<Parker>>);

impl Recall {
    /// Makes the absentee the owner.
    ///
    /// # Safety
    ///
    /// The caller was the owner when it took the absentee out of the list, and has given the worker up.
    pub(crate) unsafe fn call(self) {
        // SAFETY: alive by invariant 1, and opened once, because the value is used up.
        unsafe { Latch::set(self.0) };
    }
}

impl Absentees {
    pub(super) fn new() -> Self {
        Absentees(RefCell::new(Vec::new()))
    }

    pub(super) fn are_none(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// Adds the calling thread, which will sleep until `recall` is open.
    ///
    /// # Safety
    ///
    /// Both latches stay where they are until then (invariant 1).
    pub(super) unsafe fn add(&self, until: &dyn Wait, stack: Stack, recall: &OnceLatch<Arc<Parker>>) {
        // SAFETY: the two types differ in a lifetime, which the caller vouches for.
        let until = unsafe { std::mem::transmute::<*const dyn Wait, *const (dyn Wait + 'static)>(until) };
        self.0.borrow_mut().push(Absentee { until, stack, recall: Recall(recall) });
    }

    /// Takes one off the list whose `until` is open.
    pub(super) fn take_ready(&self) -> Option<Recall> {
        self.take(|absentee| absentee.until().probe())
    }

    /// Takes the worker's own thread off the list, if it has nothing begun.
    pub(super) fn take_free(&self) -> Option<Recall> {
        self.take(|absentee| absentee.stack == Stack::Empty)
    }

    fn take(&self, is_wanted: fn(&Absentee) -> bool) -> Option<Recall> {
        let mut absentees = self.0.borrow_mut();
        let place = absentees.iter().position(is_wanted)?;
        Some(absentees.remove(place).recall)
    }
}

impl Absentee {
    fn until(&self) -> &dyn Wait {
        // SAFETY: invariant 1 of the list that this is in.
        unsafe { &*self.until }
    }
}

/// What an owner waits for whose worker has absentees: that one of them can go on, or what it waits for itself.
pub(super) struct AnyOf<'a> {
    pub(super) own: Option<&'a dyn Wait>,
    pub(super) absentees: &'a Absentees,
}

impl Wait for AnyOf<'_> {
    fn probe(&self) -> bool {
        self.own.is_some_and(Wait::probe) || self.absentees.0.borrow().iter().any(|absentee| absentee.until().probe())
    }

    fn fall_asleep(&self) -> bool {
        if self.own.is_some_and(|own| !own.fall_asleep()) {
            return false;
        }
        let absentees = self.absentees.0.borrow();
        for (place, absentee) in absentees.iter().enumerate() {
            if !absentee.until().fall_asleep() {
                self.wake_up_first(&absentees[..place]);
                return false;
            }
        }
        true
    }

    fn wake_up(&self) {
        self.wake_up_first(&self.absentees.0.borrow());
    }
}

impl AnyOf<'_> {
    /// Has the owner's own latch, and those of the first absentees, know that nobody sleeps.
    fn wake_up_first(&self, absentees: &[Absentee]) {
        if let Some(own) = self.own {
            own.wake_up();
        }
        for absentee in absentees {
            absentee.until().wake_up();
        }
    }
}
