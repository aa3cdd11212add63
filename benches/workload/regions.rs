//! Regions one after the other, with serial work between them: what inference engines, provers and game ticks do.

use std::hint::{black_box, spin_loop};
use std::time::{Duration, Instant};

use super::grind::steps_in;
use super::pools::Pools;
use super::site::Site;
use super::spinning::Spinning;
use super::weights;
use crate::harness::{Contest, Rival, repeat, switches_of_others};

/// One kind of region, and the serial work before each.
#[derive(Clone, Copy)]
pub(crate) struct Regions {
    pub(crate) items: usize,
    pub(crate) each: Duration,
    pub(crate) gap: Duration,
}

impl Regions {
    fn steps(self) -> u32 {
        steps_in(self.each.as_nanos() as f64)
    }

    /// The weights of a region's items, in steps of [`super::grind::grind`].
    pub(crate) fn weights(self) -> Vec<u32> {
        vec![self.steps(); self.items]
    }

    /// A region and the gap before it, again and again; the unit is one of both together.
    pub(crate) fn contest<'a>(
        self,
        title: String,
        weights: &'a [u32],
        site: Site<'a>,
        spinning: &[Spinning],
    ) -> Contest<'a> {
        let mut contest = Contest::new(title, "region", 1);
        let after_gap = move |region: fn(&[u32]) -> u64| {
            move || {
                work_serially(self.gap);
                region(black_box(weights))
            }
        };
        site.enter(&mut contest, after_gap(weights::plain), after_gap(weights::paceline), after_gap(weights::rayon));
        let workers = site.workers();
        let regions = after_gap(weights::paceline);
        contest.enter(Rival::Phased, workers, move |times| match site {
            Site::Main => {
                let _phase = paceline::phase();
                repeat(times, regions)
            }
            Site::Within(Pools { paceline, .. }) => {
                let _phase = paceline.phase();
                paceline.install(|| repeat(times, regions))
            }
        });
        for &library in spinning {
            contest.enter(library.rival, workers, move |times| library.run(times, self, self.steps(), workers));
        }
        contest
    }

    /// How often others than the calling thread went to sleep, by the kernel's count, from a millisecond after the last of
    /// a hundred regions on.
    pub(crate) fn switches_at_rest(self, weights: &[u32]) -> Option<u64> {
        for _ in 0..100 {
            work_serially(self.gap);
            black_box(weights::paceline(black_box(weights)));
        }
        work_serially(Duration::from_millis(1));
        let before = switches_of_others()?;
        work_serially(Duration::from_millis(30));
        Some(switches_of_others()?.saturating_sub(before))
    }
}

/// Keeps the calling thread's processor for that long.
pub(crate) fn work_serially(time: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        spin_loop();
    }
}
