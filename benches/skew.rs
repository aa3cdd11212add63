//! Items of very uneven weight: all workers are busy until the end, wherever the weight is.
//!
//! `cargo bench --bench skew` calls from the main thread; `-- --workers 2,3,6` within pools of those sizes, by `install`.
//! With `--strict` a missed bound is an exit code of 1.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Lineup, Options, Rival, efficiency};
use workload::pools::Pools;
use workload::site::Site;
use workload::skew::Shape;
use workload::weights::{attainable, contest};

/// Nanoseconds of a light item, and the efficiency in per cent that is promised beside heavy items of 200,000.
const LIGHT: [(f64, f64); 2] = [(200.0, 93.0), (1.0, 75.0)];

/// How many items there are.
const ITEMS: usize = 4096;

fn main() -> ExitCode {
    let options = Options::from_args();
    let pools = Pools::each(&options.workers_or([]));
    let ease = options.sized(1.0, 2.0, 100.0);
    let mut floors = Floors::watch();
    for site in Site::each(&pools) {
        for (light, least) in LIGHT {
            let heavy = 200.0 / ease;
            let title = format!("{ITEMS} items, heavy ones of {heavy} us, light ones of {light} ns, {site}");
            let mut lineup = Lineup::new(title, "shape");
            for shape in Shape::ALL {
                if light < 2.0 && matches!(shape, Shape::Growing) {
                    continue;
                }
                let weights = shape.weights(ITEMS, light, ease);
                let title = format!("{}, light ones of {light} ns, {site}", shape.words());
                let mut contest = contest(title, &weights, site);
                let Some(standings) = options.standings_within(Duration::from_secs(4), &mut contest) else {
                    continue;
                };
                let workers = site.workers();
                let attainable = attainable(&weights, workers);
                lineup.push(shape.words(), &standings, workers, Some(attainable));
                let percent =
                    |rival| 100.0 * efficiency(&standings, rival, workers, attainable).expect("both took part");
                floors.push(
                    format!("{}, rayon's efficiency being {:.0} %", standings.title, percent(Rival::Rayon)),
                    percent(Rival::Paceline),
                    Bound::AtLeast(least),
                    "% efficiency",
                );
            }
            lineup.print();
        }
    }
    floors.conclude(&options)
}
