//! Worker pools: items handed in and results taken in random turns, and every way to end.

use crate::cases::run_cases;
use crate::dice::{Dice, scramble};
use crate::world::{Blown, Item, World, mix};
use paceline::workers::{Order, Results, TrySubmitError, WorkerError, WorkerPool};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};

/// What is done with a pool, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// Hands in so many items; takes a result whenever there is no room.
    Submit(usize),
    Take,
    DropResults,
    Close,
}

/// How a pool ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Drop,
    Shutdown,
    ShutdownNow,
}

/// Where results go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outlet {
    /// They are written down by the workers.
    Nowhere,
    InOrder,
    AsDone,
}

#[derive(Clone, Debug)]
struct Plan {
    threads: usize,
    capacity: usize,
    outlet: Outlet,
    acts: Vec<Act>,
    end: End,
    heavy: u64,
}

impl Plan {
    fn of(seed: u64) -> Plan {
        let mut dice = Dice::of(scramble(seed));
        let acts = (0..dice.below(12)).map(|_| match dice.below(14) {
            0 => Act::Close,
            1 => Act::DropResults,
            2..=5 => Act::Take,
            _ => Act::Submit(1 + dice.below(12)),
        });
        Plan {
            acts: acts.collect(),
            threads: 1 + dice.below(4),
            capacity: 1 + dice.below(6),
            outlet: dice.pick(&[Outlet::Nowhere, Outlet::InOrder, Outlet::AsDone]),
            end: dice.pick(&[End::Drop, End::Shutdown, End::ShutdownNow]),
            heavy: dice.pick(&[0, 2, 10]),
        }
    }
}

/// Labels of calls: of a worker's `init`, and from here on of the work at an item.
const INIT: u64 = 1;
const WORK: u64 = 2;

/// What came of the items.
#[derive(Default)]
struct Seen {
    submitted: u64,
    /// The number and the value of each result, as they came.
    results: Vec<(u64, u64)>,
    /// The numbers of the items that panicked.
    panics: Vec<u64>,
    /// The numbers of those that were given back.
    left: Vec<u64>,
    /// Whether results were thrown away, so that not all are known.
    dropped: bool,
}

impl Seen {
    fn take(&mut self, result: Result<Item, WorkerError>) {
        match result {
            Ok(item) => self.results.push((item.value >> 32, item.value & 0xFFFF_FFFF)),
            Err(panic) => self.panic(panic),
        }
    }

    fn panic(&mut self, panic: WorkerError) {
        let sequence = panic.sequence();
        match panic.into_panic().downcast::<Blown>() {
            Ok(blown) => {
                assert_eq!(sequence, blown.label.checked_sub(WORK), "whose panic it is");
                self.panics.extend(sequence);
            }
            Err(payload) => resume_unwind(payload),
        }
    }

    fn check(&self, plan: &Plan, blown: Option<u64>) -> Result<(), String> {
        let wrong = |what: &str| {
            Err(format!("{what}: results {:?}, panics {:?}, left {:?}", self.results, self.panics, self.left))
        };
        if self.results.iter().any(|(number, value)| *value != mix(*number, 9)) {
            return wrong("a wrong value");
        }
        if plan.outlet == Outlet::InOrder && !self.results.is_sorted() {
            return wrong("not in order");
        }
        if !self.left.is_sorted() {
            return wrong("what is left is not in order");
        }
        let numbers = self.results.iter().map(|(number, _)| *number);
        let mut all: Vec<u64> = numbers.chain(self.panics.iter().copied()).chain(self.left.iter().copied()).collect();
        all.sort();
        let has_all = all.iter().copied().eq(0..self.submitted);
        // A pool that is dropped tells nobody of a panic.
        let untold = plan.outlet == Outlet::Nowhere && plan.end != End::Shutdown && blown.is_some();
        let some = all.windows(2).all(|pair| pair[0] < pair[1]) && all.iter().all(|number| *number < self.submitted);
        match has_all || (some && (self.dropped || untold && all.len() as u64 + 1 == self.submitted)) {
            true => Ok(()),
            false => wrong("items are lost or doubled"),
        }
    }
}

/// A pool and what it takes.
struct Run {
    pool: WorkerPool<Item>,
    results: Option<Results<Item>>,
    written: Arc<Mutex<Vec<Item>>>,
    seen: Seen,
    world: &'static World,
}

impl Run {
    fn start(plan: &Plan, world: &'static World) -> Run {
        let builder = WorkerPool::builder().threads(plan.threads).capacity(plan.capacity).init(move |_| {
            world.call_for(INIT);
            world.item(0)
        });
        let work = move |state: &mut Item, mut item: Item| {
            world.call_for(WORK + item.value);
            state.value += 1;
            item.value = item.value << 32 | mix(item.value, 9);
            item
        };
        let written = Arc::new(Mutex::new(Vec::new()));
        let (pool, results) = match plan.outlet {
            Outlet::Nowhere => {
                let put = Arc::clone(&written);
                let work = move |state: &mut Item, item: Item| {
                    let item = work(state, item);
                    put.lock().unwrap().push(item);
                };
                (builder.build(work).unwrap(), None)
            }
            outlet => {
                let order = if outlet == Outlet::InOrder { Order::Submission } else { Order::Completion };
                let (pool, results) = builder.build_with_results(order, work).unwrap();
                (pool, Some(results))
            }
        };
        Run { pool, results, written, seen: Seen::default(), world }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Submit(count) => (0..count).for_each(|_| self.submit()),
            Act::Take => {
                if let Some(Ok(result)) = self.results.as_mut().map(Results::try_recv) {
                    self.seen.take(result);
                }
            }
            Act::DropResults => self.seen.dropped |= self.results.take().is_some(),
            Act::Close => self.pool.close(),
        }
    }

    /// Hands in one item, unless the pool is closed.
    fn submit(&mut self) {
        let number = self.seen.submitted;
        let mut item = self.world.item(number);
        loop {
            // Without results that have to be taken, waiting is safe.
            let submitted = match &self.results {
                None => self.pool.submit(item).map_err(|refused| TrySubmitError::Closed(refused.into_inner())),
                Some(_) => self.pool.try_submit(item),
            };
            match submitted {
                Ok(given) => {
                    assert_eq!(given, number, "items are numbered as they come");
                    self.seen.submitted += 1;
                    return;
                }
                Err(TrySubmitError::Closed(_)) => {
                    assert!(self.pool.is_closed());
                    return;
                }
                Err(full) => item = full.into_inner(),
            }
            if let Some(result) = self.results.as_mut().and_then(Iterator::next) {
                self.seen.take(result);
            }
        }
    }

    fn end(self, end: End) -> Seen {
        let Run { pool, results, written, mut seen, .. } = self;
        match end {
            End::Drop => {}
            End::Shutdown => {
                if let Err(panic) = pool.shutdown() {
                    seen.panic(panic);
                }
            }
            End::ShutdownNow => seen.left.extend(pool.shutdown_now().iter().map(|item| item.value)),
        }
        drop(pool);
        results.into_iter().flatten().for_each(|result| seen.take(result));
        written.lock().unwrap().drain(..).for_each(|item| seen.take(Ok(item)));
        seen
    }
}

fn once(plan: &Plan, world: &'static World, panic_at: u64) -> Result<u64, String> {
    world.arm(panic_at, plan.heavy);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut run = Run::start(plan, world);
        plan.acts.iter().for_each(|act| run.act(*act));
        run.end(plan.end)
    }));
    let blown = world.blown();
    let calls = world.disarm();
    let verdict = match outcome {
        Ok(seen) => seen.check(plan, blown),
        Err(payload) => match payload.downcast::<Blown>() {
            Ok(blown) if blown.label == INIT => Ok(()),
            Ok(blown) => Err(format!("a panic at the label {} came out", blown.label)),
            Err(payload) => resume_unwind(payload),
        },
    };
    verdict.and(world.settle()).map(|()| calls)
}

fn check(seed: u64, world: &'static World) -> Result<(), String> {
    let plan = Plan::of(seed);
    let calls = once(&plan, world, 0)?;
    let panic_at = scramble(seed ^ 0xC3C3) % calls + 1;
    once(&plan, world, panic_at).map_err(|error| format!("with a panic in call {panic_at}: {error}"))?;
    Ok(())
}

fn describe(seed: u64) -> String {
    format!("{:?}", Plan::of(seed))
}

#[test]
fn worker_pools() {
    static WORLD: World = World::new();
    let cases = if cfg!(asan) { 300 } else { 1_000 };
    run_cases("--test programs worker_pools", cases, describe, |seed| check(seed, &WORLD));
}
