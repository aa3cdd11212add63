//! Sums of floats that are equal to the last bit on any number of workers, and what that costs.
//!
//! `cargo bench --bench reproducible` calls from the main thread; `-- --workers 2,4` within pools of those sizes, by
//! `install`. With `--strict` a missed bound is an exit code of 1. rayon's way is chunks whose sums are collected.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Contest, Floors, Lineup, Options, Rival, efficiency};
use workload::grind::steps_in;
use workload::pools::Pools;
use workload::reproduced::{map_contest, sum_contest};
use workload::site::Site;
use workload::skew::Shape;
use workload::weights::attainable;

/// The efficiency in per cent that is promised from this many nanoseconds of the plain loop on.
const PROMISED: (f64, f64) = (85.0, 200_000.0);

/// How many floats are added up.
const FLOATS: [usize; 6] = [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];

/// How many items there are, and how many nanoseconds each takes.
const EVEN: [(usize, f64); 6] =
    [(256, 20_000.0), (1000, 1000.0), (4096, 500.0), (10_000, 100.0), (100_000, 100.0), (1_000_000, 100.0)];

/// How many items there are of uneven weight.
const UNEVEN: usize = 4096;

fn main() -> ExitCode {
    let options = Options::from_args();
    let pools = Pools::each(&options.workers_or([]));
    let ease = options.sized(1.0, 2.0, 100.0);
    let mut floors = Floors::watch();
    for site in Site::each(&pools) {
        let mut rows = Rows { options: &options, floors: &mut floors, site };
        let mut lineup = Lineup::new(format!("deterministic sums of f64, {site}"), "items");
        for len in FLOATS.into_iter().filter(|&len| len <= options.sized(usize::MAX, 1_000_000, 1000)) {
            let items: Vec<f64> = (0..len).map(|place| (place % 1000) as f64).collect();
            let title = format!("deterministic sum of {len} f64, {site}");
            rows.add(&mut lineup, len.to_string(), sum_contest(title, &items, site), 1.0, true);
        }
        lineup.print();
        let mut lineup = Lineup::new(format!("deterministic sums of a map, {site}"), "items");
        for (len, nanoseconds) in EVEN {
            let weights = vec![steps_in(nanoseconds / ease); len];
            let case = format!("{len} of {nanoseconds} ns");
            let title = format!("deterministic sum of {case}, {site}");
            rows.add(&mut lineup, case, map_contest(title, &weights, site), 1.0, true);
        }
        for shape in Shape::ALL {
            let weights = shape.weights(UNEVEN, 200.0, ease);
            let title = format!("deterministic sum of {UNEVEN}, {}, {site}", shape.words());
            let attainable = attainable(&weights, site.workers());
            // Eight neighbours lie in one leaf, unless `with_max_len` asks for shorter ones.
            let is_promised = !matches!(shape, Shape::Last8);
            let contest = map_contest(title, &weights, site);
            rows.add(&mut lineup, shape.words().to_string(), contest, attainable, is_promised);
        }
        lineup.print();
    }
    floors.conclude(&options)
}

struct Rows<'b> {
    options: &'b Options,
    floors: &'b mut Floors,
    site: Site<'b>,
}

impl Rows<'_> {
    /// Measures a contest, and adds a row, and a promise if there is one.
    fn add(&mut self, lineup: &mut Lineup, case: String, mut contest: Contest<'_>, attainable: f64, is_promised: bool) {
        let Some(standings) = self.options.standings_within(Duration::from_secs(1), &mut contest) else {
            return;
        };
        let (least, enough) = PROMISED;
        let workers = self.site.workers();
        let is_enough = standings.call(Rival::Plain, workers) >= enough;
        lineup.push(case, &standings, workers, is_enough.then_some(attainable));
        if is_enough && is_promised {
            let share = efficiency(&standings, Rival::Paceline, workers, attainable).expect("both took part");
            self.floors.push(standings.title, 100.0 * share, Bound::AtLeast(least), "% efficiency");
        }
    }
}
