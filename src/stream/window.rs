//! Layer 5: the state of one stream, all of it under one lock: who has the input, what is in the window, who works and
//! who waits. The methods are the transitions of `README.md`; none of them runs the user's code. What is the user's is
//! [`Quiet`], so it can be dropped wherever the lock is not held.

use crate::stream::item_cost::{ItemCost, Weight};
use crate::stream::reorder_buffer::{ItemOutcome, ItemTicket, ReorderBuffer};
use crate::sync::parker::Parker;
use crate::sync::quiet::Quiet;
use crate::sync::unwind::Payload;
use std::mem;
use std::sync::Arc;

/// The state.
///
/// 1. `taken` counts the items that were pulled and not handed out, and one that is being pulled. It never exceeds
///    `size`.
/// 2. Whoever took the input out ([`Input::Out`]) is the only one to pull, and brings it back or says that it is over.
/// 3. `jobs` counts the jobs that were started and have not left. It never exceeds `most_jobs`.
/// 4. While items are shared ([`Window::is_shared`]), there is something that a job could do, and fewer than `most_jobs`
///    there are, the last transition that made it so has started one; a job leaves only when there is nothing that it may do.
/// 5. `bare` counts the items that are being mapped without [`Help::AtHand`]. While it is not zero items are shared; so while
///    any item is being mapped, jobs go on with the others, or will when it lasts.
pub(super) struct Window<I, T, S> {
    size: usize,
    taken: usize,
    input: Input<I>,
    /// An item that the consumer has pulled, for whichever job comes first.
    offered: Option<(ItemTicket, Quiet<T>)>,
    /// How many more light items are shared, because the consumer has found no place in the pool.
    lent: usize,
    bare: usize,
    /// What items cost.
    item_cost: ItemCost,
    reorder_buffer: S,
    jobs: usize,
    most_jobs: usize,
    /// Whether pulling has been seen to wait for another stream.
    input_waits: bool,
    /// Whether the input says that it has another item, so that it does not wait for what the consumer does with a result.
    has_more: bool,
    consumer: ConsumerState,
}

/// An input, in a box so that moving it in and out costs nothing.
pub(super) type Source<I> = Quiet<Box<I>>;

/// Where the input is.
enum Input<I> {
    Here(Source<I>),
    Out,
    /// It panicked, and is gone. The panic comes when all that was pulled before has been handed out.
    Broken(Quiet<Payload>),
    Over,
}

/// The state of whoever asks for results.
enum ConsumerState {
    Awake,
    /// It waits until so many results are ready, or there is no use in waiting any longer.
    Asleep {
        parker: Arc<Parker>,
        wants: usize,
    },
    /// The stream was dropped.
    Gone,
}

/// What a pull came to.
pub(super) enum Pulled<T> {
    Item(Quiet<T>),
    End,
    /// The input panicked, and is not asked again.
    Panic(Quiet<Payload>),
}

/// What is known of an input.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// Asked for an item, it waited for another stream.
    pub(super) waits: bool,
    /// It says that it has another item.
    pub(super) has_more: bool,
}

/// An item that is about to be mapped.
pub(super) type BegunItem<T> = (ItemTicket, Quiet<T>, Help);

/// What a job does next.
pub(super) enum JobStep<I, T> {
    Map(BegunItem<T>),
    Pull(Source<I>),
    /// Another pulls. It looks again if that cannot take long.
    Retry,
    /// There is nothing that it may do: it is no longer counted.
    Leave,
}

/// What the consumer does next.
pub(super) enum ConsumerTurn<I, T, R> {
    Hand(ItemOutcome<R>),
    /// Nothing is on its way, or there is more to be had: the consumer pulls itself.
    Pull(Source<I>, Weight),
    /// Nobody else may come to map what the consumer has pulled.
    Map(BegunItem<T>),
    /// Until so many results are ready, or there is no use in waiting any longer.
    Wait(usize),
    Over,
}

/// Whether the caller is to start a job, which is counted already.
#[must_use = "the job is counted"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobStart {
    Job,
    Nothing,
}

/// Whether somebody notices if an item lasts that is about to be mapped.
#[must_use = "it is part of what is finished"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Help {
    /// Then that one calls [`Window::help`].
    AtHand,
    /// Jobs go on in any case.
    Nowhere,
}

impl<I, T, S> Window<I, T, S> {
    pub(super) fn new<R>(size: usize, most_jobs: usize, input: I, item_cost: ItemCost) -> Self
    where
        S: ReorderBuffer<R>,
    {
        Window {
            size,
            taken: 0,
            input: Input::Here(Quiet::new(Box::new(input))),
            offered: None,
            lent: 0,
            bare: 0,
            item_cost,
            reorder_buffer: S::new(),
            jobs: 0,
            most_jobs: most_jobs.min(size),
            input_waits: false,
            has_more: false,
            consumer: ConsumerState::Awake,
        }
    }

    fn is_gone(&self) -> bool {
        matches!(self.consumer, ConsumerState::Gone)
    }

    fn can_pull(&self) -> bool {
        matches!(self.input, Input::Here(_)) && self.taken < self.size
    }

    fn weight(&self) -> Weight {
        self.item_cost.weight(self.size)
    }

    /// Whether jobs are to pull, and not the consumer alone.
    fn is_shared(&self) -> bool {
        self.weight() == Weight::Heavy || self.bare > 0 || self.lent > 0
    }

    /// Whether a job more has something to do; then it is counted.
    pub(super) fn start(&mut self) -> JobStart {
        if self.jobs < self.most_jobs && (self.offered.is_some() || self.is_shared() && self.can_pull()) {
            self.jobs += 1;
            JobStart::Job
        } else {
            JobStart::Nothing
        }
    }

    /// The caller is about to map an item.
    pub(super) fn begin(&mut self) -> Help {
        // In a window of one there is nothing to go on with, and in a pool that has ended nobody who would.
        if self.weight() == Weight::Light && self.size > 1 && self.most_jobs > 0 {
            Help::AtHand
        } else {
            self.bare += 1;
            Help::Nowhere
        }
    }

    /// An item lasts that was begun with help at hand. From here on it is one without.
    pub(super) fn help(&mut self) -> JobStart {
        self.bare += 1;
        self.start()
    }

    /// The pool has ended: the job that was counted will not come, nor will any other.
    pub(super) fn strand(&mut self) {
        self.jobs -= 1;
        self.most_jobs = 0;
    }

    fn take_input(&mut self) -> Option<Source<I>> {
        if !self.can_pull() {
            return None;
        }
        match mem::replace(&mut self.input, Input::Out) {
            Input::Here(input) => {
                self.taken += 1;
                Some(input)
            }
            Input::Out | Input::Broken(_) | Input::Over => unreachable!("it can be pulled from"),
        }
    }

    /// What a job does next. `may_pull` tells whether it may pull from such an input, `retries` whether it may look again.
    pub(super) fn step(&mut self, retries: bool, may_pull: impl FnOnce(Known) -> bool) -> JobStep<I, T> {
        if let Some((ticket, item)) = self.offered.take() {
            return JobStep::Map((ticket, item, self.begin()));
        }
        if self.is_shared() {
            if self.can_pull() && may_pull(Known { waits: self.input_waits, has_more: self.has_more }) {
                if let Some(input) = self.take_input() {
                    self.lent = self.lent.saturating_sub(1);
                    return JobStep::Pull(input);
                }
            }
            if retries && matches!(self.input, Input::Out) && self.taken < self.size {
                return JobStep::Retry;
            }
        }
        if !self.can_pull() {
            self.lent = 0;
        }
        self.jobs -= 1;
        JobStep::Leave
    }

    /// Brings the input back with what a pull came to. Returns a ticket for the item, and what is to be dropped, outside
    /// of the lock.
    pub(super) fn pulled<R>(&mut self, input: Source<I>, pulled: Pulled<T>, known: Known) -> PullOutcome<I, T>
    where
        S: ReorderBuffer<R>,
    {
        self.input_waits |= known.waits;
        self.has_more = known.has_more;
        if self.is_gone() {
            self.input = Input::Over;
            return PullOutcome::Nothing(Some(input), Some(pulled));
        }
        match pulled {
            Pulled::Item(item) => {
                self.input = Input::Here(input);
                PullOutcome::Item(self.reorder_buffer.reserve(), item)
            }
            Pulled::End => {
                self.taken -= 1;
                self.input = Input::Over;
                PullOutcome::Nothing(Some(input), None)
            }
            Pulled::Panic(payload) => {
                self.taken -= 1;
                self.input = Input::Broken(payload);
                PullOutcome::Nothing(Some(input), None)
            }
        }
    }

    /// Leaves an item for the next job.
    pub(super) fn offer(&mut self, ticket: ItemTicket, item: Quiet<T>) {
        debug_assert!(self.offered.is_none(), "the consumer pulls only when nothing is on its way");
        self.offered = Some((ticket, item));
        self.lent = self.size;
    }

    /// Puts a result on the reorder buffer, which it took so many ticks to make. Gives it back if nobody wants it any more.
    #[must_use]
    pub(super) fn finish<R>(
        &mut self,
        ticket: ItemTicket,
        outcome: ItemOutcome<R>,
        ticks: u64,
        help: Help,
    ) -> Option<ItemOutcome<R>>
    where
        S: ReorderBuffer<R>,
    {
        if help == Help::Nowhere {
            self.bare -= 1;
        }
        self.item_cost.learn(ticks, self.size);
        if self.is_gone() {
            return Some(outcome);
        }
        self.reorder_buffer.put(ticket, outcome);
        None
    }

    /// What the consumer does next. `maps` tells whether it may map what it has pulled itself.
    pub(super) fn turn<R>(&mut self, maps: bool) -> ConsumerTurn<I, T, R>
    where
        S: ReorderBuffer<R>,
    {
        self.consumer = ConsumerState::Awake;
        if let Some(outcome) = self.hand_out() {
            return ConsumerTurn::Hand(outcome);
        }
        if self.taken == 0 {
            if let Input::Broken(_) = self.input {
                if let Input::Broken(payload) = mem::replace(&mut self.input, Input::Over) {
                    return ConsumerTurn::Hand(Quiet::new(Err(payload.into_inner())));
                }
            }
            return self.pull().unwrap_or(ConsumerTurn::Over);
        }
        if let Some((ticket, item)) = self.offered.take_if(|_| maps || self.most_jobs == 0) {
            return ConsumerTurn::Map((ticket, item, self.begin()));
        }
        let own = if maps && self.has_more { self.pull() } else { None };
        own.unwrap_or_else(|| ConsumerTurn::Wait(self.item_cost.batch(self.size, self.most_jobs)))
    }

    /// The next result, if it is there.
    fn hand_out<R>(&mut self) -> Option<ItemOutcome<R>>
    where
        S: ReorderBuffer<R>,
    {
        let outcome = self.reorder_buffer.take()?;
        self.taken -= 1;
        Some(outcome)
    }

    /// The next result, if it is there, and what is to be started then.
    pub(super) fn hand_out_and_start<R>(&mut self) -> (Option<ItemOutcome<R>>, JobStart)
    where
        S: ReorderBuffer<R>,
    {
        (self.hand_out(), self.start())
    }

    /// The consumer pulls, if it can.
    fn pull<R>(&mut self) -> Option<ConsumerTurn<I, T, R>> {
        let input = self.take_input()?;
        self.lent = 0;
        Some(ConsumerTurn::Pull(input, self.weight()))
    }

    /// The consumer, told to wait, does so.
    pub(super) fn sleep(&mut self, parker: Arc<Parker>, wants: usize) {
        self.consumer = ConsumerState::Asleep { parker, wants };
    }

    /// Whom to wake: the consumer, if it waits and should look again. To be called at the end of what a job does under
    /// the lock.
    pub(super) fn due<R>(&mut self) -> Option<Arc<Parker>>
    where
        S: ReorderBuffer<R>,
    {
        let ConsumerState::Asleep { wants, .. } = &self.consumer else {
            return None;
        };
        let ready = self.reorder_buffer.ready();
        if ready >= *wants || self.taken == 0 || (self.jobs == 0 && ready > 0) {
            if let ConsumerState::Asleep { parker, .. } = mem::replace(&mut self.consumer, ConsumerState::Awake) {
                return Some(parker);
            }
        }
        None
    }

    /// The stream is dropped. Returns what is to be dropped with it, outside of the lock.
    pub(super) fn close<R>(&mut self) -> impl Sized + use<I, T, S, R>
    where
        S: ReorderBuffer<R>,
    {
        self.consumer = ConsumerState::Gone;
        let input = match self.input {
            // Whoever pulls finds that nobody wants it, and drops it.
            Input::Out => Input::Out,
            _ => mem::replace(&mut self.input, Input::Over),
        };
        (input, self.offered.take(), mem::replace(&mut self.reorder_buffer, S::new()))
    }
}

/// What comes of a pull.
#[must_use]
pub(super) enum PullOutcome<I, T> {
    Item(ItemTicket, Quiet<T>),
    /// No item; this is to be dropped.
    Nothing(Option<Source<I>>, Option<Pulled<T>>),
}
