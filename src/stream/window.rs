//! Layer 5: the state of one stream, all of it under one lock: where the input is, the items in the window, the jobs,
//! and the consumer. The methods are the transitions of `README.md`; none of them runs the user's code. The user's
//! values are [`Quiet`], so they can be dropped wherever the lock is not held.

use crate::stream::capacity::Capacity;
use crate::stream::item_cost::{ItemCost, Weight};
use crate::stream::reorder_buffer::{ItemOutcome, ItemTicket, ReorderBuffer};
use crate::sync::parker::Parker;
use crate::sync::quiet::Quiet;
use crate::sync::unwind::Payload;
use std::mem;
use std::sync::Arc;

/// The state of a stream.
///
/// 1. `taken` counts the items that were pulled and not handed out, and one that is being pulled. It never exceeds
///    the capacity's number. If the capacity has a limit of weight, one is taken only while they are lighter.
/// 2. Only the thread that took the input out ([`Input::Out`]) pulls. It must bring the input back or say that the
///    input is over.
/// 3. `jobs` counts the jobs that were started and have not left. It never exceeds `most_jobs`.
/// 4. Suppose that items are shared ([`Window::is_shared`]), that a job would find something to do, and that fewer than
///    `most_jobs` are counted. Then the last transition that made it so has started a job; a job leaves only when it
///    finds nothing that it may do.
/// 5. `bare` counts the items that are being mapped without [`Help::AtHand`]. While it is not zero items are shared. So
///    while any item is being mapped, jobs go on with the others, or will do so if it lasts.
pub(super) struct Window<I, T, S> {
    capacity: Capacity,
    taken: usize,
    input: Input<I>,
    /// An item that the consumer has pulled, for the first job that comes.
    offered: Option<(ItemTicket, Quiet<T>)>,
    /// How many more light items are shared, because the consumer has found no slot in the pool.
    shared_left: usize,
    bare: usize,
    /// The cost of the items.
    item_cost: ItemCost,
    reorder_buffer: S,
    jobs: usize,
    most_jobs: usize,
    /// True if pulling has been seen to wait for another stream.
    input_waits: bool,
    /// True if the input says that it has another item, so that it does not wait for something that the consumer does
    /// with a result.
    has_more: bool,
    consumer: ConsumerState,
}

/// An input, in a box so that moving it in and out is cheap.
pub(super) type Source<I> = Quiet<Box<I>>;

/// Where the input is.
enum Input<I> {
    Here(Source<I>),
    Out,
    /// The input panicked, and is gone. The panic goes on when all items that were pulled before have been handed out.
    Broken(Quiet<Payload>),
    Over,
}

/// The state of the consumer, which asks for results.
enum ConsumerState {
    Awake,
    /// It waits until so many results are ready, or waiting longer is of no use.
    Asleep {
        parker: Arc<Parker>,
        wants: usize,
    },
    /// The stream was dropped.
    Gone,
}

/// The result of a pull.
pub(super) enum Pulled<T> {
    Item(Quiet<T>),
    End,
    /// The input panicked, and is not asked again.
    Panic(Quiet<Payload>),
}

/// The properties of an input that have been seen so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// Asked for an item, it waited for another stream.
    pub(super) waits: bool,
    /// It says that it has another item.
    pub(super) has_more: bool,
}

/// An item that is about to be mapped.
pub(super) type BegunItem<T> = (ItemTicket, Quiet<T>, Help);

/// The next step of a job.
pub(super) enum JobStep<I, T> {
    Map(BegunItem<T>),
    Pull(Source<I>),
    /// Another thread pulls. The job looks again if that cannot take long.
    Retry,
    /// The job finds nothing that it may do: it is no longer counted.
    Leave,
}

/// The next step of the consumer.
pub(super) enum ConsumerTurn<I, T, R> {
    Hand(ItemOutcome<R>),
    /// The consumer must pull itself: no item is on its way, or the input has more.
    Pull(Source<I>, Weight),
    /// The consumer must map the item that it has pulled: no other thread may come to do so.
    Map(BegunItem<T>),
    /// The consumer must wait until so many results are ready, or waiting longer is of no use.
    Wait(usize),
    Over,
}

/// Whether the caller must start a job, which is counted already.
#[must_use = "the job is counted"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JobStart {
    Job,
    Nothing,
}

/// Whether a thread notices if the item that is about to be mapped lasts.
#[must_use = "it is part of what is finished"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Help {
    /// A thread notices, and calls [`Window::help`].
    AtHand,
    /// Jobs go on in any case.
    Nowhere,
}

impl<I, T, S> Window<I, T, S> {
    pub(super) fn new<R>(capacity: Capacity, most_jobs: usize, input: I, item_cost: ItemCost) -> Self
    where
        S: ReorderBuffer<R>,
    {
        Window {
            most_jobs: most_jobs.min(capacity.items),
            capacity,
            taken: 0,
            input: Input::Here(Quiet::new(Box::new(input))),
            offered: None,
            shared_left: 0,
            bare: 0,
            item_cost,
            reorder_buffer: S::new(),
            jobs: 0,
            input_waits: false,
            has_more: false,
            consumer: ConsumerState::Awake,
        }
    }

    fn is_gone(&self) -> bool {
        matches!(self.consumer, ConsumerState::Gone)
    }

    fn has_room(&self) -> bool {
        self.capacity.has_room(self.taken)
    }

    fn can_pull(&self) -> bool {
        matches!(self.input, Input::Here(_)) && self.has_room()
    }

    fn weight(&self) -> Weight {
        self.item_cost.weight(self.capacity.items)
    }

    /// True if jobs must pull, and not the consumer alone.
    fn is_shared(&self) -> bool {
        self.weight() == Weight::Heavy || self.bare > 0 || self.shared_left > 0
    }

    /// Counts one more job, which the caller must start, if it would find something to do.
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
        // In a window of one no further item can begin, and in a pool that has ended there is no job that would.
        if self.weight() == Weight::Light && self.capacity.items > 1 && self.most_jobs > 0 {
            Help::AtHand
        } else {
            self.bare += 1;
            Help::Nowhere
        }
    }

    /// An item that was begun with help at hand lasts. From here on it counts as one without.
    pub(super) fn help(&mut self) -> JobStart {
        self.bare += 1;
        self.start()
    }

    /// The pool has ended: the job that was counted will not come, and no other will.
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

    /// The next step of a job. `may_pull` tells whether the job may pull from such an input, `retries` whether it may
    /// look again.
    pub(super) fn step(&mut self, retries: bool, may_pull: impl FnOnce(Known) -> bool) -> JobStep<I, T> {
        if let Some((ticket, item)) = self.offered.take() {
            return JobStep::Map((ticket, item, self.begin()));
        }
        if self.is_shared() {
            if self.can_pull() && may_pull(Known { waits: self.input_waits, has_more: self.has_more }) {
                if let Some(input) = self.take_input() {
                    self.shared_left = self.shared_left.saturating_sub(1);
                    return JobStep::Pull(input);
                }
            }
            if retries && matches!(self.input, Input::Out) && self.has_room() {
                return JobStep::Retry;
            }
        }
        if !self.can_pull() {
            self.shared_left = 0;
        }
        self.jobs -= 1;
        JobStep::Leave
    }

    /// Brings the input back with the result of a pull. Returns a ticket for the item, and the values that must be
    /// dropped outside of the lock.
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
        self.shared_left = self.capacity.items;
    }

    /// Puts a result on the reorder buffer; making it took `ticks`. Gives it back if the stream was dropped.
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
        self.item_cost.learn(ticks, self.capacity.items);
        if self.is_gone() {
            return Some(outcome);
        }
        self.reorder_buffer.put(ticket, outcome);
        None
    }

    /// The next step of the consumer. `maps` tells whether it may map an item that it has pulled itself.
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
        own.unwrap_or_else(|| ConsumerTurn::Wait(self.item_cost.batch(self.capacity.items, self.most_jobs)))
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

    /// The next result, if it is there. Also says whether the caller must start a job then.
    pub(super) fn hand_out_and_start<R>(&mut self) -> (Option<ItemOutcome<R>>, JobStart)
    where
        S: ReorderBuffer<R>,
    {
        (self.hand_out(), self.start())
    }

    /// The consumer pulls, if it can.
    fn pull<R>(&mut self) -> Option<ConsumerTurn<I, T, R>> {
        let input = self.take_input()?;
        self.shared_left = 0;
        Some(ConsumerTurn::Pull(input, self.weight()))
    }

    /// The consumer goes to sleep, as it was told.
    pub(super) fn sleep(&mut self, parker: Arc<Parker>, wants: usize) {
        self.consumer = ConsumerState::Asleep { parker, wants };
    }

    /// The parker of the consumer, if the consumer waits and should look again. A job must call this last in each hold
    /// of the lock, and must then notify the parker.
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

    /// The stream is dropped. Returns the values that must be dropped outside of the lock.
    pub(super) fn close<R>(&mut self) -> impl Sized + use<I, T, S, R>
    where
        S: ReorderBuffer<R>,
    {
        self.consumer = ConsumerState::Gone;
        let input = match self.input {
            // The thread that pulls finds the stream gone, and drops the input.
            Input::Out => Input::Out,
            _ => mem::replace(&mut self.input, Input::Over),
        };
        (input, self.offered.take(), mem::replace(&mut self.reorder_buffer, S::new()))
    }
}

/// The result of bringing the input back.
#[must_use]
pub(super) enum PullOutcome<I, T> {
    Item(ItemTicket, Quiet<T>),
    /// There is no item; the values must be dropped.
    Nothing(Option<Source<I>>, Option<Pulled<T>>),
}
