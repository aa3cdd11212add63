//! Layer 4: the grain of a part, which is the number of items in a block.
//!
//! A part can be split between two blocks, and a thief waits for the end of one. So a block must be short in time, and
//! must not hold many heavy items. But each block costs some nanoseconds. The cost of an item is measured while the
//! part runs: the first block has two items, blocks grow fourfold or eightfold while they are very short, and later the
//! clock is read now and then.

use super::tuning::{
    BLOCK, BlockTimes, CLOCK, HEAVY, LIKELY_LONG, LONG, ORDINARY, SHOWN, STEAL, VECTORISED, WAKE_UP, WORTH_SHARING,
};
use crate::fork::{Ticks, Worth};
use crate::sync::atomic::{AtomicUsize, Ordering};

/// The minimal number of items for telling by their cost whether they are vectorised: the clock is not exact enough for
/// fewer.
const VECTORISED_SHOWN: u64 = 32;

/// The maximal number of blocks between two readings of the clock.
const BLOCKS_PER_LOOK: usize = 16;

/// A block is at most this part of each worker's share, unless it would not be worth its cost.
const BLOCKS_PER_WORKER: usize = 64;

/// The length of the first block.
const FIRST: usize = 2;

/// Blocks and halves that are not short end at multiples of this number of items. Otherwise the vectors of the next
/// block could straddle cache lines, and writing one would take as long as writing two. The number is that of the bytes
/// in a cache line.
const ALIGNED: usize = 64;

/// The length of a block or half of about `block` items, after `done` items of the same part.
#[inline]
pub(super) fn aligned(done: usize, block: usize) -> usize {
    if block < 2 * ALIGNED { block } else { block - done.wrapping_add(block) % ALIGNED }
}

/// The estimate of one part, carried over to the part that follows it on the same worker.
///
/// Only that worker uses it. It is atomic because the closure that holds it may move to another thread, which ignores
/// it.
#[derive(Debug)]
pub(super) struct Estimate {
    block: AtomicUsize,
    cost_ticks: AtomicUsize,
    cost_items: AtomicUsize,
    items: AtomicUsize,
    blocks: AtomicUsize,
    looked: AtomicUsize,
}

impl Estimate {
    /// Nothing is known.
    #[inline]
    pub(super) fn new() -> Self {
        Estimate {
            block: AtomicUsize::new(FIRST),
            cost_ticks: AtomicUsize::new(0),
            cost_items: AtomicUsize::new(0),
            items: AtomicUsize::new(0),
            blocks: AtomicUsize::new(0),
            looked: AtomicUsize::new(0),
        }
    }

    /// Stores the estimate of a part.
    #[inline]
    fn put(&self, grain: &Grain) {
        if !grain.cost.is_known() {
            return;
        }
        self.block.store(grain.block, Ordering::Relaxed);
        self.cost_ticks.store(usize::try_from(grain.cost.ticks).unwrap_or(usize::MAX), Ordering::Relaxed);
        self.cost_items.store(grain.cost.items as usize, Ordering::Relaxed);
        self.items.store(grain.items, Ordering::Relaxed);
        self.blocks.store(grain.blocks as usize, Ordering::Relaxed);
        self.looked.store(grain.looked.to_word(), Ordering::Relaxed);
    }

    /// Sets up a part with the stored estimate; false if there is none.
    #[inline]
    fn take(&self, grain: &mut Grain) -> bool {
        let items = self.cost_items.load(Ordering::Relaxed);
        if items == 0 {
            return false;
        }
        grain.block = self.block.load(Ordering::Relaxed);
        grain.look_at = grain.block;
        grain.grows = grain.block == FIRST;
        grain.learn(Cost { ticks: self.cost_ticks.load(Ordering::Relaxed) as u64, items: items as u64 });
        grain.items = self.items.load(Ordering::Relaxed);
        grain.blocks = self.blocks.load(Ordering::Relaxed) as u64;
        grain.looked = Ticks::from_word(self.looked.load(Ordering::Relaxed));
        grain.begun = grain.looked;
        true
    }
}

/// The worth of a part; `took` tells whether it took at least a given number of ticks.
#[inline]
fn worth_if(took: impl Fn(u64) -> bool) -> Worth {
    if !took(STEAL) {
        Worth::Inline
    } else if !took(WAKE_UP) {
        Worth::Shared
    } else {
        Worth::WakeUp
    }
}

/// The grain of one part.
#[derive(Debug)]
pub(super) struct Grain {
    /// The length of the next block, unless too few items are left.
    block: usize,
    /// Blocks that are worth their cost do not grow beyond this length.
    most: usize,
    /// The cost of the items before the last reading of the clock.
    cost: Cost,
    /// [`ORDINARY`] or [`VECTORISED`].
    times: &'static BlockTimes,
    /// The items since the last reading of the clock, their blocks, and the number of items after which it is read
    /// again.
    items: usize,
    blocks: u64,
    look_at: usize,
    /// The number of items that have run.
    done: usize,
    grows: bool,
    is_lending: bool,
    /// [`LONG`] or [`LIKELY_LONG`].
    long: u64,
    is_long: bool,
    is_worth_a_wake_up: bool,
    looked: Ticks,
    begun: Ticks,
}

/// The cost of a number of items.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) ticks: u64,
    pub(crate) items: u64,
}

impl Cost {
    /// Greater than any other cost: nothing was measured.
    pub(crate) const UNKNOWN: Cost = Cost { ticks: u64::MAX, items: 1 };

    /// The cost of `items` items that took `ticks`.
    pub(crate) fn of(items: usize, ticks: u64) -> Cost {
        Cost { ticks: ticks.max(1), items: items as u64 }
    }

    pub(crate) fn is_known(self) -> bool {
        self.ticks != Cost::UNKNOWN.ticks
    }

    /// True if `items` items take at most `ticks`.
    #[inline(always)]
    pub(crate) fn fits(self, items: usize, ticks: u64) -> bool {
        self.ticks.saturating_mul(items as u64) <= ticks.saturating_mul(self.items)
    }

    /// The number of items that take `ticks`.
    pub(crate) fn items_in(self, ticks: u64) -> usize {
        usize::try_from(ticks.saturating_mul(self.items) / self.ticks).unwrap_or(usize::MAX)
    }

    /// The size of the batch after this one, so that it takes about `ticks`. It is the same if this one took between
    /// half and twice that time. Otherwise it is at least one, and at most four times as large, because the cost of a
    /// few items says little about many.
    pub(crate) fn next_batch(self, ticks: u64) -> usize {
        let items = self.items as usize;
        if self.ticks >= ticks / 2 && self.ticks <= ticks.saturating_mul(2) {
            return items.max(1);
        }
        self.items_in(ticks).clamp(1, items.saturating_mul(4).max(1))
    }

    /// The cost of these and other items together. From `items` items on, each step halves the weight of the older
    /// ones.
    pub(crate) fn and(self, other: Cost, items: u64) -> Cost {
        let sum = Cost { ticks: self.ticks.saturating_add(other.ticks), items: self.items.saturating_add(other.items) };
        if self.items < items { sum } else { Cost { ticks: (sum.ticks / 2).max(1), items: (sum.items / 2).max(1) } }
    }

    /// True if the items take less than half a nanosecond each.
    #[inline]
    pub(super) fn is_vectorised(self) -> bool {
        self.items >= VECTORISED_SHOWN && self.fits(2, Ticks::PER_NANOSECOND)
    }
}

impl Grain {
    /// The grain of a part of `len` items, if that is known, in a pool of `threads` threads. The part keeps a rest
    /// public from the start if `is_lending`, otherwise when it has run for a while; sooner if it is likely worth a
    /// wake-up.
    #[inline]
    pub(super) fn new(
        len: Option<usize>,
        threads: usize,
        is_lending: bool,
        is_likely_worth_a_wake_up: bool,
        before: &Estimate,
    ) -> Self {
        // If items are known to be heavy, each is a block of its own.
        let first = if is_lending { 1 } else { FIRST };
        let mut grain = Grain {
            block: first,
            most: len.map_or(usize::MAX, |len| len / (BLOCKS_PER_WORKER * threads)),
            cost: Cost::UNKNOWN,
            times: &ORDINARY,
            items: 0,
            blocks: 0,
            look_at: first,
            done: 0,
            grows: true,
            is_lending,
            long: if is_likely_worth_a_wake_up { LIKELY_LONG } else { LONG },
            is_long: false,
            is_worth_a_wake_up: false,
            looked: Ticks::ZERO,
            begun: Ticks::ZERO,
        };
        if !before.take(&mut grain) {
            grain.looked = Ticks::now();
            grain.begun = grain.looked;
        }
        grain
    }

    /// Takes in a block of `items` items that began at `since` and ran before this grain was made.
    pub(super) fn learn_from(&mut self, since: Ticks, items: usize) {
        (self.begun, self.looked) = (since, since);
        (self.block, self.items, self.done, self.blocks) = (items, items, items, 1);
        _ = self.look(Ticks::now());
    }

    /// Stores the estimate for the part that follows.
    #[inline]
    pub(super) fn carry_over(&self, estimate: &Estimate) {
        estimate.put(self);
    }

    /// The worth of the part: its time until the last reading of the clock, plus the later items at the same cost.
    #[inline]
    pub(super) fn worth(&self) -> Worth {
        let ran = self.looked.since(self.begun);
        worth_if(|ticks| ran >= ticks || self.cost.is_known() && !self.cost.fits(self.items, ticks - ran))
    }

    /// The worth of the part if it ends now, after other workers have run its last items.
    pub(super) fn worth_by_now(&self) -> Worth {
        let ran = Ticks::now().since(self.begun);
        worth_if(|ticks| ran >= ticks)
    }

    /// The length of the next block when `left` items are left: from 1 to `left`.
    #[inline]
    pub(super) fn next_block(&self, left: usize) -> usize {
        // The last items may be heavy, so they are not one block. In a brief part there are fewer blocks, because each
        // costs more than it saves.
        let bounded = self.block.min(if self.is_brief() { left / 2 } else { left / 4 });
        if bounded < self.block && self.is_one_block(left) { left } else { aligned(self.done, bounded).max(1) }
    }

    /// The length of the next block if the number of items is unknown.
    #[inline]
    pub(super) fn next_block_of_many(&self) -> usize {
        aligned(self.done, self.block)
    }

    /// Counts a block that has run. Returns true once: when the part has become worth a wake-up.
    #[inline]
    pub(super) fn ran(&mut self, items: usize, is_last: bool) -> bool {
        self.items = self.items.saturating_add(items);
        self.done = self.done.wrapping_add(items);
        self.blocks += 1;
        // After the last block the clock is only needed for the worth of the part.
        let is_due = self.items >= self.look_at;
        let looks =
            if is_last && self.cost.is_known() { is_due && !self.is_one_block(items) } else { is_due || is_last };
        looks && self.look(Ticks::now())
    }

    /// When the last block ended, if the clock has been read for it.
    #[inline]
    pub(super) fn just_read(&self) -> Option<Ticks> {
        (self.items == 0).then_some(self.looked)
    }

    /// True if `items` items are so cheap that they are one block, and not timed.
    #[inline]
    fn is_one_block(&self, items: usize) -> bool {
        self.is_brief() && self.cost.fits(items, self.times.last)
    }

    #[inline]
    fn is_brief(&self) -> bool {
        self.most <= self.times.brief
    }

    fn look(&mut self, now: Ticks) -> bool {
        self.measure(now);
        let was_worth_a_wake_up = self.is_worth_a_wake_up;
        let ran = now.since(self.begun);
        self.is_long |= ran > self.long;
        self.is_lending |= self.is_long;
        self.is_worth_a_wake_up |= ran > WAKE_UP;
        self.is_worth_a_wake_up && !was_worth_a_wake_up
    }

    /// Sets the length of the blocks by the cost of the items since the last reading of the clock.
    fn measure(&mut self, now: Ticks) {
        let ticks = now.since(self.looked).saturating_sub(CLOCK + self.blocks.saturating_mul(BLOCK));
        self.learn(Cost::of(self.items, ticks));
        (self.looked, self.items, self.blocks) = (now, 0, 0);
        let BlockTimes { short, worth_its_cost, .. } = *self.times;
        if self.grows && self.cost.fits(self.block, short) {
            self.grow();
        } else {
            self.grows = false;
            self.block = self.cost.items_in(short).min(self.most.max(self.cost.items_in(worth_its_cost))).max(1);
            // After a heavy item the cost of the clock is negligible.
            let is_heavy = !self.cost.fits(1, HEAVY);
            self.look_at = if is_heavy {
                1
            } else {
                self.look_at.saturating_mul(2).min(self.block.saturating_mul(BLOCKS_PER_LOOK))
            };
        }
    }

    #[inline]
    fn learn(&mut self, cost: Cost) {
        self.cost = cost;
        self.times = if cost.is_vectorised() { &VECTORISED } else { &ORDINARY };
    }

    fn grow(&mut self) {
        let eightfold = self.block.saturating_mul(8);
        self.block = if self.cost.fits(eightfold, self.times.short) { eightfold } else { self.block.saturating_mul(4) };
        if self.block > self.most && !self.cost.fits(self.block, self.times.worth_its_cost) {
            let worth = self.cost.items_in(self.times.worth_its_cost).max(self.most).max(1);
            self.grows = self.block < worth;
            self.block = self.block.min(worth);
        }
        self.look_at = self.block;
    }

    /// The number of items that have run.
    #[inline]
    pub(super) fn done(&self) -> usize {
        self.done
    }

    /// True if the part keeps a rest public.
    #[inline]
    pub(super) fn is_lending(&self) -> bool {
        self.is_lending
    }

    /// True if the part has run for a while.
    #[inline]
    pub(super) fn is_long(&self) -> bool {
        self.is_long
    }

    /// True if the part has run for so long that it is worth a wake-up.
    #[inline]
    pub(super) fn is_worth_a_wake_up(&self) -> bool {
        self.is_worth_a_wake_up
    }

    /// True if `items` items of this cost are worth a wake-up. The measurement must have lasted for a while: a few
    /// items that were interrupted prove nothing.
    pub(super) fn is_worth_a_wake_up_of(&self, items: usize) -> bool {
        let ran = self.looked.since(self.begun);
        self.cost.is_known() && !self.cost.fits(items, WAKE_UP) && ran > WAKE_UP / 4
    }

    /// True if `left` items are worth sharing, by their measured cost.
    pub(super) fn is_worth_sharing(&mut self, left: usize) -> bool {
        // If no item has run since the clock was read, there is nothing to measure.
        if self.items > 0 {
            let now = Ticks::now();
            if now.since(self.looked) >= SHOWN {
                self.measure(now);
            }
        }
        self.cost.is_known() && self.cost.ticks >= SHOWN && !self.cost.fits(left, WORTH_SHARING)
    }

    /// True if a part of unknown length has run for so long that the rest may be worth sharing.
    pub(super) fn is_worth_sharing_by_now(&self) -> bool {
        Ticks::now().since(self.begun) > WORTH_SHARING
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Cost, Estimate, Grain, STEAL, WAKE_UP};
    use crate::fork::{Ticks, Worth};

    /// A part that had run for `ran` ticks at the last reading of the clock, and has run `unseen` items of `each` ticks
    /// since.
    fn part(ran: u64, unseen: usize, each: u64) -> Grain {
        let mut grain = Grain::new(Some(1000), 2, false, false, &Estimate::new());
        grain.begun = Ticks::ZERO;
        grain.looked = Ticks::at(ran);
        grain.learn(Cost { ticks: each, items: 1 });
        grain.items = unseen;
        grain
    }

    #[test]
    fn a_part_is_worth_what_the_clock_has_seen_and_what_it_has_not() {
        assert_eq!(part(STEAL - 1, 0, 1).worth(), Worth::Inline);
        assert_eq!(part(STEAL, 0, 1).worth(), Worth::Shared);
        assert_eq!(part(STEAL / 2, 1, STEAL / 2).worth(), Worth::Inline);
        assert_eq!(part(STEAL / 2, 2, STEAL / 2).worth(), Worth::Shared);
        assert_eq!(part(WAKE_UP, 0, 1).worth(), Worth::WakeUp);
        assert_eq!(part(1, 3, WAKE_UP / 2).worth(), Worth::WakeUp);
    }

    #[test]
    fn a_part_that_was_given_up_before_the_clock_was_read_is_worth_nothing() {
        let mut grain = Grain::new(Some(1000), 2, false, false, &Estimate::new());
        assert!(!grain.ran(1, false));
        assert_eq!(grain.worth(), Worth::Inline);
    }

    #[test]
    fn a_single_item_is_timed() {
        let mut grain = Grain::new(Some(1), 2, false, false, &Estimate::new());
        assert_eq!(grain.next_block(1), 1);
        grain.ran(1, true);
        assert!(grain.cost.is_known());
    }

    #[test]
    fn a_batch_that_took_about_as_long_as_it_should_is_followed_by_as_many() {
        let next = |items, took| Cost::of(items, took).next_batch(1000);
        assert_eq!([next(8, 500), next(8, 1000), next(8, 2000)], [8, 8, 8]);
        assert_eq!([next(8, 400), next(8, 10), next(8, 2001), next(8, 100_000)], [20, 32, 3, 1]);
        assert_eq!([next(0, 0), next(1, 0), next(usize::MAX, 1)], [1, 4, usize::MAX]);
    }

    #[test]
    fn only_a_brief_part_ends_in_one_block() {
        let last_block = |len, left| {
            let mut grain = Grain::new(Some(len), 2, false, false, &Estimate::new());
            grain.block = 64;
            grain.learn(Cost { ticks: 1, items: 1 });
            grain.next_block(left)
        };
        assert_eq!(last_block(100, 6), 6);
        assert_eq!(last_block(100, 60), 30, "a half of more than a few nanoseconds' worth");
        assert_eq!(last_block(10_000, 60), 15, "a quarter");
        assert_eq!(last_block(10_000, 6), 1);
    }
}
