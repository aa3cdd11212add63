//! A place for every task to leave its mark, so that a lost or doubled task is seen.

use std::sync::atomic::{AtomicU32, Ordering};

/// A place for every task to leave its mark.
pub(crate) struct Slots(Vec<AtomicU32>);

impl Slots {
    /// Slots for that many tasks.
    pub(crate) fn new(tasks: usize) -> Self {
        Self((0..tasks).map(|_| AtomicU32::new(0)).collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Marks a slot; a plain load and store, for no two tasks of one scope share a slot.
    pub(crate) fn mark(&self, task: usize) {
        let slot = &self.0[task];
        slot.store(slot.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Wipes the slots, lets `work` mark each of them once in each of `times` calls, and returns how many were marked.
    pub(crate) fn account(&self, times: u64, mut work: impl FnMut()) -> u64 {
        for slot in &self.0 {
            slot.store(0, Ordering::Relaxed);
        }
        for _ in 0..times {
            work();
        }
        for (task, slot) in self.0.iter().enumerate() {
            let marks = u64::from(slot.load(Ordering::Relaxed));
            assert_eq!(marks, times, "task {task} ran {marks} times, not {times}");
        }
        self.0.len() as u64
    }
}
