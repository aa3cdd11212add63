//! One worker: makes its state, takes items from the queue, and makes its state anew after a panic.

use super::panic::WorkerPanic;
use super::pool::WorkersShared;
use super::results::Sink;
use crate::sync::local::thread_local;
use crate::sync::quiet::Quiet;
use crate::sync::unwind::{Payload, halt_job};
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

/// Makes the state of the worker with that index.
pub(crate) type Init<S> = Arc<dyn Fn(usize) -> S + Send + Sync>;

/// A worker, before and while its thread runs.
pub(crate) struct WorkerThread<S, T, F, O> {
    pub(crate) index: usize,
    pub(crate) shared: Arc<WorkersShared<T>>,
    pub(crate) init: Init<S>,
    pub(crate) work: Arc<Quiet<F>>,
    pub(crate) outlet: O,
}

/// Why a worker stops using its state.
enum Pause {
    /// There is no work left, and there will be none.
    Closed,
    /// `work` panicked.
    Panicked,
}

thread_local! {
    /// The pool that this thread works for, by the address of the pool's shared state.
    static EMPLOYER: Cell<*const ()> = const { Cell::new(ptr::null()) };
}

/// True if the calling thread is a worker of that pool. A worker keeps the shared state alive, so that no other pool
/// can have its address meanwhile.
pub(crate) fn is_employed_by<T>(shared: &Arc<WorkersShared<T>>) -> bool {
    EMPLOYER.get() == Arc::as_ptr(shared).cast()
}

impl<S, T, F, O> WorkerThread<S, T, F, O> {
    /// The whole life of a worker. `report` gets the first state's success, or its panic.
    pub(crate) fn run<R>(self, report: impl FnOnce(Result<(), Quiet<Payload>>))
    where
        F: Fn(&mut S, T) -> R,
        O: Sink<R>,
    {
        EMPLOYER.set(Arc::as_ptr(&self.shared).cast());
        let _departure = Departure(&self.shared);
        let mut state = match self.make_state() {
            Ok(state) => {
                report(Ok(()));
                state
            }
            Err(payload) => return report(Err(Quiet::new(payload))),
        };
        while let Pause::Panicked = self.serve(&mut state) {
            // The old state is dropped first: it may own a port or a file lock that the new one needs.
            drop(state);
            state = match self.make_state() {
                Ok(state) => state,
                Err(payload) => return self.shared.report(WorkerPanic::new(self.index, None, payload)),
            };
        }
    }

    fn make_state(&self) -> Result<Quiet<S>, Payload> {
        halt_job(|| (self.init)(self.index)).map(Quiet::new)
    }

    /// Works on items until there are no more, or one panics.
    fn serve<R>(&self, state: &mut S) -> Pause
    where
        F: Fn(&mut S, T) -> R,
        O: Sink<R>,
    {
        loop {
            self.outlet.wait_for_room(self.shared.gate.closed());
            let Some((sequence, item)) = self.shared.gate.next() else {
                return Pause::Closed;
            };
            let result = halt_job(|| (**self.work)(state, item.into_inner()));
            let result = result.map_err(|payload| WorkerPanic::new(self.index, Some(sequence), payload));
            let pause = result.is_err().then_some(Pause::Panicked);
            if let Err(untaken) = self.outlet.put(sequence, Quiet::new(result)) {
                match untaken.into_inner() {
                    Ok(result) => drop(Quiet::new(result)),
                    Err(panic) => self.shared.report(panic),
                }
            }
            if let Some(pause) = pause {
                return pause;
            }
        }
    }
}

/// A worker's end, in whichever way: with the last worker the pool is closed.
struct Departure<'a, T>(&'a WorkersShared<T>);

impl<T> Drop for Departure<'_, T> {
    fn drop(&mut self) {
        self.0.depart();
    }
}
