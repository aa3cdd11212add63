//! The jobs that run on workers, and where each was made public.

use super::setting;
use super::waits;
use crate::pool::registry::Worker;
use crate::sync::clock::Instant;
use crate::sync::lock::Mutex;
use crate::sync::process::PerProcess;
use std::backtrace::Backtrace;
use std::ptr;
use std::sync::Arc;

/// A job from a queue that has begun.
#[derive(Debug)]
pub(super) struct RunningJob {
    /// Unique among jobs and waits; the later of two has the greater one.
    pub(super) serial: usize,
    /// The address of the worker that runs it.
    pub(super) worker: usize,
    pub(super) since: Instant,
    /// The stack of the thread that made it public, if it is known.
    pub(super) origin: Option<Arc<Backtrace>>,
}

/// The address of a job, and the stack of the thread that made it public.
type JobOrigin = (usize, Arc<Backtrace>);

/// The number of places for origins. Of two jobs with one place the older one's origin is lost.
const PLACES: usize = 1 << 10;

#[derive(Debug, Default)]
struct Jobs {
    running: Mutex<Vec<Arc<RunningJob>>>,
    /// The origins of jobs that have not begun, each with the address of its job; empty until there is one.
    origins: Mutex<Vec<Option<JobOrigin>>>,
}

static JOBS: PerProcess<Jobs> = PerProcess::new();

/// While this lives its job is on the list.
#[must_use = "the job is taken off the list when this is dropped"]
#[derive(Debug)]
pub(in crate::pool) struct ListedJob(usize);

/// Must be called before the job at `address` is made public.
#[inline]
pub(in crate::pool) fn published(address: usize) {
    if setting::is_on() {
        store_origin(address);
    }
}

#[cold]
#[inline(never)]
fn store_origin(address: usize) {
    let origin = Arc::new(waits::capture_stack());
    let mut origins = JOBS.get().origins.lock();
    origins.resize_with(PLACES, || None);
    // An older origin is dropped when the lock is free again.
    let _older = origins[place_of(address)].replace((address, origin));
    drop(origins);
}

/// Jobs are aligned to 16 bytes.
fn place_of(address: usize) -> usize {
    let bits = address >> 4;
    (bits ^ bits >> 10) % PLACES
}

/// Enters the job at `address` as one that the worker runs, until the result is dropped; if the watchdog is on.
#[inline]
pub(in crate::pool) fn list_running(worker: &Worker, address: usize) -> Option<ListedJob> {
    if setting::is_on() { Some(list(worker, address)) } else { None }
}

#[cold]
#[inline(never)]
fn list(worker: &Worker, address: usize) -> ListedJob {
    let mut origins = JOBS.get().origins.lock();
    let place = origins.get_mut(place_of(address));
    let origin = place.and_then(|place| place.take_if(|(job, _)| *job == address));
    drop(origins);
    let (serial, worker) = (waits::next_serial(), ptr::from_ref(worker).addr());
    let job = RunningJob { serial, worker, since: Instant::now(), origin: origin.map(|(_, origin)| origin) };
    JOBS.get().running.lock().push(Arc::new(job));
    ListedJob(serial)
}

impl Drop for ListedJob {
    fn drop(&mut self) {
        // In a forked child this is another list, in which the job is not.
        JOBS.get().running.lock().retain(|job| job.serial != self.0);
    }
}

/// The jobs that run, in the order in which they have begun.
pub(super) fn running() -> Vec<Arc<RunningJob>> {
    JOBS.get().running.lock().clone()
}
