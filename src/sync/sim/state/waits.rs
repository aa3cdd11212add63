//! How threads wait, and are woken by other threads or by a timeout.

use super::{Life, MachineState, Waiting};
use crate::sync::sim::report::FaultKind;
use crate::sync::sim::trace::{Access, ThreadId};
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::panic::Location;

impl MachineState {
    /// Makes the running thread wait until it is woken at one of the objects or the deadline passes. The caller must
    /// then suspend it.
    pub(in crate::sync::sim) fn block(
        &mut self,
        waiting: Waiting,
        objects: [u32; 2],
        deadline: Option<u64>,
        place: &'static Location<'static>,
    ) {
        let id = self.running;
        self.pass_buffers(Access::Wait);
        let thread = &mut self.threads[id];
        thread.life = Life::Blocked(waiting, objects);
        thread.place = place;
        thread.waits += 1;
        thread.timed_out = false;
        let wait = thread.waits;
        for object in objects.into_iter().filter(|&object| object != 0) {
            self.waiters.entry(object).or_default().push_back(id);
        }
        if let Some(deadline) = deadline {
            self.timers.push(Reverse((deadline, self.steps, id, wait)));
        }
        self.counts.lock_waits += u64::from(matches!(waiting, Waiting::Mutex(_) | Waiting::RwLock | Waiting::Once));
        if let Some(profile) = &mut self.profile {
            profile.at(place).sleeps += 1;
        }
        self.call_system();
        self.leave_core();
    }

    /// True if the last wait of the running thread ended by its timeout.
    pub(in crate::sync::sim) fn has_timed_out(&self) -> bool {
        self.threads[self.running].timed_out
    }

    /// Wakes one thread that waits at an object: the first, or in schedules for hunting a random one. True if there was
    /// one.
    pub(in crate::sync::sim) fn wake_one(&mut self, object: u32) -> bool {
        let len = self.waiters.get(&object).map_or(0, VecDeque::len);
        if len == 0 {
            return false;
        }
        let place = if self.is_discrete() || len == 1 { 0 } else { self.chance.below(len) };
        let id = self.waiters[&object][place];
        self.wake(id);
        true
    }

    /// Wakes all threads that wait at an object.
    pub(in crate::sync::sim) fn wake_all(&mut self, object: u32) {
        while let Some(&id) = self.waiters.get(&object).and_then(VecDeque::front) {
            self.wake(id);
        }
    }

    fn wake(&mut self, id: ThreadId) {
        self.wake_ups += 1;
        self.call_system();
        if let Some(profile) = &mut self.profile {
            profile.at(self.place).wake_ups += 1;
        }
        let from = self.now() + self.caches.costs().wake_up;
        self.unblock(id, from);
    }

    /// Charges a system call to the running thread.
    fn call_system(&mut self) {
        let ns = self.caches.costs().system_call;
        self.pass(ns);
        self.counts.system_ns += ns;
    }

    fn unblock(&mut self, id: ThreadId, from: u64) {
        let Life::Blocked(_, objects) = self.threads[id].life else { return };
        for object in objects {
            if let Some(waiters) = self.waiters.get_mut(&object) {
                waiters.retain(|&waiter| waiter != id);
                if waiters.is_empty() {
                    self.waiters.remove(&object);
                }
            }
        }
        self.make_ready(id, from);
    }

    /// Ends the running thread.
    pub(in crate::sync::sim) fn end_thread(&mut self) {
        let id = self.running;
        self.threads[id].life = Life::Done;
        self.alive -= 1;
        self.progress();
        if id == 0 {
            self.program_end = Some(self.now());
        }
        let joiners: Vec<ThreadId> = (0..self.threads.len())
            .filter(|&other| matches!(self.threads[other].life, Life::Blocked(Waiting::Join(who), _) if who == id))
            .collect();
        for joiner in joiners {
            self.wake(joiner);
        }
        self.leave_core();
    }

    /// Fires the next timeout; `is_jump` tells whether all threads were asleep until then.
    pub(super) fn fire(&mut self, is_jump: bool) {
        let Some(Reverse((time, _, id, wait))) = self.timers.pop() else { return };
        let thread = &mut self.threads[id];
        if thread.waits != wait || !matches!(thread.life, Life::Blocked(..)) {
            return;
        }
        self.clock = self.clock.max(time);
        thread.timed_out = true;
        self.timeouts += 1;
        self.jumps += u64::from(is_jump);
        if self.jumps > self.config.most_jumps_without_progress {
            self.fault = Some(FaultKind::NoProgress);
        }
        let from = time + self.caches.costs().wake_up;
        self.unblock(id, from);
    }
}
