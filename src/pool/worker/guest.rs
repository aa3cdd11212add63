//! What an external caller does at a worker: a thread from outside the pool that has borrowed the slot of a sleeping worker.
//!
//! An external caller works as the worker would, with one exception: while it waits it runs only what belongs to its own call, that
//! is to its region. It may hold a lock across the call that a stranger's job wants.

use crate::job::Region;
use crate::pool::worker::Worker;
use crate::pool::worker::stack_depth::Threshold;

/// So much of its stack an external caller is trusted to have left when it comes. Nobody tells how large the stack of a thread is
/// that others have started; the smallest in common use have two megabytes.
const STACK_LEFT: usize = 1 << 20;

/// What differs between those who use a worker one after the other.
#[derive(Debug, Clone, Copy)]
struct Occupancy {
    is_external: bool,
    region: Region,
    deep: Threshold,
    nesting: usize,
}

impl Worker {
    /// The calling thread, an external caller, sits down.
    #[inline]
    pub(crate) fn receive_caller(&self) {
        debug_assert!(self.region() == Region::NONE && self.nesting.get() == 0, "who lends its slot is in no job");
        let deep = Threshold::below(STACK_LEFT);
        self.occupy(Occupancy { is_external: true, region: Region::of_call_from_outside(), deep, nesting: 1 });
    }

    /// The external caller leaves, with nothing begun.
    #[inline]
    pub(crate) fn see_caller_off(&self) {
        debug_assert!(self.head.stack.is_empty(), "joins nest within the external's call");
        self.occupy(self.own_occupancy());
    }

    /// What a worker that lends its slot is to its own thread: it is in no job.
    #[inline]
    fn own_occupancy(&self) -> Occupancy {
        Occupancy { is_external: false, region: Region::NONE, deep: self.own_deep.get(), nesting: 0 }
    }

    fn occupancy(&self) -> Occupancy {
        let region = self.shared.running.get();
        Occupancy { is_external: self.is_external.get(), region, deep: self.deep.get(), nesting: self.nesting.get() }
    }

    #[inline]
    fn occupy(&self, next: Occupancy) {
        self.is_external.set(next.is_external);
        self.shared.running.replace(next.region);
        self.deep.set(next.deep);
        self.nesting.set(next.nesting);
    }

    /// The worker's own thread, while its external caller sleeps, runs what was posted to it.
    pub(super) fn visit(&self) {
        let external = self.occupancy();
        self.occupy(self.own_occupancy());
        while let Some(job) = self.take_mail() {
            // SAFETY: it has just been taken from the mailbox.
            unsafe { self.execute(job) };
        }
        self.occupy(external);
    }
}
