//! Runs a chain, and runs it again with a panic in one of its calls.

use crate::adaptors::{Then, adapt};
use crate::borrow::borrowed;
use crate::erased::Chain;
use crate::expect::Verdict;
use crate::finish::{Check, End, finish, finish_owned};
use crate::item::{Blown, World};
use crate::plan::{Joint, Plan};
use crate::start::owned;
use crate::step::{Op, Step};
use paceline::ThreadPool;
use paceline::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Where chains run: on a pool, or on the thread that runs the tests, which is in none.
#[derive(Clone, Copy)]
pub(crate) enum Ground<'p> {
    Pool(&'p ThreadPool),
    Outside,
}

impl Ground<'_> {
    fn run<R: Send>(self, f: impl FnOnce() -> R + Send) -> R {
        match self {
            Ground::Pool(pool) => pool.install(f),
            Ground::Outside => f(),
        }
    }

    fn still_works(self) -> Verdict {
        let sum: u64 = self.run(|| (0..100_u64).into_par_iter().map(|n| n + 1).sum());
        crate::expect::same("a sum on the same pool", &sum, &5_050)
    }
}

/// Runs the chain twice, and checks all that there is to see of it.
pub(crate) fn check(plan: &Plan, ground: Ground<'_>, world: &'static World) -> Verdict {
    let (outcome, calls) = run(plan, ground, world, 0);
    match outcome {
        Ok(verdict) => verdict?,
        Err(payload) => return Err(format!("a panic: {}", text(payload.as_ref()))),
    }
    settle(plan, world)?;
    if calls == 0 {
        return Ok(());
    }
    let panic_at = plan.panic % calls + 1;
    let (outcome, calls) = run(plan, ground, world, panic_at);
    let verdict = after_panic(outcome, plan, panic_at, calls >= panic_at);
    verdict
        .and(settle(plan, world))
        .and(ground.still_works())
        .map_err(|error| format!("with a panic in call {panic_at}: {error}"))
}

/// What a call came to, and how many calls of closures there were.
type Outcome = (Result<Verdict, Box<dyn Any + Send>>, u64);

fn run(plan: &Plan, ground: Ground<'_>, world: &'static World, panic_at: u64) -> Outcome {
    let mut store = plan.source.store(world);
    world.arm(panic_at, plan.heavy);
    let check = Check { finish: plan.finish, expect: &plan.expect, world };
    let call = move || match plan.source.is_owned() {
        true => finish_owned(chain(plan, world, |then| owned(plan.source, store, then)), check),
        false => {
            let store = &mut store;
            finish(chain(plan, world, move |then| borrowed(plan.source, store, then)), check)
        }
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| ground.run(call)));
    let calls = world.disarm();
    (outcome, calls)
}

/// Puts the adaptors upon the source.
fn chain<'d>(plan: &Plan, world: &'static World, source: impl FnOnce(Then) -> Chain<'d>) -> Chain<'d> {
    let typed = |at: usize| plan.steps.get(at).filter(|(joint, _)| *joint == Joint::Typed).map(|(_, step)| *step);
    let mut at = 0;
    let next: Option<Step> = typed(at);
    at += usize::from(next.is_some());
    let mut chain = source(Then { next, world });
    while let Some((_, step)) = plan.steps.get(at) {
        let next = typed(at + 1);
        at += 1 + usize::from(next.is_some());
        chain = adapt(chain, *step, next, world);
    }
    chain
}

/// A panic of a call must arrive, and no other.
fn after_panic(
    outcome: Result<Verdict, Box<dyn Any + Send>>,
    plan: &Plan,
    panic_at: u64,
    has_panicked: bool,
) -> Verdict {
    let has_fuse = plan.steps.iter().any(|(_, step)| step.op == Op::PanicFuse);
    match outcome {
        // Whoever drops a stream does not hear of the panics in what it had not come to.
        Ok(verdict) if !has_panicked || plan.finish.end == End::SeqIterDropped => verdict,
        Ok(_) => Err("the panic was lost".to_string()),
        Err(payload) => match payload.downcast::<Blown>() {
            Ok(blown) => crate::expect::same("the call that has panicked", &blown.item.value, &panic_at),
            // The iterators of `panic_fuse` end early then, at which std's zipped ones panic in their turn.
            Err(payload) if has_fuse && text(payload.as_ref()).contains("entered unreachable code") => Ok(()),
            Err(payload) => Err(format!("another panic arrived: {}", text(payload.as_ref()))),
        },
    }
}

/// Every item has been dropped when the call has returned; of a stream that was dropped, soon after.
fn settle(plan: &Plan, world: &'static World) -> Verdict {
    if matches!(plan.finish.end, End::SeqIter | End::SeqIterDropped) {
        world.wait_until_settled();
    }
    world.settle()
}

fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().cloned();
    let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| String::from(*text)));
    text.unwrap_or_else(|| "of no text".to_string())
}
