//! Layer 4: the histories of loops: the costs of the runs of each loop on this thread.
//!
//! A program runs the same loop again and again, and most loops are too short to be shared. If the last runs of a loop
//! were that short, the next run is expected to be *inline* again: it is not offered to other workers, and seldom reads
//! the clock, because the cost of its items is known.
//!
//! An inline run checks for steal requests between its blocks. The first block is one item: if all items are unusually
//! long this time, other workers can have the rest. (Vectorised items all take equally long, so there the first block
//! is as long as any.) A run that takes no longer than [`INLINE`] shares nothing.
//!
//! - An *unshared* run is not worth sharing ([`WORTH_SHARING`]), and usually reads no clock. Any other run reads it
//!   after its first item, because there may be no steal request yet.
//! - If all idle workers sleep, none will request work. Then the run reads the clock after each block, and its rest is
//!   shared when it takes longer than [`INLINE`] (unless the run is unshared, and its items are vectorised). Many such
//!   runs within a short time, if their items are not vectorised, wake one worker, as the sentinel: then they need no
//!   clock.
//! - The loops within an inline run are not split, and have no history, as long as the rest of that run would not be
//!   shared.
//! - Two loops that are chained have a history together. While they are expected to be inline they run one after the
//!   other, each by a history of its own, unless both together are one block of vectorised items.
//!
//! A run that was expected to be inline and was not is a *misprediction*: it was shared too late, or not at all. After
//! each one, twice as many short runs as before must follow until the loop is trusted again, up to some thousands. So a
//! loop that alternates between short and long runs is soon no longer mispredicted.

use super::grain::Cost;
use super::tuning::{BLOCK, CLOCK, INLINE, OFTEN, ORDINARY, VECTORISED, WAKE_UP, WORTH_SHARING};
use crate::fork::{LoopContext, Ticks};
use std::cell::Cell;

mod run;

use self::run::is_first_item_untimed;
pub(super) use self::run::{AtLevel, Course, LoopRun, is_within_inline_run, level};
#[cfg(all(test, not(loom)))]
pub(super) use self::run::{expect_inline_runs, leave_first_item_untimed};

/// The number of short runs until a loop is trusted: at first, and at most.
const FIRST_CONFIDENCE: u32 = 2;
const MOST_CONFIDENCE: u32 = 1 << 12;

/// The confidence that is lost by a run that was not inline, and by one that was worth a wake-up. Not all of it is
/// lost, because either run may have been interrupted.
const SETBACK: u32 = 16;
const LONG_SETBACK: u32 = 256;

/// The maximal number of runs between two that are timed.
const MOST_UNTIMED: u32 = 32;

/// After this number of runs without a worker that would request work, if they follow each other within [`OFTEN`] on
/// average, a run wakes the sentinel.
const MANY_ALONE: u32 = 32;

/// The approximate number of blocks of a loop of unknown cost.
const FIRST_BLOCKS: usize = 16;

/// The remembered cost is that of about this number of the last items, and of at least one run.
const REMEMBERED: u64 = 1 << 10;

/// A loop: the address of code that is compiled for it alone, plus the number of loops it is in. Code usually begins at
/// multiples of 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Site(usize);

/// The history of one loop on one thread.
///
/// In a recursion each level has a history of its own, because the inner levels are the short ones. Two loops that were
/// compiled to the same code share a history, and so are predicted less well.
#[derive(Debug)]
struct History {
    site: Cell<Site>,
    /// A run of at most this number of items is expected to be inline.
    most: Cell<usize>,
    /// The length of the blocks of an inline run, and whether the first block is as long as the others.
    block: Cell<usize>,
    is_even: Cell<bool>,
    /// A run of at most this number of items is not worth sharing.
    unshared: Cell<usize>,
    /// The number of runs until one is timed, and the number of runs between the last two.
    untimed: Cell<u32>,
    interval: Cell<u32>,
    /// The number of short runs since the loop was last not trusted, and the number needed to trust it.
    confidence: Cell<u32>,
    needed: Cell<u32>,
    /// The number needed after the last misprediction. It doubles with the next one.
    last_needed: Cell<u32>,
    /// The length of the longest short run.
    longest: Cell<usize>,
    cost: Cell<Cost>,
    /// True if the last timed run was too long. After a second one the loop is not trusted.
    is_doubted: Cell<bool>,
    /// The number of inline runs without a worker that would have requested work, and when the first of them began.
    alone: Cell<u32>,
    alone_since: Cell<Ticks>,
    /// When the current inline run began, if the clock is read during it.
    timer: Cell<Option<Ticks>>,
    /// True if no worker will request a part of that run, so that the clock must tell when to share its rest.
    is_alone: Cell<bool>,
}

impl History {
    const fn new() -> Self {
        History {
            site: Cell::new(Site(0)),
            most: Cell::new(0),
            block: Cell::new(1),
            is_even: Cell::new(false),
            unshared: Cell::new(0),
            untimed: Cell::new(0),
            interval: Cell::new(0),
            confidence: Cell::new(0),
            needed: Cell::new(FIRST_CONFIDENCE),
            last_needed: Cell::new(FIRST_CONFIDENCE),
            longest: Cell::new(0),
            cost: Cell::new(Cost::UNKNOWN),
            is_doubted: Cell::new(false),
            alone: Cell::new(0),
            alone_since: Cell::new(Ticks::ZERO),
            timer: Cell::new(None),
            is_alone: Cell::new(false),
        }
    }

    /// Becomes the history of another loop. Nothing is known of that loop yet.
    #[cold]
    fn begin_anew(&self, site: Site) {
        self.site.set(site);
        self.last_needed.set(FIRST_CONFIDENCE);
        self.alone.set(0);
        self.expect_nothing(FIRST_CONFIDENCE);
    }

    /// Forgets all runs. `needed` short ones must follow until the loop is trusted.
    fn expect_nothing(&self, needed: u32) {
        self.most.set(0);
        self.unshared.set(0);
        self.untimed.set(0);
        self.interval.set(0);
        self.confidence.set(0);
        self.needed.set(needed);
        self.longest.set(0);
        self.cost.set(Cost::UNKNOWN);
        self.is_doubted.set(false);
    }

    /// Takes in the cost of a run that was not expected to be inline.
    fn note_run(&self, run: Cost) {
        if run.ticks > INLINE {
            let setback = if run.ticks > WAKE_UP { LONG_SETBACK } else { SETBACK };
            return self.confidence.set(self.confidence.get().saturating_sub(setback));
        }
        self.longest.set(self.longest.get().max(run.items as usize));
        self.confidence.set((self.confidence.get() + 1).min(self.needed.get()));
        if self.confidence.get() == self.needed.get() {
            self.expect();
            self.untimed.set(0);
        }
    }

    /// Takes in the cost of a run that was expected to be inline.
    fn note_cost(&self, run: Cost) {
        if run.ticks > INLINE {
            return self.note_doubt();
        }
        self.is_doubted.set(false);
        self.longest.set(self.longest.get().max(run.items as usize));
        let before = self.cost.get();
        self.cost.set(if before.is_known() { before.and(run, REMEMBERED) } else { run });
        self.expect();
        self.interval.set((self.interval.get() * 2 + 1).min(MOST_UNTIMED));
        self.untimed.set(self.interval.get());
    }

    /// As [`note_cost`](Self::note_cost), for a run without a worker that would have requested work. It may have been
    /// slow because its data was not in a cache. But if it was worth a wake-up, it was a misprediction.
    fn note_cost_alone(&self, run: Cost) {
        if run.ticks > WAKE_UP {
            self.note_misprediction();
        } else if run.ticks <= INLINE {
            self.note_cost(run);
        }
    }

    /// Counts a run without a worker that would request work. True if there have been enough of them in a short time to
    /// justify a sentinel.
    fn comes_often(&self, now: Ticks) -> bool {
        let alone = self.alone.get();
        if alone == 0 {
            self.alone_since.set(now);
        }
        if alone < MANY_ALONE {
            self.alone.set(alone + 1);
            return false;
        }
        self.alone.set(0);
        now.since(self.alone_since.get()) < u64::from(MANY_ALONE) * OFTEN
    }

    /// Sets the expectation for the next runs.
    fn expect(&self) {
        let (cost, longest) = (self.cost.get(), self.longest.get());
        self.is_even.set(cost.is_vectorised());
        if !cost.is_known() {
            self.block.set((longest / FIRST_BLOCKS).max(1));
            return self.most.set(longest);
        }
        let times = if self.is_even.get() { &VECTORISED } else { &ORDINARY };
        self.block.set(cost.items_in(times.short).max(1));
        // The cost of a few items says little about many more.
        let most = cost.items_in(INLINE).min(longest.saturating_mul(2));
        self.most.set(most);
        self.unshared.set(cost.items_in(WORTH_SHARING).min(most));
    }

    /// Takes in a timed run that was too long, or was interrupted.
    #[cold]
    fn note_doubt(&self) {
        if self.is_doubted.get() {
            self.expect_nothing(FIRST_CONFIDENCE);
        } else {
            self.is_doubted.set(true);
        }
    }

    /// Decides how a run of `len` items runs, at its beginning.
    #[inline(always)]
    fn open(&self, len: usize) -> Course {
        if len > self.most.get() {
            return Course::AFRESH;
        }
        let is_alone = !LoopContext::will_be_asked();
        self.is_alone.set(is_alone);
        if len > self.unshared.get() || self.untimed.get() == 0 || is_alone && !self.is_even.get() {
            return self.open_timed();
        }
        self.timer.set(None);
        run::enter_inline_run();
        self.inline(false)
    }

    #[inline(always)]
    fn inline(&self, is_timed: bool) -> Course {
        Course::inline(self.block.get(), is_timed, self.is_even.get())
    }

    /// As [`open`](Self::open), for an inline run during which the clock is read.
    fn open_timed(&self) -> Course {
        let now = Ticks::now();
        self.timer.set(Some(now));
        if self.is_alone.get() {
            // A sentinel would request work, so with one the next runs need no clock. Even runs need none anyway.
            if !self.is_even.get() && self.comes_often(now) {
                return Course::AFRESH;
            }
            run::enter_run_alone(now);
        } else {
            if self.untimed.get() == 0 {
                // Rare runs do not justify a sentinel, so it learns of only one run in some tens.
                LoopContext::note_activity();
            }
            run::enter_inline_run();
        }
        self.inline(true)
    }

    /// True if the rest of an inline run must be shared, when `ran` items have run. `is_asked` tells whether another
    /// worker has requested work meanwhile.
    fn is_to_be_shared(&self, ran: usize, is_asked: bool) -> bool {
        let (is_alone, is_first) = (self.is_alone.get(), ran == 1);
        // If the run is alone, the worker that made the request has parked since.
        let is_due = is_asked && !is_alone || (is_alone || is_first) && !(is_first && is_first_item_untimed());
        // A run that is not late is not worth sharing.
        is_due
            && match self.timer.get() {
                Some(begun) => Ticks::now().is_past(begun, INLINE),
                // The run is unshared.
                None if is_alone => false,
                // The begin of the run is unknown, but it was before the request. Code that ran in between may have
                // served the request.
                None => {
                    matches!(LoopContext::requested_for(), requested_for if requested_for == 0 || requested_for > INLINE)
                }
            }
    }

    /// Takes in an inline run of `items` items that ends. The pending steal request was made `requested_for` ticks ago; 0 if
    /// there is none.
    #[inline(always)]
    fn note_inline(&self, items: usize, requested_for: u64) {
        if self.untimed.get() > 0 && (!self.is_alone.get() || self.timer.get().is_none()) {
            self.untimed.set(self.untimed.get() - 1);
        } else if let Some(begun) = self.timer.get().filter(|_| items > 0) {
            self.note_timed(begun, items);
        }
        if !self.is_alone.get() {
            self.note_request_age(requested_for);
        }
    }

    fn note_timed(&self, begun: Ticks, items: usize) {
        let blocks = 1 + items / self.block.get();
        // The blocks of an inline run have less overhead than others.
        let overhead = CLOCK + (blocks as u64).saturating_mul(BLOCK / 2);
        let cost = Cost::of(items, Ticks::now().since(begun).saturating_sub(overhead));
        if self.is_alone.get() { self.note_cost_alone(cost) } else { self.note_cost(cost) }
    }

    /// Takes in the age of a steal request at the end of an inline run: `requested_for` ticks; 0 if there is none. A long
    /// wait shows that the run was too long, even if it was one block and not timed.
    #[inline(always)]
    fn note_request_age(&self, requested_for: u64) {
        if requested_for > INLINE {
            self.note_misprediction();
        }
    }

    /// Takes in an inline run that was too long.
    #[cold]
    fn note_misprediction(&self) {
        self.last_needed.set((self.last_needed.get() * 2).min(MOST_CONFIDENCE));
        self.expect_nothing(self.last_needed.get());
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{FIRST_CONFIDENCE, History, LONG_SETBACK, MANY_ALONE, MOST_CONFIDENCE, MOST_UNTIMED, Site};
    use crate::fork::Ticks;
    use crate::iter::schedule::grain::Cost;
    use crate::iter::schedule::tuning::{INLINE, OFTEN, WAKE_UP, WORTH_SHARING};

    const LEN: usize = 100;

    fn run(ticks: u64) -> Cost {
        Cost { ticks, items: LEN as u64 }
    }

    /// A history that expects runs of [`LEN`] items to be inline, and knows their cost.
    fn expectant() -> History {
        let history = History::new();
        for _ in 0..FIRST_CONFIDENCE {
            assert_eq!(history.most.get(), 0);
            history.note_run(run(INLINE));
        }
        assert_eq!(history.most.get(), LEN);
        history.note_cost(run(INLINE / 10));
        assert_eq!(history.most.get(), 2 * LEN);
        history
    }

    #[test]
    fn a_run_is_expected_inline_after_a_few_that_were_short() {
        let history = expectant();
        history.note_cost(Cost { ticks: INLINE / 5, items: 2 * LEN as u64 });
        assert_eq!(history.most.get(), 4 * LEN);
        for _ in 0..100 {
            history.note_cost(run(INLINE));
        }
        assert!(
            (LEN..2 * LEN).contains(&history.most.get()),
            "as many as take no longer, and a rest of those before: {history:?}"
        );
    }

    #[test]
    fn long_runs_outweigh_many_short_ones() {
        let history = History::new();
        history.needed.set(MOST_CONFIDENCE);
        for _ in 0..MOST_CONFIDENCE {
            (0..10).for_each(|_| history.note_run(run(1)));
            history.note_run(run(INLINE + 1));
        }
        assert_eq!(history.most.get(), 0);
        (0..MOST_CONFIDENCE - 1).for_each(|_| history.note_run(run(1)));
        history.note_run(run(WAKE_UP + 1));
        assert_eq!(history.confidence.get(), MOST_CONFIDENCE - 1 - LONG_SETBACK);
    }

    #[test]
    fn one_that_was_interrupted_changes_nothing() {
        let history = expectant();
        history.note_cost(run(INLINE + 1));
        assert_eq!((history.most.get(), history.untimed.get()), (2 * LEN, 1), "the next is timed, when its turn comes");
        history.note_cost(run(1));
        history.note_cost(run(INLINE + 1));
        assert_eq!(history.most.get(), 2 * LEN);
        history.note_cost(run(INLINE + 1));
        assert_eq!(
            (history.most.get(), history.needed.get()),
            (0, FIRST_CONFIDENCE),
            "two in a row were not interrupted"
        );
    }

    #[test]
    fn each_misprediction_doubles_the_confidence_that_is_needed() {
        let history = expectant();
        let mut needed = FIRST_CONFIDENCE;
        for _ in 0..20 {
            history.note_misprediction();
            needed = (2 * needed).min(MOST_CONFIDENCE);
            assert_eq!((history.most.get(), history.needed.get()), (0, needed));
        }
        history.begin_anew(Site(1));
        assert_eq!(history.needed.get(), FIRST_CONFIDENCE, "that was another loop");
    }

    #[test]
    fn the_shortest_inline_runs_are_one_block() {
        let history = expectant();
        (0..100).for_each(|_| history.note_cost(run(INLINE)));
        let cost = history.cost.get();
        assert!(history.unshared.get() < LEN && cost.fits(history.unshared.get(), WORTH_SHARING));
        assert!(!cost.fits(history.unshared.get() + 1, WORTH_SHARING), "as many as are not worth sharing");
        (0..100).for_each(|_| history.note_cost(run(1)));
        assert_eq!((history.unshared.get(), history.most.get()), (2 * LEN, 2 * LEN), "not more than is inline");
        history.note_misprediction();
        assert_eq!(history.unshared.get(), 0);
    }

    #[test]
    fn a_worker_that_has_waited_long_when_an_inline_run_ends_shows_a_misprediction() {
        let history = expectant();
        history.note_request_age(0);
        history.note_request_age(INLINE);
        assert_eq!(history.most.get(), 2 * LEN, "rung during the run, and heard soon");
        history.note_request_age(INLINE + 1);
        assert_eq!((history.most.get(), history.needed.get()), (0, 2 * FIRST_CONFIDENCE));
    }

    #[test]
    fn where_no_worker_asks_only_what_is_worth_a_wake_up_is_a_misprediction() {
        let history = expectant();
        (0..3).for_each(|_| history.note_cost_alone(run(WAKE_UP)));
        assert_eq!(history.most.get(), 2 * LEN);
        history.note_cost_alone(Cost { ticks: INLINE / 5, items: 2 * LEN as u64 });
        assert_eq!(history.most.get(), 4 * LEN, "the cost of short ones is taken in");
        history.note_cost_alone(run(WAKE_UP + 1));
        assert_eq!((history.most.get(), history.needed.get()), (0, 2 * FIRST_CONFIDENCE));
    }

    #[test]
    fn many_runs_in_little_time_are_worth_a_sentinel() {
        let answers = |apart: u64| {
            let history = History::new();
            (0..=u64::from(MANY_ALONE)).map(move |count| history.comes_often(Ticks::at(count * apart)))
        };
        let apart = OFTEN;
        assert_eq!(answers(apart - 1).position(|often| often), Some(MANY_ALONE as usize));
        assert!(!answers(apart + 1).any(|often| often));
    }

    #[test]
    fn runs_are_timed_less_and_less_often() {
        let history = expectant();
        let mut most = 0;
        for _ in 0..20 {
            history.note_cost(run(1));
            assert!(history.untimed.get() >= most);
            most = history.untimed.get();
        }
        assert_eq!(most, MOST_UNTIMED);
    }

    #[test]
    fn lengths_and_costs_beyond_all_measure_are_borne() {
        let history = expectant();
        let endless = Cost { ticks: 1, items: u64::MAX };
        (0..3).for_each(|_| history.note_cost(endless));
        assert!(history.most.get() >= LEN && history.block.get() >= LEN);
        assert!(history.inline(true).begin_blocks(LEN).0 == LEN);
    }
}
