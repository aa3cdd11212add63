//! Standby threads: they stand in for threads of the pool that are in blocking calls.

use crate::pool::tuning::STANDBY_PATIENCE;
use crate::sync::lock::Mutex;
use crate::sync::once::OnceLock;
use crate::sync::parker::Parker;
use crate::sync::thread;
use std::io;
use std::sync::Arc;

/// The standby threads of one pool.
///
/// 1. A standby is idle, on the list; or somebody has taken it off, who will send it to a worker; or it is there; or it
///    leaves. `alive` counts all but those that leave. All this changes under the lock.
#[derive(Debug)]
pub(crate) struct StandbyThreads {
    /// Empty while the pool is being made, and if its threads are of a make that only their maker knows.
    make: OnceLock<Make>,
    depot: Mutex<Depot>,
}

/// Of what make standby_threads are, and how many there may be.
#[derive(Debug)]
pub(crate) struct Make {
    /// The names of the pool's threads, by index.
    pub(crate) names: Vec<Option<String>>,
    pub(crate) stack_size: Option<usize>,
    pub(crate) most: usize,
}

#[derive(Debug)]
struct Depot {
    /// The last to come is the first to be sent out.
    idle: Vec<Arc<Standby>>,
    alive: usize,
    /// The threads of those that are alive, and of some that were.
    threads: Vec<thread::JoinHandle<()>>,
    /// The pool has ended.
    is_closed: bool,
}

/// One standby, for those who have something to tell it.
#[derive(Debug)]
pub(crate) struct Standby {
    parker: Parker,
    order: Mutex<Option<StandbyOrder>>,
}

/// What a standby is told.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StandbyOrder {
    /// To be the owner of the worker with this index.
    StandIn(usize),
    Leave,
}

impl StandbyThreads {
    pub(crate) fn new() -> Self {
        let depot = Depot { idle: Vec::new(), alive: 0, threads: Vec::new(), is_closed: false };
        StandbyThreads { make: OnceLock::new(), depot: Mutex::new(depot) }
    }

    /// From here on there are standby_threads.
    pub(crate) fn open(&self, make: Make) {
        assert!(self.make.set(make).is_ok(), "a pool is made once");
    }

    /// A standby thread that waits to be sent to a slot: an idle one, or a new one, which `start` starts. None if there are as
    /// many as may be, or if the system refuses one. One that `is_on_its_way` home is waited for.
    pub(crate) fn find(
        &self,
        is_on_its_way: impl Fn() -> bool,
        start: impl FnOnce(&Make, &Arc<Standby>) -> io::Result<thread::JoinHandle<()>>,
    ) -> Option<Arc<Standby>> {
        let (mut depot, make) = loop {
            let mut depot = self.depot.lock();
            if let Some(standby) = depot.idle.pop() {
                return Some(standby);
            }
            if let Some(make) = self.make.get().filter(|make| depot.alive < make.most) {
                break (depot, make);
            }
            if !is_on_its_way() {
                return None;
            }
            drop(depot);
            thread::yield_now();
        };
        let standby = Arc::new(Standby::new());
        let thread = start(make, &standby).ok()?;
        depot.threads.retain(|thread| !thread.is_finished());
        depot.threads.push(thread);
        depot.alive += 1;
        Some(standby)
    }

    /// A standby whose thread a model starts.
    #[cfg(all(test, loom))]
    pub(crate) fn admit_for_model(&self) -> Arc<Standby> {
        let standby = Arc::new(Standby::new());
        let mut depot = self.depot.lock();
        depot.alive += 1;
        depot.idle.push(Arc::clone(&standby));
        standby
    }

    /// A standby has nothing more to do, but for waking its successor.
    pub(crate) fn add_idle(&self, standby: &Arc<Standby>) {
        let mut depot = self.depot.lock();
        if depot.is_closed {
            depot.alive -= 1;
            standby.give(StandbyOrder::Leave);
        } else {
            depot.idle.push(Arc::clone(standby));
        }
    }

    /// What a standby does next that was added to the idle.
    pub(crate) fn next_order(&self, standby: &Arc<Standby>) -> StandbyOrder {
        // A notice may be of an order before.
        while standby.parker.park_for(STANDBY_PATIENCE) {
            if let Some(order) = standby.take_order() {
                return order;
            }
        }
        if self.give_up(standby) { StandbyOrder::Leave } else { standby.await_order() }
    }

    /// A standby has waited for long. Unless somebody has taken it off the list by now, it may leave.
    fn give_up(&self, standby: &Arc<Standby>) -> bool {
        let mut depot = self.depot.lock();
        let Some(place) = depot.idle.iter().position(|idle| Arc::ptr_eq(idle, standby)) else {
            return false;
        };
        depot.idle.remove(place);
        depot.alive -= 1;
        true
    }

    /// The pool has ended: nobody needs a standby any more.
    pub(crate) fn close(&self) {
        let mut depot = self.depot.lock();
        depot.is_closed = true;
        depot.alive -= depot.idle.len();
        let idle = std::mem::take(&mut depot.idle);
        drop(depot);
        for standby in idle {
            standby.give(StandbyOrder::Leave);
        }
    }

    /// The threads, to be joined by who shuts the pool down.
    pub(crate) fn take_threads(&self) -> Vec<thread::JoinHandle<()>> {
        std::mem::take(&mut self.depot.lock().threads)
    }
}

impl Standby {
    fn new() -> Self {
        Standby { parker: Parker::new(), order: Mutex::new(None) }
    }

    /// Makes the standby the owner of the worker `index`, which the caller gives up by that.
    pub(crate) fn send_to(&self, index: usize) {
        self.give(StandbyOrder::StandIn(index));
    }

    fn give(&self, order: StandbyOrder) {
        *self.order.lock() = Some(order);
        self.parker.notify();
    }

    /// For a standby that is sure to be told something.
    pub(crate) fn await_order(&self) -> StandbyOrder {
        loop {
            if let Some(order) = self.take_order() {
                return order;
            }
            self.parker.park();
        }
    }

    fn take_order(&self) -> Option<StandbyOrder> {
        self.order.lock().take()
    }
}
