//! Layer 4: a part of unknown length that runs, block by block, and is split between blocks when another worker asks for
//! work.
//!
//! Such a part may be split any number of times, since nothing says how much is left of it. So a half that is split off is
//! not a frame on the stack, but a job on the heap. The worker that runs the part, its *owner*, keeps a list of these
//! *rests*. At the end of a part it goes on with the newest rest, unless a thief has begun that one. Ten thousand splits
//! take as much stack as one.
//!
//! A rest is taken once, under its lock: by its owner, or by the first thread that runs its job. A job whose rest has been
//! taken does nothing.

use super::bridge::run_unindexed;
use super::pace::{Experience, Pace};
use super::results::{Link, Results};
use super::{Folder, UnindexedConsumer, UnindexedProducer};
use crate::fork::LoopContext;
use crate::fork::scope::{Scope, in_place_scope};
use crate::sync::lock::Mutex;
use std::mem;
use std::sync::Arc;

/// A part of unknown length that runs.
pub(super) struct UnindexedLeaf<P, C: UnindexedConsumer<P::Item>>
where
    P: UnindexedProducer,
{
    producer: P,
    /// For what is split off.
    tail: C,
    folder: C::Folder,
    pace: Pace,
}

/// How far a part has come.
enum Halt<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> {
    /// To its end, or as far as anybody wants.
    Ended(C::Folder, Pace),
    /// Another worker asks for work, and the second part is for it.
    Asked(UnindexedLeaf<P, C>, P),
}

impl<P, C> UnindexedLeaf<P, C>
where
    P: UnindexedProducer,
    C: UnindexedConsumer<P::Item>,
{
    pub(super) fn new(context: &LoopContext<'_>, producer: P, consumer: C) -> Self {
        Self::at(Pace::new(None, context.threads(), false, false, &Experience::new()), producer, consumer)
    }

    /// A part that is run at that pace.
    fn at(pace: Pace, producer: P, consumer: C) -> Self {
        let folder = consumer.split_off_left().into_folder();
        UnindexedLeaf { producer, tail: consumer, folder, pace }
    }

    /// Runs the part to its end.
    pub(super) fn run(self, context: &LoopContext<'_>) -> C::Result {
        match self.run_until_asked(context) {
            Halt::Ended(folder, _) => folder.complete(),
            Halt::Asked(leaf, right) => leaf.share(right, context),
        }
    }

    fn run_until_asked(self, context: &LoopContext<'_>) -> Halt<P, C> {
        let UnindexedLeaf { mut producer, tail, mut folder, mut pace } = self;
        loop {
            if folder.full() {
                return Halt::Ended(folder, pace);
            }
            let block = pace.next_block_of_many();
            let (folded, rest) = producer.fold_some(block, folder);
            folder = folded;
            let Some(rest) = rest else {
                return Halt::Ended(folder, pace);
            };
            producer = rest;
            if pace.ran(block, false) {
                context.urge();
            }
            if context.is_asked() && pace.has_weight() && context.answer() {
                match producer.split() {
                    (whole, None) => producer = whole,
                    (left, Some(right)) => {
                        return Halt::Asked(UnindexedLeaf { producer: left, tail, folder, pace }, right);
                    }
                }
            }
        }
    }

    /// Runs the part to its end, in company: `right` and what is split off later is offered to other workers.
    #[cold]
    fn share(self, right: P, context: &LoopContext<'_>) -> C::Result {
        let mut owner = Owner { context, rests: Vec::new(), results: Results::new(), link: None };
        in_place_scope(|scope| owner.run(scope, self, right));
        // Thieves have ended what they have begun, and their panics have gone on to the caller.
        owner.results.combine(|rest| rest.result().expect("a rest that was begun has ended"))
    }
}

/// A right half that was split off.
struct Rest<P, C: UnindexedConsumer<P::Item>>(Mutex<State<P, C>>)
where
    P: UnindexedProducer;

enum State<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> {
    Offered(P, C),
    Begun,
    Ended(C::Result),
}

impl<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> Rest<P, C> {
    /// Takes the rest, to run it, unless another worker did.
    fn take(&self) -> Option<(P, C)> {
        let mut state = self.0.lock();
        match mem::replace(&mut *state, State::Begun) {
            State::Offered(producer, consumer) => Some((producer, consumer)),
            begun => {
                *state = begun;
                None
            }
        }
    }

    /// Runs the rest on a thief, if it is still there.
    fn run_if_offered(&self) {
        if let Some((producer, consumer)) = self.take() {
            let result = LoopContext::enter(|context| run_unindexed(context, context.threads(), producer, consumer));
            *self.0.lock() = State::Ended(result);
        }
    }

    /// Takes the result, once the rest has ended.
    fn result(&self) -> Option<C::Result> {
        match mem::replace(&mut *self.0.lock(), State::Begun) {
            State::Ended(result) => Some(result),
            State::Offered(..) | State::Begun => None,
        }
    }
}

/// A rest, and how its result is joined with those before it.
struct Offer<P: UnindexedProducer, C: UnindexedConsumer<P::Item>> {
    rest: Arc<Rest<P, C>>,
    link: Link<C::Reducer>,
}

/// The worker that runs a part which is shared.
struct Owner<'c, 'w, P: UnindexedProducer, C: UnindexedConsumer<P::Item>> {
    context: &'c LoopContext<'w>,
    /// The rests that are not known to have been begun, the last in order first.
    rests: Vec<Offer<P, C>>,
    /// The results of all that is before the part that runs.
    results: Results<C::Result, Arc<Rest<P, C>>, C::Reducer>,
    /// How the result of the part that runs is joined with those; the first has nothing before it.
    link: Option<Link<C::Reducer>>,
}

impl<P, C> Owner<'_, '_, P, C>
where
    P: UnindexedProducer,
    C: UnindexedConsumer<P::Item>,
{
    /// Runs the part, which is split already, and all of its rests that no thief takes.
    fn run<'s>(&mut self, scope: &Scope<'s>, leaf: UnindexedLeaf<P, C>, right: P)
    where
        P: 's,
        C: 's,
    {
        let mut leaf = self.offer(scope, leaf, right);
        loop {
            leaf = match leaf.run_until_asked(self.context) {
                Halt::Asked(leaf, right) => self.offer(scope, leaf, right),
                Halt::Ended(folder, pace) => match self.go_on(folder, pace) {
                    Some(leaf) => leaf,
                    None => return,
                },
            };
        }
    }

    /// Offers what was split off.
    fn offer<'s>(&mut self, scope: &Scope<'s>, leaf: UnindexedLeaf<P, C>, right: P) -> UnindexedLeaf<P, C>
    where
        P: 's,
        C: 's,
    {
        let UnindexedLeaf { producer, tail: consumer, folder, pace } = leaf;
        let tail = consumer.split_off_left();
        let reducer = consumer.to_reducer();
        let rest = Arc::new(Rest(Mutex::new(State::Offered(right, consumer))));
        // The part that runs, of which this was the right half, will be the next result.
        let link = Link { left: self.results.len(), reducer };
        self.rests.push(Offer { rest: Arc::clone(&rest), link });
        scope.offer(move || rest.run_if_offered());
        if pace.is_weighty() {
            self.context.urge();
        }
        UnindexedLeaf { producer, tail, folder, pace }
    }

    /// When the part that runs has ended: the next one that no thief has begun.
    fn go_on(&mut self, folder: C::Folder, pace: Pace) -> Option<UnindexedLeaf<P, C>> {
        let next = self.rests.pop();
        if let Some((producer, tail)) = next.as_ref().and_then(|offer| offer.rest.take()) {
            // The folder goes on, as if this had not been split off.
            return Some(UnindexedLeaf { producer, tail, folder, pace });
        }
        self.results.push(folder.complete(), self.link.take());
        let mut begun = next;
        while let Some(Offer { rest, link }) = begun {
            self.results.expect(rest, link);
            begun = self.rests.pop();
            if let Some((producer, consumer)) = begun.as_ref().and_then(|offer| offer.rest.take()) {
                self.link = begun.map(|offer| offer.link);
                return Some(UnindexedLeaf::at(pace, producer, consumer));
            }
        }
        None
    }
}
