//! `ProcessView`: the pools and the lists of threads as they look at one moment.

use super::jobs::{self, RunningJob};
use super::waits::{self, Awaited, BridgeHolder, PoolThread, WaitEntry};
use crate::job::Region;
use crate::pool::metrics::pool_metrics::{PoolMetrics, WaitingJobs};
use crate::pool::registry::{Kind, Registry};
use std::ptr;
use std::sync::Arc;

/// What the watchdog reads at one moment. The threads go on meanwhile, so it is exact only where nothing moves.
#[derive(Debug)]
pub(super) struct ProcessView {
    pub(super) pools: Vec<PoolView>,
    /// In the order in which the waits have begun.
    pub(super) waits: Vec<Arc<WaitEntry>>,
    pub(super) threads: Vec<Arc<PoolThread>>,
    /// In the order in which the jobs have begun.
    pub(super) jobs: Vec<Arc<RunningJob>>,
    pub(super) bridge_holders: Vec<BridgeHolder>,
}

/// A pool.
#[derive(Debug)]
pub(super) struct PoolView {
    pub(super) number: usize,
    pub(super) waiting: WaitingJobs,
    pub(super) slots: Vec<SlotView>,
    /// How many jobs have begun and forks have been published so far.
    pub(super) moved: u64,
}

/// A slot of a pool.
#[derive(Debug)]
pub(super) struct SlotView {
    pub(super) index: usize,
    /// The address of the worker that holds the slot, or held it last; and its kind and region.
    pub(super) holder: Option<(usize, Kind, Region)>,
    /// The holder is neither asleep nor searching.
    pub(super) is_busy: bool,
    pub(super) in_deque: usize,
    pub(super) in_mailbox: usize,
}

/// What a slot's holder does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Doing<'a> {
    /// It has nothing to do.
    Idle,
    /// It runs a job, or a part of a call.
    Runs,
    Waits(&'a WaitEntry),
    /// It has begun another job on top of this wait.
    RunsOnTop(&'a WaitEntry),
}

impl ProcessView {
    pub(super) fn take(pools: &[Arc<Registry>]) -> Self {
        let pools = pools.iter().map(|registry| PoolView::read(registry)).collect();
        ProcessView {
            pools,
            waits: waits::waits(),
            threads: waits::threads(),
            jobs: jobs::running(),
            bridge_holders: waits::bridge_holders(),
        }
    }

    /// The innermost wait of a worker.
    pub(super) fn wait_of(&self, address: usize) -> Option<&WaitEntry> {
        let is_its = |wait: &&Arc<WaitEntry>| wait.worker.is_some_and(|worker| worker.address == address);
        self.waits.iter().rev().find(is_its).map(|wait| &**wait)
    }

    /// The thread of a worker, if the pool has started it.
    pub(super) fn thread_of(&self, address: usize) -> Option<&PoolThread> {
        self.threads.iter().find(|thread| thread.worker == address).map(|thread| &**thread)
    }

    /// The job that a worker has begun last, if it has not ended and was not begun before the wait.
    pub(super) fn job_of(&self, address: usize, wait: Option<&WaitEntry>) -> Option<&RunningJob> {
        let job = self.jobs.iter().rev().find(|job| job.worker == address)?;
        wait.is_none_or(|wait| job.serial > wait.serial).then_some(job)
    }

    /// True if the worker holds the lock of a `par_bridge`.
    pub(super) fn holds_bridge(&self, address: usize) -> bool {
        self.bridge_holders.iter().any(|holder| holder.worker == address)
    }

    pub(super) fn doing(&self, slot: &SlotView) -> Doing<'_> {
        match slot.holder.and_then(|(address, ..)| self.wait_of(address)) {
            Some(wait) if slot.is_busy && wait.awaited.lets_jobs_run() => Doing::RunsOnTop(wait),
            Some(wait) => Doing::Waits(wait),
            None if slot.is_busy => Doing::Runs,
            None => Doing::Idle,
        }
    }
}

impl PoolView {
    fn read(registry: &Registry) -> Self {
        let PoolMetrics { waiting, workers, .. } = registry.metrics();
        PoolView {
            number: registry.number(),
            waiting,
            slots: (0..registry.num_threads()).map(|index| SlotView::read(registry, index)).collect(),
            moved: workers
                .iter()
                .map(|worker| worker.jobs.wrapping_add(worker.forks_published))
                .fold(0, u64::wrapping_add),
        }
    }
}

impl SlotView {
    fn read(registry: &Registry, index: usize) -> Self {
        let (slot, shared) = (registry.slot(index), registry.shared(index));
        // `kind` does not change.
        let holder = shared.holder().map(|worker| (ptr::from_ref(worker).addr(), worker.kind, worker.region()));
        SlotView {
            index,
            holder,
            is_busy: slot.meter.is_busy(),
            in_deque: shared.stealer.len(),
            in_mailbox: shared.mailbox.len(),
        }
    }
}

impl Awaited {
    /// True if a worker that waits so runs other jobs meanwhile. All others park at once.
    pub(super) fn lets_jobs_run(self) -> bool {
        match self {
            Awaited::Fork
            | Awaited::Scope(_)
            | Awaited::Broadcast(_)
            | Awaited::Call(_)
            | Awaited::Task
            | Awaited::Future
            | Awaited::Item => true,
            Awaited::SeqItem
            | Awaited::Place
            | Awaited::Room(_)
            | Awaited::ResultRoom(_)
            | Awaited::NextResult
            | Awaited::Outcome
            | Awaited::Exits(_)
            | Awaited::SharedIter
            | Awaited::Turn(_)
            | Awaited::Blocking => false,
        }
    }

    /// True if another thread owes something. It does not where the program decides whether it comes: a reader may take its
    /// items when it likes, and a receiver of results, or the iterator of a `par_bridge`, may wait for the next request.
    pub(super) fn is_owed(self) -> bool {
        !matches!(
            self,
            Awaited::Place | Awaited::ResultRoom(_) | Awaited::NextResult | Awaited::SharedIter | Awaited::Blocking
        )
    }
}
