//! Layer 5: `par_map_ordered_in`: the jobs of a scope work in parallel on items that may borrow, and only the thread that
//! asks for results pulls them. There is no protocol here: each job is a task of the scope, and the results wait in the
//! tasks' handles.

use crate::fork::Ticks;
use crate::fork::scope::Scope;
use crate::job::context::CarriedContext;
use crate::stream::executor::{Executor, PoolExecutor};
use crate::stream::item_cost::{ItemCost, Weight};
use crate::stream::reorder_buffer::{ItemOutcome, hand_out, outcome_of};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::quiet::Quiet;
use crate::sync::unwind::{self, Payload};
use crate::task::scoped_task::ScopedJoinHandle;
use std::collections::VecDeque;
use std::fmt;
use std::iter::FusedIterator;
use std::sync::Arc;
use std::vec;

/// An iterator over results in the order of the items, which jobs of a scope make: what
/// [`par_map_ordered_in`](crate::ParallelMap::par_map_ordered_in) makes.
///
/// # Examples
///
/// ```
/// use paceline::extra::prelude::*;
///
/// let text = String::from("row\nof\nriders");
/// let longest = paceline::in_place_scope(|s| {
///     let mut lengths = text.lines().par_map_ordered_in(s, 8, str::len);
///     assert_eq!(lengths.next(), Some(3));
///     lengths.max()
/// });
/// assert_eq!(longest, Some(6));
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct ScopedParMap<'s, 'scope, I: Iterator, F, R> {
    scope: &'s Scope<'scope>,
    executor: PoolExecutor,
    /// That of the thread that made the stream.
    context: Option<CarriedContext>,
    shared: Arc<SharedFunc<F>>,
    input: OwnInput<I>,
    window: usize,
    /// How many items were pulled and not handed out; at most `window`.
    in_flight: usize,
    item_cost: ItemCost,
    /// How many more items go to jobs though they are light, because the consumer has found no slot in the pool.
    shared_left: usize,
    /// The outcomes that are next.
    ready: vec::IntoIter<ItemOutcome<R>>,
    /// Those behind them, in order.
    batches: VecDeque<ScopedJoinHandle<'scope, MappedBatch<R>>>,
}

/// An input that only its owner pulls from.
enum OwnInput<I> {
    Here(I),
    /// It panicked, and is gone. The panic goes on when all items that were pulled before have been handed out.
    Broken(Payload),
    Over,
}

/// The part of the stream that its jobs use.
struct SharedFunc<F> {
    func: Quiet<F>,
    /// True if the results are not wanted any more. It orders nothing: a job that overlooks it maps an item in vain.
    is_gone: AtomicBool,
}

/// The outcomes of some items, and how long mapping them took.
struct MappedBatch<R> {
    outcomes: Vec<ItemOutcome<R>>,
    ticks: u64,
}

impl<F> SharedFunc<F> {
    /// The whole of a job.
    fn map<T, R>(&self, items: Vec<Quiet<T>>) -> MappedBatch<R>
    where
        F: Fn(T) -> R,
    {
        let begun = Ticks::now();
        let wanted = items.into_iter().take_while(|_| !self.is_gone.load(Ordering::Relaxed));
        let outcomes = wanted.map(|item| outcome_of(|| (*self.func)(item.into_inner()))).collect();
        MappedBatch { outcomes, ticks: Ticks::now().since(begun) }
    }
}

impl<'s, 'scope, I, F, R> ScopedParMap<'s, 'scope, I, F, R>
where
    I: Iterator<Item: Send + 'scope>,
    F: Fn(I::Item) -> R + Send + Sync + 'scope,
    R: Send + 'scope,
{
    pub(super) fn new(input: I, scope: &'s Scope<'scope>, window: usize, func: F) -> Self {
        ScopedParMap {
            scope,
            executor: PoolExecutor::of(scope),
            context: CarriedContext::capture(),
            shared: Arc::new(SharedFunc { func: Quiet::new(func), is_gone: AtomicBool::new(false) }),
            input: OwnInput::Here(input),
            window,
            in_flight: 0,
            item_cost: ItemCost::new(),
            shared_left: 0,
            ready: Vec::new().into_iter(),
            batches: VecDeque::new(),
        }
    }

    /// True if the consumer should map the items itself.
    fn is_light(&self) -> bool {
        self.shared_left == 0 && self.item_cost.weight(self.window) == Weight::Light
    }

    /// The next item, if there is one.
    fn pull(&mut self) -> Option<Quiet<I::Item>> {
        let OwnInput::Here(input) = &mut self.input else { return None };
        let end = match unwind::halt(|| input.next()) {
            Ok(Some(item)) => {
                self.in_flight += 1;
                return Some(Quiet::new(item));
            }
            Ok(None) => OwnInput::Over,
            Err(payload) => OwnInput::Broken(payload),
        };
        // The input's destructor may panic, as it may when any other iterator is dropped.
        self.input = end;
        None
    }

    /// Pulls items until the window is full, and begins jobs for them, unless they are light.
    fn fill(&mut self) {
        while matches!(self.input, OwnInput::Here(_)) && !self.is_light() {
            let batch = self.item_cost.batch_of_job(self.window, self.executor.size());
            if self.window - self.in_flight < batch {
                return;
            }
            let mut items = Vec::with_capacity(batch);
            while items.len() < batch {
                match self.pull() {
                    Some(item) => items.push(item),
                    None => break,
                }
            }
            if !items.is_empty() {
                self.begin(items);
            }
        }
    }

    /// Begins a job that maps the items.
    fn begin(&mut self, items: Vec<Quiet<I::Item>>) {
        self.shared_left = self.shared_left.saturating_sub(items.len());
        let shared = Arc::clone(&self.shared);
        self.batches.push_back(self.scope.spawn_task(move |_| shared.map(items)));
    }

    /// Pulls an item and maps it here, if the calling thread is a worker or can become one; else begins a job for it.
    /// Nothing else must be on its way. `None` if there is no result now.
    fn map_here(&mut self) -> Option<ItemOutcome<R>> {
        let item = self.pull()?;
        let (executor, func) = (&self.executor, &self.shared.func);
        let mapped = executor.attend(Weight::Light, || {
            if !executor.is_here() {
                return Err(item);
            }
            let begun = Ticks::now();
            let outcome = outcome_of(|| executor.apart(|| (**func)(item.into_inner())));
            Ok((outcome, Ticks::now().since(begun)))
        });
        match mapped {
            Ok((outcome, ticks)) => {
                self.item_cost.learn_batch(1, ticks, self.window);
                Some(outcome)
            }
            Err(item) => {
                self.shared_left = self.window;
                self.begin(vec![item]);
                None
            }
        }
    }

    /// The next outcome, or `None` after the last.
    fn next_outcome(&mut self) -> Option<ItemOutcome<R>> {
        loop {
            self.fill();
            if let Some(outcome) = self.ready.next() {
                return Some(outcome);
            }
            if let Some(batch) = self.batches.pop_front() {
                // A job catches its items' panics, and is never cancelled.
                let MappedBatch { outcomes, ticks } = batch.join().unwrap_or_else(|error| error.resume());
                self.item_cost.learn_batch(outcomes.len(), ticks, self.window);
                self.ready = outcomes.into_iter();
                continue;
            }
            match std::mem::replace(&mut self.input, OwnInput::Over) {
                OwnInput::Broken(payload) => unwind::resume(payload),
                OwnInput::Over => return None,
                input @ OwnInput::Here(_) => self.input = input,
            }
            if let Some(outcome) = self.map_here() {
                return Some(outcome);
            }
        }
    }
}

impl<'scope, I, F, R> Iterator for ScopedParMap<'_, 'scope, I, F, R>
where
    I: Iterator<Item: Send + 'scope>,
    F: Fn(I::Item) -> R + Send + Sync + 'scope,
    R: Send + 'scope,
{
    type Item = R;

    fn next(&mut self) -> Option<R> {
        let entered = self.context.as_ref().map(CarriedContext::enter);
        let outcome = self.next_outcome();
        drop(entered);
        let outcome = outcome?;
        self.in_flight -= 1;
        Some(hand_out(outcome))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = match &self.input {
            OwnInput::Here(input) => input.size_hint(),
            OwnInput::Broken(_) | OwnInput::Over => (0, Some(0)),
        };
        (least.saturating_add(self.in_flight), most.and_then(|most| most.checked_add(self.in_flight)))
    }
}

impl<'scope, I, F, R> FusedIterator for ScopedParMap<'_, 'scope, I, F, R>
where
    I: Iterator<Item: Send + 'scope>,
    F: Fn(I::Item) -> R + Send + Sync + 'scope,
    R: Send + 'scope,
{
}

impl<I: Iterator, F, R> Drop for ScopedParMap<'_, '_, I, F, R> {
    fn drop(&mut self) {
        self.shared.is_gone.store(true, Ordering::Relaxed);
    }
}

impl<I: Iterator, F, R> fmt::Debug for ScopedParMap<'_, '_, I, F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedParMap")
            .field("window", &self.window)
            .field("in_flight", &self.in_flight)
            .field("is_over", &(self.in_flight == 0 && matches!(self.input, OwnInput::Over)))
            .finish_non_exhaustive()
    }
}
