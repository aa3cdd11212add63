//! Layer 4: a part of known length that runs, block by block, and is split in two between blocks when somebody asks for work.
//!
//! The folder lives across the blocks. So that a part can still be split when its folder is at work, its consumer is
//! divided before: a front, of which the folder is made, and a tail, which stays for the parts that may be split off.
//! If nobody asks the tail is dropped unused.

use super::bounds::Bounds;
use super::bridge::run_split_off;
use super::pace::{Experience, Pace};
use super::profile::{Blocks, LIGHT};
use super::{Consumer, Folder, Producer, Reducer};
use crate::fork::{LoopContext, Rest, Ticks, Weight};

/// How many rests a part that has run for a while lends at once when it is asked: a half, a quarter, an eighth and a sixteenth.
const RESTS: u32 = 4;

/// A part of known length that runs.
pub(super) struct Leaf<P, C, F> {
    producer: P,
    /// How many items the producer still has.
    left: usize,
    /// For what is split off, and how many of its items the folder has had. None in a part that is run as one block.
    tail: Option<C>,
    done: usize,
    folder: F,
}

/// How a part went that was expected to be light.
pub(super) enum Course {
    /// So it seems to have been; so many items were run, and in so many blocks.
    Light { items: usize, blocks: u64 },
    /// Somebody asked for work, or would have, so the cost of its items was looked at. By that it is worth a wake-up, or not.
    Asked { is_weighty: bool },
}

/// What a part comes to.
pub(super) enum Outcome<F, R> {
    /// Nothing of it was run elsewhere, and the folder can go on with what follows.
    Open(F),
    /// Its last items were.
    Closed(R),
}

impl<P, C> Leaf<P, C, C::Folder>
where
    P: Producer,
    C: Consumer<P::Item>,
{
    /// Runs a part of `len` items as one block.
    #[inline(never)]
    pub(super) fn run_whole(len: usize, producer: P, consumer: C) -> C::Result {
        let leaf = Self { producer, left: len, tail: None, done: 0, folder: consumer.into_folder() };
        match leaf.run_open(None, Bounds::new(1, usize::MAX), &mut Pace::whole()) {
            Outcome::Open(folder) => folder.complete(),
            Outcome::Closed(result) => result,
        }
    }

    /// A part of `len` items that is run in blocks. Gives producer and consumer back if that cannot be.
    #[inline]
    pub(super) fn in_blocks(len: usize, producer: P, consumer: C) -> Result<Self, (P, C)> {
        if !(producer.can_run_in_blocks() && consumer.can_split_running()) {
            return Err((producer, consumer));
        }
        let front = consumer.split_off_front();
        Ok(Leaf { producer, left: len, tail: Some(consumer), done: 0, folder: front.into_folder() })
    }

    /// Runs the part to its end, and combines what came of it. It goes on from what the part before has learnt about the
    /// items, and leaves what it learns there. It lends a rest of itself from the start or only when it has run for a
    /// while.
    #[inline]
    pub(super) fn run(
        self,
        context: &LoopContext<'_>,
        bounds: Bounds,
        is_lending: bool,
        experience: &Experience,
    ) -> C::Result {
        let mut pace =
            Pace::new(Some(self.left), context.threads(), is_lending, context.is_likely_weighty(), experience);
        self.run_at(&mut pace, context, bounds, experience)
    }

    /// Runs the part to its end at that pace, and remembers what it was worth.
    #[inline]
    fn run_at(self, pace: &mut Pace, context: &LoopContext<'_>, bounds: Bounds, experience: &Experience) -> C::Result {
        let (weight, result) = match self.run_open(Some(context), bounds, pace) {
            Outcome::Open(folder) => {
                pace.pass_on(experience);
                (pace.weight(), folder.complete())
            }
            Outcome::Closed(result) => (pace.weight_by_now(), result),
        };
        context.remember_weight(weight);
        result
    }

    /// Runs the part, which is expected to be light: to its end, or until somebody asks for work, and from there on as any
    /// other. So too when it turns out not to be light, if it began at the `alarm`, and nobody will ask.
    #[inline]
    pub(super) fn run_light(
        self,
        context: &LoopContext<'_>,
        bounds: Bounds,
        blocks: Blocks,
        alarm: Option<Ticks>,
    ) -> (C::Result, Course) {
        let Leaf { mut producer, mut left, tail, mut done, mut folder } = self;
        let len = left;
        let answers = context.answers();
        let mut count = 0;
        while left > 0 && !folder.full() {
            let block = blocks.next(left);
            (producer, folder) = run_block(producer, block, folder);
            left -= block;
            done += block;
            count += 1;
            let is_heard = || match alarm {
                None => context.is_rung(),
                Some(begun) => Ticks::now().is_past(begun, LIGHT),
            };
            // What is within the items may have answered for all that was there.
            if left > 0 && (is_heard() || context.answers() != answers) {
                let leaf = Leaf { producer, left, tail, done, folder };
                let weighty = context.is_likely_weighty();
                let experience = Experience::new();
                let mut pace = Pace::new(Some(left), context.threads(), false, weighty, &experience);
                let result = leaf.run_at(&mut pace, context, bounds, &experience);
                return (result, Course::Asked { is_weighty: pace.is_weighty_of(len) });
            }
        }
        context.remember_weight(Weight::Light);
        (folder.complete(), Course::Light { items: len - left, blocks: count })
    }

    /// Runs the part to its end; a part of several blocks on a worker. (The pace is lent, for it is large and would be
    /// moved from frame to frame.)
    fn run_open(
        self,
        context: Option<&LoopContext<'_>>,
        bounds: Bounds,
        pace: &mut Pace,
    ) -> Outcome<C::Folder, C::Result> {
        let Leaf { mut producer, mut left, tail, mut done, mut folder } = self;
        while left > 0 && !folder.full() {
            if let Some(context) = context {
                let is_asked = context.is_asked();
                if (is_asked || pace.is_lending()) && bounds.can_be_cut(left) {
                    let rests = rests_to_lend(context, pace, left, is_asked);
                    if rests > 0 {
                        return Leaf { producer, left, tail, done, folder }.share(context, bounds, pace, rests);
                    }
                }
            }
            let block = pace.next_block(left);
            (producer, folder) = run_block(producer, block, folder);
            left -= block;
            done += block;
            if let (true, Some(context)) = (pace.ran(block, left == 0), context) {
                context.urge();
            }
        }
        Outcome::Open(folder)
    }

    /// Makes the right half of what is left public, and goes on with the left one, of which it makes the right half
    /// public in turn, and so on `rests` times; then with the right one too unless it was taken.
    #[cold]
    fn share(
        self,
        context: &LoopContext<'_>,
        bounds: Bounds,
        pace: &mut Pace,
        rests: u32,
    ) -> Outcome<C::Folder, C::Result> {
        let Leaf { producer, left, tail, done, folder } = self;
        let left_len = left / 2;
        let right_len = left - left_len;
        let (producer, right) = producer.split_at(left_len);
        let tail = tail.expect("only a part with a tail has several blocks");
        let (folder, tail, right_consumer, reducer) = tail.split_running(folder, done + left_len);
        // What is taken of a loop that has not run for long is not to be cut again and again. What is taken of one that
        // has lends from its start, and so does what is taken of that: however short it is, its next item may be heavy.
        let is_lending = pace.is_lending();
        let leaf = Leaf { producer, left: left_len, tail: Some(tail), done, folder };
        let (outcome, rest) = context.lend(
            (right, right_consumer),
            |context| {
                if rests > 1 && bounds.can_be_cut(left_len) {
                    return leaf.share(context, bounds, pace, rests - 1);
                }
                if pace.is_weighty() {
                    context.urge();
                }
                leaf.run_open(Some(context), bounds, pace)
            },
            |context, (right, right_consumer)| {
                run_split_off(context, bounds, is_lending, &Experience::new(), right_len, right, right_consumer)
            },
        );
        match (outcome, rest) {
            (Outcome::Open(folder), Rest::Back((right, right_consumer))) => {
                // The folder goes on with the right half, as if there had been no split.
                let (folder, tail) = right_consumer.rejoin(folder);
                let leaf = Leaf { producer: right, left: right_len, tail: Some(tail), done: 0, folder };
                leaf.run_open(Some(context), bounds, pace)
            }
            (Outcome::Open(folder), Rest::Done(right)) => Outcome::Closed(reducer.reduce(folder.complete(), right)),
            (Outcome::Closed(left), Rest::Back((right, right_consumer))) => {
                let right =
                    run_split_off(context, bounds, is_lending, &Experience::new(), right_len, right, right_consumer);
                Outcome::Closed(reducer.reduce(left, right))
            }
            (Outcome::Closed(left), Rest::Done(right)) => Outcome::Closed(reducer.reduce(left, right)),
        }
    }
}

/// Runs so many items from the front, and gives the producer of the rest. The loop over them is to be compiled into the
/// callers' loops over the blocks, of which there are only two.
#[inline(always)]
fn run_block<P, F>(producer: P, len: usize, folder: F) -> (P, F)
where
    P: Producer,
    F: Folder<P::Item>,
{
    let (first, rest) = producer.split_at(len);
    (rest, first.fold_with(folder))
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
