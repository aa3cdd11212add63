//! The handlers of a pool: closures for panics, for the start and end of threads, and for their sleeps.

use crate::sync::unwind::{self, AbortOnUnwind, Payload};
use std::fmt;

pub(crate) type PanicHandler = dyn Fn(Payload) + Send + Sync;
pub(crate) type StartHandler = dyn Fn(usize) + Send + Sync;
pub(crate) type ExitHandler = dyn Fn(usize) + Send + Sync;
pub(crate) type SleepHandler = dyn Fn(usize) + Send + Sync;
pub(crate) type WakeHandler = dyn Fn(usize) + Send + Sync;

/// The handlers for panics in detached code, for the start and end of threads, and for their sleeps.
#[derive(Default)]
pub(crate) struct Handlers {
    pub(crate) panic: Option<Box<PanicHandler>>,
    pub(crate) start: Option<Box<StartHandler>>,
    pub(crate) exit: Option<Box<ExitHandler>>,
    pub(crate) sleep: Option<Box<SleepHandler>>,
    pub(crate) wake: Option<Box<WakeHandler>>,
}

impl Handlers {
    /// Runs detached code: `f`, for which no caller waits. Passes its panic to the panic handler. Aborts the process if
    /// there is none, or if the handler itself panics, also in the drop of the payload. Never unwinds.
    pub(crate) fn catch(&self, what: Detached, f: impl FnOnce()) {
        if let Err(payload) = unwind::halt_job(f) {
            self.handle(what, payload);
        }
    }

    #[cold]
    fn handle(&self, what: Detached, payload: Payload) {
        let Some(handler) = &self.panic else {
            drop(AbortOnUnwind { because: what.without_handler() });
            return;
        };
        let guard = AbortOnUnwind { because: "the pool's panic_handler, or the drop of the payload in it, panicked" };
        handler(payload);
        std::mem::forget(guard);
    }

    /// Drops the handlers, when no thread is left to call them. A panic in the drop of a handler's captures is treated
    /// as a panic of that handler; that of the panic handler is swallowed.
    pub(crate) fn retire(&mut self) {
        let (start, exit) = (self.start.take(), self.exit.take());
        let (sleep, wake) = (self.sleep.take(), self.wake.take());
        self.catch(Detached::StartHandler, || drop(start));
        self.catch(Detached::ExitHandler, || drop(exit));
        self.catch(Detached::SleepHandler, || drop(sleep));
        self.catch(Detached::WakeHandler, || drop(wake));
        unwind::dispose(self.panic.take());
    }

    /// Calls the start handler: a thread has become the worker `index`.
    pub(crate) fn started(&self, index: usize) {
        if let Some(handler) = &self.start {
            self.catch(Detached::StartHandler, || handler(index));
        }
    }

    /// Calls the exit handler: a thread stops being the worker `index`.
    pub(crate) fn exiting(&self, index: usize) {
        if let Some(handler) = &self.exit {
            self.catch(Detached::ExitHandler, || handler(index));
        }
    }

    /// Calls the sleep handler: the worker `index` has found nothing to do.
    pub(crate) fn sleeps(&self, index: usize) {
        if let Some(handler) = &self.sleep {
            self.catch(Detached::SleepHandler, || handler(index));
        }
    }

    /// Calls the wake handler: the worker `index` goes on.
    pub(crate) fn wakes(&self, index: usize) {
        if let Some(handler) = &self.wake {
            self.catch(Detached::WakeHandler, || handler(index));
        }
    }

    /// True if there is a handler for sleeps or for their ends.
    pub(crate) fn watch_sleeps(&self) -> bool {
        self.sleep.is_some() || self.wake.is_some()
    }
}

/// The kinds of detached code: no caller waits for it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Detached {
    Spawn,
    StartHandler,
    ExitHandler,
    SleepHandler,
    WakeHandler,
}

impl Detached {
    /// The message before the process is aborted.
    fn without_handler(self) -> &'static str {
        match self {
            Detached::Spawn => {
                "a spawned job panicked, nobody waits for it, and its pool has no panic_handler \
                 (see ThreadPoolBuilder::panic_handler)"
            }
            Detached::StartHandler => "a start_handler panicked and its pool has no panic_handler",
            Detached::ExitHandler => "an exit_handler panicked and its pool has no panic_handler",
            Detached::SleepHandler => "a sleep_handler panicked and its pool has no panic_handler",
            Detached::WakeHandler => "a wake_handler panicked and its pool has no panic_handler",
        }
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers")
            .field("panic", &self.panic.is_some())
            .field("start", &self.start.is_some())
            .field("exit", &self.exit.is_some())
            .field("sleep", &self.sleep.is_some())
            .field("wake", &self.wake.is_some())
            .finish()
    }
}
