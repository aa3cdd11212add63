//! Virtual threads: how they are started and joined.

use super::lock::deadline_in;
use super::machine::{self, point_alone};
use super::state::Waiting;
use super::trace::{Access, ThreadId};
use super::unwind::catch_unwind;
use std::fmt;
use std::io;
use std::mem;
use std::num::NonZeroUsize;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The settings of a new thread, as [`std::thread::Builder`].
#[derive(Debug, Default)]
pub(crate) struct Builder {
    name: Option<String>,
    stack_size: Option<usize>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Builder::default()
    }

    pub(crate) fn name(self, name: String) -> Self {
        Builder { name: Some(name), ..self }
    }

    pub(crate) fn stack_size(self, size: usize) -> Self {
        Builder { stack_size: Some(size), ..self }
    }

    #[track_caller]
    pub(crate) fn spawn<T: Send + 'static>(self, f: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
        // SAFETY: the closure borrows only `'static` data.
        unsafe { self.spawn_unchecked(f) }
    }

    /// # Safety
    ///
    /// The borrows of the closure and of its result last until the thread has ended.
    #[track_caller]
    pub(crate) unsafe fn spawn_unchecked<'a, T: Send + 'a>(
        self,
        f: impl FnOnce() -> T + Send + 'a,
    ) -> io::Result<JoinHandle<T>> {
        let place = Location::caller();
        point_alone(Access::Spawn);
        let result = Arc::new(Mutex::new(None));
        let body = {
            let result = Arc::clone(&result);
            move || {
                let outcome = catch_unwind(f);
                *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
            }
        };
        let body: Box<dyn FnOnce() + 'a> = Box::new(body);
        // SAFETY: the types differ in the lifetime alone, and the caller guarantees that the borrows last long enough.
        let body = unsafe { mem::transmute::<Box<dyn FnOnce() + 'a>, Box<dyn FnOnce()>>(body) };
        let name = self.name.unwrap_or_else(|| "thread".to_owned());
        let id = machine::with_run("a thread is started", |machine| machine.spawn(name, self.stack_size, body, place))?;
        Ok(JoinHandle { id, result })
    }
}

/// A virtual thread that can be waited for, as [`std::thread::JoinHandle`].
pub struct JoinHandle<T> {
    id: ThreadId,
    result: Arc<Mutex<Option<std::thread::Result<T>>>>,
}

impl<T> JoinHandle<T> {
    /// True if the thread has ended.
    #[track_caller]
    pub fn is_finished(&self) -> bool {
        point_alone(Access::Point);
        machine::with(|machine| machine.is_none_or(|machine| machine.with_state(|state| state.is_done(self.id))))
    }

    /// Waits for the end of the thread, and returns its result.
    ///
    /// # Errors
    ///
    /// With the payload, if the thread panicked.
    ///
    /// # Panics
    ///
    /// Outside of runs, if the thread has not ended.
    #[track_caller]
    pub fn join(self) -> std::thread::Result<T> {
        let place = Location::caller();
        point_alone(Access::Join);
        machine::with(|machine| {
            if let Some(machine) = machine.filter(|machine| machine.with_state(|state| !state.is_done(self.id))) {
                machine.block(Waiting::Join(self.id), [None, None], None, place);
            }
        });
        let result = self.result.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.expect("a thread that has ended leaves a result")
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The number of cores of the machine.
pub(crate) fn available_parallelism() -> io::Result<NonZeroUsize> {
    let cores = machine::with(|machine| machine.map_or(1, |machine| machine.config(|config| config.cores)));
    Ok(NonZeroUsize::new(cores).unwrap_or(NonZeroUsize::MIN))
}

/// True if the calling thread panics.
pub(crate) fn panicking() -> bool {
    machine::with(|machine| machine.map_or_else(std::thread::panicking, |machine| machine.is_panicking()))
}

/// Lets other threads go on first.
#[track_caller]
pub(crate) fn yield_now() {
    point_alone(Access::Yield);
}

/// Sleeps for `time`.
#[track_caller]
pub(crate) fn sleep(time: Duration) {
    let place = Location::caller();
    point_alone(Access::Sleep);
    let deadline = deadline_in(time);
    machine::with_run("a thread sleeps", |machine| machine.block(Waiting::Time, [None, None], deadline, place));
}
