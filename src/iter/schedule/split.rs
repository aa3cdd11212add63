//! Layer 4: how a loop begins, and the number of parts that it is split into before they run.

use super::bounds::Bounds;
use super::grain::Estimate;
use super::history::{self, AtLevel, Course, LoopRun};
use super::in_order::{self, Role, UnindexedChunk};
use super::leaf;
use super::part::{Leaf, Part, UnindexedPart, with_halves};
use crate::fork::{LoopContext, SlotLease, Ticks, Worth, current_num_threads, join_context};
use crate::trace::meter::is_measured;
use std::mem;

/// A loop of at least this number of items is split in two before it runs, even if no worker is idle.
const MANY: usize = 256;

/// A loop of known length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loop {
    pub(super) len: usize,
    pub(super) bounds: Bounds,
    /// The address of code that is compiled for this producer and consumer alone.
    pub(super) code: usize,
}

/// A loop that has begun on the calling thread.
///
/// It fits in two registers. Passing it through memory would take as long as a small loop.
#[derive(Debug)]
pub(super) struct BegunLoop {
    course: Course,
    _lease: Option<SlotLease<'static>>,
}

impl BegunLoop {
    /// Begins the loop with that `code`, of `len` items in parts of at least `min_len` and at most `max_len`.
    #[inline(never)]
    pub(super) fn new(len: usize, min_len: usize, max_len: usize, code: usize) -> Self {
        let bounds = Bounds::new(min_len, max_len);
        if !bounds.can_be_cut(len) || !bounds.has_max() && history::is_within_inline_run() {
            let course = if LoopContext::lacks_stack() { Course::NO_HISTORY } else { Course::UNCUT };
            return BegunLoop { course, _lease: None };
        }
        BegunLoop::begin(len, bounds, code)
    }

    /// Begins a loop that may have to be split.
    #[inline(never)]
    fn begin(len: usize, bounds: Bounds, code: usize) -> Self {
        let lease = LoopContext::lease_slot();
        // Without a slot the items run on the pool's threads, however light they are expected to be.
        if bounds.has_max() || !LoopContext::is_on_worker() {
            return BegunLoop { course: Course::NO_HISTORY, _lease: lease };
        }
        if LoopContext::is_only_worker() {
            let course = if is_measured() { Course::NO_HISTORY } else { Course::UNCUT };
            return BegunLoop { course, _lease: lease };
        }
        BegunLoop { course: LoopRun::begin(code).pause(len), _lease: lease }
    }

    #[inline]
    pub(super) fn course(&self) -> Course {
        self.course
    }

    /// Ends the loop with that `code`, after `items` of its items have run here.
    #[inline(always)]
    pub(super) fn end(self, code: usize, items: usize) {
        if self.course == Course::UNCUT && self._lease.is_none() {
            // There is nothing to end; this check saves a call.
            mem::forget(self);
        } else {
            self.end_inline(code, items);
        }
    }

    #[inline(never)]
    fn end_inline(mut self, code: usize, items: usize) {
        if let Some(run) = self.take_run(code) {
            run.end_inline(items, LoopContext::requested_for());
        }
    }

    /// Takes its run; `None` if it has none, or it was taken.
    fn take_run(&mut self, code: usize) -> Option<LoopRun> {
        let course = mem::replace(&mut self.course, Course::NO_HISTORY);
        course.is_run().then(|| LoopRun::go_on(code))
    }
}

impl Drop for BegunLoop {
    fn drop(&mut self) {
        // The code does not matter for ending the run.
        drop(self.take_run(0));
    }
}

/// Runs a loop on the calling worker, or on another worker if the caller is none, and on the workers that steal parts
/// of it.
#[inline(never)]
pub(super) fn run(this: Loop, mut begun: BegunLoop, part: &mut dyn Part) {
    let mut run = begun.take_run(this.code);
    let was_run = LoopContext::on_worker(|context| run_on(context, this, run.take(), part));
    if was_run.is_none() {
        // The other thread's history counts.
        drop(run);
        LoopContext::enter(|context| run_on(context, this, None, part));
    }
}

/// Runs the `left` items of an inline run that must be shared after all.
#[cold]
#[inline(never)]
pub(super) fn run_rest(this: Loop, mut begun: BegunLoop, left: usize, leaf: &mut dyn Leaf) {
    let run = begun.take_run(this.code);
    let was_worth = LoopContext::on_worker(|context| {
        context.works();
        let terms = Terms { bounds: this.bounds, level: history::level() };
        let since = run.as_ref().and_then(LoopRun::timer).or_else(|| context.asked_at());
        leaf::run_rest(context, terms, since, this.len - left, left, leaf)
    });
    match was_worth {
        Some(was_worth) => run.into_iter().for_each(|run| run.end_shared(was_worth)),
        // A process that an item has forked. Its only thread is no worker, and so `Served` seemed outdated.
        None => _ = leaf.run(left),
    }
}

/// Runs a loop on a worker, where it may have begun already.
fn run_on(context: &LoopContext<'_>, this: Loop, run: Option<LoopRun>, part: &mut dyn Part) {
    if context.threads() == 1 && is_measured() {
        return run_measured(context, this, part);
    }
    if context.threads() == 1 && !this.bounds.has_max() {
        // There is no other worker.
        return leaf::run_whole(this.len, part);
    }
    let run = run.unwrap_or_else(|| LoopRun::begin(this.code));
    let (len, terms) = (this.len, Terms { bounds: this.bounds, level: history::level() });
    if run.is_expected_inline(len) {
        // Its parts are assumed not to be worth a steal, whatever ran here last.
        context.remember_worth(Worth::Inline);
    }
    context.works();
    let begun = Ticks::now();
    run_afresh(context, terms, len, part);
    run.end(begun, len);
}

/// The number of pieces of a loop that cannot be split when it runs, on a thread that measures.
const MEASURED_PIECES: usize = 64;

/// Runs a loop on a thread that measures, in pieces that other threads could run.
fn run_measured(context: &LoopContext<'_>, this: Loop, part: &mut dyn Part) {
    if part.can_split_running() {
        leaf::run_measured(this.bounds, this.len, part);
    } else {
        let terms = Terms { bounds: this.bounds, level: history::level() };
        run_rigid(context, terms, MEASURED_PIECES, this.len, part);
    }
}

/// The terms that hold for all parts of a loop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) bounds: Bounds,
    /// The number of loops that a part of it is nested in.
    pub(super) level: usize,
}

/// Runs a loop that is not expected to be inline. Offers parts of it to idle workers.
fn run_afresh(context: &LoopContext<'_>, terms: Terms, len: usize, part: &mut dyn Part) {
    // If there are many items, or they cannot run in blocks, there are two halves: a find in the first may save the
    // second.
    let is_short = len < MANY && part.can_split_running();
    let pieces = (context.idle() + 1).max(if is_short { 1 } else { 2 });
    let plan = SplitPlan { pieces, is_lending: false, estimate: &Estimate::new() };
    run_part(context, terms, plan, len, part);
}

/// How a part is run.
#[derive(Clone, Copy)]
struct SplitPlan<'e> {
    /// The number of pieces that it is split into before they run.
    pieces: usize,
    /// True if a piece keeps a rest public from the start; otherwise only when it has run for a while.
    is_lending: bool,
    /// The estimate from the part before.
    estimate: &'e Estimate,
}

/// Splits a part into as many pieces as there are workers to run them, and runs them, in blocks.
fn run_part(context: &LoopContext<'_>, terms: Terms, plan: SplitPlan<'_>, len: usize, part: &mut dyn Part) {
    if part.is_full() {
        return part.run();
    }
    let SplitPlan { pieces, is_lending, estimate } = plan;
    if !terms.bounds.wants_cut(len, pieces) {
        if part.can_split_running() {
            return leaf::run_in_blocks(context, terms, is_lending, estimate, len, part);
        }
        // If there is a maximal length, there are enough pieces by now.
        let pieces = if terms.bounds.has_max() { 1 } else { context.threads() };
        return run_rigid(context, terms, pieces, len, part);
    }
    let left_len = terms.bounds.left_half_of(len, 0);
    let left_plan = SplitPlan { pieces: pieces - pieces / 2, ..plan };
    fork(
        context,
        is_lending,
        left_len,
        part,
        |context, left| run_part(context, terms, left_plan, left_len, left),
        |context, right| run_split_off(context, terms, is_lending, estimate, len - left_len, right),
    );
}

/// Splits a part, and runs both halves, perhaps at the same time. `is_long`: whether the left half may be long.
pub(super) fn fork(
    context: &LoopContext<'_>,
    is_long: bool,
    left_len: usize,
    part: &mut dyn Part,
    run_left: impl Fn(&LoopContext<'_>, &mut dyn Part),
    run_right: impl Fn(&LoopContext<'_>, &mut dyn Part) + Sync,
) {
    part.cut(left_len, &mut |left, right| {
        with_halves(left, right, |left, right| {
            context.fork(is_long, |context| run_left(context, left), |context| run_right(context, right));
        });
    });
}

/// Runs a part that was forked. A thief splits it further if other workers are idle, and keeps a rest public from the
/// start if `is_lending`. The owner goes on with the estimate of the part before it.
pub(super) fn run_split_off(
    context: &LoopContext<'_>,
    terms: Terms,
    is_lending: bool,
    estimate: &Estimate,
    len: usize,
    part: &mut dyn Part,
) {
    let _stay = AtLevel::new(context, terms.level);
    if context.is_migrated() {
        // If items may be heavy, workers that are busy now may be idle long before the next item ends.
        let pieces = if is_lending { context.threads() } else { context.idle() + 1 };
        let plan = SplitPlan { pieces, is_lending, estimate: &Estimate::new() };
        run_part(context, terms, plan, len, part);
    } else {
        run_part(context, terms, SplitPlan { pieces: 1, is_lending, estimate }, len, part);
    }
}

/// Runs a part that cannot be split once it runs. It is split into as many pieces as there are threads. A piece that
/// was stolen is split again, because the steal shows that workers are idle.
fn run_rigid(context: &LoopContext<'_>, terms: Terms, pieces: usize, len: usize, part: &mut dyn Part) {
    if part.is_full() || !terms.bounds.wants_cut(len, pieces) {
        return leaf::run_whole(len, part);
    }
    let left_len = len / 2;
    fork(
        context,
        false,
        left_len,
        part,
        |context, left| run_rigid(context, terms, pieces - pieces / 2, left_len, left),
        |context, right| {
            let _stay = AtLevel::new(context, terms.level);
            let pieces = if context.is_migrated() { context.threads() } else { pieces / 2 };
            run_rigid(context, terms, pieces, len - left_len, right);
        },
    );
}

/// Runs a loop of unknown length.
#[inline(never)]
pub(super) fn run_unindexed(role: Role, part: &mut dyn UnindexedPart) {
    if role != Role::Bystander {
        return in_order::run(role, Box::new(UnindexedChunk::new(part)), usize::MAX);
    }
    LoopContext::enter(|context| {
        let pieces = if is_measured() { MEASURED_PIECES } else { context.threads() };
        run_unindexed_part(context, history::level(), pieces, part);
    });
}

/// Runs a part of unknown length, split into `pieces` if possible. A piece that was stolen is split again. The loop is
/// nested in `level` others.
///
/// A half that is not stolen gets half as many pieces as the whole, so on one worker the nesting is logarithmic in
/// `pieces`.
pub(super) fn run_unindexed_part(context: &LoopContext<'_>, level: usize, pieces: usize, part: &mut dyn UnindexedPart) {
    if part.is_full() {
        return part.run();
    }
    let was_cut = pieces > 1
        && part.cut(&mut |left, right| {
            with_halves(left, right, |left, right| {
                context.fork(
                    false,
                    |context| run_unindexed_part(context, level, pieces - pieces / 2, left),
                    |context| {
                        let _stay = AtLevel::new(context, level);
                        let pieces = if context.is_migrated() { context.threads() } else { pieces / 2 };
                        run_unindexed_part(context, level, pieces, right);
                    },
                );
            });
        });
    if !was_cut {
        part.begin(&mut |leaf| leaf::run_unindexed(context, level, leaf));
    }
}

/// Runs two loops, in parallel if that is worth it. If `in_order` is set and the calling frame has a role in ordered
/// chunks, the left loop ends before the right one begins.
///
/// If their total length `len` is known, they have one history together. When they are expected to be inline, the right
/// one is not offered to other workers: each loop itself checks whether it must be shared after all, unless all items
/// are one block, and even.
#[inline(never)]
pub(in crate::iter) fn both_loops<L, R, A, B>(len: Option<usize>, in_order: bool, left: L, right: R) -> (A, B)
where
    L: FnOnce() -> A + Send,
    R: FnOnce() -> B + Send,
    A: Send,
    B: Send,
{
    if in_order && in_order::role() != Role::Bystander {
        return (left(), right());
    }
    let Some(len) = len else { return both(left, right) };
    let code = both_loops::<L, R, A, B> as fn(Option<usize>, bool, L, R) -> (A, B) as usize;
    let code = crate::sync::code::number(code);
    let mut begun = BegunLoop::new(len, 1, usize::MAX, code);
    let course = begun.course();
    if course.is_one_even_block(len) {
        let results = (left(), right());
        begun.end(code, len);
        return results;
    }
    let run = begun.take_run(code);
    let since = Ticks::now();
    if course.is_here() {
        let results = (left(), right());
        run.into_iter().for_each(|run| run.end_in_turn(since, len));
        results
    } else {
        let results = both(left, right);
        run.into_iter().for_each(|run| run.end(since, len));
        results
    }
}

/// Runs two closures, in parallel if there is a thread for the second.
pub(in crate::iter) fn both<A, B>(left: impl FnOnce() -> A + Send, right: impl FnOnce() -> B + Send) -> (A, B)
where
    A: Send,
    B: Send,
{
    join_context(|_| left(), |_| right())
}

/// The number of threads that may work on an iterator that is run here.
pub(in crate::iter) fn thread_count() -> usize {
    current_num_threads()
}
