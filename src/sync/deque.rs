//! The public queues: crossbeam's, or a stand-in that loom, or the simulated machine, can see into.
//!
//! crossbeam's deque (Chase and Lev's, with the orderings of Lê et al., PPoPP 2013) and injector synchronise with
//! atomics of their own, which a model cannot schedule. Under `--cfg loom` a queue behind a lock takes their place, so
//! that the models still explore everything around it. Thieves take batches from it as from crossbeam's, of at most
//! three jobs instead of 32: they take the jobs one by one, and put them into their own deque all at once. In between
//! the jobs are in no queue.

use crate::sync::atomic::spin_loop;

#[cfg(not(any(loom, sim)))]
pub(crate) use crossbeam_deque::{Injector, Steal, Stealer, Worker};

#[cfg(sim)]
pub(crate) use crate::sync::sim::queues::{Injector, Steal, Stealer, Worker};

#[cfg(loom)]
pub(crate) use self::model::{Injector, Steal, Stealer, Worker};

/// The oldest entry of a queue that every thread may take from.
pub(crate) fn take_first<T>(queue: &Injector<T>) -> Option<T> {
    while !queue.is_empty() {
        match queue.steal() {
            Steal::Success(entry) => return Some(entry),
            Steal::Empty => return None,
            Steal::Retry => spin_loop(),
        }
    }
    None
}

#[cfg(loom)]
mod model {
    use crate::sync::atomic::{AtomicUsize, Ordering};
    use crate::sync::lock::Mutex;
    use std::collections::VecDeque;
    use std::sync::Arc;

    #[derive(Debug)]
    #[allow(dead_code, reason = "the stand-in never needs a second try, crossbeam does")]
    pub(crate) enum Steal<T> {
        Empty,
        Success(T),
        Retry,
    }

    /// The queue behind all three types. Its length is kept outside the lock: as with crossbeam, reading it orders
    /// nothing, so that a protocol that needs a fence around the look fails here without it.
    #[derive(Debug)]
    struct Queue<T> {
        items: Mutex<VecDeque<T>>,
        len: AtomicUsize,
    }

    impl<T> Queue<T> {
        fn new() -> Self {
            Queue { items: Mutex::new(VecDeque::new()), len: AtomicUsize::new(0) }
        }
        fn push(&self, value: T) {
            let mut items = self.items.lock();
            items.push_back(value);
            self.len.store(items.len(), Ordering::Release);
        }
        fn take(&self, which: fn(&mut VecDeque<T>) -> Option<T>) -> Option<T> {
            if self.len() == 0 {
                return None;
            }
            let mut items = self.items.lock();
            let item = which(&mut items);
            self.len.store(items.len(), Ordering::Release);
            item
        }
        fn len(&self) -> usize {
            self.len.load(Ordering::Acquire)
        }
    }

    /// The owner's end: last in, first out, or the other way.
    #[derive(Debug)]
    pub(crate) struct Worker<T> {
        queue: Arc<Queue<T>>,
        take: fn(&mut VecDeque<T>) -> Option<T>,
    }

    /// The thieves' end: first in, first out.
    #[derive(Debug, Clone)]
    pub(crate) struct Stealer<T>(Arc<Queue<T>>);

    /// A queue for all threads: first in, first out.
    #[derive(Debug)]
    pub(crate) struct Injector<T>(Queue<T>);

    impl<T> Worker<T> {
        pub(crate) fn new_lifo() -> Self {
            Worker { queue: Arc::new(Queue::new()), take: VecDeque::pop_back }
        }
        pub(crate) fn new_fifo() -> Self {
            Worker { queue: Arc::new(Queue::new()), take: VecDeque::pop_front }
        }
        pub(crate) fn stealer(&self) -> Stealer<T> {
            Stealer(Arc::clone(&self.queue))
        }
        pub(crate) fn push(&self, value: T) {
            self.queue.push(value);
        }
        pub(crate) fn pop(&self) -> Option<T> {
            self.queue.take(self.take)
        }
        pub(crate) fn len(&self) -> usize {
            self.queue.len()
        }
        pub(crate) fn is_empty(&self) -> bool {
            self.len() == 0
        }
    }

    impl<T> Stealer<T> {
        pub(crate) fn steal(&self) -> Steal<T> {
            self.0.take(VecDeque::pop_front).map_or(Steal::Empty, Steal::Success)
        }
        pub(crate) fn is_empty(&self) -> bool {
            self.len() == 0
        }
        pub(crate) fn len(&self) -> usize {
            self.0.len()
        }
    }

    impl<T> Injector<T> {
        pub(crate) fn new() -> Self {
            Injector(Queue::new())
        }
        pub(crate) fn push(&self, value: T) {
            self.0.push(value);
        }
        pub(crate) fn steal(&self) -> Steal<T> {
            self.0.take(VecDeque::pop_front).map_or(Steal::Empty, Steal::Success)
        }
        pub(crate) fn is_empty(&self) -> bool {
            self.0.len() == 0
        }
        pub(crate) fn len(&self) -> usize {
            self.0.len()
        }
    }
}
