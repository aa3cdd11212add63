//! Standby threads: they take the slots of threads of the pool that wait or block.

use crate::pool::tuning::STANDBY_PATIENCE;
use crate::sync::lock::Mutex;
use crate::sync::once::OnceLock;
use crate::sync::parker::Parker;
use crate::sync::thread;
use std::io;
use std::sync::Arc;

/// The standby threads of one pool.
///
/// 1. A standby thread is idle, on the list; or a thread has taken it off the list and will send it to a slot; or it is
///    at a slot; or it leaves. `alive` counts all but those that leave. All this changes under the lock.
#[derive(Debug)]
pub(crate) struct StandbyThreads {
    /// Empty while the pool is being made, and for good in a pool that cannot start standby threads.
    make: OnceLock<Make>,
    depot: Mutex<Depot>,
}

/// The properties of the standby threads, and how many there may be.
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
    /// The threads of the live standby threads, and of some that have left.
    threads: Vec<thread::JoinHandle<()>>,
    /// The pool has ended.
    is_closed: bool,
}

/// One standby thread, as other threads see it: gives it orders.
#[derive(Debug)]
pub(crate) struct Standby {
    parker: Parker,
    order: Mutex<Option<StandbyOrder>>,
}

/// What a standby thread is to do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StandbyOrder {
    /// To work at the slot with this index, as its holder.
    StandIn(usize),
    Leave,
}

impl StandbyThreads {
    pub(crate) fn new() -> Self {
        let depot = Depot { idle: Vec::new(), alive: 0, threads: Vec::new(), is_closed: false };
        StandbyThreads { make: OnceLock::new(), depot: Mutex::new(depot) }
    }

    /// Allows standby threads from here on.
    pub(crate) fn open(&self, make: Make) {
        assert!(self.make.set(make).is_ok(), "a pool is made once");
    }

    /// A standby thread that waits to be sent to a slot: an idle one, or a new one that `start` starts. `None` if there
    /// are as many as may be, or if the system refuses one. Waits for a dismissed one that `is_on_its_way` to the
    /// depot.
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

    /// A standby thread; the model starts it.
    #[cfg(all(test, loom))]
    pub(crate) fn admit_for_model(&self) -> Arc<Standby> {
        let standby = Arc::new(Standby::new());
        let mut depot = self.depot.lock();
        depot.alive += 1;
        depot.idle.push(Arc::clone(&standby));
        standby
    }

    /// A standby thread has been dismissed, and is idle in the depot.
    pub(crate) fn add_idle(&self, standby: &Arc<Standby>) {
        let mut depot = self.depot.lock();
        if depot.is_closed {
            depot.alive -= 1;
            standby.give(StandbyOrder::Leave);
        } else {
            depot.idle.push(Arc::clone(standby));
        }
    }

    /// The next order for an idle standby thread.
    pub(crate) fn next_order(&self, standby: &Arc<Standby>) -> StandbyOrder {
        // A notice may belong to an earlier order.
        while standby.parker.park_for(STANDBY_PATIENCE) {
            if let Some(order) = standby.take_order() {
                return order;
            }
        }
        if self.give_up(standby) { StandbyOrder::Leave } else { standby.await_order() }
    }

    /// A standby thread has been idle for long. Returns true if it may leave: no thread has taken it off the list.
    fn give_up(&self, standby: &Arc<Standby>) -> bool {
        let mut depot = self.depot.lock();
        let Some(place) = depot.idle.iter().position(|idle| Arc::ptr_eq(idle, standby)) else {
            return false;
        };
        depot.idle.remove(place);
        depot.alive -= 1;
        true
    }

    /// The pool has ended, and needs no standby threads any more.
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

    /// How many standby threads there are, and how many of them are not idle.
    pub(crate) fn numbers(&self) -> (usize, usize) {
        let depot = self.depot.lock();
        (depot.alive, depot.alive - depot.idle.len())
    }

    /// The threads, for the shutdown to join.
    pub(crate) fn take_threads(&self) -> Vec<thread::JoinHandle<()>> {
        std::mem::take(&mut self.depot.lock().threads)
    }
}

impl Standby {
    fn new() -> Self {
        Standby { parker: Parker::new(), order: Mutex::new(None) }
    }

    /// Sends the standby thread to the slot `index`, which the caller gives up by that.
    pub(crate) fn send_to(&self, index: usize) {
        self.give(StandbyOrder::StandIn(index));
    }

    fn give(&self, order: StandbyOrder) {
        *self.order.lock() = Some(order);
        self.parker.notify();
    }

    /// Waits for an order. For a standby thread that is sure to get one.
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
