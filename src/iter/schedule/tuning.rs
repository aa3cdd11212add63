//! Layer 4: the times by which loops are scheduled: four costs, as measured on virtual processors, and multiples of them.

use crate::fork::Ticks;

const NANOSECOND: u64 = Ticks::PER_NANOSECOND;

/// Reading the clock, at most.
pub(super) const CLOCK: u64 = 20 * NANOSECOND;
/// Running a block, without its items.
pub(super) const BLOCK: u64 = 6 * NANOSECOND;
/// Moving a job to another worker that is awake.
pub(super) const STEAL: u64 = 1_200 * NANOSECOND;
/// Waking a worker that sleeps.
pub(crate) const WAKE_UP: u64 = 25_000 * NANOSECOND;

/// A part is worth sharing if its rest takes longer than this: then the thief's half pays for the steal.
pub(super) const WORTH_SHARING: u64 = STEAL * 5 / 4;

/// A shorter measurement says little about the items that follow: much of it would be the reading of the clock.
pub(super) const SHOWN: u64 = 25 * CLOCK;

/// A part that has run for this long keeps a rest public: it is worth a wake-up, or soon will be.
pub(super) const LONG: u64 = WAKE_UP / 3;

/// As [`LONG`], for a loop if its last run was worth a wake-up.
pub(super) const LIKELY_LONG: u64 = STEAL;

/// After an item that takes this long, the cost of reading the clock is negligible.
pub(super) const HEAVY: u64 = 100 * CLOCK;

/// The items between two readings of the clock take about this long where they are counted for a report.
pub(in crate::iter) const LOOK: u64 = 100 * CLOCK;

/// The time between two reports of a loop with light items.
pub(in crate::iter) const REPORT_INTERVAL: u64 = 2_000 * WAKE_UP;

/// A run that takes no longer is not shared: a thief's share of it would take as long as a few steals, and the owner
/// would have to publish it, to find it taken, and to wait.
pub(super) const INLINE: u64 = 8 * STEAL;

/// Inline runs that follow each other within less than this are worth a wake-up together.
pub(super) const OFTEN: u64 = WAKE_UP * 4 / 5;

/// The approximate time of a chunk that is begun in order.
pub(super) const CHUNK: u64 = 4 * WAKE_UP;

/// The approximate time of the work that a consumer of `par_bridge` takes at once.
pub(in crate::iter) const BRIDGED: u64 = 16 * STEAL;

/// How long a consumer of `par_bridge` polls for the lock of the iterator before it announces that it waits; and how
/// long it waits if it runs on top of another job.
pub(in crate::iter) const PATIENCE: u64 = 5 * STEAL;
pub(in crate::iter) const WARY: u64 = 40 * WAKE_UP;

/// When a steal request has been pending for this long, a consumer of `par_bridge` ends its block early.
pub(in crate::iter) const LONG_ASKED: u64 = 2 * STEAL;

/// A scan begins on one thread, in blocks of this time.
pub(in crate::iter) const SCAN_BLOCK: u64 = 4 * STEAL;
/// Many threads share a scan if one thread would take this time for the rest: they go through nearly all of it twice.
pub(in crate::iter) const SCAN_WORTH_SHARING: u64 = 12 * WAKE_UP;
/// Two threads save less, so the rest must take this much longer.
pub(in crate::iter) const SCAN_FOR_A_SECOND: u64 = 36 * WAKE_UP;
/// The time of the shortest part that a thread gets.
pub(in crate::iter) const SCAN_PIECE: u64 = 8 * STEAL;

/// The times that bound the blocks of a part.
#[derive(Debug)]
pub(super) struct BlockTimes {
    /// Blocks grow while they take less than this: a thief waits for the end of a block.
    pub(super) short: u64,
    /// In a block that takes this long, its own cost is negligible.
    pub(super) worth_its_cost: u64,
    /// A part is brief if this number of items is a block with a negligible cost of its own.
    pub(super) brief: usize,
    /// The rest of a brief part is one block if it takes no longer than this.
    pub(super) last: u64,
}

/// For most items.
pub(super) const ORDINARY: BlockTimes =
    BlockTimes { short: 20 * CLOCK, worth_its_cost: 50 * BLOCK, brief: 1, last: BLOCK };

/// For items of less than half a nanosecond each. Usually only a loop without branches is as fast, and only items that
/// branch can be heavy now and then. So blocks may be longer, and every part is brief. A vectorised loop also has a
/// cost at its begin and end.
pub(super) const VECTORISED: BlockTimes =
    BlockTimes { short: 40 * CLOCK, worth_its_cost: 100 * BLOCK, brief: usize::MAX, last: 8 * CLOCK };
