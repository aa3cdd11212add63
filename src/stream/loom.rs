//! Loom models of a stream: its window, its jobs, its consumer, and its end at any moment.
//!
//! `README.md` lists the weakenings, and how the models failed.

use super::executor::Executor;
use super::item_cost::{ItemCost, Weight};
use super::pipeline::Pipeline;
use super::reorder_buffer::{AsDone, InOrder, ItemOutcome, ReorderBuffer, hand_out};
use crate::pool::waiter::Waiter;
use crate::sync::parker::Parker;
use loom::cell::UnsafeCell;
use loom::sync::{Condvar, Mutex};
use loom::thread::{self, JoinHandle};
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

loom::thread_local! {
    /// True on the threads of an executor.
    static IS_THREAD: Cell<bool> = Cell::new(false);
}

type Job = Box<dyn FnOnce() + Send>;

/// Some threads and a queue.
struct Threads {
    size: usize,
    /// True if the consumer can get a slot.
    leases: bool,
    queue: Mutex<Option<VecDeque<Job>>>,
    queued: Condvar,
}

impl Threads {
    /// An executor of `size` threads, which end when [`Threads::dismiss`] is called.
    fn hire(size: usize, leases: bool) -> (Arc<Self>, Vec<JoinHandle<()>>) {
        let executor =
            Arc::new(Threads { size, leases, queue: Mutex::new(Some(VecDeque::new())), queued: Condvar::new() });
        let threads = (0..size).map(|_| {
            let executor = Arc::clone(&executor);
            thread::spawn(move || {
                IS_THREAD.with(|is_thread| is_thread.set(true));
                while let Some(job) = executor.take() {
                    job();
                }
            })
        });
        let threads = threads.collect();
        (executor, threads)
    }

    fn take(&self) -> Option<Job> {
        let mut queue = self.queue.lock().unwrap();
        loop {
            match queue.as_mut()?.pop_front() {
                Some(job) => return Some(job),
                None => queue = self.queued.wait(queue).unwrap(),
            }
        }
    }

    /// No job is taken any more; those that were queued are dropped.
    fn dismiss(&self) {
        let left = self.queue.lock().unwrap().take();
        self.queued.notify_all();
        drop(left);
    }
}

impl Executor for Arc<Threads> {
    fn start(&self, job: impl FnOnce() + Send + 'static) -> bool {
        if let Some(queue) = self.queue.lock().unwrap().as_mut() {
            queue.push_back(Box::new(job));
            self.queued.notify_one();
            return true;
        }
        false
    }

    fn start_last(&self, _: impl FnOnce() + Send + 'static) {
        unreachable!("jobs of a model have no slices");
    }

    fn size(&self) -> usize {
        self.size
    }

    fn is_here(&self) -> bool {
        IS_THREAD.with(Cell::get)
    }

    fn is_wanted_elsewhere(&self) -> bool {
        false
    }

    fn attend<R>(&self, _: Weight, f: impl FnOnce() -> R) -> R {
        let was_thread = IS_THREAD.with(|is_thread| is_thread.replace(self.leases));
        let result = f();
        IS_THREAD.with(|is_thread| is_thread.set(was_thread));
        result
    }

    /// Every item lasts.
    fn with_help<R>(&self, f: impl FnOnce() -> R, help: impl FnOnce() + Send) -> R {
        help();
        f()
    }

    fn apart<R>(&self, f: impl FnOnce() -> R) -> R {
        f()
    }

    fn with_waiter<R>(&self, f: impl FnOnce(Waiter<'_>) -> R) -> R {
        // All threads of a model share std's thread-locals, so each wait has a parker of its own.
        let parker = Arc::new(Parker::new());
        f(Waiter::Outside(&parker))
    }

    fn nesting(&self) -> Option<usize> {
        None
    }

    fn is_at_bottom(&self) -> bool {
        true
    }
}

/// Counts items. The counts are no part of the protocol, so they order nothing.
#[derive(Default)]
struct Tally {
    pulled: AtomicUsize,
    handed: AtomicUsize,
    dropped: AtomicUsize,
}

/// An item. The thread that pulled it wrote its content.
struct Item(Arc<Tally>, UnsafeCell<usize>);

impl Drop for Item {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// An input. loom checks that one thread at a time asks it, each after the one before.
struct Input {
    tally: Arc<Tally>,
    window: usize,
    next: UnsafeCell<usize>,
    len: usize,
}

impl Iterator for Input {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let number = self.next.with_mut(|next| {
            // SAFETY: loom checks that no other thread accesses it.
            let next = unsafe { &mut *next };
            *next += 1;
            *next - 1
        });
        if number == self.len {
            return None;
        }
        let pulled = self.tally.pulled.fetch_add(1, Ordering::Relaxed) + 1;
        // An item that is being handed out is counted before it is asked for.
        assert!(pulled <= self.tally.handed.load(Ordering::Relaxed) + self.window, "more than the window");
        Some(Item(Arc::clone(&self.tally), UnsafeCell::new(number)))
    }
}

fn tenfold(item: Item) -> usize {
    // SAFETY: loom checks that no thread writes it meanwhile.
    10 * item.1.with(|number| unsafe { *number })
}

/// A stream of `len` items on `threads` threads. The consumer asks for `asked` items, and then drops the stream.
fn check<S: ReorderBuffer<usize> + Send + 'static>(
    threads: usize,
    window: usize,
    len: usize,
    asked: usize,
    is_ordered: bool,
) {
    check_of::<S>((threads, false), ItemCost::new, window, len, asked, is_ordered);
}

/// The same for light items: the consumer maps most of them.
fn check_light(threads: usize, window: usize, len: usize, asked: usize) {
    check_of::<InOrder<usize>>((threads, true), ItemCost::light, window, len, asked, true);
}

fn check_of<S: ReorderBuffer<usize> + Send + 'static>(
    (threads, leases): (usize, bool),
    item_cost: fn() -> ItemCost,
    window: usize,
    len: usize,
    asked: usize,
    is_ordered: bool,
) {
    let mut builder = loom::model::Builder::new();
    if threads > 1 {
        // With three preemptions the models with two threads take minutes.
        builder.preemption_bound = builder.preemption_bound.map(|limit| limit.min(2)).or(Some(2));
    }
    builder.check(move || {
        let tally = Arc::new(Tally::default());
        let (executor, handles) = Threads::hire(threads, leases);
        let input = Input { tally: Arc::clone(&tally), window, next: UnsafeCell::new(0), len };
        let pipeline =
            Pipeline::<_, _, S, _>::with_item_cost(input, window, tenfold, Arc::clone(&executor), item_cost());
        let mut found = Vec::new();
        for _ in 0..asked {
            tally.handed.fetch_add(1, Ordering::Relaxed);
            let outcome: Option<ItemOutcome<usize>> = pipeline.next();
            found.extend(outcome.map(hand_out));
        }
        pipeline.close();
        drop(pipeline);
        executor.dismiss();
        for handle in handles {
            handle.join().unwrap();
        }
        if !is_ordered {
            found.sort_unstable();
            let first = (0..len).map(|n| 10 * n).collect::<Vec<_>>();
            assert!(found.iter().all(|n| first.contains(n)));
        } else {
            assert!(found.iter().copied().eq((0..found.len()).map(|n| 10 * n)));
        }
        found.dedup();
        assert_eq!(found.len(), asked.min(len), "each result comes once");
        let [pulled, dropped] = [&tally.pulled, &tally.dropped].map(|count| count.load(Ordering::Relaxed));
        assert_eq!(pulled, dropped, "every item that was pulled is dropped");
    });
}

#[test]
fn results_come_in_order_and_then_the_end() {
    check::<InOrder<usize>>(1, 1, 2, 3, true);
}

#[test]
fn two_jobs_share_a_window() {
    check::<InOrder<usize>>(2, 2, 2, 3, true);
}

#[test]
fn results_come_as_they_are_done() {
    check::<AsDone<usize>>(2, 2, 2, 3, false);
}

#[test]
fn a_stream_may_be_dropped_at_any_moment() {
    check::<InOrder<usize>>(2, 2, 3, 1, true);
}

#[test]
fn a_window_that_was_full_is_filled_again() {
    check::<InOrder<usize>>(1, 2, 4, 4, true);
}

#[test]
fn light_items_are_mapped_by_the_consumer_while_a_job_goes_on() {
    check_light(1, 2, 3, 4);
}

#[test]
fn a_stream_of_light_items_may_be_dropped_at_any_moment() {
    check_light(1, 3, 4, 2);
}

#[test]
fn light_items_go_to_jobs_where_the_consumer_has_no_place() {
    check_of::<InOrder<usize>>((1, false), ItemCost::light, 2, 3, 4, true);
}

/// Items that are taken to be light: each second one waits until the one behind it has begun.
#[test]
fn a_light_item_may_wait_for_the_one_behind_it() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.map(|limit| limit.min(2)).or(Some(2));
    builder.check(|| {
        let (executor, handles) = Threads::hire(2, true);
        let begun = Arc::new((Mutex::new(0), Condvar::new()));
        let pair = move |number: usize| {
            let mut most = begun.0.lock().unwrap();
            *most = (*most).max(number + 1);
            begun.1.notify_all();
            while *most <= (number | 1) {
                most = begun.1.wait(most).unwrap();
            }
            number
        };
        let pipeline = Pipeline::<_, _, InOrder<usize>, _>::with_item_cost(
            0..4,
            2,
            pair,
            Arc::clone(&executor),
            ItemCost::light(),
        );
        for expected in [Some(0), Some(1), Some(2), Some(3), None] {
            let outcome: Option<ItemOutcome<usize>> = pipeline.next();
            assert_eq!(outcome.map(hand_out), expected);
        }
        executor.dismiss();
        for handle in handles {
            handle.join().unwrap();
        }
    });
}

/// When the threads have gone, the consumer does the rest.
#[test]
fn an_executor_may_go_at_any_moment() {
    loom::model(|| {
        let tally = Arc::new(Tally::default());
        let (executor, handles) = Threads::hire(1, false);
        let dismissal = {
            let executor = Arc::clone(&executor);
            thread::spawn(move || executor.finish_and_dismiss())
        };
        let input = Input { tally, window: 2, next: UnsafeCell::new(0), len: 2 };
        let pipeline = Pipeline::<_, _, InOrder<usize>, _>::new(input, 3, tenfold, executor);
        for expected in [Some(0), Some(10), None] {
            let outcome: Option<ItemOutcome<usize>> = pipeline.next();
            assert_eq!(outcome.map(hand_out), expected);
        }
        pipeline.close();
        dismissal.join().unwrap();
        for handle in handles {
            handle.join().unwrap();
        }
    });
}

impl Threads {
    /// No job is queued any more, and this thread runs those that were: as a pool ends, with nothing left undone.
    fn finish_and_dismiss(&self) {
        let left = self.queue.lock().unwrap().take();
        self.queued.notify_all();
        left.into_iter().flatten().for_each(|job| job());
    }
}
