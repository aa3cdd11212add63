//! Streams of random windows, one upon another, taken in part or to their end.

use crate::cases::run_cases;
use crate::dice::{Dice, scramble};
use crate::world::{Blown, Item, World, mix};
use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// In which order the results of a stream come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Ordered,
    Unordered,
}

/// What is put upon the input.
#[derive(Clone, Copy, Debug)]
struct Stage {
    order: Order,
    window: usize,
    inside: Inside,
}

/// What the closure does besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    Nothing,
    Loop,
    Task,
}

/// A pipeline, and how much of it is taken.
#[derive(Clone, Debug)]
struct Plan {
    len: u64,
    stages: Vec<Stage>,
    /// How many results are asked for before the stream is dropped; more than there are, to take all.
    asked: usize,
    /// After how many the stream goes from a thread outside to one of the pool.
    moves: usize,
    heavy: u64,
}

fn stage(dice: &mut Dice) -> Stage {
    Stage {
        order: dice.pick(&[Order::Ordered, Order::Unordered]),
        window: 1 + dice.below(12),
        inside: dice.pick(&[Inside::Nothing, Inside::Nothing, Inside::Loop, Inside::Task]),
    }
}

impl Plan {
    fn of(seed: u64) -> Plan {
        let mut dice = Dice::of(scramble(seed));
        let len = dice.below(60) as u64;
        let mut stages: Vec<Stage> = (0..1 + dice.below(3)).map(|_| stage(&mut dice)).collect();
        let mut moves = dice.below(80);
        // Where one stream is another's input, a thread that waits in a closure may take up a job that waits for what is
        // beneath it on its own stack: so no closure waits there. A thread that waits in a closure or for such an input may
        // take up whoever consumes the stream, if that is a job which comes later: so none does.
        if stages.len() > 1 {
            stages.iter_mut().for_each(|stage| stage.inside = Inside::Nothing);
        }
        if stages.len() > 1 || stages[0].inside != Inside::Nothing {
            moves = if moves < 40 { 0 } else { usize::MAX };
        }
        let asked = if dice.one_in(2) { usize::MAX } else { dice.below(40) };
        Plan { len, stages, asked, moves, heavy: dice.pick(&[0, 3, 20]) }
    }

    fn value(&self, number: u64) -> u64 {
        (1..=self.stages.len() as u64).fold(number, mix)
    }

    fn is_ordered(&self) -> bool {
        self.stages.iter().all(|stage| stage.order == Order::Ordered)
    }

    fn stream(&self, world: &'static World) -> Box<dyn Iterator<Item = Item> + Send> {
        let held = world.item(0);
        let len = self.len;
        let input = (1..=len).map(move |number| {
            let _held = &held;
            world.call_for(INPUT + number);
            world.item(number)
        });
        let mut stream: Box<dyn Iterator<Item = Item> + Send> = Box::new(input);
        for (level, stage) in (1..).zip(&self.stages) {
            let last = level as usize == self.stages.len();
            stream = stage.upon(stream, level, if last { LAST } else { INPUT }, world);
        }
        stream
    }
}

/// Labels of calls: those of the last stage are one item's, the others' end the stream.
const LAST: u64 = 1_000;
const INPUT: u64 = 1_000_000;

impl Stage {
    fn upon(
        self,
        input: Box<dyn Iterator<Item = Item> + Send>,
        level: u64,
        label: u64,
        world: &'static World,
    ) -> Box<dyn Iterator<Item = Item> + Send> {
        let held = world.item(0);
        let work = move |mut item: Item| {
            let _held = &held;
            world.call_for(label + level);
            match self.inside {
                Inside::Nothing => {}
                Inside::Loop => assert_eq!((0..50_u64).into_par_iter().sum::<u64>(), 1_225),
                Inside::Task => assert_eq!(paceline::spawn_task(|| 3).join().unwrap(), 3),
            }
            item.value = mix(item.value, level);
            item
        };
        match self.order {
            Order::Ordered => Box::new(input.par_map_ordered(self.window, work)),
            Order::Unordered => Box::new(input.par_map_unordered(self.window, work)),
        }
    }
}

/// What was taken of a stream.
#[derive(Default)]
struct Taken {
    values: Vec<u64>,
    /// The label of the panic that came out, and how many values had come before it.
    panic: Option<(u64, usize)>,
    has_ended: bool,
}

impl Taken {
    /// Asks for results, up to so many in all.
    fn take(&mut self, stream: &mut (dyn Iterator<Item = Item> + Send), most: usize) {
        let asked = |taken: &Taken| taken.values.len() + usize::from(taken.panic.is_some());
        while asked(self) < most && !self.has_ended {
            match catch_unwind(AssertUnwindSafe(|| stream.next())) {
                Ok(Some(item)) => self.values.push(item.value),
                Ok(None) => self.has_ended = true,
                Err(payload) => match payload.downcast::<Blown>() {
                    Ok(blown) => self.panic = Some((blown.label, self.values.len())),
                    Err(payload) => resume_unwind(payload),
                },
            }
        }
    }

    fn check(&self, plan: &Plan, blown: Option<u64>) -> Result<(), String> {
        let expected: Vec<u64> = (1..=plan.len).map(|number| plan.value(number)).collect();
        let ends_early = self.panic.is_some_and(|(label, _)| label >= INPUT);
        let wrong = || Err(format!("{:?}, a panic at {:?}, in place of {expected:?}", self.values, self.panic));
        if plan.is_ordered() {
            let mut rest = expected.iter();
            let lost = self.values.iter().filter(|value| !rest.any(|expected| expected == *value)).count();
            let gaps = expected.len() - rest.len() - self.values.len();
            if lost > 0 || gaps > usize::from(self.panic.is_some()) {
                return wrong();
            }
        } else {
            let (mut got, mut all) = (self.values.clone(), expected.clone());
            got.sort();
            all.sort();
            let mut rest = all.iter();
            if !got.iter().all(|value| rest.any(|expected| expected == value)) {
                return wrong();
            }
        }
        if !self.has_ended {
            return Ok(());
        }
        match (blown, self.panic) {
            (None, None) if self.values.len() == expected.len() => Ok(()),
            (Some(blown), Some((label, _))) if blown != label => wrong(),
            (Some(_), Some(_)) if ends_early || self.values.len() + 1 == expected.len() => Ok(()),
            _ => wrong(),
        }
    }
}

fn once(plan: &Plan, pool: Option<&ThreadPool>, world: &'static World, panic_at: u64) -> Result<u64, String> {
    world.arm(panic_at, plan.heavy);
    let install = |f: &mut (dyn FnMut() + Send)| match pool {
        Some(pool) => pool.install(f),
        None => f(),
    };
    let (mut stream, mut taken) = (None, Taken::default());
    install(&mut || stream = Some(plan.stream(world)));
    // On a thread outside, then on a worker, which works on other jobs while it waits.
    if let Some(stream) = &mut stream {
        taken.take(&mut **stream, plan.moves.min(plan.asked));
    }
    install(&mut || {
        if let Some(mut stream) = stream.take() {
            taken.take(&mut *stream, plan.asked);
        }
    });
    world.wait_until_settled();
    let blown = world.blown();
    let calls = world.disarm();
    world.settle()?;
    taken.check(plan, blown)?;
    Ok(calls)
}

fn check(seed: u64, pool: Option<&ThreadPool>, world: &'static World) -> Result<(), String> {
    let plan = Plan::of(seed);
    let calls = once(&plan, pool, world, 0)?;
    if calls > 0 {
        let panic_at = scramble(seed ^ 0x5A5A) % calls + 1;
        once(&plan, pool, world, panic_at).map_err(|error| format!("with a panic in call {panic_at}: {error}"))?;
    }
    Ok(())
}

fn describe(seed: u64) -> String {
    format!("{:?}", Plan::of(seed))
}

const CASES: u64 = if cfg!(asan) { 300 } else { 1_000 };

fn on_a_pool_of(threads: usize, test: &str, world: &'static World) {
    let pool = std::sync::Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    run_cases(test, CASES, describe, move |seed| check(seed, Some(&pool), world));
}

#[test]
fn streams_on_one_thread() {
    static WORLD: World = World::new();
    on_a_pool_of(1, "--test programs streams_on_one_thread", &WORLD);
}

#[test]
fn streams_on_seven_threads() {
    static WORLD: World = World::new();
    on_a_pool_of(7, "--test programs streams_on_seven_threads", &WORLD);
}

#[test]
fn streams_from_outside() {
    static WORLD: World = World::new();
    run_cases("--test programs streams_from_outside", CASES, describe, |seed| check(seed, None, &WORLD));
}
