//! Layer 4: what the loops of a thread have cost, so that one that is run again and again, and is over before anybody
//! could take a part of it, is run with next to nothing around it.
//!
//! A loop that has been *light* a few times is expected to be so again: it is not offered to others, and as the cost of its
//! items is known, it need not look at the clock. Now and then a run is timed all the same. When somebody asks for work
//! meanwhile, it goes on like any other loop. A *slight* one is not offered even to those who are awake and look for work;
//! and one that is a *crumb* is a single block, at whose end alone it is seen whether anybody has been waiting.
//!
//! Where all who are idle sleep, nobody asks. Then a run is timed, and goes on like any other when it takes longer than it
//! should. So a small loop now and then wakes nobody; only if there are many at a time somebody is woken, who keeps watch.
//!
//! A loop that was expected to be light and was not has *surprised*: it was shared later than it could have been, or not at
//! all. So it takes twice as many light runs as before the last surprise until it is expected to be light again, up to some
//! thousands: a program whose loops are light and heavy in turn is spared further surprises soon.

use super::grain::{Cost, WEIGHTY};
use crate::fork::Ticks;
use std::cell::Cell;

mod run;

#[cfg(all(test, not(loom)))]
pub(super) use self::run::expect_light_runs;
pub(super) use self::run::{AtLevel, Run, level};

const NANOSECOND: u64 = Ticks::PER_NANOSECOND;

/// How many light runs it takes, before the first surprise and after many.
const FIRST_PROOF: u32 = 2;
const LONGEST_PROOF: u32 = 1 << 12;

/// So many light runs count for nothing when one is not light, and when one is worth a wake-up. They are not forgotten
/// altogether: either may have been interrupted.
const SETBACK: u32 = 16;
const LONG_SETBACK: u32 = 256;

/// So many runs at most are not timed between two that are; at first fewer.
const MOST_UNTIMED: u32 = 32;

/// A run that takes longer than this is not light: those who are awake are to be offered a part of it.
pub(super) const LIGHT: u64 = 2_400 * NANOSECOND;

/// A run that takes no longer than this is not worth being offered to anybody.
const SLIGHT: u64 = 600 * NANOSECOND;

/// So many runs, of which nobody would ask for a part, within so little time are worth waking somebody who keeps watch.
const MANY_ALONE: u32 = 32;
const OFTEN: u64 = 640_000 * NANOSECOND;

/// So much is run as one block, of most items and of [swift](Cost::is_swift) ones.
const BLOCK: u64 = 200 * NANOSECOND;
const SWIFT_BLOCK: u64 = 800 * NANOSECOND;

/// What is left is run as one block if it takes no longer than this; otherwise a block is no more than a half of it.
const LAST_BLOCK: u64 = 24 * NANOSECOND;
const SWIFT_LAST_BLOCK: u64 = 160 * NANOSECOND;

/// A loop whose cost is not known yet is run in about so many blocks.
const FIRST_BLOCKS: usize = 16;

/// The cost that is remembered is that of the last items, about so many, and of one run at least.
const REMEMBERED: u64 = 1 << 10;

/// Which loop it is: the address of code that is compiled for it alone, plus the number of loops it is in. Code begins at
/// multiples of 16 as a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Site(usize);

/// What the runs of one loop on one thread have cost.
///
/// A loop is known by its *site*: the address of the code that runs it, and by how many loops it is in. So in a recursion
/// each level has a profile of its own: it is the inner ones that are light. Two loops that were compiled to the same code
/// may share one, with no harm but a worse guess.
#[derive(Debug)]
struct Profile {
    site: Cell<Site>,
    /// A run of at most so many items is expected to be light.
    most: Cell<usize>,
    blocks: Cell<Blocks>,
    /// A run of at most so many items is expected to be over in so little time that it is run as one block, with nothing
    /// around it: a *crumb*.
    crumb: Cell<usize>,
    /// How many runs are left until one is timed, and how many there were from the one before.
    untimed: Cell<u32>,
    interval: Cell<u32>,
    /// How many runs were light, of those that were made like any other's, and how many it takes.
    light: Cell<u32>,
    needed: Cell<u32>,
    /// How many it took after the last surprise. It will be twice as many after the next.
    proof: Cell<u32>,
    /// The length of the longest of the runs that were light.
    longest: Cell<usize>,
    cost: Cell<Cost>,
    /// Whether the last run that was timed was not light. Another such run and nothing is expected any more.
    is_doubted: Cell<bool>,
    /// How many runs there were, of those that are light, while nobody would ask, and since when.
    alone: Cell<u32>,
    alone_since: Cell<Ticks>,
}

/// How long the blocks are in which a loop is run that is expected to be light.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blocks {
    len: usize,
    /// So many are the last block.
    last: usize,
}

impl Blocks {
    /// How long the next block is to be when `left` items are left: from 1 to `left`.
    #[inline]
    pub(super) fn next(self, left: usize) -> usize {
        if left <= self.last { left } else { self.len.min(left / 2) }
    }
}

impl Profile {
    const fn new() -> Self {
        Profile {
            site: Cell::new(Site(0)),
            most: Cell::new(0),
            blocks: Cell::new(Blocks { len: 1, last: 1 }),
            crumb: Cell::new(0),
            untimed: Cell::new(0),
            interval: Cell::new(0),
            light: Cell::new(0),
            needed: Cell::new(FIRST_PROOF),
            proof: Cell::new(FIRST_PROOF),
            longest: Cell::new(0),
            cost: Cell::new(Cost::UNKNOWN),
            is_doubted: Cell::new(false),
            alone: Cell::new(0),
            alone_since: Cell::new(Ticks::ZERO),
        }
    }

    /// Is the profile of the loop at a site from now on, of which nothing is known.
    #[cold]
    fn begin_anew(&self, site: Site) {
        self.site.set(site);
        self.proof.set(FIRST_PROOF);
        self.alone.set(0);
        self.expect_nothing(FIRST_PROOF);
    }

    /// Forgets all runs. So many that are light it takes until another is expected to be.
    fn expect_nothing(&self, needed: u32) {
        self.most.set(0);
        self.crumb.set(0);
        self.untimed.set(0);
        self.interval.set(0);
        self.light.set(0);
        self.needed.set(needed);
        self.longest.set(0);
        self.cost.set(Cost::UNKNOWN);
        self.is_doubted.set(false);
    }

    /// A run that was made like any other's has cost so much.
    fn note_run(&self, run: Cost) {
        if run.ticks > LIGHT {
            let setback = if run.ticks > WEIGHTY { LONG_SETBACK } else { SETBACK };
            return self.light.set(self.light.get().saturating_sub(setback));
        }
        self.longest.set(self.longest.get().max(run.items as usize));
        self.light.set((self.light.get() + 1).min(self.needed.get()));
        if self.light.get() == self.needed.get() {
            self.expect();
            self.untimed.set(0);
        }
    }

    /// A run that was made in the expectation that it is light has cost so much.
    fn note_cost(&self, run: Cost) {
        if run.ticks > LIGHT {
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

    /// A run that was made in the expectation that it is light, and of which nobody would have asked for a part, has cost so
    /// much. It may have been slow for want of anything in the caches. But if it was worth a wake-up it is to be offered.
    fn note_cost_alone(&self, run: Cost) {
        if run.ticks > WEIGHTY {
            self.note_surprise();
        } else if run.ticks <= LIGHT {
            self.note_cost(run);
        }
    }

    /// Takes note that a run begins of which nobody would ask for a part. Says whether there have been so many of late that
    /// somebody had better be awake.
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
        now.since(self.alone_since.get()) < OFTEN
    }

    /// Sets what is expected, by what is known.
    fn expect(&self) {
        let (cost, longest) = (self.cost.get(), self.longest.get());
        if !cost.is_known() {
            self.blocks.set(Blocks { len: (longest / FIRST_BLOCKS).max(1), last: 1 });
            return self.most.set(longest);
        }
        let (len, last) = if cost.is_swift() { (SWIFT_BLOCK, SWIFT_LAST_BLOCK) } else { (BLOCK, LAST_BLOCK) };
        let last = cost.items_in(last);
        self.blocks.set(Blocks { len: cost.items_in(len).max(1), last: last.max(1) });
        // What holds for some items need not hold for many more.
        let most = cost.items_in(LIGHT).min(longest.saturating_mul(2));
        self.most.set(most);
        self.crumb.set(last.min(most));
    }

    /// A run that was expected to be light has taken longer, if it was not interrupted.
    #[cold]
    fn note_doubt(&self) {
        if self.is_doubted.get() {
            self.expect_nothing(FIRST_PROOF);
        } else {
            self.is_doubted.set(true);
        }
    }

    /// Whether so many items are not worth being offered to anybody, as far as is known.
    fn is_slight(&self, len: usize) -> bool {
        self.cost.get().fits(len, SLIGHT)
    }

    /// When a run begins, if it is to be timed.
    #[inline]
    fn start_timer(&self) -> Option<Ticks> {
        let untimed = self.untimed.get();
        if untimed == 0 {
            return Some(Ticks::now());
        }
        self.untimed.set(untimed - 1);
        None
    }

    /// Somebody has asked for work during a run that was expected to be light, so many ticks before its end. (None: nobody
    /// has.) That tells of a run that was not, even if it was a single block, and is seldom timed.
    #[inline(always)]
    fn note_ring(&self, rung_for: u64) {
        if rung_for > LIGHT {
            self.note_surprise();
        }
    }

    /// A run that was expected to be light was of weight.
    #[cold]
    fn note_surprise(&self) {
        self.proof.set((self.proof.get() * 2).min(LONGEST_PROOF));
        self.expect_nothing(self.proof.get());
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{
        Blocks, FIRST_PROOF, LAST_BLOCK, LIGHT, LONG_SETBACK, LONGEST_PROOF, MANY_ALONE, MOST_UNTIMED, OFTEN, Profile,
        Site,
    };
    use crate::fork::Ticks;
    use crate::iter::schedule::grain::{Cost, WEIGHTY};

    const LEN: usize = 100;

    fn run(ticks: u64) -> Cost {
        Cost { ticks, items: LEN as u64 }
    }

    /// A profile that expects runs of [`LEN`] items to be light, and knows their cost.
    fn expectant() -> Profile {
        let profile = Profile::new();
        for _ in 0..FIRST_PROOF {
            assert_eq!(profile.most.get(), 0);
            profile.note_run(run(LIGHT));
        }
        assert_eq!(profile.most.get(), LEN);
        profile.note_cost(run(LIGHT / 10));
        assert_eq!(profile.most.get(), 2 * LEN);
        profile
    }

    #[test]
    fn a_run_is_expected_to_be_light_after_a_few_that_were() {
        let profile = expectant();
        profile.note_cost(Cost { ticks: LIGHT / 5, items: 2 * LEN as u64 });
        assert_eq!(profile.most.get(), 4 * LEN);
        for _ in 0..100 {
            profile.note_cost(run(LIGHT));
        }
        assert!(
            (LEN..2 * LEN).contains(&profile.most.get()),
            "as many as take no longer, and a rest of what was: {profile:?}"
        );
    }

    #[test]
    fn runs_of_some_weight_outweigh_many_that_are_light() {
        let profile = Profile::new();
        profile.needed.set(LONGEST_PROOF);
        for _ in 0..LONGEST_PROOF {
            (0..10).for_each(|_| profile.note_run(run(1)));
            profile.note_run(run(LIGHT + 1));
        }
        assert_eq!(profile.most.get(), 0);
        (0..LONGEST_PROOF - 1).for_each(|_| profile.note_run(run(1)));
        profile.note_run(run(WEIGHTY + 1));
        assert_eq!(profile.light.get(), LONGEST_PROOF - 1 - LONG_SETBACK);
    }

    #[test]
    fn one_that_was_interrupted_changes_nothing() {
        let profile = expectant();
        profile.note_cost(run(LIGHT + 1));
        assert_eq!((profile.most.get(), profile.untimed.get()), (2 * LEN, 1), "the next is timed, when its turn comes");
        profile.note_cost(run(1));
        profile.note_cost(run(LIGHT + 1));
        assert_eq!(profile.most.get(), 2 * LEN);
        profile.note_cost(run(LIGHT + 1));
        assert_eq!((profile.most.get(), profile.needed.get()), (0, FIRST_PROOF), "two in a row were not interrupted");
    }

    #[test]
    fn each_surprise_doubles_what_it_takes_to_be_trusted() {
        let profile = expectant();
        let mut needed = FIRST_PROOF;
        for _ in 0..20 {
            profile.note_surprise();
            needed = (2 * needed).min(LONGEST_PROOF);
            assert_eq!((profile.most.get(), profile.needed.get()), (0, needed));
        }
        profile.begin_anew(Site(1));
        assert_eq!(profile.needed.get(), FIRST_PROOF, "that was another loop");
    }

    #[test]
    fn a_crumb_is_one_block_of_a_run_that_is_light() {
        let profile = expectant();
        let cost = profile.cost.get();
        assert_eq!(profile.crumb.get(), cost.items_in(LAST_BLOCK));
        (0..100).for_each(|_| profile.note_cost(run(1)));
        assert_eq!((profile.crumb.get(), profile.most.get()), (2 * LEN, 2 * LEN), "not more than is light");
        profile.note_surprise();
        assert_eq!(profile.crumb.get(), 0);
    }

    #[test]
    fn who_has_waited_for_long_when_a_light_run_ends_shows_a_surprise() {
        let profile = expectant();
        profile.note_ring(0);
        profile.note_ring(LIGHT);
        assert_eq!(profile.most.get(), 2 * LEN, "rung during the run, and heard soon");
        profile.note_ring(LIGHT + 1);
        assert_eq!((profile.most.get(), profile.needed.get()), (0, 2 * FIRST_PROOF));
    }

    #[test]
    fn where_nobody_asks_only_what_is_worth_a_wake_up_is_a_surprise() {
        let profile = expectant();
        (0..3).for_each(|_| profile.note_cost_alone(run(WEIGHTY)));
        assert_eq!(profile.most.get(), 2 * LEN);
        profile.note_cost_alone(Cost { ticks: LIGHT / 5, items: 2 * LEN as u64 });
        assert_eq!(profile.most.get(), 4 * LEN, "it is seen what light ones cost");
        profile.note_cost_alone(run(WEIGHTY + 1));
        assert_eq!((profile.most.get(), profile.needed.get()), (0, 2 * FIRST_PROOF));
    }

    #[test]
    fn many_runs_in_little_time_are_worth_a_watch() {
        let answers = |apart: u64| {
            let profile = Profile::new();
            (0..=u64::from(MANY_ALONE)).map(move |count| profile.comes_often(Ticks::at(count * apart)))
        };
        let apart = OFTEN / u64::from(MANY_ALONE);
        assert_eq!(answers(apart - 1).position(|often| often), Some(MANY_ALONE as usize));
        assert!(!answers(apart + 1).any(|often| often));
    }

    #[test]
    fn runs_are_timed_less_and_less_often() {
        let profile = expectant();
        let mut most = 0;
        for _ in 0..20 {
            profile.note_cost(run(1));
            assert!(profile.untimed.get() >= most);
            most = profile.untimed.get();
        }
        assert_eq!(most, MOST_UNTIMED);
    }

    #[test]
    fn lengths_and_costs_beyond_all_measure_are_borne() {
        let profile = expectant();
        let endless = Cost { ticks: 1, items: u64::MAX };
        (0..3).for_each(|_| profile.note_cost(endless));
        assert!(profile.most.get() >= LEN && profile.blocks.get().next(usize::MAX) <= usize::MAX / 2);
    }

    #[test]
    fn blocks_are_never_empty_and_never_too_long() {
        for blocks in [Blocks { len: 1, last: 1 }, Blocks { len: 7, last: 3 }, Blocks { len: usize::MAX, last: 1 }] {
            let mut left = 1000;
            while left > 0 {
                let next = blocks.next(left);
                assert!((1..=left).contains(&next), "{blocks:?}: {next} of {left}");
                assert!(left <= blocks.last || next <= left / 2, "{blocks:?}: {next} of {left}");
                left -= next;
            }
        }
    }
}
