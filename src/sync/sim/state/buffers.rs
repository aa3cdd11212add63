//! Store buffers: a store is seen by its own thread at once, and by others later, in the order of the stores.
//!
//! That is total store order, x86's. Memory holds the newest value from the beginning, so nothing is ever written late,
//! to memory that may be another's by then; what is kept is the value that others see until the store leaves the buffer.
//!
//! A store leaves it by chance; at its thread's next read-modify-write, full fence or call of the system; and when another
//! thread writes to the same object. (A real one may stay there even then.)

use super::MachineState;
use crate::sync::sim::trace::{Access, ThreadId};
use std::collections::{BTreeMap, VecDeque};

/// So many stores find room in a buffer.
const ROOM: usize = 8;
/// Of so many points, at one the oldest store of a buffer leaves it.
const LEAVES_ONE_OF: usize = 16;

/// An object that other threads than the owner see as it was.
#[derive(Debug)]
struct Hidden {
    owner: ThreadId,
    seen: u64,
    stores: usize,
}

#[derive(Debug, Default)]
pub(super) struct StoreBuffers {
    hidden: BTreeMap<u32, Hidden>,
    /// The stores of each thread, by object and value.
    queues: BTreeMap<ThreadId, VecDeque<(u32, u64)>>,
}

impl StoreBuffers {
    /// The oldest store of a thread leaves its buffer.
    fn leave(&mut self, thread: ThreadId) -> bool {
        let Some((object, value)) = self.queues.get_mut(&thread).and_then(VecDeque::pop_front) else {
            self.queues.remove(&thread);
            return false;
        };
        let hidden = self.hidden.get_mut(&object).expect("a buffered store hides its object");
        hidden.seen = value;
        hidden.stores -= 1;
        if hidden.stores == 0 {
            self.hidden.remove(&object);
        }
        true
    }

    fn empty(&mut self, thread: ThreadId) {
        while self.leave(thread) {}
    }
}

impl MachineState {
    /// At a point a store may leave its buffer by chance.
    #[inline]
    pub(super) fn leave_by_chance(&mut self) {
        if !self.buffers.queues.is_empty() && self.chance.below(LEAVES_ONE_OF) == 0 {
            let place = self.chance.below(self.buffers.queues.len());
            let thread = self.buffers.queues.keys().copied().nth(place).expect("there are so many");
            self.buffers.leave(thread);
        }
    }

    /// What becomes of the buffers when the running thread does this.
    pub(in crate::sync::sim) fn pass_buffers(&mut self, access: Access) {
        match access {
            Access::Load | Access::Store | Access::LightFence | Access::Clock => {}
            Access::Spin | Access::Point | Access::Work => {}
            Access::HeavyFence => {
                while let Some((&thread, _)) = self.buffers.queues.first_key_value() {
                    self.buffers.empty(thread);
                }
            }
            _ => self.buffers.empty(self.running),
        }
    }

    /// The running thread has written to an object that held another value before.
    pub(in crate::sync::sim) fn buffer_store(&mut self, object: u32, before: u64, after: u64) {
        self.show(object);
        let thread = self.running;
        let hidden = self.buffers.hidden.entry(object);
        hidden.or_insert(Hidden { owner: thread, seen: before, stores: 0 }).stores += 1;
        let queue = self.buffers.queues.entry(thread).or_default();
        queue.push_back((object, after));
        if queue.len() > ROOM {
            self.buffers.leave(thread);
        }
    }

    /// What the running thread sees of an object that holds `value`.
    pub(in crate::sync::sim) fn seen(&self, object: u32, value: u64) -> u64 {
        match self.buffers.hidden.get(&object) {
            Some(hidden) if hidden.owner != self.running => hidden.seen,
            _ => value,
        }
    }

    /// The running thread is about to write to an object: what another has written to it is seen by all from now on.
    pub(in crate::sync::sim) fn show(&mut self, object: u32) {
        if let Some(owner) = self.buffers.hidden.get(&object).map(|hidden| hidden.owner) {
            if owner != self.running {
                self.buffers.empty(owner);
            }
        }
    }
}
