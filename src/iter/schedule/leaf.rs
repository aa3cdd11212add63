//! Layer 4: a part that runs, block by block, and is split in two between blocks when somebody asks for work.

use super::grain::{Experience, Pace};
use super::history::{AtLevel, Blocks, LIGHT};
use super::part::{Leaf, Offered, Part, UnindexedLeaf, dropped_on_unwind, with_halves};
use super::split::{Terms, run_split_off, run_unindexed_part};
use crate::fork::scope::{Scope, in_place_scope};
use crate::fork::{LoopContext, Rest, Ticks, Weight};
use std::sync::Arc;

/// How many rests a part that has run for a while lends at once when it is asked: a half, a quarter, an eighth and a sixteenth.
const RESTS: u32 = 4;

/// How a part went that was expected to be light.
pub(super) enum Course {
    /// So it seems to have been; so many items were run, and in so many blocks.
    Light { items: usize, blocks: u64 },
    /// Somebody asked for work, or would have, so the cost of its items was looked at. By that it is worth a wake-up, or not.
    Asked { is_weighty: bool },
}

/// How far a leaf has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Halt {
    /// To the end of its items.
    End,
    /// As far as anybody wants.
    Full,
    /// Its last items were run elsewhere, and it has a result.
    Closed,
}

/// Runs a part of `len` items to its end. It goes on from what the part before has learnt about the items, and leaves what it
/// learns there. It lends a rest of itself from the start or only when it has run for a while.
pub(super) fn run_in_blocks(
    context: &LoopContext<'_>,
    terms: Terms,
    is_lending: bool,
    experience: &Experience,
    len: usize,
    part: &mut dyn Part,
) {
    part.begin(&mut |leaf| {
        let mut pace = Pace::new(Some(len), context.threads(), is_lending, context.is_likely_weighty(), experience);
        run_at(&mut pace, context, terms, experience, len, leaf);
    });
}

/// Runs a leaf to its end at that pace, and remembers what it was worth. (The pace is lent, for it is large and would be
/// moved from frame to frame.)
fn run_at(
    pace: &mut Pace,
    context: &LoopContext<'_>,
    terms: Terms,
    experience: &Experience,
    left: usize,
    leaf: &mut dyn Leaf,
) {
    let weight = match run_open(context, terms, pace, left, leaf) {
        Halt::Closed => pace.weight_by_now(),
        Halt::End | Halt::Full => {
            pace.pass_on(experience);
            pace.weight()
        }
    };
    context.remember_weight(weight);
}

/// Runs a part that is expected to be light: to its end, or until somebody asks for work, and from there on as any
/// other. So too when it turns out not to be light, if it began at the `alarm`, and nobody will ask.
pub(super) fn run_light(
    context: &LoopContext<'_>,
    terms: Terms,
    blocks: Blocks,
    alarm: Option<Ticks>,
    len: usize,
    part: &mut dyn Part,
) -> Course {
    let mut course = Course::Light { items: 0, blocks: 0 };
    part.begin(&mut |leaf| course = run_light_leaf(context, terms, blocks, alarm, len, leaf));
    course
}

fn run_light_leaf(
    context: &LoopContext<'_>,
    terms: Terms,
    blocks: Blocks,
    alarm: Option<Ticks>,
    len: usize,
    leaf: &mut dyn Leaf,
) -> Course {
    let mut left = len;
    let answers = context.answers();
    let mut count = 0;
    loop {
        let block = blocks.next(left);
        let is_full = leaf.run(block);
        left -= block;
        count += 1;
        if left == 0 || is_full {
            context.remember_weight(Weight::Light);
            return Course::Light { items: len - left, blocks: count };
        }
        let is_heard = match alarm {
            None => context.is_rung(),
            Some(begun) => Ticks::now().is_past(begun, LIGHT),
        };
        // What is within the items may have answered for all that was there.
        if is_heard || context.answers() != answers {
            let experience = Experience::new();
            let mut pace = Pace::new(Some(left), context.threads(), false, context.is_likely_weighty(), &experience);
            run_at(&mut pace, context, terms, &experience, left, leaf);
            return Course::Asked { is_weighty: pace.is_weighty_of(len) };
        }
    }
}

/// Runs a leaf of so many items, and of one at least, to its end.
fn run_open(context: &LoopContext<'_>, terms: Terms, pace: &mut Pace, mut left: usize, leaf: &mut dyn Leaf) -> Halt {
    loop {
        let is_asked = context.is_asked();
        if (is_asked || pace.is_lending()) && terms.bounds.can_be_cut(left) {
            let rests = rests_to_lend(context, pace, left, is_asked);
            if rests > 0 {
                return share(context, terms, pace, rests, left, leaf);
            }
        }
        let block = pace.next_block(left);
        let is_full = leaf.run(block);
        left -= block;
        if pace.ran(block, left == 0) {
            context.urge();
        }
        if is_full {
            return Halt::Full;
        }
        if left == 0 {
            return Halt::End;
        }
    }
}

/// Makes the right half of what is left public, and goes on with the left one, of which it makes the right half
/// public in turn, and so on `rests` times; then with the right one too unless it was taken.
#[cold]
fn share(
    context: &LoopContext<'_>,
    terms: Terms,
    pace: &mut Pace,
    rests: u32,
    left: usize,
    leaf: &mut dyn Leaf,
) -> Halt {
    let left_len = left / 2;
    let right_len = left - left_len;
    // What is taken of a loop that has not run for long is not to be cut again and again. What is taken of one that
    // has lends from its start, and so does what is taken of that: however short it is, its next item may be heavy.
    let is_lending = pace.is_lending();
    let run_right = |context: &LoopContext<'_>, right: &mut dyn Part| {
        run_split_off(context, terms, is_lending, &Experience::new(), right_len, right);
    };
    let mut halt = Halt::Closed;
    leaf.split(left_len, &mut |leaf, right| {
        halt = with_halves(leaf, right, |leaf, right| {
            let run_left = |context: &LoopContext<'_>| {
                if rests > 1 && terms.bounds.can_be_cut(left_len) {
                    return share(context, terms, pace, rests - 1, left_len, leaf);
                }
                if pace.is_weighty() {
                    context.urge();
                }
                run_open(context, terms, pace, left_len, leaf)
            };
            match context.lend(right, run_left, |context, right| run_right(context, right)) {
                (_, Rest::Done(())) => Halt::Closed,
                (Halt::Closed, Rest::Back(right)) => {
                    run_right(context, right);
                    Halt::Closed
                }
                (halt, Rest::Back(_)) => halt,
            }
        });
    });
    match halt {
        // The leaf has the right half again, as if there had been no split.
        Halt::End => run_open(context, terms, pace, right_len, leaf),
        halt => halt,
    }
}

/// How often what is left of a part, `left` items, is to be halved now, for others to take the right halves.
///
/// A part that has run for a while always has one there, so that whoever becomes idle need not wait for the end of a
/// heavy item. When it is asked, because that one was taken, it lends several, so that a thief that gets through a light
/// one need not wait for the end of a heavy item either.
fn rests_to_lend(context: &LoopContext<'_>, pace: &mut Pace, left: usize, is_asked: bool) -> u32 {
    if context.threads() == 1 {
        // There is nobody to lend to.
        0
    } else if is_asked && pace.is_worth_sharing(left) && context.answer() {
        if pace.is_long() { RESTS } else { 1 }
    } else {
        u32::from(pace.is_lending() && context.has_nothing_public())
    }
}

/// How far a leaf of unknown length has run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnindexedHalt {
    /// To the end of its items, or as far as anybody wants.
    End,
    /// Another worker asks for work.
    Asked,
}

/// Runs a leaf of unknown length to its end.
pub(super) fn run_unindexed(context: &LoopContext<'_>, level: usize, leaf: &mut dyn UnindexedLeaf) {
    let mut pace = Pace::new(None, context.threads(), false, false, &Experience::new());
    while run_until_asked(context, &mut pace, leaf) == UnindexedHalt::Asked {
        if let Some(rest) = leaf.split() {
            return dropped_on_unwind(leaf, |leaf| share_unindexed(context, level, &mut pace, leaf, rest));
        }
    }
}

/// Runs a leaf of unknown length to its end, in company: `rest` and what is split off later is offered to other workers.
#[cold]
fn share_unindexed<'r>(
    context: &LoopContext<'_>,
    level: usize,
    pace: &mut Pace,
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
                if pace.is_weighty() {
                    context.urge();
                }
            }
            match run_until_asked(context, pace, leaf) {
                UnindexedHalt::Asked => new = leaf.split(),
                UnindexedHalt::End if leaf.go_on() => {}
                UnindexedHalt::End => return,
            }
        }
    });
}

fn run_until_asked(context: &LoopContext<'_>, pace: &mut Pace, leaf: &mut dyn UnindexedLeaf) -> UnindexedHalt {
    loop {
        let block = pace.next_block_of_many();
        if leaf.run(block) {
            return UnindexedHalt::End;
        }
        if pace.ran(block, false) {
            context.urge();
        }
        if context.is_asked() && pace.has_weight() && context.answer() {
            return UnindexedHalt::Asked;
        }
    }
}
