//! Makes a program smaller, as long as it has the same kind of fault.

use super::machine;
use super::program::{Body, Member, Op, Program, Workers};
use super::rules::{Open, allows};
use super::run::{Kind, Outcome, run};
use paceline::sim::Config;
use std::sync::Arc;

/// A fault, and the machine on which it comes.
pub(crate) struct Found {
    pub(crate) program: Program,
    pub(crate) config: Config,
    pub(crate) outcome: Outcome,
    pub(crate) kind: Kind,
}

/// So many machines are tried with each smaller program: a change of the program changes who goes on.
const MACHINES: u64 = 24;

/// The smallest program that was found within so many runs.
pub(crate) fn minimise(mut found: Found, open: Open, most_runs: usize) -> Found {
    let mut left = most_runs;
    // Where the last step was taken, the next one is likely to be.
    let mut begin = 0;
    loop {
        let smaller = programs(&found.program);
        let order = (0..smaller.len()).map(|place| (place + begin) % smaller.len());
        let mut next = None;
        for place in order.filter(|&place| allows(&smaller[place], open)) {
            next = fault_of(&smaller[place], &found, &mut left);
            if next.is_some() || left == 0 {
                begin = place;
                break;
            }
        }
        match next {
            Some(smaller) => found = smaller,
            None => break,
        }
    }
    fewer_cores(found)
}

/// The same fault in another program, on one of several machines.
fn fault_of(program: &Program, known: &Found, left: &mut usize) -> Option<Found> {
    let known_config = std::iter::once(known.config.clone());
    let seeds = known.config.seed..;
    for config in known_config.chain(seeds.take(MACHINES as usize).map(machine)) {
        if *left == 0 {
            return None;
        }
        *left -= 1;
        let outcome = run(program, config.clone());
        if outcome.kind() == Some(known.kind) {
            return Some(Found { program: program.clone(), config, outcome, kind: known.kind });
        }
    }
    None
}

fn fewer_cores(mut found: Found) -> Found {
    for cores in 1..found.config.cores {
        let config = Config { cores, store_buffers: false, ..found.config.clone() };
        let outcome = run(&found.program, config.clone());
        if outcome.kind() == Some(found.kind) {
            found = Found { config, outcome, ..found };
            break;
        }
    }
    found
}

/// All programs that are a step smaller.
fn programs(program: &Program) -> Vec<Program> {
    let mut all = Vec::new();
    for place in 1..program.callers.len() {
        let mut smaller = program.clone();
        smaller.callers.remove(place);
        all.push(smaller);
    }
    for (place, ops) in program.callers.iter().enumerate() {
        all.extend(bodies(ops).into_iter().map(|ops| {
            let mut smaller = program.clone();
            smaller.callers[place] = ops;
            smaller
        }));
    }
    let sizes = |threads: usize| [1, threads / 2, threads - 1].into_iter().filter(move |&n| n > 0 && n < threads);
    all.extend(sizes(program.global).map(|global| Program { global, ..program.clone() }));
    for place in 0..program.pools.len() {
        all.extend(sizes(program.pools[place]).map(|threads| {
            let mut smaller = program.clone();
            smaller.pools[place] = threads;
            smaller
        }));
    }
    if !program.pools.is_empty() && !program.has(|op| op.names_pool()) {
        all.push(Program { pools: Vec::new(), ..program.clone() });
    }
    all
}

/// All that are a step smaller than a body: without an operation, with its parts in its place, or with a smaller one.
fn bodies(ops: &Body) -> Vec<Body> {
    let mut all = Vec::new();
    let mut put = |place: usize, new: Vec<Op>| {
        let mut smaller = ops[..place].to_vec();
        smaller.extend(new);
        smaller.extend_from_slice(&ops[place + 1..]);
        all.push(Arc::new(smaller));
    };
    for (place, op) in ops.iter().enumerate() {
        put(place, Vec::new());
        for part in op.bodies() {
            put(place, part.to_vec());
        }
        smaller_ops(op).into_iter().for_each(|op| put(place, vec![op]));
        for (number, part) in op.bodies().into_iter().enumerate() {
            bodies(part).into_iter().for_each(|part| put(place, vec![op.with_body(number, part)]));
        }
    }
    all
}

/// The same operation with less of it.
fn smaller_ops(op: &Op) -> Vec<Op> {
    let mut all = Vec::new();
    let less = |n: u32| [1, n / 2].into_iter().filter(move |&less| less > 0 && less < n);
    match op {
        Op::Work(n) => all.extend(less(*n).map(Op::Work)),
        Op::Loop(n, ops) => all.extend(less(*n).map(|n| Op::Loop(n, Arc::clone(ops)))),
        Op::SeqIter(window, n, ops) => all.extend(less(*n).map(|n| Op::SeqIter(*window, n, Arc::clone(ops)))),
        Op::Stream(window, n, taken, ops) => {
            all.extend(less(*n).map(|n| Op::Stream(*window, n, *taken, Arc::clone(ops))));
        }
        Op::AsyncStream(polled, window, n, taken, ops) => {
            all.extend(less(*n).map(|n| Op::AsyncStream(*polled, *window, n, *taken, Arc::clone(ops))));
        }
        Op::Workers(workers, n, ops) => {
            all.extend(less(*n).map(|n| Op::Workers(*workers, n, Arc::clone(ops))));
            let fewer = less(workers.threads).map(|threads| Workers { threads, ..*workers });
            all.extend(fewer.map(|workers| Op::Workers(workers, *n, Arc::clone(ops))));
        }
        Op::Chain(pool, wait, n) => all.extend(less(*n).map(|n| Op::Chain(*pool, *wait, n))),
        Op::Scope(kind, members) => {
            for place in 0..members.len() {
                let mut fewer = members.clone();
                fewer.remove(place);
                all.push(Op::Scope(*kind, fewer));
                if members[place].0 != Member::Spawned {
                    let mut plainer = members.clone();
                    plainer[place].0 = Member::Spawned;
                    all.push(Op::Scope(*kind, plainer));
                }
            }
        }
        Op::Future(end, parts) => {
            for place in 0..parts.len() {
                let mut fewer = parts.clone();
                fewer.remove(place);
                all.push(Op::Future(*end, fewer));
            }
        }
        _ => {}
    }
    all
}
