//! Layer 5: one stream at work: what its jobs do, what the consumer does, and how the stream ends.

use crate::iter::schedule::tuning::WAKE_UP;
use crate::job::latch::Wait;
use crate::pool::waiter::Waiter;
use crate::pool::watchdog::waits::{self, Awaited};
use crate::stream::capacity::Capacity;
use crate::stream::executor::Executor;
use crate::stream::item_cost::{self, ItemCost};
use crate::stream::nesting::{self, Asking};
use crate::stream::reorder_buffer::{ItemOutcome, ReorderBuffer, outcome_of};
use crate::stream::window::{
    BegunItem, ConsumerTurn, Help, JobStart, JobStep, Known, PullOutcome, Pulled, Source, Window,
};
use crate::sync::atomic::{AtomicBool, Ordering, spin_loop};
use crate::sync::lock::{Guard, Mutex};
use crate::sync::quiet::Quiet;
use crate::sync::ticks::Ticks;
use crate::sync::unwind;
use std::ops::ControlFlow;
use std::sync::Arc;

/// How long a job goes on before it gives its thread to others that want it.
const SLICE: u64 = 4 * WAKE_UP;

/// How often a job looks again while another thread pulls, and how many pauses it makes in between. Most inputs take no
/// longer, and leaving and being started again costs more.
const RETRIES: u32 = if cfg!(loom) { 0 } else { 8 };
const PAUSES: u32 = 8;

/// A stream. The consumer and the jobs share it.
pub(super) struct Pipeline<I: Iterator, F, S, C> {
    window: Mutex<Window<I, I::Item, S>>,
    /// True if the consumer, which waits, should look again. It is written under the lock, and orders nothing: it only
    /// saves a waiting worker the lock.
    is_due: AtomicBool,
    func: Quiet<F>,
    executor: C,
}

impl<I, F, R, S, C> Pipeline<I, F, S, C>
where
    I: Iterator<Item: Send> + Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
    R: Send + 'static,
    S: ReorderBuffer<R> + Send + 'static,
    C: Executor,
{
    pub(super) fn new(input: I, capacity: impl Into<Capacity>, func: F, executor: C) -> Arc<Self> {
        Pipeline::with_item_cost(input, capacity, func, executor, ItemCost::new())
    }

    /// As [`new`](Self::new), for items with a known cost.
    pub(super) fn with_item_cost(
        input: I,
        capacity: impl Into<Capacity>,
        func: F,
        executor: C,
        item_cost: ItemCost,
    ) -> Arc<Self> {
        let window = Mutex::new(Window::new(capacity.into(), executor.size(), input, item_cost));
        Arc::new(Pipeline { window, is_due: AtomicBool::new(false), func: Quiet::new(func), executor })
    }

    /// The whole of a job: it pulls an item, maps it, puts the result on the reorder buffer, and repeats that until it
    /// finds nothing that it may do.
    fn work(self: &Arc<Self>) {
        let begun = Ticks::now();
        let mut retries = RETRIES;
        loop {
            let mut window = self.window.lock();
            let step = window.step(retries > 0, |known| self.may_pull_here(known));
            // Another job takes the next item meanwhile. A job that may not pull here starts none that may not either.
            let start =
                if matches!(step, JobStep::Leave | JobStep::Retry) { JobStart::Nothing } else { window.start() };
            self.leave(window);
            self.obey(start);
            match step {
                JobStep::Map(begun) => self.map(begun, 0, |_| ()),
                JobStep::Pull(input) => _ = self.bring_back(Self::ask(input), |_| ()),
                JobStep::Retry => {
                    retries -= 1;
                    (0..PAUSES).for_each(|_| spin_loop());
                    continue;
                }
                JobStep::Leave => return,
            }
            retries = RETRIES;
            if self.should_rest(begun) {
                let this = Arc::clone(self);
                return self.executor.start_last(move || this.work());
            }
        }
    }

    /// True if a job that began at `begun` should give its thread away: at once to the consumer, if that waits right
    /// beneath; after a while to any other job.
    fn should_rest(self: &Arc<Self>, begun: Ticks) -> bool {
        if cfg!(loom) {
            return false;
        }
        (self.is_due.load(Ordering::Relaxed) && self.is_asked_beneath())
            || (Ticks::now().is_past(begun, SLICE) && self.executor.is_wanted_elsewhere())
    }

    /// Starts a job if `start` says so. If the executor is gone it returns false, and the caller must look again. Only
    /// the consumer can see that, since the jobs keep the executor alive.
    fn obey(self: &Arc<Self>, start: JobStart) -> bool {
        if start == JobStart::Nothing {
            return true;
        }
        let this = Arc::clone(self);
        let started = self.executor.start(move || this.work());
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

    /// Asks the input, which the caller has taken out, for an item.
    fn ask(mut input: Source<I>) -> Answer<I> {
        let begun = Ticks::now();
        let ask = || {
            // If the hint panics, the item is dropped here, where its destructor may panic too.
            let item = input.next().map(Quiet::new)?;
            Some((item, input.size_hint().0 > 0))
        };
        let (answer, waits) = nesting::observe(|| unwind::halt(ask));
        let (pulled, has_more) = match answer {
            Ok(Some((item, has_more))) => (Pulled::Item(item), has_more),
            Ok(None) => (Pulled::End, false),
            Err(payload) => (Pulled::Panic(Quiet::new(payload)), false),
        };
        Answer { input, pulled, known: Known { waits, has_more }, ticks: Ticks::now().since(begun) }
    }

    /// Brings the input back. If the caller is a thread of the executor, it maps the item, and goes on as
    /// [`Pipeline::map`] does. Else it offers the item before any thread may pull again: a job that came first could
    /// wait in the input, and could be the only job.
    fn bring_back<T>(
        self: &Arc<Self>,
        Answer { input, pulled, known, ticks }: Answer<I>,
        then: impl FnOnce(&mut Window<I, I::Item, S>) -> T,
    ) -> Option<T> {
        let maps = self.executor.is_here();
        let (mut arrived, mut rest) = (None, None);
        let mut window = self.window.lock();
        match window.pulled(input, pulled, known) {
            PullOutcome::Item(ticket, item) if maps => arrived = Some((ticket, item, window.begin())),
            PullOutcome::Item(ticket, item) => window.offer(ticket, item),
            PullOutcome::Nothing(input, pulled) => rest = Some((input, pulled)),
        }
        let start = window.start();
        self.leave(window);
        self.obey(start);
        drop(rest);
        arrived.map(|begun| self.map(begun, ticks, then))
    }

    /// Maps an item; pulling it took `ticks`. Calls `then` in the hold of the lock in which the result is put on the
    /// reorder buffer.
    fn map<T>(
        self: &Arc<Self>,
        (ticket, item, help): BegunItem<I::Item>,
        ticks: u64,
        then: impl FnOnce(&mut Window<I, I::Item, S>) -> T,
    ) -> T {
        let map = || {
            let begun = Ticks::now();
            let outcome = outcome_of(|| (*self.func)(item.into_inner()));
            (outcome, ticks + Ticks::now().since(begun))
        };
        let ((outcome, ticks), help) = match help {
            Help::Nowhere => (self.executor.apart(map), help),
            Help::AtHand => {
                // Relaxed suffices: the helper has ended when `with_help` returns.
                let lasts = AtomicBool::new(false);
                let mapped = self.executor.with_help(map, || {
                    lasts.store(true, Ordering::Relaxed);
                    let start = self.window.lock().help();
                    self.obey(start);
                });
                (mapped, if lasts.load(Ordering::Relaxed) { Help::Nowhere } else { help })
            }
        };
        let mut window = self.window.lock();
        let unwanted = window.finish(ticket, outcome, ticks, help);
        let next = then(&mut window);
        self.leave(window);
        drop(unwanted);
        next
    }

    /// True if the calling job may pull from such an input: see "Who may pull" in `README.md`.
    fn may_pull_here(self: &Arc<Self>, known: Known) -> bool {
        if self.is_asked_beneath() { known.has_more } else { !known.waits || self.executor.is_at_bottom() }
    }

    /// True if the calling job runs right above this stream's consumer.
    fn is_asked_beneath(self: &Arc<Self>) -> bool {
        self.executor.nesting().is_some_and(|nesting| nesting::is_asked_beneath(self.address(), nesting))
    }

    fn address(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// The next outcome, or `None` after the last.
    pub(super) fn next(self: &Arc<Self>) -> Option<ItemOutcome<R>> {
        let mut most = usize::MAX;
        loop {
            let control = match self.turn(None) {
                Some(ConsumerTurn::Wait(_)) => {
                    self.executor.with_waiter(|waiter| match self.turn(Some((&waiter, most))) {
                        Some(ConsumerTurn::Wait(wants)) => {
                            // The result of a short sleep does not matter: the next one ends with the first result.
                            most = 1;
                            self.wait(&waiter, wants)
                        }
                        turn => self.act(turn),
                    })
                }
                turn => self.act(turn),
            };
            if let ControlFlow::Break(next) = control {
                return next;
            }
        }
    }

    /// What the consumer does next. If it must wait, it does so as the given waiter, for at most so many results.
    /// `None` if it must look again.
    fn turn(self: &Arc<Self>, waiter: Option<(&Waiter<'_>, usize)>) -> Option<ConsumerTurn<I, I::Item, R>> {
        let mut window = self.window.lock();
        let mut turn = window.turn(self.executor.is_here());
        if let (ConsumerTurn::Wait(wants), Some((waiter, most))) = (&mut turn, waiter) {
            *wants = most.min(*wants);
            self.is_due.store(false, Ordering::Relaxed);
            window.sleep(Arc::clone(waiter.parker()), *wants);
        }
        let start = window.start();
        drop(window);
        let has_executor = self.obey(start);
        (has_executor || !matches!(turn, ConsumerTurn::Wait(_))).then_some(turn)
    }

    /// Does that, except for waiting.
    fn act(self: &Arc<Self>, turn: Option<ConsumerTurn<I, I::Item, R>>) -> ControlFlow<Option<ItemOutcome<R>>> {
        match turn {
            Some(ConsumerTurn::Hand(outcome)) => ControlFlow::Break(Some(outcome)),
            Some(ConsumerTurn::Over) => ControlFlow::Break(None),
            Some(ConsumerTurn::Pull(input, weight)) => {
                // A thread that is not one of the executor's pulls as it is, and maps only if it becomes one.
                let answer = Self::ask(input);
                let mapped = self.executor.attend(weight, || self.bring_back(answer, Window::hand_out_and_start));
                mapped.map_or(ControlFlow::Continue(()), |mapped| self.hand_out(mapped))
            }
            Some(ConsumerTurn::Map(begun)) => self.hand_out(self.map(begun, 0, Window::hand_out_and_start)),
            Some(ConsumerTurn::Wait(_)) | None => ControlFlow::Continue(()),
        }
    }

    /// Hands out a result that was ready when the consumer had mapped an item itself.
    fn hand_out(
        self: &Arc<Self>,
        (outcome, start): (Option<ItemOutcome<R>>, JobStart),
    ) -> ControlFlow<Option<ItemOutcome<R>>> {
        self.obey(start);
        outcome.map_or(ControlFlow::Continue(()), |outcome| ControlFlow::Break(Some(outcome)))
    }

    fn wait(self: &Arc<Self>, waiter: &Waiter<'_>, wants: usize) -> ControlFlow<Option<ItemOutcome<R>>> {
        match waiter {
            // The sleep is short, because it may be that only a few results come.
            Waiter::Outside(parker) if wants > 1 => _ = parker.park_for(item_cost::NAP),
            _ => {
                let _asking = self.executor.nesting().map(|nesting| Asking::begin(self.address(), nesting));
                let _listed = waits::list(Awaited::Item);
                waiter.wait_until(&Due(&self.is_due));
            }
        }
        ControlFlow::Continue(())
    }

    /// Ends the stream: items that have not begun never will.
    pub(super) fn close(&self) {
        // In a forked child the window may be lost.
        let Some(mut window) = self.window.lock_unless_abandoned() else { return };
        let rest = window.close();
        drop(window);
        drop(rest);
    }
}

/// Opens when the consumer should look again. The thread that opens it has the consumer's parker from the window, so
/// the consumer announces nothing before it sleeps: the parker keeps a notice that comes before.
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

/// The input after it was asked, with the item that it gave.
struct Answer<I: Iterator> {
    input: Source<I>,
    pulled: Pulled<I::Item>,
    known: Known,
    ticks: u64,
}

/// The consumer's end of a stream, whatever the types of its input and closure are.
pub(super) trait Tap<R>: Send + Sync {
    fn next(&self) -> Option<ItemOutcome<R>>;
    fn close(&self);
}

impl<I, F, R, S, C> Tap<R> for Arc<Pipeline<I, F, S, C>>
where
    I: Iterator<Item: Send> + Send + 'static,
    F: Fn(I::Item) -> R + Send + Sync + 'static,
    R: Send + 'static,
    S: ReorderBuffer<R> + Send + 'static,
    C: Executor,
{
    fn next(&self) -> Option<ItemOutcome<R>> {
        nesting::note();
        self.executor.check();
        Pipeline::next(self)
    }

    fn close(&self) {
        Pipeline::close(self);
    }
}
