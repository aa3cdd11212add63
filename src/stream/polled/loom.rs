//! Loom models of an async stream: polls against jobs that finish, wakers that are replaced, and a drop at any moment.
//!
//! Only the task polls the input, so the input is not part of the models. `README.md` lists the weakenings, and how the
//! models failed.

use super::SharedStream;
use crate::stream::reorder_buffer::{AsDone, InOrder, ItemOutcome, ReorderBuffer, hand_out};
use crate::sync::quiet::Quiet;
use loom::sync::Notify;
use loom::thread;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

/// A task of some runtime: the part of it that its waker knows.
struct Task(Notify);

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

fn task() -> (Arc<Task>, Waker) {
    let task = Arc::new(Task(Notify::new()));
    (Arc::clone(&task), Waker::from(task))
}

/// How many items and results there are. The count is no part of the protocol, so it orders nothing.
#[derive(Default)]
struct Alive(AtomicUsize);

struct Value(Arc<Alive>, usize);

impl Value {
    fn new(alive: &Arc<Alive>, number: usize) -> Self {
        alive.0.fetch_add(1, Ordering::Relaxed);
        Value(Arc::clone(alive), number)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

type Mapped<H> = Arc<SharedStream<Value, Value, H>>;

/// A stream, and its jobs for so many items, each on a thread of its own.
fn begin<H: ReorderBuffer<Value> + Send + 'static>(
    items: usize,
) -> (Arc<Alive>, Mapped<H>, Vec<thread::JoinHandle<()>>) {
    let alive = Arc::<Alive>::default();
    let shared = SharedStream::new(|item: Value| Value::new(&item.0, 10 * item.1));
    let jobs = (0..items).map(|number| {
        let (shared, ticket, item) = (Arc::clone(&shared), shared.reserve(), Value::new(&alive, number));
        thread::spawn(move || shared.map(ticket, Quiet::new(item)))
    });
    let jobs = jobs.collect();
    (alive, shared, jobs)
}

fn number(outcome: ItemOutcome<Value>) -> usize {
    hand_out(outcome).1
}

/// Polls as a task that sleeps until it is woken, until it has so many results. Returns them.
fn poll_all<H: ReorderBuffer<Value>>(shared: &Mapped<H>, task: &Task, waker: &Waker, results: usize) -> Vec<usize> {
    let mut found = Vec::new();
    while found.len() < results {
        match shared.poll(true, waker) {
            Some(outcome) => found.push(number(outcome)),
            None => task.0.wait(),
        }
    }
    found
}

#[test]
fn a_poll_is_woken_by_the_job_that_finishes() {
    loom::model(|| {
        let (alive, shared, jobs) = begin::<InOrder<_>>(1);
        let (task, waker) = task();
        assert_eq!(poll_all(&shared, &task, &waker, 1), [0]);
        jobs.into_iter().for_each(|job| job.join().unwrap());
        assert_eq!(alive.0.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn results_of_two_jobs_come_in_order() {
    loom::model(|| {
        let (_, shared, jobs) = begin::<InOrder<_>>(2);
        let (task, waker) = task();
        assert_eq!(poll_all(&shared, &task, &waker, 2), [0, 10]);
        jobs.into_iter().for_each(|job| job.join().unwrap());
    });
}

#[test]
fn results_of_two_jobs_come_as_they_are_done() {
    loom::model(|| {
        let (_, shared, jobs) = begin::<AsDone<_>>(2);
        let (task, waker) = task();
        let mut found = poll_all(&shared, &task, &waker, 2);
        found.sort_unstable();
        assert_eq!(found, [0, 10]);
        jobs.into_iter().for_each(|job| job.join().unwrap());
    });
}

/// A task that has polled moves on, with another waker. That waker is woken, whether the first one is or not.
#[test]
fn the_waker_of_the_last_poll_is_woken() {
    loom::model(|| {
        let (_, shared, jobs) = begin::<InOrder<_>>(1);
        let (_, first) = task();
        let outcome = shared.poll(true, &first);
        let found = match outcome {
            Some(outcome) => number(outcome),
            None => {
                let (task, waker) = task();
                poll_all(&shared, &task, &waker, 1)[0]
            }
        };
        assert_eq!(found, 0);
        jobs.into_iter().for_each(|job| job.join().unwrap());
    });
}

/// The stream is dropped when it has polled. Its jobs drop the results that they still make, and no waker is kept.
#[test]
fn a_stream_may_be_dropped_while_it_is_pending() {
    loom::model(|| {
        let (alive, shared, jobs) = begin::<InOrder<_>>(2);
        let (task, waker) = task();
        drop(shared.poll(true, &waker));
        drop(waker);
        shared.close();
        jobs.into_iter().for_each(|job| job.join().unwrap());
        assert_eq!(alive.0.load(Ordering::Relaxed), 0, "all items and results are dropped");
        assert_eq!(Arc::strong_count(&task), 1, "nobody keeps the waker");
    });
}
