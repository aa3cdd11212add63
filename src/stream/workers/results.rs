//! The results of a pool: the workers' outlets, and the receiver, which puts results in order.

use super::sink::{Sink, WorkOutcome};
use super::worker_error::WorkerError;
use crate::pool::watchdog::waits::{self, Awaited};
use crate::sync::backoff::Backoff;
use crate::sync::channel::{Receiver, Sender, TryRecvError, bounded, send_unless_closed, unbounded};
use crate::sync::clock::Instant;
use crate::sync::event_count::EventCount;
use crate::sync::process;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::iter::FusedIterator;
use std::ptr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// The order in which [`Results`] come.
///
/// # Examples
///
/// ```
/// use paceline::workers::{Order, WorkerPool};
///
/// let builder = || WorkerPool::builder().threads(2).capacity(3);
/// for order in [Order::Submission, Order::Completion] {
///     let (pool, results) = builder().build_with_results(order, |_, number: u32| number * 2)?;
///     for number in 0..3 {
///         pool.submit(number).unwrap();
///     }
///     pool.shutdown().unwrap();
///     let mut doubled: Vec<u32> = results.map(Result::unwrap).collect();
///     if order == Order::Completion {
///         doubled.sort();
///     }
///     assert_eq!(doubled, [0, 2, 4]);
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Order {
    /// In the order in which the items were submitted. Results that come before an earlier one wait, and count as not
    /// taken.
    Submission,
    /// In the order in which they are done.
    Completion,
}

/// The outcome of an item, with its number.
type NumberedOutcome<R> = (u64, WorkOutcome<R>);

/// The results of a [`WorkerPool`](super::WorkerPool): an iterator that waits for each.
///
/// There is one for every item that a worker has begun; it is `Err` if `work` panicked. The iterator ends when the pool
/// is [closed](super::WorkerPool::close), in whichever way, and the workers have finished. Results that have not been
/// taken stay when the pool is gone. When the `Results` are dropped, the workers go on, and drop the results that they
/// make.
///
/// # Panics
///
/// In a forked child of the process that made the pool.
///
/// # Examples
///
/// ```
/// use paceline::workers::{Order, WorkerPool};
///
/// let work = |_: &mut (), text: &str| text.parse::<i32>().unwrap();
/// let (pool, results) = WorkerPool::builder().threads(2).capacity(3).build_with_results(Order::Submission, work)?;
/// for text in ["3", "4a", "5"] {
///     pool.submit(text).unwrap();
/// }
/// drop(pool);
/// let mut sum = 0;
/// for result in results {
///     match result {
///         Ok(number) => sum += number,
///         Err(error) => assert_eq!(error.sequence(), Some(1)),
///     }
/// }
/// assert_eq!(sum, 8);
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "when nobody takes results, the workers stop"]
pub struct Results<R> {
    receiver: Receiver<NumberedOutcome<R>>,
    room: Receiver<()>,
    /// The receiver waits here for results. It does not wait at the channel, which would use up the thread's token for
    /// `park`.
    arrived: Arc<EventCount>,
    order: Order,
    /// The number of the first place in `ready`; counts up by one for each result that leaves.
    next: u64,
    /// In the order of submission, a place for each number from `next` on; otherwise the results that have come. The
    /// permits for room bound its length.
    ready: VecDeque<Option<NumberedOutcome<R>>>,
    incarnation: usize,
}

/// A worker's end of [`Results`].
pub(crate) struct Outlet<R> {
    sender: Sender<NumberedOutcome<R>>,
    /// Has a permit for each result that was begun and not taken, until the pool is closed.
    room: Sender<()>,
    /// It is dropped after the sender: the receiver waits for the last sender.
    arrived: Arrival,
}

/// Tells the receiver that there is a result, and when it is dropped, that there may be no more.
#[derive(Clone)]
struct Arrival(Arc<EventCount>);

impl Drop for Arrival {
    fn drop(&mut self) {
        self.0.tell_all();
    }
}

/// The two ends, with room for `room` results that are being made or were not taken.
pub(crate) fn results<R>(order: Order, room: usize) -> (Outlet<R>, Results<R>) {
    let (sender, receiver) = unbounded();
    let (room_sender, room) = bounded(room);
    let arrived = Arc::new(EventCount::new());
    let outlet = Outlet { sender, room: room_sender, arrived: Arrival(Arc::clone(&arrived)) };
    let (ready, incarnation) = (VecDeque::new(), process::incarnation());
    (outlet, Results { receiver, room, arrived, order, next: 0, ready, incarnation })
}

impl<T, R: Send + 'static> Sink<T, R> for Outlet<R> {
    type Work = T;
    type Address = ();

    fn wait_for_room(&self, closed: &Receiver<Infallible>) {
        if self.room.is_full() {
            snooze_until(|| !self.room.is_full());
        }
        if self.room.try_send(()).is_err() {
            // The receiver lies in the gate, by which the pool is known.
            let _listed = waits::list(Awaited::ResultRoom(ptr::from_ref(closed).addr()));
            // Sending fails if the results were dropped: then none are kept, and there is no bound.
            send_unless_closed(&self.room, (), closed);
        }
    }

    fn begin(item: T) -> (T, ()) {
        (item, ())
    }

    fn put(&self, sequence: u64, (): (), outcome: WorkOutcome<R>) -> Result<(), WorkOutcome<R>> {
        self.sender.send((sequence, outcome)).map_err(|unsent| unsent.into_inner().1)?;
        self.arrived.0.tell_one();
        Ok(())
    }
}

/// Looks again for a few microseconds. If results are taken all the time, that is cheaper than a sleep.
fn snooze_until(found: impl Fn() -> bool) {
    let backoff = Backoff::new();
    while !backoff.is_completed() {
        backoff.snooze();
        if found() {
            return;
        }
    }
}

impl<R> Clone for Outlet<R> {
    fn clone(&self) -> Self {
        Outlet { sender: self.sender.clone(), room: self.room.clone(), arrived: self.arrived.clone() }
    }
}

impl<R> Results<R> {
    /// Takes the next result if it is there; does not wait.
    ///
    /// # Errors
    ///
    /// `Empty` if it is not there yet, `Disconnected` if there will be no more.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{Order, WorkerPool};
    /// use std::sync::mpsc::TryRecvError;
    ///
    /// let builder = WorkerPool::builder().threads(1);
    /// let (pool, mut results) = builder.build_with_results(Order::Submission, |_, number: u32| number)?;
    /// assert_eq!(results.try_recv().unwrap_err(), TryRecvError::Empty);
    /// pool.submit(7).unwrap();
    /// pool.shutdown().unwrap();
    /// assert_eq!(results.try_recv().unwrap().unwrap(), 7);
    /// assert_eq!(results.try_recv().unwrap_err(), TryRecvError::Disconnected);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_recv(&mut self) -> Result<Result<R, WorkerError>, mpsc::TryRecvError> {
        let done = self.take(|results| {
            results.receiver.try_recv().map_err(|error| match error {
                TryRecvError::Empty => mpsc::TryRecvError::Empty,
                TryRecvError::Disconnected => mpsc::TryRecvError::Disconnected,
            })
        })?;
        Ok(done.1.into_inner())
    }

    /// Waits for the next result, but not much longer than for `timeout`.
    ///
    /// # Errors
    ///
    /// `Timeout` if it did not come, `Disconnected` if there will be no more.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{Order, WorkerPool};
    /// use std::time::{Duration, Instant};
    ///
    /// let builder = WorkerPool::builder().threads(1);
    /// let (pool, mut results) = builder.build_with_results(Order::Submission, |_, number: u32| number)?;
    /// assert!(results.recv_timeout(Duration::from_millis(1)).is_err());
    /// pool.submit(7).unwrap();
    /// assert_eq!(results.recv_timeout(Duration::from_secs(60)).unwrap().unwrap(), 7);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn recv_timeout(&mut self, timeout: Duration) -> Result<Result<R, WorkerError>, mpsc::RecvTimeoutError> {
        // No clock will ever show a moment that it cannot tell.
        let deadline = Instant::now().checked_add(timeout);
        let done = self.take(|results| results.receive(deadline))?;
        Ok(done.1.into_inner())
    }

    /// The same iterator with the number of each item beside its result, as `submit` returned it.
    ///
    /// # Examples
    ///
    /// ```
    /// use paceline::workers::{Order, WorkerPool};
    ///
    /// let builder = WorkerPool::builder().threads(2);
    /// let (pool, results) = builder.build_with_results(Order::Completion, |_, word: &str| word.len())?;
    /// let first = pool.submit("first").unwrap();
    /// let other = pool.submit("the other").unwrap();
    /// drop(pool);
    /// for (number, length) in results.numbered() {
    ///     assert_eq!(length.unwrap(), if number == first { 5 } else { 9 });
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn numbered(self) -> Numbered<R> {
        Numbered(self)
    }

    /// Takes the next result. `receive` waits for it as long as its caller wants.
    fn take<E>(&mut self, receive: impl Fn(&Self) -> Result<NumberedOutcome<R>, E>) -> Result<NumberedOutcome<R>, E> {
        self.check_process();
        loop {
            if let Some(Some(_)) = self.ready.front() {
                let done = self.ready.pop_front().flatten().expect("there is one");
                self.next += 1;
                // There is no permit if a worker needed none, because the pool was closed.
                let _ = self.room.try_recv();
                return Ok(done);
            }
            let done = receive(self)?;
            self.keep(done);
        }
    }

    /// Waits for a result from a worker.
    fn receive(&self, deadline: Option<Instant>) -> Result<NumberedOutcome<R>, mpsc::RecvTimeoutError> {
        let attempt = || match self.receiver.try_recv() {
            Ok(done) => Some(Ok(done)),
            Err(TryRecvError::Disconnected) => Some(Err(mpsc::RecvTimeoutError::Disconnected)),
            Err(TryRecvError::Empty) => None,
        };
        if self.receiver.is_empty() {
            snooze_until(|| !self.receiver.is_empty());
        }
        let wait = || {
            let _listed = waits::list(Awaited::NextResult);
            self.arrived.wait(deadline, attempt)
        };
        attempt().or_else(wait).unwrap_or(Err(mpsc::RecvTimeoutError::Timeout))
    }

    fn keep(&mut self, done: NumberedOutcome<R>) {
        match self.order {
            Order::Completion => self.ready.push_back(Some(done)),
            Order::Submission => {
                let place = (done.0 - self.next) as usize;
                if self.ready.len() <= place {
                    self.ready.resize_with(place + 1, || None);
                }
                self.ready[place] = Some(done);
            }
        }
    }

    /// # Panics
    ///
    /// Panics if the workers are in another process, from which no result would ever come.
    fn check_process(&self) {
        super::shared::check_process(self.incarnation);
    }

    fn next_numbered(&mut self) -> Option<NumberedOutcome<R>> {
        self.take(|results| results.receive(None)).ok()
    }
}

impl<R> Iterator for Results<R> {
    type Item = Result<R, WorkerError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.next_numbered()?.1.into_inner())
    }
}

impl<R> FusedIterator for Results<R> {}

impl<R> fmt::Debug for Results<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Results").field("order", &self.order).finish_non_exhaustive()
    }
}

/// [`Results`] with the numbers of their items; made by [`numbered`](Results::numbered).
///
/// # Examples
///
/// ```
/// use paceline::workers::{Order, WorkerPool};
///
/// let builder = WorkerPool::builder().threads(2);
/// let (pool, results) = builder.build_with_results(Order::Completion, |_, word: &str| word.len())?;
/// let words = ["as", "they", "are", "done"];
/// for word in words {
///     pool.submit(word).unwrap();
/// }
/// pool.close();
/// for (number, length) in results.numbered() {
///     assert_eq!(length.unwrap(), words[number as usize].len());
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "when nobody takes results, the workers stop"]
pub struct Numbered<R>(Results<R>);

impl<R> Iterator for Numbered<R> {
    type Item = (u64, Result<R, WorkerError>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_numbered().map(|(number, outcome)| (number, outcome.into_inner()))
    }
}

impl<R> FusedIterator for Numbered<R> {}

impl<R> fmt::Debug for Numbered<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Numbered").field(&self.0).finish()
    }
}
