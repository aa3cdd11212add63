//! What a running program is checked against.

use super::program::{Op, Program};
use paceline::sim::{self, Condvar};
use paceline::{ThreadPool, ThreadPoolBuilder};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What of a run is known outside of it.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The first invariant that did not hold.
    pub(crate) broken: Option<String>,
    /// How many jobs were made.
    pub(crate) jobs: usize,
    /// The deepest that a stack was, in bytes.
    pub(crate) depth: usize,
}

/// The state of a job's ticket.
const RUN: u8 = 1;
const DROPPED: u8 = 2;

/// A stack of two megabytes must not be used beyond this.
const DEEPEST: usize = 1 << 20;

/// A run of a program. Its locks are std's where they are for bookkeeping: those are no points.
pub(crate) struct World {
    findings: Arc<Mutex<Findings>>,
    tickets: Mutex<Vec<u8>>,
    alive: AtomicUsize,
    /// Jobs may be dropped without having run, since another part of the same call may panic.
    may_stay: bool,
    /// The stack is used on purpose.
    is_deep: bool,
    /// A thread with an index may be in a pool that is not in the list, and not in the global one.
    has_new_pools: bool,
    pools: Mutex<Vec<Arc<ThreadPool>>>,
    /// Who works under which index of which pool; the last one is the global pool.
    at_work: Mutex<BTreeMap<(usize, usize), usize>>,
    sizes: Vec<usize>,
    pub(crate) locks: [sim::Mutex<()>; 2],
    end: (sim::Mutex<()>, Condvar),
    bases: Mutex<BTreeMap<usize, usize>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// Makes the pools.
    pub(crate) fn new(program: &Program, findings: Arc<Mutex<Findings>>) -> Arc<Self> {
        ThreadPoolBuilder::new().num_threads(program.global).build_global().expect("there is no global pool yet");
        let build = |&threads: &usize| Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
        let sizes = program.pools.iter().copied().chain([program.global]).collect();
        Arc::new(World {
            findings,
            tickets: Mutex::default(),
            alive: AtomicUsize::new(0),
            may_stay: program.has(|op| matches!(op, Op::Panic)),
            is_deep: program.has(|op| matches!(op, Op::Deep(..))),
            has_new_pools: program.has(|op| matches!(op, Op::NewPool(..) | Op::SeqIter(..))),
            pools: Mutex::new(program.pools.iter().map(build).collect()),
            at_work: Mutex::default(),
            sizes,
            locks: [(), ()].map(sim::Mutex::new),
            end: (sim::Mutex::new(()), Condvar::new()),
            bases: Mutex::default(),
        })
    }

    pub(crate) fn pool(&self, place: usize) -> Arc<ThreadPool> {
        Arc::clone(&locked(&self.pools)[place])
    }

    /// Notes that an invariant is broken.
    pub(crate) fn check(&self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            locked(&self.findings).broken.get_or_insert_with(what);
        }
    }

    /// Works, as the one of its index in its pool.
    pub(crate) fn work(&self, ns: u64) {
        self.look_at_stack();
        let pools = self.sizes.len() - 1;
        let in_pool = (0..pools).find_map(|pool| Some((pool, self.pool(pool).current_thread_index()?)));
        let in_global = || paceline::current_thread_index().filter(|_| !self.has_new_pools).map(|index| (pools, index));
        let Some(slot) = in_pool.or_else(in_global) else { return sim::work(ns) };
        self.check(slot.1 < self.sizes[slot.0], || format!("{slot:?} (pool, index) is no worker's"));
        let thread = sim::thread_id();
        let before = locked(&self.at_work).insert(slot, thread);
        self.check(before.is_none(), || format!("threads {before:?} and {thread} are both at work as {slot:?}"));
        sim::work(ns);
        locked(&self.at_work).remove(&slot);
    }

    /// How deep in its stack the calling thread is.
    fn look_at_stack(&self) {
        let mark = 0_u8;
        let here = (&raw const mark).addr();
        let mut bases = locked(&self.bases);
        let base = bases.entry(sim::thread_id()).or_insert(here);
        *base = here.max(*base);
        let depth = *base - here;
        drop(bases);
        let mut findings = locked(&self.findings);
        findings.depth = findings.depth.max(depth);
        drop(findings);
        self.check(self.is_deep || depth < DEEPEST, || format!("a stack is {depth} bytes deep"));
    }

    /// Waits until all jobs are done, and ends the pools.
    pub(crate) fn end(&self) {
        let mut guard = self.end.0.lock().unwrap();
        while self.alive.load(Ordering::Relaxed) > 0 {
            guard = self.end.1.wait(guard).unwrap();
        }
        drop(guard);
        let pools = std::mem::take(&mut *locked(&self.pools));
        pools.into_iter().filter_map(Arc::into_inner).for_each(ThreadPool::shutdown);
        let tickets = locked(&self.tickets);
        locked(&self.findings).jobs = tickets.len();
        self.check(tickets.iter().all(|state| state & DROPPED != 0), || "a job was never dropped".to_owned());
    }
}

/// Whether a job must run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Must {
    Run,
    /// Or be dropped: it may be cancelled.
    End,
}

/// What a job has, to be run once and dropped once.
pub(crate) struct Ticket {
    world: Arc<World>,
    number: usize,
    must: Must,
}

impl Ticket {
    pub(crate) fn new(world: &Arc<World>, must: Must) -> Self {
        world.alive.fetch_add(1, Ordering::Relaxed);
        let must = if world.may_stay { Must::End } else { must };
        let mut tickets = locked(&world.tickets);
        tickets.push(0);
        Ticket { world: Arc::clone(world), number: tickets.len() - 1, must }
    }

    pub(crate) fn number(&self) -> usize {
        self.number
    }

    pub(crate) fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// The job begins.
    pub(crate) fn begin(&self) {
        sim::progress();
        let state = self.mark(RUN);
        self.world.check(state == 0, || format!("job {} begins in state {state}", self.number));
    }

    fn mark(&self, bit: u8) -> u8 {
        let state = &mut locked(&self.world.tickets)[self.number];
        let before = *state;
        *state |= bit;
        before
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let state = self.mark(DROPPED);
        self.world.check(state & DROPPED == 0, || format!("job {} is dropped twice", self.number));
        let is_done = state & RUN != 0 || self.must == Must::End;
        self.world.check(is_done, || format!("job {} is dropped and has not run", self.number));
        if self.world.alive.fetch_sub(1, Ordering::Relaxed) == 1 {
            let guard = self.world.end.0.lock();
            self.world.end.1.notify_all();
            drop(guard);
        }
    }
}
