//! Runs a program on the machine.

use super::event::{chain, flag_job, poll_until_run, spawn_chain};
use super::polled::read_async;
use super::program::{Body, Class, End, Op, PoolEnd, Program};
use super::scopes::scope;
use super::workers::through_workers;
use super::world::{Findings, Must, Ticket, World};
use paceline::prelude::*;
use paceline::sim::{self, Config, Fault, FaultKind};
use paceline::{CancelToken, IntoSeqIterator, JoinHandle, ParallelMap, Priority, ThreadPoolBuilder};
use std::any::Any;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) findings: Findings,
    pub(crate) fault: Option<Fault>,
    /// Points of the run.
    pub(crate) steps: u64,
}

/// Runs the program once.
pub(crate) fn run(program: &Program, mut config: Config) -> Outcome {
    // A few thousand are usual.
    config.most_steps = super::number("HUNT_POINTS", 20_000_000);
    let findings = Arc::new(Mutex::new(Findings::default()));
    let (program, told) = (program.clone(), Arc::clone(&findings));
    let end = sim::run(config, move || {
        let world = World::new(&program, told);
        let others: Vec<_> = program.callers[1..].iter().map(|ops| thread(&world, ops)).collect();
        body(&world, &program.callers[0]);
        others.into_iter().for_each(|thread| thread.join().expect("what panics is caught"));
        world.end();
    });
    let mut findings = std::mem::take(&mut *findings.lock().unwrap());
    let steps = end.as_ref().map_or_else(|fault| fault.steps, |report| report.steps);
    let fault = match end {
        Ok(report) => {
            if !report.left_over.is_empty() {
                findings.broken.get_or_insert(format!("threads are asleep for good: {:?}", report.left_over));
            }
            None
        }
        Err(fault) => Some(fault),
    };
    Outcome { findings, fault, steps }
}

/// The kind of a fault: two runs have the same if these are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Hang,
    Broken,
    Panic,
}

impl Outcome {
    pub(crate) fn kind(&self) -> Option<Kind> {
        match &self.fault {
            _ if self.findings.broken.is_some() => Some(Kind::Broken),
            None => None,
            Some(Fault { kind: FaultKind::Panic(_), .. }) => Some(Kind::Panic),
            Some(_) => Some(Kind::Hang),
        }
    }
}

fn thread(world: &Arc<World>, ops: &Body) -> sim::JoinHandle<()> {
    let (world, ops) = (Arc::clone(world), Arc::clone(ops));
    sim::spawn(move || body(&world, &ops))
}

pub(crate) fn body(world: &Arc<World>, ops: &Body) {
    ops.iter().for_each(|op| step(world, op));
}

/// A job that does what the operations say, and the number that it gives.
pub(crate) fn job(world: &Arc<World>, must: Must, ops: &Body) -> (usize, impl FnOnce() -> usize + Send + use<>) {
    let (ticket, ops) = (Ticket::new(world, must), Arc::clone(ops));
    let number = ticket.number();
    let run = move || {
        ticket.begin();
        body(ticket.world(), &ops);
        ticket.number()
    };
    (number, run)
}

pub(crate) fn tickets(world: &Arc<World>, items: u32, must: Must) -> (Vec<usize>, Vec<Ticket>) {
    let tickets: Vec<Ticket> = (0..items).map(|_| Ticket::new(world, must)).collect();
    (tickets.iter().map(Ticket::number).collect(), tickets)
}

/// What is done with each ticket.
pub(crate) fn on_each(ops: &Body) -> impl Fn(Ticket) -> usize + Send + Sync + use<> {
    let ops = Arc::clone(ops);
    move |ticket| {
        ticket.begin();
        body(ticket.world(), &ops);
        ticket.number()
    }
}

pub(crate) fn equal(world: &World, what: &str, got: &[usize], wanted: &[usize]) {
    world.check(got == wanted, || format!("{what} gives {got:?} in place of {wanted:?}"));
}

fn step(world: &Arc<World>, op: &Op) {
    match op {
        Op::Work(n) => world.work(u64::from(*n) * 100),
        Op::Sleep(us) => sim::sleep(u64::from(*us) * 1_000),
        Op::Join(a, b) => {
            let ((a, run_a), (b, run_b)) = (job(world, Must::Run, a), job(world, Must::Run, b));
            let got = paceline::join(run_a, run_b);
            equal(world, "join", &[got.0, got.1], &[a, b]);
        }
        Op::Scope(kind, members) => scope(world, *kind, members),
        Op::Loop(n, ops) => {
            let (wanted, tickets) = tickets(world, *n, Must::Run);
            let got: Vec<usize> = tickets.into_par_iter().map(on_each(ops)).collect();
            equal(world, "a loop", &got, &wanted);
        }
        Op::Stream(window, n, taken, ops) => {
            let (mut wanted, tickets) = tickets(world, *n, if taken < n { Must::End } else { Must::Run });
            let stream = tickets.into_iter().par_map_ordered(*window as usize, on_each(ops));
            let got: Vec<usize> = stream.take(*taken as usize).collect();
            wanted.truncate(*taken as usize);
            equal(world, "a stream", &got, &wanted);
        }
        Op::SeqIter(window, n, ops) => {
            let (wanted, tickets) = tickets(world, *n, Must::Run);
            let got: Vec<usize> = tickets.into_par_iter().map(on_each(ops)).into_seq_iter(*window as usize).collect();
            equal(world, "into_seq_iter", &got, &wanted);
        }
        Op::AsyncStream(polled, window, n, taken, ops) => read_async(world, *polled, *window, [*n, *taken], ops),
        Op::Workers(workers, n, ops) => through_workers(world, *workers, *n, ops),
        Op::Spawn(pool, class, ops) => spawn(world, *pool, *class, ops),
        Op::Broadcast(ops) => {
            let got = paceline::broadcast(|context| {
                body(world, ops);
                context.index()
            });
            equal(world, "broadcast", &got, &(0..got.len()).collect::<Vec<_>>());
        }
        Op::Task(pool, end, ops) => {
            let (number, run) = job(world, must(*end), ops);
            let handle = match pool {
                Some(pool) => world.pool(*pool).spawn_task(run),
                None => paceline::spawn_task(run),
            };
            finish(world, handle, *end, number);
        }
        Op::Passed(pool, first, second) => {
            let spawn_task = |run: Box<dyn FnOnce() -> usize + Send>| match pool {
                Some(pool) => world.pool(*pool).spawn_task(run),
                None => paceline::spawn_task(run),
            };
            let (first, run) = job(world, Must::Run, first);
            let handle = spawn_task(Box::new(run));
            let (number, run) = job(world, Must::Run, second);
            let inner = Arc::clone(world);
            let second = spawn_task(Box::new(move || {
                finish(&inner, handle, End::Joined, first);
                run()
            }));
            finish(world, second, End::Joined, number);
        }
        Op::Future(end, parts) => {
            let ticket = Ticket::new(world, must(*end));
            let number = ticket.number();
            let jobs: Vec<_> = parts.iter().map(Arc::clone).collect();
            let future = async move {
                ticket.begin();
                for ops in jobs {
                    let (number, run) = job(ticket.world(), Must::Run, &ops);
                    if let Ok(got) = paceline::spawn_task(run).await {
                        equal(ticket.world(), "an awaited task", &[got], &[number]);
                    }
                }
                ticket.number()
            };
            finish(world, paceline::spawn_future(future), *end, number);
        }
        Op::Chain(pool, wait, n) => chain(world, *pool, *wait, *n),
        Op::Blocking(ops) => paceline::blocking(|| body(world, ops)),
        Op::Isolate(ops) => paceline::isolate(|| body(world, ops)),
        Op::Phase(ops) => {
            let _phase = paceline::phase();
            body(world, ops);
        }
        Op::Locked(lock, ops) => {
            let _guard = world.locks[*lock].lock();
            body(world, ops);
        }
        Op::Install(pool, ops) => world.pool(*pool).install(|| body(world, ops)),
        Op::NewPool(threads, end, ops) => new_pool(*threads, *end, || body(world, ops)),
        Op::Yield => drop(paceline::yield_now()),
        Op::YieldUntil => {
            let (has_run, run) = flag_job(world);
            paceline::spawn(run);
            while !has_run.load(Ordering::Relaxed) {
                paceline::yield_now();
                sim::yield_point();
            }
        }
        Op::Poll => poll_until_run(world),
        Op::Thread(ops) => drop(thread(world, ops).join()),
        Op::Deep(kib, ops) => deep(*kib as usize, &|| body(world, ops)),
        Op::Panic => sim::resume_unwind(Box::new("planned")),
        Op::Caught(ops) => drop(sim::catch_unwind(|| body(world, ops))),
    }
}

#[inline(never)]
fn deep(kib: usize, then: &dyn Fn()) {
    let mut frame = [0_u8; 1024];
    std::hint::black_box(&mut frame);
    if kib == 0 {
        then()
    } else {
        deep(kib - 1, then)
    }
    std::hint::black_box(&frame);
}

fn new_pool(threads: usize, end: PoolEnd, within: impl FnOnce() + Send) {
    let builder = ThreadPoolBuilder::new().num_threads(threads);
    let (mut late, mut started) = (None, Vec::new());
    let pool = match end {
        PoolEnd::LateThread => {
            let start = |thread: paceline::ThreadBuilder| {
                match late {
                    None => late = Some(thread),
                    Some(_) => started.push(sim::spawn(|| thread.run())),
                }
                Ok(())
            };
            builder.spawn_handler(start).build().unwrap()
        }
        _ => builder.build().unwrap(),
    };
    let end_of_call = sim::catch_unwind(|| pool.install(within));
    started.extend(late.map(|thread| sim::spawn(|| thread.run())));
    match end {
        PoolEnd::Dropped | PoolEnd::LateThread => drop(pool),
        PoolEnd::ShutDown => pool.shutdown(),
    }
    started.into_iter().for_each(|thread| drop(thread.join()));
    if let Err(payload) = end_of_call {
        sim::resume_unwind(payload);
    }
}

fn must(end: End) -> Must {
    if end.cancels() { Must::End } else { Must::Run }
}

/// Whether a panic is the program's own.
pub(crate) fn is_planned(payload: &(dyn Any + Send)) -> bool {
    payload.downcast_ref() == Some(&"planned")
}

fn finish(world: &World, handle: JoinHandle<usize>, end: End, number: usize) {
    let result = match end {
        End::Joined => handle.join(),
        End::BlockedOn => paceline::block_on(handle),
        End::Detached => return drop(handle),
        End::CancelledOnDrop => return drop(handle.cancel_on_drop()),
        End::Cancelled => {
            handle.cancel();
            handle.join()
        }
        End::CancelledByToken => {
            let token = CancelToken::new();
            let handle = handle.with_cancel(&token);
            token.cancel();
            handle.join()
        }
    };
    match result {
        Ok(got) => equal(world, "a task", &[got], &[number]),
        Err(error) => {
            let is_cancelled = end.cancels() && error.is_cancelled();
            let is_expected = is_cancelled || error.try_into_panic().is_ok_and(|payload| is_planned(&*payload));
            world.check(is_expected, || format!("task {number} has an error that nobody planned"));
        }
    }
}

fn spawn(world: &Arc<World>, pool: Option<usize>, class: Class, ops: &Body) {
    let pool = pool.map(|pool| world.pool(pool));
    if class == Class::Broadcast {
        let (world, ops) = (Arc::clone(world), Arc::clone(ops));
        // It is dropped when the last thread has run it.
        let ticket = Ticket::new(&world, Must::End);
        let run = move |_: paceline::BroadcastContext<'_>| body(ticket.world(), &ops);
        return match pool {
            Some(pool) => pool.spawn_broadcast(run),
            None => paceline::spawn_broadcast(run),
        };
    }
    if class == Class::AgainstChain {
        let (has_run, run) = flag_job(world);
        spawn_chain(pool.as_deref(), has_run);
        return match pool {
            Some(pool) => pool.spawn(run),
            None => paceline::spawn(run),
        };
    }
    let (_, run) = job(world, Must::Run, ops);
    let run = move || _ = run();
    match (class, pool) {
        (Class::Fifo, None) => paceline::spawn_fifo(run),
        (Class::Fifo, Some(pool)) => pool.spawn_fifo(run),
        (Class::High, None) => paceline::spawn_with(Priority::High, run),
        (Class::High, Some(pool)) => pool.spawn_with(Priority::High, run),
        (Class::Low, None) => paceline::spawn_with(Priority::Low, run),
        (Class::Low, Some(pool)) => pool.spawn_with(Priority::Low, run),
        (_, None) => paceline::spawn(run),
        (_, Some(pool)) => pool.spawn(run),
    }
}
