//! Layer 5: one stream at work: what its jobs do, what whoever asks for a result does, and how it ends.

use crate::job::latch::Wait;
use crate::pool::waiter::Waiter;
use crate::stream::crew::Crew;
use crate::stream::nesting::{self, Asking};
use crate::stream::shelf::{Outcome, Shelf, Ticket};
use crate::stream::window::{Arrival, Pulled, Start, Step, Turn, Window};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::lock::{Guard, Mutex};
use crate::sync::ticks::Ticks;
use crate::sync::unwind;
use std::sync::Arc;

/// How long a job goes on before it lets others have its thread, if any want it.
const SLICE: u64 = 100_000 * Ticks::PER_NANOSECOND;

/// A stream, shared by whoever asks for results and the jobs that make them.
pub(super) struct Flow<I: Iterator, F, S, C> {
    window: Mutex<Window<I, I::Item, S>>,
    /// Whether the consumer, which waits, should look again. It is written under the lock, and orders nothing: it only
    /// saves a waiting worker the lock.
    is_due: AtomicBool,
    func: F,
    crew: C,
}

impl<I, F, R, S, C> Flow<I, F, S, C>
where
    I: Iterator<Item: Send> + Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
    R: Send + 'static,
    S: Shelf<R> + Send + 'static,
    C: Crew,
{
    pub(super) fn new(input: I, size: usize, func: F, crew: C) -> Arc<Self> {
        let window = Mutex::new(Window::new(size, crew.size(), input));
        Arc::new(Flow { window, is_due: AtomicBool::new(false), func, crew })
    }

    /// What a job does, from its start to its end: it pulls an item, maps it, puts the result on the shelf, and so on
    /// until there is nothing that it may do.
    fn work(self: &Arc<Self>) {
        let begun = Ticks::now();
        loop {
            let mut window = self.window.lock();
            let step = window.step(|| self.may_wait_here());
            // Another job sees to the next item meanwhile. A job that may not pull here starts none that may not either.
            let start = if matches!(step, Step::Leave) { Start::Nothing } else { window.start() };
            self.leave(window);
            self.obey(start);
            let arrived = match step {
                Step::Map(ticket, item) => Some((ticket, item)),
                Step::Pull(input) => self.pull(input, Mapper::Here),
                Step::Leave => return,
            };
            if let Some((ticket, item)) = arrived {
                self.map(ticket, item);
            }
            if !cfg!(loom) && Ticks::now().since(begun) > SLICE && self.crew.is_wanted_elsewhere() {
                let this = Arc::clone(self);
                return self.crew.start_last(move || this.run_job());
            }
        }
    }

    /// The whole of a job. Nothing of what it drops may unwind further: nobody could be told.
    fn run_job(self: Arc<Self>) {
        self.work();
        unwind::dispose(self);
    }

    /// Starts a job if that is what is to be done. Says no if the crew has gone, so that the caller must look again: only
    /// the consumer sees that, since the jobs keep the crew.
    fn obey(self: &Arc<Self>, start: Start) -> bool {
        if start == Start::Nothing {
            return true;
        }
        let this = Arc::clone(self);
        let started = self.crew.start(move || this.run_job());
        if !started {
            self.window.lock().strand();
        }
        started
    }

    /// Releases the lock, and wakes the consumer if it should look again.
    fn leave(&self, mut window: Guard<'_, Window<I, I::Item, S>>) {
        let due = window.due();
        if due.is_some() {
            self.is_due.store(true, Ordering::Relaxed);
        }
        drop(window);
        if let Some(parker) = due {
            parker.notify();
        }
    }

    /// Pulls an item with the input that was taken out. `mapper` says who maps it: the caller, to whom it is returned,
    /// or a job.
    fn pull(self: &Arc<Self>, mut input: Box<I>, mapper: Mapper) -> Option<(Ticket, I::Item)> {
        let (pulled, waited) = nesting::watch(|| unwind::halt(|| input.next()));
        let pulled = match pulled {
            Ok(Some(item)) => Pulled::Item(item),
            Ok(None) => Pulled::End,
            Err(payload) => Pulled::Panic(Err(payload)),
        };
        let mut window = self.window.lock();
        let mut arrived = None;
        let mut rest = None;
        match window.pulled(input, pulled, waited) {
            Arrival::Item(ticket, item) => match mapper {
                Mapper::Here => arrived = Some((ticket, item)),
                Mapper::Job => window.offer(ticket, item),
            },
            Arrival::Nothing(input, pulled) => rest = Some((input, pulled)),
        }
        let start = window.start();
        self.leave(window);
        self.obey(start);
        if let Some(rest) = rest {
            unwind::dispose(rest);
        }
        arrived
    }

    fn map(&self, ticket: Ticket, item: I::Item) {
        let outcome = unwind::halt(|| (self.func)(item));
        let mut window = self.window.lock();
        let unwanted = window.finish(ticket, outcome);
        self.leave(window);
        if let Some(outcome) = unwanted {
            unwind::dispose(outcome);
        }
    }

    /// Whether the calling job may pull from an input that waits for another stream: see "Waiting for another stream" in
    /// `README.md`.
    fn may_wait_here(self: &Arc<Self>) -> bool {
        self.crew.is_at_bottom()
            || self.crew.nesting().is_some_and(|nesting| nesting::is_asked_beneath(self.address(), nesting))
    }

    fn address(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// The next outcome, or `None` after the last. Waits as `waiter` if it must.
    pub(super) fn next(self: &Arc<Self>, waiter: Option<Waiter<'_>>) -> Option<Outcome<R>> {
        loop {
            let mut window = self.window.lock();
            let turn = window.turn(self.crew.is_here());
            if matches!(turn, Turn::Wait) {
                if let Some(waiter) = &waiter {
                    self.is_due.store(false, Ordering::Relaxed);
                    window.sleep(Arc::clone(waiter.parker()), 1);
                }
            }
            let start = window.start();
            drop(window);
            let has_crew = self.obey(start);
            match turn {
                Turn::Hand(outcome) => return Some(outcome),
                Turn::Over => return None,
                Turn::Pull(input) => {
                    let mapper = if self.crew.is_here() { Mapper::Here } else { Mapper::Job };
                    if let Some((ticket, item)) = self.pull(input, mapper) {
                        self.map(ticket, item);
                    }
                }
                Turn::Map(ticket, item) => self.map(ticket, item),
                Turn::Wait if !has_crew => {}
                Turn::Wait => match &waiter {
                    Some(waiter) => self.wait(waiter),
                    None => return Waiter::with_current(|waiter| self.next(Some(waiter))),
                },
            }
        }
    }

    fn wait(self: &Arc<Self>, waiter: &Waiter<'_>) {
        let _asking = self.crew.nesting().map(|nesting| Asking::begin(self.address(), nesting));
        waiter.wait_until(&Due(&self.is_due));
    }

    /// Ends the stream: what has not begun never will.
    pub(super) fn close(&self) {
        let mut window = self.window.lock();
        let rest = window.close();
        drop(window);
        drop(rest);
    }
}

/// Who maps what the consumer has pulled.
#[derive(Clone, Copy)]
enum Mapper {
    /// Whoever has pulled it.
    Here,
    /// Whichever job comes first: the consumer's thread is not one of the crew's.
    Job,
}

/// Opens when the consumer should look again. Who opens it knows the consumer's parker from the window, so there is
/// nothing to announce before a sleep: a notice that comes before it is kept.
struct Due<'a>(&'a AtomicBool);

impl Wait for Due<'_> {
    fn probe(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn fall_asleep(&self) -> bool {
        !self.probe()
    }

    fn wake_up(&self) {}
}

/// What the handle of a stream needs of it, whatever its input and function are.
pub(super) trait Tap<R>: Send + Sync {
    fn next(&self) -> Option<Outcome<R>>;
    fn close(&self);
}

/// The consumer's end of a flow.
pub(super) struct End<I: Iterator, F, S, C>(pub(super) Arc<Flow<I, F, S, C>>);

impl<I, F, R, S, C> Tap<R> for End<I, F, S, C>
where
    I: Iterator<Item: Send> + Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
    R: Send + 'static,
    S: Shelf<R> + Send + 'static,
    C: Crew,
{
    fn next(&self) -> Option<Outcome<R>> {
        nesting::note();
        self.0.next(None)
    }

    fn close(&self) {
        self.0.close();
    }
}
