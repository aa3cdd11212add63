//! The join stack: the private forks of one worker.
//!
//! It is a list through the frames of the `join`s themselves: each fork points to the next older one. (The first design
//! was an array of pointers with the head in memory. There, each fork's place depends on the head that the fork around
//! it has just stored, a chain of loads and stores as deep as the recursion. A fork's own address depends on nothing.
//! See docs/decisions/.)

use crate::job::fork::ForkHeader;
use std::cell::Cell;
use std::ptr;

/// The private forks of a worker, from the newest to the oldest.
///
/// Only the worker's thread uses it; thieves never look in here.
///
/// 1. `newest` and the `older` links lead through the private forks, the youngest first, and end with null. Each fork
///    is alive in an open frame of the worker's thread.
/// 2. Forks are published the oldest first, so if one is published all older ones are too. The link of a fork that has
///    been published is [`PUBLISHED`], for good.
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

    /// True if no fork is private.
    pub(crate) fn is_empty(&self) -> bool {
        self.newest.get().is_null()
    }

    /// The newest fork: the link of the next one.
    #[inline(always)]
    pub(crate) fn newest(&self) -> *const ForkHeader {
        self.newest.get()
    }

    /// Makes a fork the newest.
    ///
    /// # Safety
    ///
    /// The fork's link is the newest fork so far. The fork stays alive until [`JoinStack::take_back`] has been called
    /// for it, which happens in the order of nesting (invariant 3).
    #[inline(always)]
    pub(crate) unsafe fn push(&self, fork: *const ForkHeader) {
        self.newest.set(fork);
    }

    /// Takes a fork off the stack when its first half has ended. Returns false if it was published meanwhile.
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

    /// Takes the oldest forks off the stack, and calls `publish` with each, the oldest first. `how_many` gets the
    /// number of forks and returns how many to take.
    ///
    /// The list is walked from its young end to its old end, which reverses the links, and back, which reverses them
    /// again.
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

    /// Makes every link lead to the next younger fork; returns the oldest fork and the number of forks.
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
