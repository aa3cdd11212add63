//! Layer 4: how long the blocks are in which a part is run.
//!
//! A part can be split between two blocks. So a block must be short in time, and must not swallow a cluster of heavy
//! items whole; but every block costs some nanoseconds, so it must not be too short either. Nobody knows beforehand
//! what an item costs: blocks begin with two items and grow fourfold or eightfold while they take next to no time, and
//! later the clock is looked at now and then.

use crate::fork::{Ticks, Weight};
use crate::sync::atomic::{AtomicUsize, Ordering};

const NANOSECOND: u64 = Ticks::PER_NANOSECOND;

/// So many items show whether they are swift: the clock is not exact enough for fewer.
const SWIFT_SHOWN: u64 = 32;

/// What is left of a part is worth sharing if it would take longer than this.
const WORTH_SHARING: u64 = 1500 * NANOSECOND;

/// What has taken less than this says nothing about the items that follow.
const SHOWN: u64 = 500 * NANOSECOND;

/// What bounds the blocks.
#[derive(Debug)]
struct Measure {
    /// Blocks grow while they take less than this.
    short: u64,
    /// A block that takes so long need not be longer for its own cost's sake.
    worth_its_cost: u64,
    /// A part is brief in which a block need not be longer than so many items for its cost's sake.
    brief: usize,
    /// What is left of a brief part is run as one block if it would take no longer than this.
    crumb: u64,
}

/// For most items.
const ORDINARY: Measure =
    Measure { short: 200 * NANOSECOND, worth_its_cost: 150 * NANOSECOND, brief: 1, crumb: 6 * NANOSECOND };

/// For items that take less than half a nanosecond each, as they do only in a loop without decisions: it is among items
/// that decide how much they have to do that a few can be heavy. So every part is brief. And a loop of vector
/// instructions takes its time to begin and to end.
const SWIFT: Measure =
    Measure { short: 800 * NANOSECOND, worth_its_cost: 600 * NANOSECOND, brief: usize::MAX, crumb: 160 * NANOSECOND };

/// A part that has run for so long keeps a rest of it public.
const LONG: u64 = 8_000 * NANOSECOND;

/// The same if the loop before was worth a wake-up: this one may come upon a heavy item as early.
const LIKELY_LONG: u64 = 1_000 * NANOSECOND;

/// A part that has run for so long is worth a wake-up: it may well go on for as long as a worker needs to come.
pub(super) const WEIGHTY: u64 = 25_000 * NANOSECOND;

/// A part that takes at least so long is worth being taken by another worker that is awake.
const WORTH_TAKING: u64 = 1_200 * NANOSECOND;

/// What reading the clock costs at most, on a virtual processor, and about what a block costs beside its items.
const LOOK: u64 = 20 * NANOSECOND;
const BLOCK: u64 = 6 * NANOSECOND;

/// An item that takes so long is worth a look at the clock.
const HEAVY: u64 = 2_000 * NANOSECOND;

/// The most blocks' worth of items from one look at the clock to the next.
const BLOCKS_PER_LOOK: usize = 16;

/// Unless its items cost next to nothing, a block is at most this part of what falls to each worker.
const BLOCKS_PER_WORKER: usize = 64;

/// The first block of all.
const FIRST: usize = 2;

/// What one part has learnt, for the part that follows it on the same worker: that one goes on as if they were one.
///
/// Only that worker touches it; it is atomic because the closure that holds it may be taken by another.
#[derive(Debug)]
pub(super) struct Experience {
    block: AtomicUsize,
    cost_ticks: AtomicUsize,
    cost_items: AtomicUsize,
    items: AtomicUsize,
    blocks: AtomicUsize,
    looked: AtomicUsize,
}

impl Experience {
    /// None yet.
    #[inline]
    pub(super) fn new() -> Self {
        Experience {
            block: AtomicUsize::new(FIRST),
            cost_ticks: AtomicUsize::new(0),
            cost_items: AtomicUsize::new(0),
            items: AtomicUsize::new(0),
            blocks: AtomicUsize::new(0),
            looked: AtomicUsize::new(0),
        }
    }

    /// Leaves what a part has learnt.
    #[inline]
    fn put(&self, pace: &Pace) {
        if !pace.cost.is_known() {
            return;
        }
        self.block.store(pace.block, Ordering::Relaxed);
        self.cost_ticks.store(usize::try_from(pace.cost.ticks).unwrap_or(usize::MAX), Ordering::Relaxed);
        self.cost_items.store(pace.cost.items as usize, Ordering::Relaxed);
        self.items.store(pace.items, Ordering::Relaxed);
        self.blocks.store(pace.blocks as usize, Ordering::Relaxed);
        self.looked.store(pace.looked.to_word(), Ordering::Relaxed);
    }

    /// Has a part go on from there, if there is anything.
    #[inline]
    fn take(&self, pace: &mut Pace) -> bool {
        let items = self.cost_items.load(Ordering::Relaxed);
        if items == 0 {
            return false;
        }
        pace.block = self.block.load(Ordering::Relaxed);
        pace.look_at = pace.block;
        pace.grows = pace.block == FIRST;
        pace.learn(Cost { ticks: self.cost_ticks.load(Ordering::Relaxed) as u64, items: items as u64 });
        pace.items = self.items.load(Ordering::Relaxed);
        pace.blocks = self.blocks.load(Ordering::Relaxed) as u64;
        pace.looked = Ticks::from_word(self.looked.load(Ordering::Relaxed));
        pace.begun = pace.looked;
        true
    }
}

/// What a part is worth, when `took` tells whether it took so many ticks.
#[inline]
fn weight_if(took: impl Fn(u64) -> bool) -> Weight {
    if !took(WORTH_TAKING) {
        Weight::Light
    } else if !took(WEIGHTY) {
        Weight::Heavy
    } else {
        Weight::Weighty
    }
}

/// The pace of one part.
#[derive(Debug)]
pub(super) struct Pace {
    /// The length of the next block, where nothing else bounds it.
    block: usize,
    /// Beyond this a block does not grow if it is worth its cost.
    most: usize,
    /// What the items before the last look have cost.
    cost: Cost,
    /// [`ORDINARY`] or [`SWIFT`].
    measure: &'static Measure,
    /// How many items were run since the last look at the clock, in how many blocks, and how many it takes to look again.
    items: usize,
    blocks: u64,
    look_at: usize,
    grows: bool,
    is_lending: bool,
    /// [`LONG`] or [`LIKELY_LONG`].
    long: u64,
    is_long: bool,
    is_weighty: bool,
    looked: Ticks,
    begun: Ticks,
}

/// So many ticks for so many items.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    pub(super) ticks: u64,
    pub(super) items: u64,
}

impl Cost {
    /// What would hold for anything.
    pub(super) const UNKNOWN: Cost = Cost { ticks: u64::MAX, items: 1 };

    pub(super) fn is_known(self) -> bool {
        self.ticks != Cost::UNKNOWN.ticks
    }

    /// Whether so many items would take no longer than so many ticks.
    #[inline(always)]
    pub(super) fn fits(self, items: usize, ticks: u64) -> bool {
        self.ticks.saturating_mul(items as u64) <= ticks.saturating_mul(self.items)
    }

    /// How many items take so many ticks.
    pub(super) fn items_in(self, ticks: u64) -> usize {
        usize::try_from(ticks.saturating_mul(self.items) / self.ticks).unwrap_or(usize::MAX)
    }

    /// With what others have cost. What was known before counts for less if it was of more than so many items.
    pub(super) fn and(self, other: Cost, items: u64) -> Cost {
        let sum = Cost { ticks: self.ticks.saturating_add(other.ticks), items: self.items.saturating_add(other.items) };
        if self.items < items { sum } else { Cost { ticks: (sum.ticks / 2).max(1), items: (sum.items / 2).max(1) } }
    }

    /// Whether the items take less than half a nanosecond each, as far as the clock can tell.
    #[inline]
    pub(super) fn is_swift(self) -> bool {
        self.items >= SWIFT_SHOWN && self.fits(2, NANOSECOND)
    }
}

impl Pace {
    /// For a part of `len` items, or of a number that nobody knows, in a pool of so many threads. It lends from the start
    /// or when it has run for a while, for less of one if the loop is likely to be worth a wake-up.
    #[inline]
    pub(super) fn new(
        len: Option<usize>,
        threads: usize,
        is_lending: bool,
        is_likely_weighty: bool,
        before: &Experience,
    ) -> Self {
        let mut pace = Pace {
            block: FIRST,
            most: len.map_or(usize::MAX, |len| len / (BLOCKS_PER_WORKER * threads)),
            cost: Cost::UNKNOWN,
            measure: &ORDINARY,
            items: 0,
            blocks: 0,
            look_at: FIRST,
            grows: true,
            is_lending,
            long: if is_likely_weighty { LIKELY_LONG } else { LONG },
            is_long: false,
            is_weighty: false,
            looked: Ticks::ZERO,
            begun: Ticks::ZERO,
        };
        if !before.take(&mut pace) {
            pace.looked = Ticks::now();
            pace.begun = pace.looked;
        }
        pace
    }

    /// Leaves what was learnt to the part that follows.
    #[inline]
    pub(super) fn pass_on(&self, experience: &Experience) {
        experience.put(self);
    }

    /// What the part turned out to be worth: what it took until the last look, and what those that came after would take
    /// at the same cost each.
    #[inline]
    pub(super) fn weight(&self) -> Weight {
        let ran = self.looked.since(self.begun);
        weight_if(|ticks| ran >= ticks || self.cost.is_known() && !self.cost.fits(self.items, ticks - ran))
    }

    /// What the part is worth if it ends now, though others have run its last items.
    pub(super) fn weight_by_now(&self) -> Weight {
        let ran = Ticks::now().since(self.begun);
        weight_if(|ticks| ran >= ticks)
    }

    /// How long the next block is to be when `left` items are left: from 1 to `left`.
    #[inline]
    pub(super) fn next_block(&self, left: usize) -> usize {
        // The last items may be heavy, and are not to be swallowed whole. Where there are few, each block counts.
        let bounded = self.block.min(if self.is_brief() { left / 2 } else { left / 4 });
        if bounded < self.block && self.is_crumb(left) { left } else { bounded.max(1) }
    }

    /// How long the next block is to be when nobody knows how many items are left.
    #[inline]
    pub(super) fn next_block_of_many(&self) -> usize {
        self.block
    }

    /// Takes note that a block of so many items was run, and whether it was the last. True once, when the part turns out
    /// to be weighty.
    #[inline]
    pub(super) fn ran(&mut self, items: usize, is_last: bool) -> bool {
        self.items = self.items.saturating_add(items);
        self.blocks += 1;
        // After the last block there is nothing to learn but what the part was worth.
        let is_due = self.items >= self.look_at;
        let looks = if is_last && self.cost.is_known() { is_due && !self.is_crumb(items) } else { is_due || is_last };
        looks && self.look(Ticks::now())
    }

    /// Whether so many items take so little that they are run as one block, and unseen.
    #[inline]
    fn is_crumb(&self, items: usize) -> bool {
        self.is_brief() && self.cost.fits(items, self.measure.crumb)
    }

    #[inline]
    fn is_brief(&self) -> bool {
        self.most <= self.measure.brief
    }

    fn look(&mut self, now: Ticks) -> bool {
        self.measure(now);
        let was_weighty = self.is_weighty;
        let ran = now.since(self.begun);
        self.is_long |= ran > self.long;
        self.is_lending |= self.is_long;
        self.is_weighty |= ran > WEIGHTY;
        self.is_weighty && !was_weighty
    }

    /// Sets the length of the blocks by what the items since the last look have cost.
    fn measure(&mut self, now: Ticks) {
        let ticks = now.since(self.looked).saturating_sub(LOOK + self.blocks.saturating_mul(BLOCK)).max(1);
        self.learn(Cost { ticks, items: self.items as u64 });
        (self.looked, self.items, self.blocks) = (now, 0, 0);
        let Measure { short, worth_its_cost, .. } = *self.measure;
        if self.grows && self.cost.fits(self.block, short) {
            self.grow();
        } else {
            self.grows = false;
            self.block = self.cost.items_in(short).min(self.most.max(self.cost.items_in(worth_its_cost))).max(1);
            // A heavy item is an occasion to look, which then costs nothing by comparison.
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
        self.measure = if cost.is_swift() { &SWIFT } else { &ORDINARY };
    }

    fn grow(&mut self) {
        let swiftly = self.block.saturating_mul(8);
        self.block = if self.cost.fits(swiftly, self.measure.short) { swiftly } else { self.block.saturating_mul(4) };
        if self.block > self.most && !self.cost.fits(self.block, self.measure.worth_its_cost) {
            let worth = self.cost.items_in(self.measure.worth_its_cost).max(self.most).max(1);
            self.grows = self.block < worth;
            self.block = self.block.min(worth);
        }
        self.look_at = self.block;
    }

    /// Whether the part should always have a rest public.
    #[inline]
    pub(super) fn is_lending(&self) -> bool {
        self.is_lending
    }

    /// Whether the part has run for a while.
    #[inline]
    pub(super) fn is_long(&self) -> bool {
        self.is_long
    }

    /// Whether the part has run for so long that it is worth a wake-up.
    #[inline]
    pub(super) fn is_weighty(&self) -> bool {
        self.is_weighty
    }

    /// Whether so many items of this part's kind are worth a wake-up. What it has seen of them must be worth something itself:
    /// a few that were interrupted prove nothing.
    pub(super) fn is_weighty_of(&self, items: usize) -> bool {
        let ran = self.looked.since(self.begun);
        self.cost.is_known() && !self.cost.fits(items, WEIGHTY) && ran > WEIGHTY / 4
    }

    /// Whether so many items are worth sharing, as far as is known.
    pub(super) fn is_worth_sharing(&mut self, left: usize) -> bool {
        // Right after a look the clock has nothing to add.
        if self.items > 0 {
            let now = Ticks::now();
            if now.since(self.looked) >= SHOWN {
                self.measure(now);
            }
        }
        self.cost.is_known() && self.cost.ticks >= SHOWN && !self.cost.fits(left, WORTH_SHARING)
    }

    /// Whether the part has run for so long that it may be worth sharing, when nobody knows how much is left.
    pub(super) fn has_weight(&self) -> bool {
        Ticks::now().since(self.begun) > WORTH_SHARING
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Cost, Experience, Pace, WEIGHTY, WORTH_TAKING};
    use crate::fork::{Ticks, Weight};

    /// A part of which the clock has seen so many ticks, and `unseen` items at a cost of so many ticks each since.
    fn part(ran: u64, unseen: usize, each: u64) -> Pace {
        let mut pace = Pace::new(Some(1000), 2, false, false, &Experience::new());
        pace.begun = Ticks::ZERO;
        pace.looked = Ticks::at(ran);
        pace.learn(Cost { ticks: each, items: 1 });
        pace.items = unseen;
        pace
    }

    #[test]
    fn a_part_is_worth_what_the_clock_has_seen_and_what_it_has_not() {
        assert_eq!(part(WORTH_TAKING - 1, 0, 1).weight(), Weight::Light);
        assert_eq!(part(WORTH_TAKING, 0, 1).weight(), Weight::Heavy);
        assert_eq!(part(WORTH_TAKING / 2, 1, WORTH_TAKING / 2).weight(), Weight::Light);
        assert_eq!(part(WORTH_TAKING / 2, 2, WORTH_TAKING / 2).weight(), Weight::Heavy);
        assert_eq!(part(WEIGHTY, 0, 1).weight(), Weight::Weighty);
        assert_eq!(part(1, 3, WEIGHTY / 2).weight(), Weight::Weighty);
    }

    #[test]
    fn a_part_that_was_given_up_before_the_clock_was_read_is_worth_nothing() {
        let mut pace = Pace::new(Some(1000), 2, false, false, &Experience::new());
        assert!(!pace.ran(1, false));
        assert_eq!(pace.weight(), Weight::Light);
    }

    #[test]
    fn a_single_item_is_timed() {
        let mut pace = Pace::new(Some(1), 2, false, false, &Experience::new());
        assert_eq!(pace.next_block(1), 1);
        pace.ran(1, true);
        assert!(pace.cost.is_known());
    }

    #[test]
    fn only_a_brief_part_ends_in_one_block() {
        let last_block = |len, left| {
            let mut pace = Pace::new(Some(len), 2, false, false, &Experience::new());
            pace.block = 64;
            pace.learn(Cost { ticks: 1, items: 1 });
            pace.next_block(left)
        };
        assert_eq!(last_block(100, 6), 6);
        assert_eq!(last_block(100, 60), 30, "a half of more than a few nanoseconds' worth");
        assert_eq!(last_block(10_000, 60), 15, "a quarter");
        assert_eq!(last_block(10_000, 6), 1);
    }
}
