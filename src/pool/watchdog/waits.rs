//! The lists of threads that the watchdog reads: those that wait, and those of the pools. Each thread enters itself.

use super::setting;
use crate::job::Region;
use crate::pool::registry::Worker;
use crate::sync::atomic::{Ordering, StaticAtomicUsize};
use crate::sync::clock::Instant;
use crate::sync::lock::Mutex;
use crate::sync::os_thread::OsThread;
use crate::sync::process::PerProcess;
use crate::sync::thread;
use std::backtrace::Backtrace;
use std::ptr;
use std::sync::Arc;

/// What a thread waits for. Pools of threads are named by their numbers, worker pools by an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// The second half of a `join`, or a part of a loop, which another thread of the pool runs.
    Fork,
    /// The jobs of a scope.
    Scope(usize),
    /// The threads that run a broadcast.
    Broadcast(usize),
    /// A call that was handed to a pool: `install`, or a parallel call from outside.
    Call(usize),
    /// A task with a handle.
    Task,
    /// A future, in `block_on`.
    Future,
    /// The next item of a stream.
    Item,
    /// The next item of `into_seq_iter`, for which a worker too sleeps.
    SeqItem,
    /// A place in the window of a stream.
    Place,
    /// Room in the queue of a worker pool.
    Room(usize),
    /// Room for one more result of a worker pool: the wait of a worker.
    ResultRoom(usize),
    /// A result of a worker pool.
    NextResult,
    /// The outcome of an item that was handed to a worker pool.
    Outcome,
    /// The end of a pool's threads.
    Exits(usize),
    /// Whatever the closure that was passed to `blocking` waits for.
    Blocking,
    /// The iterator of a `par_bridge`, in which another thread is.
    SharedIter,
    /// A pool without threads, in which another caller works.
    Turn(usize),
}

/// A thread that waits.
#[derive(Debug)]
pub(super) struct WaitEntry {
    /// Unique in the process; the later of two waits has the greater one.
    pub(super) serial: usize,
    pub(super) awaited: Awaited,
    pub(super) since: Instant,
    /// The thread's name.
    pub(super) name: Option<Box<str>>,
    pub(super) worker: Option<WaitingWorker>,
    pub(super) backtrace: Backtrace,
}

/// A worker as it begins to wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct WaitingWorker {
    /// The number of its pool.
    pub(super) pool: usize,
    pub(super) index: usize,
    /// The address of the worker, by which the holder of a slot is recognised.
    pub(super) address: usize,
    pub(super) region: Region,
}

/// A thread that a pool has started.
#[derive(Debug)]
pub(super) struct PoolThread {
    pub(super) name: Option<Box<str>>,
    /// The address of its worker.
    pub(super) worker: usize,
    /// `None` where the system has no numbers of a thread.
    pub(super) os: Option<OsThread>,
}

/// A thread that holds the lock of a `par_bridge` while the program's iterator runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct BridgeHolder {
    serial: usize,
    /// The address of its worker.
    pub(super) worker: usize,
}

/// The lists of a process, in the order in which the entries came. (Plain vectors, because they are compiled into every
/// program.)
#[derive(Debug, Default)]
struct Lists {
    waits: Mutex<Vec<Arc<WaitEntry>>>,
    threads: Mutex<Vec<Arc<PoolThread>>>,
    bridge_holders: Mutex<Vec<BridgeHolder>>,
}

static LISTS: PerProcess<Lists> = PerProcess::new();

/// Relaxed suffices: only uniqueness matters, and the order on one thread.
static NEXT_SERIAL: StaticAtomicUsize = StaticAtomicUsize::new(0);

/// While this lives the calling thread is on a list.
#[must_use = "the thread is taken off the list when this is dropped"]
#[derive(Debug)]
pub(crate) enum Listed {
    /// By its serial number.
    Wait(usize),
    /// By its worker.
    Thread(usize),
    /// With a lock that it holds.
    Lock(usize),
}

/// Enters the calling thread as one that waits, until the result is dropped; if the watchdog is on. For slow paths.
#[inline]
pub(crate) fn list(awaited: Awaited) -> Option<Listed> {
    if setting::is_on() { Some(list_wait(awaited)) } else { None }
}

/// Enters the calling thread, which a pool has started and which is `worker`, until the result is dropped; if the watchdog is
/// on.
pub(in crate::pool) fn list_thread(worker: &Worker) -> Option<Listed> {
    setting::is_on().then(|| {
        let worker = ptr::from_ref(worker).addr();
        let thread = PoolThread { name: thread::current_name(), worker, os: OsThread::current() };
        LISTS.get().threads.lock().push(Arc::new(thread));
        Listed::Thread(worker)
    })
}

/// Enters the calling thread, which is that worker, as one that holds the lock of a `par_bridge`, until the result is dropped;
/// if the watchdog is on.
pub(crate) fn list_bridge_holder(worker: &Worker) -> Option<Listed> {
    setting::is_on().then(|| {
        let holder = BridgeHolder { serial: next_serial(), worker: ptr::from_ref(worker).addr() };
        LISTS.get().bridge_holders.lock().push(holder);
        Listed::Lock(holder.serial)
    })
}

/// A number for an entry of a list.
pub(super) fn next_serial() -> usize {
    NEXT_SERIAL.fetch_add(1, Ordering::Relaxed)
}

/// The stack of the calling thread. Never inlined: `call_site` looks for a frame of this file.
#[inline(never)]
pub(super) fn capture_stack() -> Backtrace {
    Backtrace::force_capture()
}

/// Never inlined: `call_site` looks for its frame.
#[cold]
#[inline(never)]
fn list_wait(awaited: Awaited) -> Listed {
    let entry = WaitEntry {
        serial: next_serial(),
        awaited,
        since: Instant::now(),
        name: thread::current_name(),
        worker: Worker::with_current(|worker| worker.map(WaitingWorker::of)),
        backtrace: Backtrace::force_capture(),
    };
    let serial = entry.serial;
    LISTS.get().waits.lock().push(Arc::new(entry));
    Listed::Wait(serial)
}

/// The threads that wait, in the order in which they have begun to.
pub(super) fn waits() -> Vec<Arc<WaitEntry>> {
    LISTS.get().waits.lock().clone()
}

/// The threads of all pools.
pub(super) fn threads() -> Vec<Arc<PoolThread>> {
    LISTS.get().threads.lock().clone()
}

/// The threads that hold the lock of a `par_bridge`.
pub(super) fn bridge_holders() -> Vec<BridgeHolder> {
    LISTS.get().bridge_holders.lock().clone()
}

impl WaitingWorker {
    fn of(worker: &Worker) -> Self {
        WaitingWorker {
            pool: worker.registry().number(),
            index: worker.index(),
            address: ptr::from_ref(worker).addr(),
            region: worker.region(),
        }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        // In a forked child these are other lists, in which the entry is not.
        let lists = LISTS.get();
        match self {
            Listed::Wait(serial) => lists.waits.lock().retain(|wait| wait.serial != *serial),
            Listed::Lock(serial) => lists.bridge_holders.lock().retain(|holder| holder.serial != *serial),
            Listed::Thread(worker) => lists.threads.lock().retain(|thread| thread.worker != *worker),
        }
    }
}
