//! The life of a pool, from its first thread to its last.

use crate::job::Region;
use crate::job::latch::Latch;
use crate::pool::discard::Discard;
use crate::pool::handlers::Handlers;
use crate::pool::metrics::origin::PoolOrigin;
use crate::pool::queues::Queues;
use crate::pool::records::Records;
use crate::pool::registry::{DequeOrder, Exits, Habits, Kind, Registry, Slot, Worker};
use crate::pool::sleep::Sleep;
use crate::pool::standby::{Make, Standby, StandbyOrder, StandbyThreads};
use crate::pool::thread_builder::{self, default_stack_size};
use crate::pool::watchdog::waits::{self, Awaited};
use crate::pool::watchdog::watch;
use crate::pool::worker::current::{Ownership, leave_pools_in_children};
use crate::pool::worker::fifo::Fifo;
use crate::sync::atomic::{AtomicUsize, Ordering, StaticAtomicUsize};
use crate::sync::clock::Instant;
use crate::sync::local::thread_local;
use crate::sync::lock::Mutex;
use crate::sync::parker::Parker;
use crate::sync::process;
use crate::trace;
use std::cell::RefCell;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// The number of the next pool.
static NEXT_NUMBER: StaticAtomicUsize = StaticAtomicUsize::new(0);

impl Registry {
    /// A pool of `workers` workers. Their threads have yet to start, but for `adopted` (none or one) that exist
    /// already.
    pub(crate) fn new(
        workers: usize,
        adopted: usize,
        order: DequeOrder,
        handlers: Handlers,
        habits: Habits,
    ) -> Arc<Self> {
        leave_pools_in_children();
        trace::start_by_environment();
        let registry = Arc::new_cyclic(|registry| {
            let sleep = Sleep::new(workers, workers - adopted);
            let slot = |index| Slot::new(index, registry.as_ptr(), order, sleep.parker(index), Fifo::new(Region::NONE));
            Registry {
                this: Weak::clone(registry),
                slots: (0..workers).map(slot).collect(),
                records: Records::new(),
                threads: AtomicUsize::new(workers),
                queues: Queues::new(),
                posting: Mutex::new(()),
                sleep,
                handlers,
                standby_threads: StandbyThreads::new(),
                live: AtomicUsize::new(1),
                discard: Discard::new(),
                caller: Mutex::new(()),
                exits: Mutex::new(Exits { running: workers - adopted, waiting: None }),
                adopted,
                habits,
                origin: PoolOrigin::new(),
                // Only uniqueness matters: the counter orders nothing.
                number: NEXT_NUMBER.fetch_add(1, Ordering::Relaxed),
                process: process::id(),
                incarnation: process::incarnation(),
            }
        });
        // Not earlier: while it is made, it looks like a pool that is gone.
        watch::add_pool(&registry);
        registry
    }

    /// A worker of no slot that no thread is, for the calling thread, which puts it back.
    pub(in crate::pool) fn take_record(&self, kind: Kind) -> &Worker {
        let make = || Worker::new(kind, None, self, Arc::new(Parker::new()));
        self.records().take(|worker| worker.kind == kind, make)
    }

    /// Counts a detached job in. The caller holds a count.
    pub(crate) fn begin_detached(&self) {
        // Relaxed: the caller holds a count of its own (invariant 1), so this orders nothing.
        let before = self.live.fetch_add(1, Ordering::Relaxed);
        debug_assert!(before > 0, "a pool that has ended takes no more work");
    }

    /// Counts a detached job in for a caller that holds no count, unless the pool has ended.
    #[must_use]
    pub(crate) fn try_begin_detached(&self) -> bool {
        let raised = |live| if live == 0 { None } else { Some(live + 1) };
        // Relaxed as in `begin_detached`: a count that is not zero implies nothing about other data.
        self.live.fetch_update(Ordering::Relaxed, Ordering::Relaxed, raised).is_ok()
    }

    /// Counts a detached job, or the pool's handle, out. The last one ends the pool.
    pub(crate) fn end_detached(&self) {
        // Release: everything done under this count comes before the end of the pool. Acquire: the last one sees all
        // that. In a forked child there is no thread to notify.
        if self.live.fetch_sub(1, Ordering::AcqRel) == 1 && self.belongs_to_this_process() {
            for slot in self.slots() {
                // SAFETY: the latch is alive (invariant 2) and opened once (invariant 1).
                unsafe { Latch::set(slot.shared().terminate()) };
            }
            self.standby_threads().close();
        }
    }

    /// The whole life of a slot's own thread.
    pub(crate) fn run_worker(&self, index: usize, stack_size: usize) {
        let worker = self.slot(index).own();
        // SAFETY: each index is given to one thread (invariant 3); the thread's `Arc` keeps the worker in place.
        let _stay = unsafe { Ownership::new(worker) };
        Worker::with_current(|worker| {
            let worker = worker.expect("just made so");
            let _listed = waits::list_thread(worker);
            worker.begin(stack_size);
            worker.as_job(|| self.handlers().started(index));
            worker.set_coming();
            worker.work_until(worker.shared().terminate());
            debug_assert!(!worker.has_pending(), "a pool ends when all its work is done");
            worker.as_job(|| self.handlers().exiting(index));
        });
        self.leave();
    }

    /// The whole life of a standby thread, with a stack of `stack_size` bytes.
    pub(crate) fn run_standby(&self, standby: &Arc<Standby>, stack_size: usize) {
        let worker = self.take_record(Kind::Standby);
        let listed = waits::list_thread(worker);
        let mut first = None;
        let mut order = standby.await_order();
        while let StandbyOrder::StandIn(index) = order {
            // SAFETY: the worker was taken for this thread; the thread's `Arc` keeps it in place.
            let stay = unsafe { Ownership::new(worker) };
            worker.stand_in(index, stack_size, || {
                if first.replace(index).is_none() {
                    worker.as_job(|| self.handlers().started(index));
                }
            });
            drop(stay);
            self.standby_threads().add_idle(standby);
            self.sleep().dismissed_came_home();
            order = self.standby_threads().next_order(standby);
        }
        if let Some(index) = first {
            self.handlers().exiting(index);
        }
        drop(listed);
        self.records().put_back(worker);
        self.leave();
    }

    /// A standby thread that waits to be sent to the slot `index`, if there is one or one can be started.
    pub(super) fn find_standby(&self, index: usize) -> Option<Arc<Standby>> {
        let start = |make: &Make, standby: &Arc<Standby>| {
            let (registry, standby) = (self.keep(), Arc::clone(standby));
            let stack_size = make.stack_size.unwrap_or_else(default_stack_size);
            let body = move || registry.run_standby(&standby, stack_size);
            let thread = thread_builder::start(make.names[index].clone(), make.stack_size, Box::new(body))?;
            self.standby_starts();
            Ok(thread)
        };
        self.standby_threads().find(|| self.sleep().is_standby_on_its_way(), start)
    }

    /// Counts a standby thread that was started: `wait_for_exits` waits for it, too.
    pub(crate) fn standby_starts(&self) {
        self.exits.lock().running += 1;
    }

    /// Makes the calling thread worker 0 for the rest of its life.
    pub(crate) fn adopt_current_thread(registry: &Arc<Registry>) {
        thread_local! {
            static ADOPTION: RefCell<Option<Adoption>> = const { RefCell::new(None) };
        }
        // SAFETY: each index is given to one thread (invariant 3), and the adoption keeps the worker in place until
        // the thread's locals are destroyed.
        let stay = unsafe { Ownership::new(registry.slot(0).own()) };
        registry.slot(0).own().begin(default_stack_size());
        let adoption = Adoption { _stay: stay, _registry: Arc::clone(registry) };
        ADOPTION.with_borrow_mut(|place| *place = Some(adoption));
    }

    fn leave(&self) {
        let mut exits = self.exits.lock();
        exits.running -= 1;
        if let (0, Some(parker)) = (exits.running, &exits.waiting) {
            parker.notify();
        }
    }

    /// Waits until all own threads of slots that the pool started, and all standby threads, have left. They do so some
    /// time after the pool's handle has gone. With a `limit` it waits no longer than that. True if they have left.
    pub(crate) fn wait_for_exits(&self, limit: Option<Duration>) -> bool {
        let start = Instant::now();
        let _listed = waits::list(Awaited::Exits(self.number()));
        Parker::with_own(|parker| {
            loop {
                let mut exits = self.exits.lock();
                if exits.running == 0 {
                    return true;
                }
                let left = limit.map(|limit| limit.saturating_sub(start.elapsed()));
                if left.is_some_and(|left| left.is_zero()) {
                    exits.waiting = None;
                    return false;
                }
                exits.waiting = Some(Arc::clone(parker));
                drop(exits);
                match left {
                    Some(left) => _ = parker.park_for(left),
                    None => parker.park(),
                }
            }
        })
    }
}

/// Keeps a thread that existed before the pool a worker. Lives in the thread's locals.
#[derive(Debug)]
pub(crate) struct Adoption {
    // Dropped in this order: the thread stops being a worker before the registry may be dropped.
    _stay: Ownership,
    _registry: Arc<Registry>,
}
