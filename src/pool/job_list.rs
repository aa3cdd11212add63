//! Jobs in the order in which they came, some of which only some threads may take.

use crate::job::{JobRef, Region};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::lock::Mutex;
use std::collections::VecDeque;

/// A list of jobs. A pool has one of deferred, and one for each worker: its mailbox.
///
/// Threads that may run anything take the oldest job, those that are restricted to a region the oldest of the region. To
/// look for that one moves no other job, and a thread that puts a job in or takes it out has the list for no longer than
/// the lock.
#[derive(Debug)]
pub(crate) struct JobList {
    /// How many there are, to be looked at without the lock. It changes under it.
    len: AtomicUsize,
    jobs: Mutex<VecDeque<JobRef>>,
}

impl JobList {
    pub(crate) fn new() -> Self {
        JobList { len: AtomicUsize::new(0), jobs: Mutex::new(VecDeque::new()) }
    }

    /// Whether there are none. Relaxed, it orders nothing: a thread that relies on it has a fence before the look, or has
    /// acquired what the thread that pushed released afterwards.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len.load(Ordering::Relaxed) == 0
    }

    /// Adds a job. The caller sees to it that some thread looks for it.
    pub(crate) fn push(&self, job: JobRef) {
        let mut jobs = self.jobs.lock();
        jobs.push_back(job);
        self.len.store(jobs.len(), Ordering::Relaxed);
    }

    /// The oldest.
    #[inline]
    pub(crate) fn take_first(&self) -> Option<JobRef> {
        self.take(|_| true)
    }

    /// The oldest of a region, or of an isolated call within it.
    #[inline]
    pub(crate) fn take_of(&self, region: Region) -> Option<JobRef> {
        // SAFETY: a job in the list has not been executed, nor is it while the list is locked.
        self.take(|job| unsafe { job.is_of(region) })
    }

    /// One job in particular; says whether it was there.
    #[inline]
    pub(crate) fn take_this(&self, wanted: JobRef) -> bool {
        self.take(|job| job == wanted).is_some()
    }

    #[inline]
    fn take(&self, is_wanted: impl Fn(JobRef) -> bool) -> Option<JobRef> {
        if self.is_empty() { None } else { self.take_slow(&is_wanted) }
    }

    #[cold]
    fn take_slow(&self, is_wanted: &dyn Fn(JobRef) -> bool) -> Option<JobRef> {
        let mut jobs = self.jobs.lock();
        let place = jobs.iter().position(|&job| is_wanted(job))?;
        let taken = jobs.remove(place);
        self.len.store(jobs.len(), Ordering::Relaxed);
        taken
    }
}
