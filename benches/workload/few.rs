//! A few long items: the calls of which each wasted wait is seen.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use super::{small_sum, weights};
use crate::harness::{Contest, Rival, Stopwatch, default_workers, repeat};

/// How long everything rests where calls come after a rest.
const REST: Duration = Duration::from_millis(30);

/// Tiny calls before each call where it comes in the middle of them.
const TINY_CALLS: u64 = 2000;

/// What comes before each call.
#[derive(Clone, Copy)]
pub(crate) enum Before {
    /// Another such call.
    Alike,
    /// Thousands of tiny calls.
    Tiny,
    /// Nothing at all for a while.
    Rest,
}

impl Before {
    pub(crate) const ALL: [Self; 3] = [Self::Alike, Self::Tiny, Self::Rest];

    /// The words for titles.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Alike => "in a burst of them",
            Self::Tiny => "amid tiny calls",
            Self::Rest => "after 30 ms of rest",
        }
    }

    fn lead(self, rival: Rival) {
        match self {
            Self::Alike => {}
            Self::Tiny => {
                let sum = small_sum::of(rival);
                repeat(TINY_CALLS, || sum(black_box(&[1, 2, 3, 4, 5, 6, 7, 8])));
            }
            Self::Rest => thread::sleep(REST),
        }
    }
}

/// One call over the items, from the main thread. The plain loop always comes in bursts: it is the measure.
pub(crate) fn contest(title: String, items: &[u32], before: Before) -> Contest<'_> {
    let mut contest = Contest::new(title, "call", 1);
    contest.enter(Rival::Plain, 1, move |times| repeat(times, || weights::plain(black_box(items))));
    let workers = default_workers();
    for rival in [Rival::Paceline, Rival::Rayon] {
        let call = weights::of(rival);
        let prepared = move |times, watch: &mut Stopwatch| {
            before.lead(rival);
            watch.restart();
            repeat(times, || call(black_box(items)))
        };
        let contender = contest.enter_prepared(rival, workers, prepared);
        if !matches!(before, Before::Alike) {
            contender.singly();
        }
    }
    contest
}
