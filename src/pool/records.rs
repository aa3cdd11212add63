//! The workers of threads that belong to no slot: standby threads, and external callers whose slot's own record is used.

use crate::pool::registry::Registry;
use crate::pool::worker::{Kind, Worker};
use crate::sync::lock::Mutex;
use crate::sync::parker::Parker;
use std::ptr;
use std::sync::Arc;

/// All that have been made for one pool. They are used again, and dropped with the pool: a thief may look at one at any time.
///
/// 1. A worker is in a box of its own, which stays in the list.
/// 2. One that is not `is_used` is no thread's.
#[derive(Debug)]
pub(crate) struct Records(Mutex<Vec<Record>>);

#[derive(Debug)]
struct Record {
    worker: Box<Worker>,
    kind: Kind,
    is_used: bool,
}

impl Records {
    pub(super) fn new() -> Self {
        Records(Mutex::new(Vec::new()))
    }

    /// A worker that is no thread's, for the calling one, which puts it back.
    pub(super) fn take(&self, registry: &Registry, kind: Kind) -> &Worker {
        let mut records = self.0.lock();
        let place = records.iter().position(|record| record.kind == kind && !record.is_used).unwrap_or_else(|| {
            let worker = Box::new(Worker::new(kind, None, registry, Arc::new(Parker::new())));
            records.push(Record { worker, kind, is_used: false });
            records.len() - 1
        });
        records[place].is_used = true;
        let worker: *const Worker = &raw const *records[place].worker;
        // SAFETY: by invariant 1 it stays where it is until the records, which are borrowed, are dropped; only shared
        // references to it are made.
        unsafe { &*worker }
    }

    /// The thread whose worker it was needs it no more.
    pub(super) fn put_back(&self, worker: &Worker) {
        let mut records = self.0.lock();
        let record = records.iter_mut().find(|record| ptr::eq(&raw const *record.worker, worker));
        record.expect("it was taken from here").is_used = false;
    }
}
