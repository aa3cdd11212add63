//! Store buffers: a thread sees its own stores at once; other threads see them later, in the order of the stores.
//!
//! That is total store order, as on x86. Memory holds the newest value from the beginning, because a late write could
//! hit memory that was freed and reused. The buffer keeps the old value, which other threads see until the store leaves
//! the buffer.
//!
//! A store leaves the buffer at random; at its thread's next read-modify-write, full fence or system call; and when
//! another thread writes to the same object. (A real store may stay there even then.)

use super::MachineState;
use crate::sync::sim::trace::{Access, ThreadId};
use std::collections::{BTreeMap, VecDeque};

/// The number of stores that a buffer holds.
const ROOM: usize = 8;
/// At one in this number of points, the oldest store of a buffer leaves it.
const LEAVES_ONE_OF: usize = 16;

/// An object that all threads but the owner see with an old value.
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
    /// Lets the oldest store of a thread leave its buffer.
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
    /// At a point, lets a store leave its buffer at random.
    #[inline]
    pub(super) fn leave_by_chance(&mut self) {
        if !self.buffers.queues.is_empty() && self.chance.below(LEAVES_ONE_OF) == 0 {
            let place = self.chance.below(self.buffers.queues.len());
            let thread = self.buffers.queues.keys().copied().nth(place).expect("there are so many");
            self.buffers.leave(thread);
        }
    }

    /// Applies the effect of an access by the running thread to the buffers.
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

    /// Buffers a store: the running thread has written `after` to an object that held `before`.
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

    /// The value that the running thread sees if the object holds `value`.
    pub(in crate::sync::sim) fn seen(&self, object: u32, value: u64) -> u64 {
        match self.buffers.hidden.get(&object) {
            Some(hidden) if hidden.owner != self.running => hidden.seen,
            _ => value,
        }
    }

    /// Called before the running thread writes to an object: from now on all threads see another thread's buffered
    /// store to it.
    pub(in crate::sync::sim) fn show(&mut self, object: u32) {
        if let Some(owner) = self.buffers.hidden.get(&object).map(|hidden| hidden.owner) {
            if owner != self.running {
                self.buffers.empty(owner);
            }
        }
    }
}
