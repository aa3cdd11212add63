//! The meter: the work and the span of what one thread runs in the place of many.
//!
//! The thread runs both halves of each fork, all blocks of each loop and all jobs of each scope itself, one after the other.
//! The meter knows for each moment the longest chain of work that leads there, its *path*. Both halves of a fork begin with
//! the path of the fork, and what follows begins with the longer of their ends.

use crate::sync::atomic::{Ordering, StaticAtomicUsize};
use crate::sync::local::thread_local;
use crate::sync::ticks::Ticks;
use std::cell::RefCell;

/// What a steal costs, in ticks: a path gets so much longer where work moves to another thread.
pub(super) const BURDEN: u64 = 5_000 * Ticks::PER_NANOSECOND;

/// The number of threads that measure. Relaxed suffices: a thread that measures has counted itself.
static MEASURING: StaticAtomicUsize = StaticAtomicUsize::new(0);

thread_local! {
    static METER: RefCell<Option<Meter>> = const { RefCell::new(None) };
}

/// True if the calling thread measures. Never in a model.
#[inline]
pub(crate) fn is_measured() -> bool {
    // Not `with`: a destructor that runs while the thread ends may fork.
    let has_meter = || METER.try_with(|meter| meter.borrow().is_some()).unwrap_or(false);
    // The load is the cheap answer. On the simulated machine it would be a step of each program that does not measure.
    !cfg!(loom) && (cfg!(sim) || MEASURING.load(Ordering::Relaxed) != 0) && has_meter()
}

/// The longest chain of work from the begin to some moment.
#[derive(Debug, Clone, Default)]
struct WorkPath {
    span: u64,
    /// The span if each move to another thread costs [`BURDEN`].
    burdened: u64,
    /// The part of the span that each name has; the place is its number, and 0 is for work without one.
    by_name: Vec<u64>,
}

impl WorkPath {
    fn spend(&mut self, ticks: u64, name: usize) {
        self.span += ticks;
        self.burdened += ticks;
        add(&mut self.by_name, name, ticks);
    }

    /// Becomes the other path if that is longer.
    fn extend_to(&mut self, other: WorkPath) {
        let burdened = self.burdened.max(other.burdened);
        if other.span > self.span {
            *self = other;
        }
        self.burdened = burdened;
    }
}

fn add(sums: &mut Vec<u64>, place: usize, ticks: u64) {
    if sums.len() <= place {
        sums.resize(place + 1, 0);
    }
    sums[place] += ticks;
}

/// How a meter tells the time.
pub(super) type MeterClock = fn() -> u64;

/// Of the calling thread.
#[derive(Debug)]
struct Meter {
    clock: MeterClock,
    /// The time up to which all work is counted.
    counted: u64,
    name: usize,
    path: WorkPath,
    work: u64,
    work_by_name: Vec<u64>,
    /// The longest end of the jobs of each scope that is open, by the address of the scope.
    scopes: Vec<(usize, WorkPath)>,
}

/// What a meter has measured, in ticks.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) work: u64,
    pub(super) span: u64,
    pub(super) burdened: u64,
    /// The work and the part of the span of each name, by its number; 0 is for work without a name.
    pub(super) by_name: Vec<(u64, u64)>,
}

/// Calls `f` with the meter of the calling thread, if it has one, when all work so far is counted. What `f` does itself is
/// not.
fn with_meter<R>(f: impl FnOnce(&mut Meter) -> R) -> Option<R> {
    METER.with(|meter| {
        let mut meter = meter.borrow_mut();
        let meter = meter.as_mut()?;
        let ticks = (meter.clock)().saturating_sub(meter.counted);
        meter.work += ticks;
        meter.path.spend(ticks, meter.name);
        add(&mut meter.work_by_name, meter.name, ticks);
        let result = f(meter);
        meter.counted = (meter.clock)();
        Some(result)
    })
}

/// Ends the measurement of the calling thread.
struct MeterGuard;

impl Drop for MeterGuard {
    fn drop(&mut self) {
        METER.with(|meter| meter.borrow_mut().take());
        // It wraps around.
        MEASURING.fetch_add(usize::MAX, Ordering::Relaxed);
    }
}

/// Calls `f` on the calling thread, and measures it.
pub(super) fn measure<R>(clock: MeterClock, f: impl FnOnce() -> R) -> (R, Measured) {
    let meter = Meter {
        clock,
        counted: clock(),
        name: 0,
        path: WorkPath::default(),
        work: 0,
        work_by_name: Vec::new(),
        scopes: Vec::new(),
    };
    METER.with(|own| own.replace(Some(meter)));
    MEASURING.fetch_add(1, Ordering::Relaxed);
    let guard = MeterGuard;
    let result = f();
    let measured = with_meter(|meter| {
        let spans = &mut meter.path.by_name;
        spans.resize(meter.work_by_name.len().max(spans.len()), 0);
        let by_name = meter.work_by_name.iter().copied().zip(spans.iter().copied()).collect();
        Measured { work: meter.work, span: meter.path.span, burdened: meter.path.burdened, by_name }
    });
    drop(guard);
    (result, measured.unwrap_or_default())
}

/// Changes the name that work is counted for. Returns the name before, if the thread measures.
pub(super) fn change_name(name: usize) -> Option<usize> {
    with_meter(|meter| std::mem::replace(&mut meter.name, name))
}

/// Work that may run at the same time as other work: the halves of a fork, or the blocks of a loop, each between two calls
/// of [`Branches::next`]. It ends when the value is dropped.
#[must_use]
#[derive(Debug)]
pub(crate) struct Branches {
    begin: WorkPath,
    longest: WorkPath,
    /// The number of branches, and the sum of their burdened lengths.
    count: u32,
    in_turn: u64,
}

impl Branches {
    /// Begins the first branch. `None` if the thread does not measure.
    pub(crate) fn begin() -> Option<Self> {
        if !is_measured() {
            return None;
        }
        let begin = with_meter(|meter| meter.path.clone())?;
        Some(Branches { longest: begin.clone(), begin, count: 0, in_turn: 0 })
    }

    /// Ends a branch and begins another.
    pub(crate) fn next(&mut self) {
        with_meter(|meter| self.end_branch(meter));
    }

    fn end_branch(&mut self, meter: &mut Meter) {
        let end = std::mem::replace(&mut meter.path, self.begin.clone());
        self.count += 1;
        self.in_turn += end.burdened - self.begin.burdened;
        self.longest.extend_to(end);
    }
}

impl Drop for Branches {
    fn drop(&mut self) {
        with_meter(|meter| {
            self.end_branch(meter);
            meter.path = std::mem::take(&mut self.longest);
            // Work is halved again and again; a branch that is shorter than a steal does not move.
            let steals = u64::from(u32::BITS - (self.count - 1).leading_zeros());
            let moved = meter.path.burdened + steals * BURDEN;
            meter.path.burdened = moved.min(self.begin.burdened + self.in_turn);
        });
    }
}

/// Runs a job of the scope at `scope`, which may run at the same time as all that follows up to the end of the scope.
pub(crate) fn run_spawned(scope: usize, job: impl FnOnce()) {
    let begin = with_meter(|meter| meter.path.clone());
    // It does not unwind.
    job();
    with_meter(|meter| {
        let mut end = std::mem::replace(&mut meter.path, begin.unwrap_or_default());
        end.burdened += BURDEN;
        match meter.scopes.iter_mut().find(|(address, _)| *address == scope) {
            Some((_, longest)) => longest.extend_to(end),
            None => meter.scopes.push((scope, end)),
        }
    });
}

/// All jobs of the scope at `scope` have ended.
pub(crate) fn scope_ends(scope: usize) {
    if is_measured() {
        with_meter(|meter| {
            if let Some(place) = meter.scopes.iter().position(|(address, _)| *address == scope) {
                let (_, longest) = meter.scopes.swap_remove(place);
                meter.path.extend_to(longest);
            }
        });
    }
}

#[cfg(all(test, not(any(loom, sim))))]
pub(crate) mod tests;
