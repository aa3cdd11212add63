//! Runs programs of tasks, and compares them with their values.

use crate::cases::run_cases;
use crate::dice::{Dice, scramble};
use crate::node::{Has, Maker, Node, UNHEARD, Use, Way, Within, fold};
use crate::world::{Blown, Item, World};
use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::{CancelToken, TaskError, ThreadPool, ThreadPoolBuilder};
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::Poll;

/// The pools that the programs of a test run on, and go to and fro between.
type Pools = OnceLock<[ThreadPool; 3]>;

fn pools(pools: &'static Pools) -> &'static [ThreadPool; 3] {
    pools.get_or_init(|| [1, 2, 7].map(|threads| ThreadPoolBuilder::new().num_threads(threads).build().unwrap()))
}

/// Whether a panic comes out where the program was called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Heard = 1,
    Unheard = 2,
}

/// A part of a program that runs.
#[derive(Clone, Copy)]
struct Run {
    world: &'static World,
    pools: &'static [ThreadPool; 3],
    fate: Fate,
    /// Which pool it is in; one that there is not, for the global pool.
    pool: usize,
}

/// Gives way to others once.
async fn give_way() {
    let mut asked = false;
    poll_fn(move |context| {
        if asked {
            return Poll::Ready(());
        }
        asked = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What a handle gives, or the panic that it tells of.
fn told(result: Result<Item, TaskError>) -> Item {
    result.unwrap_or_else(|error| error.resume())
}

/// What the handle of a cancelled task gives does not count, but it is one of these.
fn untold(result: Result<Item, TaskError>) {
    if let Err(error) = result {
        let is_blown = |error: TaskError| error.try_into_panic().is_ok_and(|payload| payload.is::<Blown>());
        assert!(error.is_cancelled() || is_blown(error), "a cancelled task gives another panic");
    }
}

impl Run {
    fn unheard_unless(mut self, is_heard: bool) -> Self {
        if !is_heard {
            self.fate = Fate::Unheard;
        }
        self
    }

    fn call(self) {
        self.world.call_for(self.fate as u64);
    }

    /// A closure that runs a part, and holds an item until it has.
    fn part(self, node: &Arc<Node>) -> impl FnOnce() -> Item + Send + 'static + use<> {
        let (node, held) = (Arc::clone(node), self.world.item(0));
        move || {
            let _held = held;
            self.run(&node)
        }
    }

    fn run(self, node: &Arc<Node>) -> Item {
        self.call();
        let item = |value| self.world.item(value);
        match &**node {
            Node::Leaf(value) => item(*value),
            Node::Both(a, b) => {
                let (a, b) = paceline::join(self.part(a), self.part(b));
                item(fold([a.value, b.value]))
            }
            Node::Task(node, end) => self.task(node, *end),
            Node::Future(nodes) => told(self.future(nodes.clone())),
            Node::Scope(nodes) => self.scope(nodes),
            Node::Each(nodes) => {
                let items: Vec<Item> = nodes.par_iter().map(|node| self.run(node)).collect();
                item(fold(items.iter().map(|item| item.value)))
            }
            Node::Stream(nodes) => {
                let held = item(0);
                let stream = nodes.clone().into_iter().par_map_ordered(2, move |node| {
                    let _held = &held;
                    self.run(&node)
                });
                item(fold(stream.map(|item| item.value)))
            }
            Node::Passed(a, b) => {
                let (first, second) = (paceline::spawn_task(self.part(a)), self.part(b));
                let third = self.world.item(0);
                let handle = paceline::spawn_task(move || {
                    let _third = third;
                    let second = second();
                    let first = told(first.join());
                    self.world.item(fold([first.value, second.value]))
                });
                told(handle.join())
            }
            Node::Install(node) => {
                let pool = (self.pool + 1) % self.pools.len();
                let run = Run { pool, ..self };
                self.pools[pool].install(run.part(node))
            }
            Node::Yield(node) => {
                paceline::yield_now();
                self.run(node)
            }
            Node::Isolated(node) => paceline::isolate(self.part(node)),
        }
    }

    fn task(self, node: &Arc<Node>, end: Use) -> Item {
        let run = self.unheard_unless(end.is_heard());
        let handle = paceline::spawn_task(run.part(node));
        match end {
            Use::Joined => return told(handle.join()),
            Use::BlockedOn => return told(paceline::block_on(handle)),
            Use::Detached => drop(handle),
            Use::Cancelled => {
                handle.cancel();
                untold(handle.join());
            }
            Use::CancelledOnDrop => drop(handle.cancel_on_drop()),
            Use::CancelledByToken => {
                let token = CancelToken::new();
                let handle = handle.with_cancel(&token);
                token.cancel();
                untold(handle.join());
            }
        }
        self.world.item(UNHEARD)
    }

    fn future(self, nodes: Vec<Arc<Node>>) -> Result<Item, TaskError> {
        let held = self.world.item(0);
        let future = async move {
            let _held = held;
            let mut values = Vec::new();
            for node in nodes {
                let handle = paceline::spawn_task(self.part(&node));
                give_way().await;
                values.push(told(handle.await).value);
                self.call();
            }
            self.world.item(fold(values))
        };
        paceline::spawn_future(future).join()
    }

    fn scope(self, nodes: &[(Arc<Node>, Way)]) -> Item {
        let places: Vec<Mutex<Option<Item>>> = nodes.iter().map(|_| Mutex::new(None)).collect();
        let put = |place: usize, item: Item| *places[place].lock().unwrap() = Some(item);
        let put = &put;
        paceline::scope(|scope| {
            let mut handles = Vec::new();
            for (place, (node, way)) in nodes.iter().enumerate() {
                let part = self.unheard_unless(way.is_heard()).part(node);
                match way {
                    Way::Spawned => scope.spawn(move |_| put(place, part())),
                    Way::SpawnedFifo => {
                        scope.spawn(move |_| {
                            paceline::scope_fifo(|inner| inner.spawn_fifo(move |_| put(place, part())))
                        });
                    }
                    Way::TaskJoined => handles.push((place, scope.spawn_task(move |_| part()))),
                    Way::TaskLeft => drop(scope.spawn_task(move |_| part())),
                    Way::TaskCancelled => {
                        let handle = scope.spawn_task(move |_| part());
                        handle.cancel();
                        untold(handle.join());
                    }
                }
            }
            for (place, handle) in handles {
                put(place, told(handle.join()));
            }
        });
        let values = places.into_iter().map(|place| place.into_inner().unwrap().map_or(UNHEARD, |item| item.value));
        self.world.item(fold(values))
    }
}

/// The program of a seed.
fn program(seed: u64) -> Arc<Node> {
    let mut dice = Dice::of(scramble(seed));
    let has = dice.pick(&[Has::ForeignJoins, Has::Yields]);
    Maker { dice, has, left: 60, within: Within::Anything }.program(6)
}

/// What the programs of a test share, and the pool on which they begin; outside of all pools without one.
#[derive(Clone, Copy)]
struct Ground {
    world: &'static World,
    pools: &'static Pools,
    pool: Option<usize>,
}

/// Runs a program twice, the second time with a panic in one of its calls.
fn check(seed: u64, ground: Ground) -> Result<(), String> {
    let program = program(seed);
    let calls = once(&program, ground, 0)?;
    let panic_at = scramble(seed ^ 0xA5A5) % calls + 1;
    once(&program, ground, panic_at).map_err(|error| format!("with a panic in call {panic_at}: {error}"))?;
    Ok(())
}

fn once(program: &Arc<Node>, Ground { world, pools: own, pool }: Ground, panic_at: u64) -> Result<u64, String> {
    let pools = pools(own);
    world.arm(panic_at, 0);
    let run = Run { world, pools, fate: Fate::Heard, pool: pool.unwrap_or(pools.len() - 1) };
    let outcome = catch_unwind(AssertUnwindSafe(|| match pool {
        Some(pool) => pools[pool].install(|| run.run(program)),
        None => run.run(program),
    }));
    let heard = match outcome {
        Ok(item) if item.value == program.value() => None,
        Ok(item) => return Err(format!("{} in place of {}", item.value, program.value())),
        Err(payload) => match payload.downcast::<Blown>() {
            Ok(blown) if blown.item.value == panic_at => Some(blown.label),
            Ok(blown) => return Err(format!("the panic of call {} came out", blown.item.value)),
            Err(payload) => resume_unwind(payload),
        },
    };
    // What nobody waits for runs on, and may be what panics.
    world.wait_until_settled();
    let blown = world.blown();
    let calls = world.disarm();
    world.settle()?;
    match (blown, heard) {
        (Some(1), Some(1)) | (None | Some(2), None) => Ok(calls),
        (Some(_), _) => Err("the panic was lost".to_string()),
        (None, _) => Err("a panic out of nothing".to_string()),
    }
}

fn describe(seed: u64) -> String {
    format!("{:?}", program(seed))
}

const CASES: u64 = if cfg!(asan) { 300 } else { 1_000 };

fn programs(test: &str, ground: Ground) {
    run_cases(&format!("--test programs {test}"), CASES, describe, move |seed| check(seed, ground));
}

#[test]
fn tasks_on_one_thread() {
    static WORLD: World = World::new();
    static POOLS: Pools = OnceLock::new();
    programs("tasks_on_one_thread", Ground { world: &WORLD, pools: &POOLS, pool: Some(0) });
}

#[test]
fn tasks_on_two_threads() {
    static WORLD: World = World::new();
    static POOLS: Pools = OnceLock::new();
    programs("tasks_on_two_threads", Ground { world: &WORLD, pools: &POOLS, pool: Some(1) });
}

#[test]
fn tasks_on_seven_threads() {
    static WORLD: World = World::new();
    static POOLS: Pools = OnceLock::new();
    programs("tasks_on_seven_threads", Ground { world: &WORLD, pools: &POOLS, pool: Some(2) });
}

#[test]
fn tasks_from_outside() {
    static WORLD: World = World::new();
    static POOLS: Pools = OnceLock::new();
    programs("tasks_from_outside", Ground { world: &WORLD, pools: &POOLS, pool: None });
}
