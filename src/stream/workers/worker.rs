//! One worker: makes its state, takes items from the queue, and makes its state anew when that is spoilt.

use super::gate::QueuedItem;
use super::shared::WorkersShared;
use super::sink::Sink;
use super::worker_error::{BoxError, Step, ThreadName, WorkerError};
use crate::job::context::CarriedContext;
use crate::sync::local::thread_local;
use crate::sync::quiet::Quiet;
use crate::sync::unwind::halt_job;
use std::cell::Cell;
use std::ptr;
use std::sync::Arc;

/// Makes the state of the worker with that index.
pub(crate) type Init<S> = Arc<dyn Fn(usize) -> Result<S, BoxError> + Send + Sync>;

/// True if a state is of no use any more.
pub(crate) type RenewIf<S> = Arc<dyn Fn(&S) -> bool + Send + Sync>;

/// A worker, before and while its thread runs.
pub(crate) struct WorkerThread<S, T, F, O> {
    pub(crate) name: ThreadName,
    pub(crate) shared: Arc<WorkersShared<T>>,
    pub(crate) init: Init<S>,
    pub(crate) renew_if: Option<RenewIf<S>>,
    pub(crate) work: Arc<Quiet<F>>,
    pub(crate) outlet: O,
}

/// Why a worker stops using its state.
enum Pause {
    /// There is no work left, and there will be none.
    Closed,
    /// `work` panicked, or `renew_if` says so.
    Spoilt,
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
    /// The whole life of a worker. `report` is told whether the first state could be made.
    pub(crate) fn run<R>(self, report: impl FnOnce(Result<(), WorkerError>))
    where
        F: Fn(&mut S, O::Work) -> R,
        O: Sink<T, R>,
    {
        EMPLOYER.set(Arc::as_ptr(&self.shared).cast());
        let _departure = Departure(&self.shared);
        let mut state = match self.make_state() {
            Ok(state) => {
                report(Ok(()));
                state
            }
            Err(error) => return report(Err(error)),
        };
        while let Pause::Spoilt = self.serve(&mut state) {
            // The old state is dropped first: it may own a port or a file lock that the new one needs.
            drop(state);
            state = match self.make_state() {
                Ok(state) => state,
                Err(error) => return self.shared.report(error),
            };
        }
    }

    fn make_state(&self) -> Result<Quiet<S>, WorkerError> {
        match halt_job(|| (self.init)(self.name.index)) {
            Ok(Ok(state)) => Ok(Quiet::new(state)),
            Ok(Err(error)) => Err(WorkerError::init(&self.name, error)),
            Err(payload) => Err(WorkerError::panic(&self.name, Step::Init, payload)),
        }
    }

    /// Works on items until there are no more, or the state is spoilt.
    fn serve<R>(&self, state: &mut S) -> Pause
    where
        F: Fn(&mut S, O::Work) -> R,
        O: Sink<T, R>,
    {
        loop {
            self.outlet.wait_for_room(self.shared.gate.closed());
            let Some(QueuedItem { number: sequence, item, context }) = self.shared.gate.next() else {
                return Pause::Closed;
            };
            let (item, address) = O::begin(item.into_inner());
            let entered = context.as_ref().map(CarriedContext::enter);
            let outcome = halt_job(|| (**self.work)(state, item));
            // Before the result is handed out.
            drop((entered, context));
            let outcome = outcome.map_err(|payload| WorkerError::panic(&self.name, Step::Item(sequence), payload));
            let panicked = outcome.is_err();
            if let Err(untaken) = self.outlet.put(sequence, address, Quiet::new(outcome)) {
                match untaken.into_inner() {
                    Ok(result) => drop(Quiet::new(result)),
                    Err(error) => self.shared.report(error),
                }
            }
            if panicked || self.is_spoilt(state) {
                return Pause::Spoilt;
            }
        }
    }

    /// True also if `renew_if` panics: a state that it cannot judge is not to be relied on.
    fn is_spoilt(&self, state: &S) -> bool {
        let Some(renew_if) = &self.renew_if else { return false };
        halt_job(|| renew_if(state)).unwrap_or_else(|payload| {
            self.shared.report(WorkerError::panic(&self.name, Step::RenewIf, payload));
            true
        })
    }
}

/// A worker's end, in whichever way: with the last worker the pool is closed.
struct Departure<'a, T>(&'a WorkersShared<T>);

impl<T> Drop for Departure<'_, T> {
    fn drop(&mut self) {
        self.0.depart();
    }
}
