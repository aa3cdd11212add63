//! The state that a pool's handle and its workers share.

use super::gate::Gate;
use super::worker_error::WorkerError;
use crate::sync::lock::Mutex;
use crate::sync::process;
use crate::sync::quiet::Quiet;
use std::mem;
use std::sync::Arc;

pub(crate) struct WorkersShared<T> {
    pub(crate) gate: Gate<T>,
    ledger: Mutex<Ledger<T>>,
    /// Called for each item that no worker will begin, before it is handed back.
    take_back: fn(&mut T),
    /// The incarnation of the process that has the threads.
    incarnation: usize,
}

/// What the pool remembers of its workers.
struct Ledger<T> {
    /// The number of workers that have not ended.
    live: usize,
    /// The first error that no result and no handle reports, until `shutdown` reports it.
    error: Option<WorkerError>,
    /// What the last worker has found in the queue, until `shutdown_now` hands it back. In order.
    left: Vec<Quiet<T>>,
}

impl<T> WorkersShared<T> {
    pub(crate) fn new(threads: usize, capacity: usize, take_back: fn(&mut T)) -> Arc<Self> {
        let ledger = Mutex::new(Ledger { live: threads, error: None, left: Vec::new() });
        let incarnation = process::incarnation();
        Arc::new(WorkersShared { gate: Gate::new(capacity), ledger, take_back, incarnation })
    }

    /// Keeps an error for `shutdown`, if it is the first.
    pub(crate) fn report(&self, error: WorkerError) {
        let mut ledger = self.ledger.lock();
        if ledger.error.is_none() {
            ledger.error = Some(error);
        } else {
            drop(ledger);
            drop(error);
        }
    }

    /// The error that `report` has kept.
    pub(crate) fn reported(&self) -> Result<(), WorkerError> {
        self.ledger.lock().error.take().map_or(Ok(()), Err)
    }

    /// How many workers have not ended.
    pub(crate) fn live(&self) -> usize {
        self.ledger.lock().live
    }

    /// Closes the pool and takes back the items that no worker has begun.
    pub(crate) fn close_and_take_back(&self) -> Vec<Quiet<T>> {
        let mut items = self.gate.close_and_clear();
        items.iter_mut().for_each(|item| (self.take_back)(item));
        items
    }

    /// The items that the last worker has left.
    pub(crate) fn left(&self) -> Vec<Quiet<T>> {
        mem::take(&mut self.ledger.lock().left)
    }

    /// A worker ends. The last one closes the pool: without workers no item would ever be taken. It takes back what is
    /// in the queue, so that no handle waits for that.
    pub(crate) fn depart(&self) {
        let mut ledger = self.ledger.lock();
        ledger.live -= 1;
        let last = ledger.live == 0;
        drop(ledger);
        if last {
            let left = self.close_and_take_back();
            self.ledger.lock().left = left;
        }
    }

    /// True in the process that has the threads.
    pub(crate) fn is_here(&self) -> bool {
        self.incarnation == process::incarnation()
    }

    /// # Panics
    ///
    /// In a forked child, which has no workers.
    pub(crate) fn check_process(&self) {
        check_process(self.incarnation);
    }
}

/// # Panics
///
/// If this is not the process of that number: a forked child has no workers.
pub(crate) fn check_process(incarnation: usize) {
    assert!(
        incarnation == process::incarnation(),
        "the threads of this worker pool do not exist in the forked child {}: build a new pool in the child",
        process::id()
    );
}
