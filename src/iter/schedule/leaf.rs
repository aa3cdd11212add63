//! Layer 4: a part that runs, block by block, and is split in two between blocks when another worker requests work.

use super::bounds::Bounds;
use super::grain::{Estimate, Grain};
use super::history::AtLevel;
use super::part::{Leaf, Offered, Part, UnindexedLeaf, dropped_on_unwind, with_halves};
use super::split::{Terms, run_split_off, run_unindexed_part};
use super::tuning::STEAL;
use crate::fork::scope::{Scope, in_place_scope};
use crate::fork::{LoopContext, Rest, Ticks};
use crate::trace::meter::Branches;
use crate::trace::{EventKind, Span};
use std::sync::Arc;

/// The number of rests that a part that has run for a while makes public on request: a half, a quarter, an eighth and a
/// sixteenth.
const RESTS: u32 = 4;

/// How far a leaf has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LeafEnd {
    /// To the end of its items.
    End,
    /// Until further items would not change the result.
    Full,
    /// Another worker has run its last items, and the leaf has a result.
    Closed,
}

/// Runs a part of `len` items to its end. It begins with the estimate of the part before, and stores its own there. The
/// part keeps a rest public from the start if `is_lending`, otherwise when it has run for a while.
pub(super) fn run_in_blocks(
    context: &LoopContext<'_>,
    terms: Terms,
    is_lending: bool,
    estimate: &Estimate,
    len: usize,
    part: &mut dyn Part,
) {
    part.begin(&mut |leaf| {
        let mut grain =
            Grain::new(Some(len), context.threads(), is_lending, context.is_likely_worth_a_wake_up(), estimate);
        run_at(&mut grain, context, terms, estimate, len, leaf);
    });
}

/// Runs a leaf to its end, and records its worth. (The grain is passed by reference because it is large.)
fn run_at(
    grain: &mut Grain,
    context: &LoopContext<'_>,
    terms: Terms,
    estimate: &Estimate,
    left: usize,
    leaf: &mut dyn Leaf,
) {
    let mut span = Span::begin(EventKind::Loop);
    let before = grain.done();
    let end = run_open(context, terms, grain, left, leaf);
    span.count(grain.done().wrapping_sub(before));
    if let Some(ended) = grain.just_read().filter(|_| end != LeafEnd::Closed) {
        span.ended_at(ended);
    }
    drop(span);
    let worth = match end {
        LeafEnd::Closed => grain.worth_by_now(),
        LeafEnd::End | LeafEnd::Full => {
            grain.carry_over(estimate);
            grain.worth()
        }
    };
    context.remember_worth(worth);
}

/// Runs a part of `len` items as one block.
pub(super) fn run_whole(len: usize, part: &mut dyn Part) {
    let mut span = Span::begin(EventKind::Loop);
    span.count(len);
    part.run();
}

/// Runs a part of `len` items on a thread that measures: in blocks, as long as they are worth a steal.
pub(super) fn run_measured(bounds: Bounds, len: usize, part: &mut dyn Part) {
    part.begin(&mut |leaf| {
        let mut branches = Branches::begin();
        let (mut left, mut wanted) = (len, 1);
        loop {
            let begun = Ticks::now();
            let block = bounds.front_of(left, wanted).unwrap_or(left);
            let is_full = leaf.run(block);
            left -= block;
            if is_full || left == 0 {
                return;
            }
            if Ticks::now().since(begun) < STEAL {
                wanted = block.saturating_mul(2);
            }
            branches.iter_mut().for_each(Branches::next);
        }
    });
}

/// Runs the `left` items of an inline run after a worker requested work, or the clock showed that the run was too long.
/// The last of the `ran` items before have been running at least since `since`. Returns whether those and the `left`
/// ones were worth a wake-up.
pub(super) fn run_rest(
    context: &LoopContext<'_>,
    terms: Terms,
    since: Option<Ticks>,
    ran: usize,
    left: usize,
    leaf: &mut dyn Leaf,
) -> bool {
    let estimate = Estimate::new();
    let mut grain = Grain::new(Some(left), context.threads(), false, context.is_likely_worth_a_wake_up(), &estimate);
    if let Some(since) = since {
        grain.learn_from(since, ran);
    }
    run_at(&mut grain, context, terms, &estimate, left, leaf);
    grain.is_worth_a_wake_up_of(ran + left)
}

/// Runs a leaf, of at least one item, to its end.
fn run_open(
    context: &LoopContext<'_>,
    terms: Terms,
    grain: &mut Grain,
    mut left: usize,
    leaf: &mut dyn Leaf,
) -> LeafEnd {
    loop {
        let is_asked = context.is_asked();
        if (is_asked || grain.is_lending()) && terms.bounds.can_be_cut(left) {
            let rests = rests_to_lend(context, grain, left, is_asked);
            if rests > 0 {
                return share(context, terms, grain, rests, left, leaf);
            }
        }
        let block = grain.next_block(left);
        let is_full = leaf.run(block);
        left -= block;
        if grain.ran(block, left == 0) {
            context.urge();
        }
        if is_full {
            return LeafEnd::Full;
        }
        if left == 0 {
            return LeafEnd::End;
        }
    }
}

/// Makes the right half of the rest public and goes on with the left half; makes the right half of that public, too;
/// and so on, `rests` times. Then it runs the right halves that were not stolen.
#[cold]
fn share(
    context: &LoopContext<'_>,
    terms: Terms,
    grain: &mut Grain,
    rests: u32,
    left: usize,
    leaf: &mut dyn Leaf,
) -> LeafEnd {
    let left_len = terms.bounds.left_half_of(left, grain.done());
    let right_len = left - left_len;
    // If this part has run for a while, a thief keeps a rest public from the start, and so do its thieves: even if
    // their parts are short, the next item may be heavy. Otherwise a stolen part is not split again and again.
    let is_lending = grain.is_lending();
    let run_right = |context: &LoopContext<'_>, right: &mut dyn Part| {
        run_split_off(context, terms, is_lending, &Estimate::new(), right_len, right);
    };
    let mut halt = LeafEnd::Closed;
    leaf.split(left_len, &mut |leaf, right| {
        halt = with_halves(leaf, right, |leaf, right| {
            let run_left = |context: &LoopContext<'_>| {
                if rests > 1 && terms.bounds.can_be_cut(left_len) {
                    return share(context, terms, grain, rests - 1, left_len, leaf);
                }
                if grain.is_worth_a_wake_up() {
                    context.urge();
                }
                run_open(context, terms, grain, left_len, leaf)
            };
            match context.lend(right, run_left, |context, right| run_right(context, right)) {
                (_, Rest::Done(())) => LeafEnd::Closed,
                (LeafEnd::Closed, Rest::Back(right)) => {
                    run_right(context, right);
                    LeafEnd::Closed
                }
                (halt, Rest::Back(_)) => halt,
            }
        });
    });
    match halt {
        // The leaf goes on with the right half, as if there had been no split.
        LeafEnd::End => run_open(context, terms, grain, right_len, leaf),
        halt => halt,
    }
}

/// The number of right halves of the `left` items to make public now.
///
/// A part that has run for a while always keeps one public, so that a thief need not wait for the end of a heavy item.
/// When that one was stolen and there is a request, the part makes several public: a thief that soon finishes the first
/// need not wait either.
fn rests_to_lend(context: &LoopContext<'_>, grain: &mut Grain, left: usize, is_asked: bool) -> u32 {
    if context.threads() == 1 {
        // There is no other worker.
        0
    } else if is_asked && grain.is_worth_sharing(left) && context.serve() {
        if grain.is_long() { RESTS } else { 1 }
    } else {
        u32::from(grain.is_lending() && context.has_nothing_public())
    }
}

/// How far a leaf of unknown length has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnindexedHalt {
    /// To the end of its items, or until further ones would change nothing.
    End,
    /// Until another worker requested work.
    Asked,
}

/// Runs a leaf of unknown length to its end.
pub(super) fn run_unindexed(context: &LoopContext<'_>, level: usize, leaf: &mut dyn UnindexedLeaf) {
    let mut grain = Grain::new(None, context.threads(), false, false, &Estimate::new());
    let mut span = Span::begin(EventKind::Loop);
    while run_until_asked(context, &mut grain, leaf) == UnindexedHalt::Asked {
        if let Some(rest) = leaf.split() {
            dropped_on_unwind(leaf, |leaf| share_unindexed(context, level, &mut grain, leaf, rest));
            break;
        }
    }
    span.count(grain.done());
}

/// Runs a leaf of unknown length to its end. Offers `rest`, and rests that are split off later, to other workers.
#[cold]
fn share_unindexed<'r>(
    context: &LoopContext<'_>,
    level: usize,
    grain: &mut Grain,
    leaf: &mut (dyn UnindexedLeaf + 'r),
    rest: Arc<dyn Offered + 'r>,
) {
    in_place_scope(|scope: &Scope<'r>| {
        let mut new = Some(rest);
        loop {
            if let Some(rest) = new.take() {
                scope.offer(move || {
                    rest.take(&mut |part| {
                        LoopContext::arrive(|context| {
                            let _stay = AtLevel::new(context, level);
                            run_unindexed_part(context, level, context.threads(), part);
                        });
                    });
                });
                if grain.is_worth_a_wake_up() {
                    context.urge();
                }
            }
            match run_until_asked(context, grain, leaf) {
                UnindexedHalt::Asked => new = leaf.split(),
                UnindexedHalt::End if leaf.go_on() => {}
                UnindexedHalt::End => return,
            }
        }
    });
}

fn run_until_asked(context: &LoopContext<'_>, grain: &mut Grain, leaf: &mut dyn UnindexedLeaf) -> UnindexedHalt {
    loop {
        let block = grain.next_block_of_many();
        if leaf.run(block) {
            return UnindexedHalt::End;
        }
        if grain.ran(block, false) {
            context.urge();
        }
        if context.is_asked() && grain.is_worth_sharing_by_now() && context.serve() {
            return UnindexedHalt::Asked;
        }
    }
}
