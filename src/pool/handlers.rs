//! The handlers that a pool's maker may give it.

use crate::sync::unwind::{self, AbortOnUnwind, Payload};
use std::fmt;

pub(crate) type PanicHandler = dyn Fn(Payload) + Send + Sync;
pub(crate) type StartHandler = dyn Fn(usize) + Send + Sync;
pub(crate) type ExitHandler = dyn Fn(usize) + Send + Sync;

/// What to call when a thread starts or ends and when a job panics for which nobody waits.
#[derive(Default)]
pub(crate) struct Handlers {
    pub(crate) panic: Option<Box<PanicHandler>>,
    pub(crate) start: Option<Box<StartHandler>>,
    pub(crate) exit: Option<Box<ExitHandler>>,
}

impl Handlers {
    /// Runs something for which nobody waits, and hands its panic to the panic handler. Aborts the process if there
    /// is none, or if the handler panics itself, be it in the drop of the payload. Never unwinds.
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

    /// Drops the handlers: no thread is left to call them. A panic in the drop of what one of them has captured is
    /// treated as its own; that of the panic handler ends here.
    pub(crate) fn retire(&mut self) {
        let (start, exit) = (self.start.take(), self.exit.take());
        self.catch(Detached::StartHandler, || drop(start));
        self.catch(Detached::ExitHandler, || drop(exit));
        unwind::dispose(self.panic.take());
    }

    /// A thread has become the worker `index`.
    pub(crate) fn started(&self, index: usize) {
        if let Some(handler) = &self.start {
            self.catch(Detached::StartHandler, || handler(index));
        }
    }

    /// A thread stops being the worker `index`.
    pub(crate) fn exiting(&self, index: usize) {
        if let Some(handler) = &self.exit {
            self.catch(Detached::ExitHandler, || handler(index));
        }
    }
}

/// The kinds of code for which nobody waits.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Detached {
    Spawn,
    StartHandler,
    ExitHandler,
}

impl Detached {
    /// What is said before the process is aborted.
    fn without_handler(self) -> &'static str {
        match self {
            Detached::Spawn => {
                "a spawned job panicked, nobody waits for it, and its pool has no panic_handler \
                 (see ThreadPoolBuilder::panic_handler)"
            }
            Detached::StartHandler => "a start_handler panicked and its pool has no panic_handler",
            Detached::ExitHandler => "an exit_handler panicked and its pool has no panic_handler",
        }
    }
}

impl fmt::Debug for Handlers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handlers")
            .field("panic", &self.panic.is_some())
            .field("start", &self.start.is_some())
            .field("exit", &self.exit.is_some())
            .finish()
    }
}
