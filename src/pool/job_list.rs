//! Jobs in the order in which they came; some threads may take only some of them.

use crate::job::{JobRef, Region};
use crate::sync::atomic::{AtomicUsize, Ordering};
use crate::sync::lock::Mutex;
use std::collections::VecDeque;

/// A list of jobs. A pool has one of deferred jobs, and one for each slot: its mailbox.
///
/// Threads that may run any job take the oldest. A thread restricted to a region takes the oldest job of the region,
/// which moves no other job. A thread holds the lock only while it adds or takes one job.
#[derive(Debug)]
pub(crate) struct JobList {
    /// The number of jobs, readable without the lock. It changes only under the lock.
    len: AtomicUsize,
    jobs: Mutex<VecDeque<JobRef>>,
}

impl JobList {
    pub(crate) fn new() -> Self {
        JobList { len: AtomicUsize::new(0), jobs: Mutex::new(VecDeque::new()) }
    }

    /// True if there are no jobs. Relaxed, orders nothing: a caller that relies on it has a fence before the look, or
    /// has acquired what the pushing thread released after the push.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len.load(Ordering::Relaxed) == 0
    }

    /// The number of jobs. A snapshot.
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Adds a job. The caller makes sure that a thread looks for it.
    pub(crate) fn push(&self, job: JobRef) {
        let mut jobs = self.jobs.lock();
        jobs.push_back(job);
        self.len.store(jobs.len(), Ordering::Relaxed);
    }

    /// Takes the oldest job.
    #[inline]
    pub(crate) fn take_first(&self) -> Option<JobRef> {
        self.take(|_| true)
    }

    /// Takes the oldest job of a region, or of an isolated call within it.
    #[inline]
    pub(crate) fn take_of(&self, region: Region) -> Option<JobRef> {
        // SAFETY: a job in the list has not been executed, nor is it while the list is locked.
        self.take(|job| unsafe { job.is_of(region) })
    }

    /// Takes the given job; returns true if it was there.
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
