//! Layer 4: how long the blocks are in which a part is run.
//!
//! A part can be split between two blocks. So a block must be short in time, and must not swallow a cluster of heavy
//! items whole; but every block costs some nanoseconds, so it must not be too short either. Nobody knows beforehand
//! what an item costs: blocks begin with a single item and grow fourfold while they take next to no time, and later the
//! clock is looked at now and then.

use crate::fork::Ticks;

/// What is left of a part is worth sharing if it would take longer than this, in ticks; the unit of what follows.
const SHARE: u64 = 1500 * Ticks::PER_NANOSECOND;

/// Blocks grow while they take less than this part of a share, which is 190 ns.
const SHORT: usize = 8;

/// A block that takes this part of a share, 47 ns, need not be longer for its own cost's sake.
const WORTH: usize = 32;

/// So little of the rest as takes this part of a share, 6 ns, is run as one block.
const CRUMB: usize = 256;

/// A part that has run for so many ticks is worth a wake-up.
const WEIGHTY: u64 = 8_000 * Ticks::PER_NANOSECOND;

/// About what reading the clock costs itself.
const LOOK: u64 = 8 * Ticks::PER_NANOSECOND;

/// The most blocks from one look at the clock to the next.
const BLOCKS_PER_LOOK: u32 = 16;

/// A block is at most this part of what is left, so that a heavy tail is not swallowed whole.
const OF_WHAT_IS_LEFT: usize = 4;

/// Unless its items cost next to nothing, a block is at most this part of what falls to each worker.
const BLOCKS_PER_WORKER: usize = 64;

/// The pace of one part.
#[derive(Debug)]
pub(super) struct Pace {
    /// The length of the next block, where nothing else bounds it.
    block: usize,
    /// Beyond this a block does not grow if it is worth its cost.
    most: usize,
    /// How many items make a share, by what the last have cost.
    share: usize,
    /// How many items were run since the last look at the clock.
    items: usize,
    /// How many blocks there are from one look to the next, and how many are left of them.
    look_every: u32,
    until_look: u32,
    grows: bool,
    is_weighty: bool,
    looked: Ticks,
    begun: Ticks,
}

impl Pace {
    /// For a part of `len` items, or of a number that nobody knows, in a pool of so many threads.
    #[inline]
    pub(super) fn new(len: Option<usize>, threads: usize) -> Self {
        let now = Ticks::now();
        Pace {
            block: 1,
            most: len.map_or(usize::MAX, |len| len / (BLOCKS_PER_WORKER * threads)),
            share: 0,
            items: 0,
            look_every: 1,
            until_look: 1,
            grows: true,
            is_weighty: false,
            looked: now,
            begun: now,
        }
    }

    /// For a part that is run as one block.
    #[inline]
    pub(super) fn whole() -> Self {
        let now = Ticks::ZERO;
        Pace {
            block: usize::MAX,
            most: 0,
            share: usize::MAX,
            items: 0,
            look_every: 0,
            until_look: 0,
            grows: false,
            is_weighty: false,
            looked: now,
            begun: now,
        }
    }

    /// How long the next block is to be when `left` items are left: from 1 to `left`.
    #[inline]
    pub(super) fn next_block(&self, left: usize) -> usize {
        if left <= self.share / CRUMB {
            return left;
        }
        self.block.min(left / OF_WHAT_IS_LEFT).max(1)
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
        self.until_look -= 1;
        self.until_look == 0 && self.look(Ticks::now())
    }

    fn look(&mut self, now: Ticks) -> bool {
        let taken = self.measure(now);
        let by_the_block = self.grows || taken > SHARE;
        self.look_every = if by_the_block { 1 } else { (self.look_every * 2).min(BLOCKS_PER_LOOK) };
        self.until_look = self.look_every;
        let was_weighty = self.is_weighty;
        self.is_weighty |= now.since(self.begun) > WEIGHTY;
        self.is_weighty && !was_weighty
    }

    /// Sets the length of the blocks by what the items since the last look have cost, and returns that.
    fn measure(&mut self, now: Ticks) -> u64 {
        let taken = now.since(self.looked).saturating_sub(LOOK).max(1);
        let share = SHARE.saturating_mul(self.items as u64) / taken;
        self.share = usize::try_from(share).unwrap_or(usize::MAX);
        let bound = self.most.max(self.share / WORTH).max(1);
        let short = self.share / SHORT;
        // A block may have been shorter than it was meant to be, so what counts is what it would have taken.
        self.grows &= self.block < short.min(bound);
        self.block = if self.grows { self.block.saturating_mul(4) } else { short.max(1) }.min(bound);
        (self.looked, self.items) = (now, 0);
        taken
    }

    /// Whether so many items are worth sharing, as far as is known.
    pub(super) fn is_worth_sharing(&mut self, left: usize) -> bool {
        if self.items > 0 {
            self.measure(Ticks::now());
        }
        left > self.share
    }

    /// Whether the part has run for so long that it may be worth sharing, when nobody knows how much is left.
    pub(super) fn has_weight(&self) -> bool {
        Ticks::now().since(self.begun) > SHARE
    }
}
