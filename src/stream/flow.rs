//! Layer 5: one stream at work: what its jobs do, what whoever asks for a result does, and how it ends.

use crate::job::latch::Wait;
use crate::pool::waiter::Waiter;
use crate::stream::crew::Crew;
use crate::stream::nesting::{self, Asking};
use crate::stream::pace::{self, Pace};
use crate::stream::shelf::{Outcome, Shelf, Ticket, outcome_of};
use crate::stream::window::{Arrival, Known, Pulled, Source, Start, Step, Turn, Window};
use crate::sync::atomic::{AtomicBool, Ordering, spin_loop};
use crate::sync::lock::{Guard, Mutex};
use crate::sync::quiet::Quiet;
use crate::sync::ticks::Ticks;
use crate::sync::unwind;
use std::ops::ControlFlow;
use std::sync::Arc;

/// How long a job goes on before it lets others have its thread, if any want it.
const SLICE: u64 = 100_000 * Ticks::PER_NANOSECOND;

/// How often a job looks again while another pulls, and how many pauses it makes in between: most inputs take no longer,
/// and to leave and be started again costs more.
const RETRIES: u32 = if cfg!(loom) { 0 } else { 8 };
const PAUSES: u32 = 8;

/// A stream, shared by whoever asks for results and the jobs that make them.
pub(super) struct Flow<I: Iterator, F, S, C> {
    window: Mutex<Window<I, I::Item, S>>,
    /// Whether the consumer, which waits, should look again. It is written under the lock, and orders nothing: it only
    /// saves a waiting worker the lock.
    is_due: AtomicBool,
    func: Quiet<F>,
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
        Arc::new(Flow { window, is_due: AtomicBool::new(false), func: Quiet::new(func), crew })
    }

    /// What a job does, from its start to its end: it pulls an item, maps it, puts the result on the shelf, and so on
    /// until there is nothing that it may do.
    fn work(self: &Arc<Self>) {
        let begun = Ticks::now();
        let mut retries = RETRIES;
        loop {
            let mut window = self.window.lock();
            let step = window.step(retries > 0, |known| self.may_pull_here(known));
            // Another job sees to the next item meanwhile. A job that may not pull here starts none that may not either.
            let start = if matches!(step, Step::Leave | Step::Retry) { Start::Nothing } else { window.start() };
            self.leave(window);
            self.obey(start);
            match step {
                Step::Map(ticket, item) => self.map(ticket, item),
                Step::Pull(mut input) => {
                    let answer = Self::ask(&mut input);
                    self.bring_back(input, answer);
                }
                Step::Retry => {
                    retries -= 1;
                    (0..PAUSES).for_each(|_| spin_loop());
                    continue;
                }
                Step::Leave => return,
            }
            retries = RETRIES;
            if self.should_rest(begun) {
                let this = Arc::clone(self);
                return self.crew.start_last(move || this.work());
            }
        }
    }

    /// Whether a job that began then should let others have its thread: whoever asks for results, if it waits right beneath,
    /// at once; anybody else after a while.
    fn should_rest(self: &Arc<Self>, begun: Ticks) -> bool {
        if cfg!(loom) {
            return false;
        }
        (self.is_due.load(Ordering::Relaxed) && self.is_asked_beneath())
            || (Ticks::now().is_past(begun, SLICE) && self.crew.is_wanted_elsewhere())
    }

    /// Starts a job if that is what is to be done. Says no if the crew has gone, so that the caller must look again: only
    /// the consumer sees that, since the jobs keep the crew.
    fn obey(self: &Arc<Self>, start: Start) -> bool {
        if start == Start::Nothing {
            return true;
        }
        let this = Arc::clone(self);
        let started = self.crew.start(move || this.work());
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

    /// Asks the input that was taken out for an item.
    fn ask(input: &mut I) -> (Pulled<I::Item>, Known) {
        let ask = || {
            // Should the hint panic, the item is dropped where that may panic, too.
            let item = input.next().map(Quiet::new)?;
            Some((item, input.size_hint().0 > 0))
        };
        let (answer, waits) = nesting::watch(|| unwind::halt(ask));
        let (pulled, has_more) = match answer {
            Ok(Some((item, has_more))) => (Pulled::Item(item), has_more),
            Ok(None) => (Pulled::End, false),
            Err(payload) => (Pulled::Panic(Quiet::new(payload)), false),
        };
        (pulled, Known { waits, has_more })
    }

    /// Brings the input back. The caller maps the item if it is one of the crew's. Else the item is offered before anybody
    /// may pull again: a job that came first could wait in the input, and be the only one.
    fn bring_back(self: &Arc<Self>, input: Source<I>, (pulled, known): (Pulled<I::Item>, Known)) {
        let maps = self.crew.is_here();
        let (mut arrived, mut rest) = (None, None);
        let mut window = self.window.lock();
        match window.pulled(input, pulled, known) {
            Arrival::Item(ticket, item) if maps => arrived = Some((ticket, item)),
            Arrival::Item(ticket, item) => window.offer(ticket, item),
            Arrival::Nothing(input, pulled) => rest = Some((input, pulled)),
        }
        let start = window.start();
        self.leave(window);
        self.obey(start);
        drop(rest);
        if let Some((ticket, item)) = arrived {
            self.map(ticket, item);
        }
    }

    fn map(&self, ticket: Ticket, item: Quiet<I::Item>) {
        let outcome = outcome_of(|| self.crew.apart(|| (*self.func)(item.into_inner())));
        let mut window = self.window.lock();
        let unwanted = window.finish(ticket, outcome);
        self.leave(window);
        drop(unwanted);
    }

    /// Whether the calling job may pull from such an input: see "Who may pull" in `README.md`.
    fn may_pull_here(self: &Arc<Self>, known: Known) -> bool {
        if self.is_asked_beneath() { known.has_more } else { !known.waits || self.crew.is_at_bottom() }
    }

    /// Whether the calling job runs right above this stream's consumer.
    fn is_asked_beneath(self: &Arc<Self>) -> bool {
        self.crew.nesting().is_some_and(|nesting| nesting::is_asked_beneath(self.address(), nesting))
    }

    fn address(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// The next outcome, or `None` after the last.
    pub(super) fn next(self: &Arc<Self>, pace: &mut Pace) -> Option<Outcome<R>> {
        let mut wants = None;
        loop {
            let flow = match self.turn(None) {
                Some(Turn::Wait) => {
                    let size = *wants.get_or_insert_with(|| pace.batch());
                    // Whatever came of a short sleep, the next one ends with the first result.
                    wants = Some(1);
                    self.crew.with_waiter(|waiter| match self.turn(Some((&waiter, size))) {
                        Some(Turn::Wait) => self.wait(&waiter, size),
                        turn => self.act(turn),
                    })
                }
                turn => self.act(turn),
            };
            if let ControlFlow::Break(next) = flow {
                pace.count();
                return next;
            }
        }
    }

    /// What the consumer does next, which waits, if it must, as the given waiter for so many results. `None` if it must look
    /// again.
    fn turn(self: &Arc<Self>, waiter: Option<(&Waiter<'_>, usize)>) -> Option<Turn<I, I::Item, R>> {
        let mut window = self.window.lock();
        let turn = window.turn(self.crew.is_here());
        if let (Turn::Wait, Some((waiter, wants))) = (&turn, waiter) {
            self.is_due.store(false, Ordering::Relaxed);
            window.sleep(Arc::clone(waiter.parker()), wants);
        }
        let start = window.start();
        drop(window);
        let has_crew = self.obey(start);
        (has_crew || !matches!(turn, Turn::Wait)).then_some(turn)
    }

    /// Does what the consumer does next, but for waiting.
    fn act(self: &Arc<Self>, turn: Option<Turn<I, I::Item, R>>) -> ControlFlow<Option<Outcome<R>>> {
        match turn {
            Some(Turn::Hand(outcome)) => return ControlFlow::Break(Some(outcome)),
            Some(Turn::Over) => return ControlFlow::Break(None),
            Some(Turn::Pull(mut input)) => {
                // A thread that is not the crew's pulls as it is, and maps only as one of the crew.
                let answer = Self::ask(&mut input);
                self.crew.attend(|| self.bring_back(input, answer));
            }
            Some(Turn::Map(ticket, item)) => self.map(ticket, item),
            Some(Turn::Wait) | None => {}
        }
        ControlFlow::Continue(())
    }

    fn wait(self: &Arc<Self>, waiter: &Waiter<'_>, wants: usize) -> ControlFlow<Option<Outcome<R>>> {
        match waiter {
            // Not for long: it may be that no more than a few come.
            Waiter::Outside(parker) if wants > 1 => _ = parker.park_for(pace::NAP),
            _ => {
                let _asking = self.crew.nesting().map(|nesting| Asking::begin(self.address(), nesting));
                waiter.wait_until(&Due(&self.is_due));
            }
        }
        ControlFlow::Continue(())
    }

    /// Ends the stream: what has not begun never will.
    pub(super) fn close(&self) {
        // In a forked child it may be lost.
        let Some(mut window) = self.window.lock_unless_abandoned() else { return };
        let rest = window.close();
        drop(window);
        drop(rest);
    }
}

/// Opens when the consumer should look again. Who opens it knows the consumer's parker from the window, so there is
/// nothing to announce before a sleep: a notice that comes before it is kept.
pub(super) struct Due<'a>(pub(super) &'a AtomicBool);

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
    fn next(&mut self) -> Option<Outcome<R>>;
    fn close(&self);
}

/// The consumer's end of a flow.
pub(super) struct End<I: Iterator, F, S, C> {
    flow: Arc<Flow<I, F, S, C>>,
    pace: Pace,
}

impl<I: Iterator, F, S, C> End<I, F, S, C> {
    pub(super) fn new(flow: Arc<Flow<I, F, S, C>>, window: usize) -> Self {
        End { flow, pace: Pace::new(window) }
    }
}

impl<I, F, R, S, C> Tap<R> for End<I, F, S, C>
where
    I: Iterator<Item: Send> + Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
    R: Send + 'static,
    S: Shelf<R> + Send + 'static,
    C: Crew,
{
    fn next(&mut self) -> Option<Outcome<R>> {
        nesting::note();
        self.flow.crew.check();
        self.flow.next(&mut self.pace)
    }

    fn close(&self) {
        self.flow.close();
    }
}
