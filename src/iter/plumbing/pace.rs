//! Layer 4: how long the blocks are in which a part is run.
//!
//! A part can be split between two blocks. So a block must be short in time, and must not swallow a cluster of heavy
//! items whole; but every block costs some nanoseconds, so it must not be too short either. Nobody knows beforehand
//! what an item costs: blocks begin with two items and grow fourfold while they take next to no time, and later the
//! clock is looked at now and then.

use crate::fork::Ticks;
use crate::sync::atomic::{AtomicUsize, Ordering};

const NANOSECOND: u64 = Ticks::PER_NANOSECOND;

/// What is left of a part is worth sharing if it would take longer than this.
const WORTH_SHARING: u64 = 1500 * NANOSECOND;

/// What has taken less than this says nothing about the items that follow.
const SHOWN: u64 = 500 * NANOSECOND;

/// Blocks grow while they take less than this.
const SHORT: u64 = 200 * NANOSECOND;

/// A block that takes so long need not be longer for its own cost's sake.
const WORTH_ITS_COST: u64 = 150 * NANOSECOND;

/// What is left is run as one block if it would take no longer than this.
const CRUMB: u64 = 6 * NANOSECOND;

/// The same where items take less than half a nanosecond each, as they do only in a loop without decisions: it is among
/// items that decide how much they have to do that a few can be heavy.
const SWIFT_CRUMB: u64 = 40 * NANOSECOND;

/// A part that has run for so long keeps a rest of it public.
const LONG: u64 = 8_000 * NANOSECOND;

/// A part that has run for so long is worth a wake-up: it may well go on for as long as a worker needs to come.
const WEIGHTY: u64 = 25_000 * NANOSECOND;

/// A part that takes at least so long is worth being taken by another worker that is awake.
const WORTH_TAKING: u64 = 1_200 * NANOSECOND;

/// About what reading the clock costs, and about what a block costs beside its items.
const LOOK: u64 = 8 * NANOSECOND;
const BLOCK: u64 = 6 * NANOSECOND;

/// The most blocks' worth of items from one look at the clock to the next.
const BLOCKS_PER_LOOK: usize = 16;

/// A block is at most this part of what is left, so that a heavy tail is not swallowed whole.
const OF_WHAT_IS_LEFT: usize = 4;

/// Unless its items cost next to nothing, a block is at most this part of what falls to each worker.
const BLOCKS_PER_WORKER: usize = 64;

/// The first block of all.
const FIRST: usize = 2;

/// How long the blocks were that one part came to in the end, for the part that follows it on the same worker.
#[derive(Debug)]
pub(super) struct Experience(AtomicUsize);

impl Experience {
    /// None yet.
    #[inline]
    pub(super) fn new() -> Self {
        Experience(AtomicUsize::new(FIRST))
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
    /// [`CRUMB`] or [`SWIFT_CRUMB`].
    crumb: u64,
    /// How many items were run since the last look at the clock, in how many blocks, and how many it takes to look again.
    items: usize,
    blocks: u64,
    look_at: usize,
    grows: bool,
    is_lending: bool,
    is_long: bool,
    is_weighty: bool,
    looked: Ticks,
    begun: Ticks,
}

/// So many ticks for so many items.
#[derive(Debug, Clone, Copy)]
struct Cost {
    ticks: u64,
    items: u64,
}

impl Cost {
    /// What would hold for anything.
    const UNKNOWN: Cost = Cost { ticks: u64::MAX, items: 1 };

    fn is_known(self) -> bool {
        self.ticks != Cost::UNKNOWN.ticks
    }

    /// Whether so many items would take no longer than so many ticks.
    #[inline(always)]
    fn fits(self, items: usize, ticks: u64) -> bool {
        self.ticks.saturating_mul(items as u64) <= ticks.saturating_mul(self.items)
    }

    /// How many items take so many ticks.
    fn items_in(self, ticks: u64) -> usize {
        usize::try_from(ticks.saturating_mul(self.items) / self.ticks).unwrap_or(usize::MAX)
    }
}

impl Pace {
    /// For a part of `len` items, or of a number that nobody knows, in a pool of so many threads.
    ///
    #[inline]
    pub(super) fn new(len: Option<usize>, threads: usize, is_lending: bool, before: &Experience) -> Self {
        let now = Ticks::now();
        let block = before.0.load(Ordering::Relaxed);
        Pace {
            block,
            most: len.map_or(usize::MAX, |len| len / (BLOCKS_PER_WORKER * threads)),
            cost: Cost::UNKNOWN,
            crumb: CRUMB,
            items: 0,
            blocks: 0,
            look_at: block,
            grows: block == FIRST,
            is_lending,
            is_long: false,
            is_weighty: false,
            looked: now,
            begun: now,
        }
    }

    /// For a part that is run as one block.
    #[inline]
    pub(super) fn whole() -> Self {
        Pace {
            block: usize::MAX,
            most: 0,
            cost: Cost { ticks: 0, items: 1 },
            crumb: CRUMB,
            items: 0,
            blocks: 0,
            look_at: usize::MAX,
            grows: false,
            is_lending: false,
            is_long: false,
            is_weighty: false,
            looked: Ticks::ZERO,
            begun: Ticks::ZERO,
        }
    }

    /// Leaves what was learnt to the part that follows.
    #[inline]
    pub(super) fn pass_on(&self, experience: &Experience) {
        experience.0.store(self.block, Ordering::Relaxed);
    }

    /// Whether the part turned out to be worth being taken by another worker.
    #[inline]
    pub(super) fn was_worth_taking(&self) -> bool {
        self.looked.since(self.begun) >= WORTH_TAKING
    }

    /// How long the next block is to be when `left` items are left: from 1 to `left`.
    #[inline]
    pub(super) fn next_block(&self, left: usize) -> usize {
        let bounded = self.block.min(left / OF_WHAT_IS_LEFT);
        if bounded < self.block && self.cost.fits(left, self.crumb) { left } else { bounded.max(1) }
    }

    /// How long the next block is to be when nobody knows how many items are left.
    #[inline]
    pub(super) fn next_block_of_many(&self) -> usize {
        self.block
    }

    /// Takes note that a block of so many items was run. True once, when the part turns out to be weighty.
    #[inline]
    pub(super) fn ran(&mut self, items: usize) -> bool {
        self.items += items;
        self.blocks += 1;
        self.items >= self.look_at && self.look(Ticks::now())
    }

    fn look(&mut self, now: Ticks) -> bool {
        self.measure(now);
        let was_weighty = self.is_weighty;
        let ran = now.since(self.begun);
        self.is_long |= ran > LONG;
        self.is_lending |= self.is_long;
        self.is_weighty |= ran > WEIGHTY;
        self.is_weighty && !was_weighty
    }

    /// Sets the length of the blocks by what the items since the last look have cost.
    fn measure(&mut self, now: Ticks) {
        let ticks = now.since(self.looked).saturating_sub(LOOK + self.blocks * BLOCK).max(1);
        self.cost = Cost { ticks, items: self.items as u64 };
        let is_swift = self.cost.fits(2, NANOSECOND);
        self.crumb = if is_swift { SWIFT_CRUMB } else { CRUMB };
        (self.looked, self.items, self.blocks) = (now, 0, 0);
        if self.grows && self.cost.fits(self.block, SHORT) {
            self.grow();
        } else {
            self.grows = false;
            self.block = self.cost.items_in(SHORT).min(self.most.max(self.cost.items_in(WORTH_ITS_COST))).max(1);
            // A heavy item is an occasion to look, which then costs nothing by comparison.
            self.look_at =
                if self.block == 1 { 1 } else { self.look_at.saturating_mul(2).min(self.block * BLOCKS_PER_LOOK) };
        }
    }

    fn grow(&mut self) {
        self.block = self.block.saturating_mul(4);
        if self.block > self.most {
            let worth = self.cost.items_in(WORTH_ITS_COST).max(self.most).max(1);
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

    /// Whether so many items are worth sharing, as far as is known.
    pub(super) fn is_worth_sharing(&mut self, left: usize) -> bool {
        let now = Ticks::now();
        if self.items > 0 && now.since(self.looked) >= SHOWN {
            self.measure(now);
        }
        self.cost.is_known() && self.cost.ticks >= SHOWN && !self.cost.fits(left, WORTH_SHARING)
    }

    /// Whether the part has run for so long that it may be worth sharing, when nobody knows how much is left.
    pub(super) fn has_weight(&self) -> bool {
        Ticks::now().since(self.begun) > WORTH_SHARING
    }
}
