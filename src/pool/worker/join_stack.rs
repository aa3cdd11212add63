//! The join stack: the forks of one worker that nobody else can see.
//!
//! It is a list through the frames of the `join`s themselves: each fork points to the next older one. (The first
//! design was an array of pointers with the head in memory. There, each fork's place depends on the head that the fork
//! around it has just stored, a chain of loads and stores as deep as the recursion; a fork's own address depends on
//! nothing. See docs/decisions/.)

use crate::job::fork::ForkHeader;
use std::cell::Cell;
use std::ptr;

/// The private forks of a worker, from the newest to the oldest.
///
/// For the owner alone; thieves never look in here.
///
/// 1. `newest` and the `older` links lead through the private forks, the youngest first, and end with null. Each of
///    them is alive in a frame of the owner that is still open.
/// 2. Forks are published the oldest first, so that if one is published all older ones are too; a fork that has been
///    published has [`PUBLISHED`] for its link, for good.
/// 3. The joins of a thread nest: when the first half of a fork has ended, the forks younger than it have left the
///    list. So it is the newest again; or it was published, and the list is empty.
#[derive(Debug)]
pub(crate) struct JoinStack {
    newest: Cell<*const ForkHeader>,
}

/// The link of a fork that has left the stack for a public queue. No fork has this address.
const PUBLISHED: *const ForkHeader = ptr::without_provenance(1);

impl JoinStack {
    pub(crate) const fn new() -> Self {
        JoinStack { newest: Cell::new(ptr::null()) }
    }

    /// Whether no fork is private.
    pub(crate) fn is_empty(&self) -> bool {
        self.newest.get().is_null()
    }

    /// The newest fork, which the next one must lead to.
    #[inline(always)]
    pub(crate) fn newest(&self) -> *const ForkHeader {
        self.newest.get()
    }

    /// Makes a fork the newest.
    ///
    /// # Safety
    ///
    /// The fork leads to the newest so far, and stays alive until [`JoinStack::take_back`] has been called for it, which
    /// happens in the order of nesting (invariant 3).
    #[inline(always)]
    pub(crate) unsafe fn push(&self, fork: *const ForkHeader) {
        self.newest.set(fork);
    }

    /// Takes a fork, whose first half has ended, off the stack. False if it was published meanwhile.
    #[inline(always)]
    pub(crate) fn take_back(&self, fork: &ForkHeader) -> bool {
        let older = fork.older.get();
        if older == PUBLISHED {
            debug_assert!(self.is_empty(), "invariant 3");
            return false;
        }
        debug_assert!(ptr::eq(self.newest.get(), fork), "invariant 3");
        self.newest.set(older);
        true
    }

    /// Takes the oldest forks off the stack, calling `publish` with each, the oldest first. How many, `how_many` says
    /// when it is told how many there are.
    ///
    /// The list is walked from its young end to its old end, turning the links round, and back, turning them again.
    pub(crate) fn drain_oldest(
        &self,
        how_many: impl FnOnce(usize) -> usize,
        mut publish: impl FnMut(*const ForkHeader),
    ) {
        let (mut oldest, len) = self.turn_round();
        let mut left = how_many(len);
        let mut below = ptr::null();
        while !oldest.is_null() {
            // SAFETY: invariant 1.
            let link = unsafe { &(*oldest).older };
            let younger = link.get();
            if left > 0 {
                left -= 1;
                link.set(PUBLISHED);
                publish(oldest);
            } else {
                link.set(below);
                below = oldest;
            }
            oldest = younger;
        }
        self.newest.set(below);
    }

    /// Makes every link lead to the next younger fork; returns the oldest and how many there are.
    fn turn_round(&self) -> (*const ForkHeader, usize) {
        let (mut fork, mut younger, mut len) = (self.newest.get(), ptr::null(), 0);
        while !fork.is_null() {
            // SAFETY: invariant 1.
            let link = unsafe { &(*fork).older };
            let older = link.replace(younger);
            (younger, fork) = (fork, older);
            len += 1;
        }
        (younger, len)
    }
}
