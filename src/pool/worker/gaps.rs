//! Gaps: how long a worker was idle between two regions of work, and whether it should search through the next one.
//!
//! Programs run one region after the other, with serial work between them. A worker that sleeps in such a gap comes too
//! late for the next region. One that searches is there at once, and uses a processor meanwhile. So a worker searches
//! through a gap if the one before was short, and short beside the work that followed it. Of work that it came to late,
//! because it had slept, it got a part only, or none. So then it tries: it searches through one gap, however little that
//! work was.

use crate::pool::tuning::{GAP_OF_WORKED, GAPS_SLEPT, LONGEST_GAP};
use crate::sync::ticks::Ticks;
use std::mem;
use std::time::Duration;

/// The gaps of a worker so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gaps {
    /// When the worker last found work after it had been idle.
    resumed_at: Ticks,
    /// The length of the last one.
    last: Duration,
    /// True if the worker slept in it.
    slept: bool,
    /// How long it had worked before that.
    worked: Duration,
    /// True if the worker searches through the gap that has begun to see what work follows.
    tries: bool,
    /// In how many gaps it sleeps before it tries again.
    until_trial: u32,
}

impl Gaps {
    /// Of a worker that has not worked.
    pub(crate) const NONE: Gaps = Gaps {
        resumed_at: Ticks::ZERO,
        last: Duration::MAX,
        slept: true,
        worked: Duration::ZERO,
        tries: false,
        until_trial: 0,
    };

    /// The worker has work again.
    pub(super) fn resume(self) -> Self {
        Gaps { resumed_at: Ticks::now(), ..self }
    }

    /// How long it has worked since.
    pub(super) fn worked(&self) -> Duration {
        self.resumed_at.elapsed()
    }

    /// A gap begins, after work that took `worked`. Returns how long to search in it.
    fn begin(&mut self, worked: Duration) -> Duration {
        // Its share of one region may be smaller than usual by chance.
        let usual = worked.max(mem::replace(&mut self.worked, worked));
        let justified = usual.saturating_mul(GAP_OF_WORKED).min(LONGEST_GAP);
        if self.last > LONGEST_GAP {
            return Duration::ZERO;
        }
        if self.slept {
            self.tries = self.until_trial == 0;
            self.until_trial = self.until_trial.saturating_sub(1);
            if self.tries {
                return LONGEST_GAP;
            }
        } else if justified < self.last {
            self.until_trial = GAPS_SLEPT;
        }
        justified
    }

    /// The gap ends.
    fn end(&mut self, length: Duration, slept: bool) {
        if mem::take(&mut self.tries) && slept {
            self.until_trial = GAPS_SLEPT;
        }
        (self.last, self.slept) = (length, slept);
    }
}

/// A gap that has begun. All times are since its begin, by clocks that may go back a little.
#[derive(Debug)]
pub(super) struct OpenGap {
    /// With this gap, and those that ended within it.
    gaps: Gaps,
    /// When the last gap within it ended: the worker was woken, and came too late.
    missed: Duration,
    /// When the worker woke up last.
    woke: Option<Duration>,
    /// How long to search.
    search_time: Duration,
}

impl OpenGap {
    /// After work that took `worked`.
    pub(super) fn new(mut gaps: Gaps, worked: Duration) -> Self {
        let search_time = gaps.begin(worked);
        OpenGap { gaps, missed: Duration::ZERO, woke: None, search_time }
    }

    /// How long to search now, since the gap began or the worker woke up.
    pub(super) fn search_time(&self) -> Duration {
        self.search_time
    }

    /// The worker wakes up. If it finds no work soon, it has missed some.
    pub(super) fn wakes_up(&mut self, now: Duration) {
        if let Some(woke) = self.woke.replace(now) {
            self.misses(woke);
        }
        let mut gaps = self.gaps;
        gaps.end(now.saturating_sub(self.missed), true);
        self.search_time = gaps.begin(Duration::ZERO);
    }

    fn misses(&mut self, woke: Duration) {
        self.gaps.end(woke.saturating_sub(self.missed), true);
        self.gaps.begin(Duration::ZERO);
        self.missed = woke;
    }

    /// The worker has found work. If it has just woken up, not longer than `soon` ago, the work is what it was woken for.
    pub(super) fn end(&mut self, now: Duration, soon: Duration) -> Gaps {
        let slept = self.woke.is_some_and(|woke| now.saturating_sub(woke) <= soon);
        if let Some(woke) = self.woke.filter(|_| !slept) {
            self.misses(woke);
        }
        self.gaps.end(now.saturating_sub(self.missed), slept);
        self.gaps
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Gaps, OpenGap};
    use crate::pool::tuning::{GAP_OF_WORKED, GAPS_SLEPT, LONGEST_GAP, SHORTEST_SEARCH};
    use std::time::Duration;

    fn short() -> Duration {
        LONGEST_GAP / 2
    }

    fn long() -> Duration {
        LONGEST_GAP * 10
    }

    fn tiny() -> Duration {
        LONGEST_GAP / 300
    }

    fn after(last: Duration, slept: bool) -> Gaps {
        let mut gaps = Gaps::NONE;
        gaps.end(last, slept);
        gaps
    }

    #[test]
    fn a_long_gap_is_slept_in() {
        assert_eq!(OpenGap::new(Gaps::NONE, long()).search_time(), Duration::ZERO);
        assert_eq!(OpenGap::new(after(long(), true), long()).search_time(), Duration::ZERO);
    }

    #[test]
    fn a_worker_that_came_late_searches_through_the_next_gap() {
        let mut gap = OpenGap::new(after(short(), true), tiny());
        assert_eq!(gap.search_time(), LONGEST_GAP);
        // It was there in time, and the work was worth it.
        let worked = short() / GAP_OF_WORKED;
        let mut gap = OpenGap::new(gap.end(short(), SHORTEST_SEARCH), worked);
        assert_eq!(gap.search_time(), worked * GAP_OF_WORKED);
        // A smaller share follows.
        let gap = OpenGap::new(gap.end(short(), SHORTEST_SEARCH), tiny());
        assert_eq!(gap.search_time(), worked * GAP_OF_WORKED);
    }

    #[test]
    fn a_worker_that_was_woken_in_vain_searches_through_the_next_gap() {
        let mut gap = OpenGap::new(Gaps::NONE, tiny());
        gap.wakes_up(long());
        assert_eq!(gap.search_time(), Duration::ZERO, "that was a long gap");
        gap.wakes_up(long() + short());
        assert_eq!(gap.search_time(), LONGEST_GAP);
        let gaps = gap.end(long() + 2 * short(), SHORTEST_SEARCH);
        assert_eq!((gaps.last, gaps.slept), (short(), false));
    }

    #[test]
    fn work_that_a_worker_was_woken_for_ends_a_gap_in_which_it_slept() {
        let mut gap = OpenGap::new(Gaps::NONE, tiny());
        gap.wakes_up(short());
        let gaps = gap.end(short() + SHORTEST_SEARCH, SHORTEST_SEARCH);
        assert_eq!((gaps.last, gaps.slept), (short() + SHORTEST_SEARCH, true));
    }

    /// Tiny jobs with gaps between them, or a worker that is woken in vain again and again: it searches through one gap
    /// of many.
    #[test]
    fn gaps_beside_little_work_are_slept_in() {
        let rounds = 10 * (GAPS_SLEPT + 2);
        let (mut gaps, mut searched) = (after(short(), true), 0);
        for _ in 0..rounds {
            let mut gap = OpenGap::new(gaps, tiny());
            if gap.search_time() > short() {
                searched += 1;
            } else {
                gap.wakes_up(short());
            }
            gaps = gap.end(short(), SHORTEST_SEARCH);
        }
        assert_eq!(searched, rounds / (GAPS_SLEPT + 2));

        let (mut gap, mut searched) = (OpenGap::new(Gaps::NONE, tiny()), 0);
        for round in 1..=rounds {
            gap.wakes_up(round * short());
            searched += u32::from(gap.search_time() > Duration::ZERO);
        }
        assert_eq!(searched, rounds.div_ceil(GAPS_SLEPT + 1));
    }
}
