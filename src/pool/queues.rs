//! The queues of a pool that belong to no slot: jobs from outside, jobs deferred to the threads of their region, and
//! jobs of high and low priority.

use crate::job::{JobRef, Region};
use crate::pool::job_list::JobList;
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::deque::{Injector, take_first};
use crossbeam_utils::CachePadded;

/// The queue that a job goes to. It decides which threads find the job, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// The priority queue that a worker looks at before its own jobs.
    High,
    /// The injector, which a worker looks at after its own jobs.
    Normal,
    /// As `Normal`; but threads that run only jobs of the job's region find it, too.
    Deferred,
    /// The priority queue that a worker looks at last.
    Low,
}

/// The queues of one pool.
///
/// 1. `prioritised` is raised before a job is pushed to `high` or `low`, and lowered after one was taken: while it is
///    zero both are empty.
#[derive(Debug)]
pub(crate) struct Queues {
    injector: Injector<JobRef>,
    deferred: JobList,
    prioritised: CachePadded<AtomicUsize>,
    high: Injector<JobRef>,
    low: Injector<JobRef>,
}

// All operations are relaxed. A look is certain to find a job only if a fence before it comes after a fence of the
// job's publisher, as with the deques.
impl Queues {
    pub(crate) fn new() -> Self {
        Queues {
            injector: Injector::new(),
            deferred: JobList::new(),
            prioritised: CachePadded::new(AtomicUsize::new(0)),
            high: Injector::new(),
            low: Injector::new(),
        }
    }

    /// Adds a job. The caller makes sure that a thread looks for it.
    pub(crate) fn push(&self, job: JobRef, class: Class) {
        match class {
            Class::Normal => self.injector.push(job),
            Class::Deferred => self.deferred.push(job),
            Class::High | Class::Low => {
                self.prioritised.fetch_add(1, Ordering::Relaxed);
                if class == Class::High { self.high.push(job) } else { self.low.push(job) }
            }
        }
    }

    /// The oldest job of high priority.
    #[inline]
    pub(crate) fn take_high(&self) -> Option<JobRef> {
        self.take_prioritised(&self.high)
    }

    /// The oldest job of neither high nor low priority.
    pub(crate) fn take_normal(&self) -> Option<JobRef> {
        take_first(&self.injector).or_else(|| self.deferred.take_first())
    }

    /// The oldest job of low priority.
    #[inline]
    pub(crate) fn take_low(&self) -> Option<JobRef> {
        self.take_prioritised(&self.low)
    }

    /// The oldest deferred job of a region.
    pub(crate) fn take_of(&self, region: Region) -> Option<JobRef> {
        self.deferred.take_of(region)
    }

    /// Takes the given job out of the deferred jobs; returns true if it was there.
    pub(crate) fn take_this(&self, job: JobRef) -> bool {
        self.deferred.take_this(job)
    }

    /// How many jobs wait in the queue of a class. A snapshot.
    pub(crate) fn len(&self, class: Class) -> usize {
        match class {
            Class::High => self.high.len(),
            Class::Normal => self.injector.len(),
            Class::Deferred => self.deferred.len(),
            Class::Low => self.low.len(),
        }
    }

    /// How many of the queues have something in them.
    pub(crate) fn non_empty(&self) -> usize {
        let prioritised = self.are_priorities_used();
        usize::from(!self.injector.is_empty())
            + usize::from(!self.deferred.is_empty())
            + usize::from(prioritised && !self.high.is_empty())
            + usize::from(prioritised && !self.low.is_empty())
    }

    /// True if there may be a job of high or low priority: the only check that a worker makes where priorities are not
    /// used.
    #[inline]
    pub(crate) fn are_priorities_used(&self) -> bool {
        self.prioritised.load(Ordering::Relaxed) != 0
    }

    #[inline]
    fn take_prioritised(&self, queue: &Injector<JobRef>) -> Option<JobRef> {
        if !self.are_priorities_used() {
            return None;
        }
        let job = take_first(queue)?;
        self.prioritised.fetch_sub(1, Ordering::Relaxed);
        Some(job)
    }
}
