//! Parallel sums inside of loops, serial and parallel: where there is nothing to share they cost little.
//!
//! `cargo bench --bench nested`; with `--strict` a missed bound is an exit code of 1.

mod harness;
mod workload;

use std::process::ExitCode;

use harness::{Bound, Contest, Floors, Lineup, Options, Rival, default_workers};
use workload::nested::{cube, cubes, loops};
use workload::pools::Pools;
use workload::site::Site;

fn main() -> ExitCode {
    let options = Options::from_args();
    let workers = default_workers();
    let pools = Pools::new(workers);
    let cube = cube();
    let mut floors = Floors::watch();
    let mut lineup =
        Lineup::new("one inside the other; the times are of a row of 512 sums, and of a whole cube", "nest");
    let sites = [(Site::Main, "from the main thread"), (Site::Within(&pools), "where all other workers are busy")];
    for (site, place) in sites {
        let contests: [Contest<'_>; 2] = [
            loops(format!("16-item sums in serial loops, {place}"), site),
            cubes(format!("16 x 16 x 16 three deep, {place}"), &cube, site),
        ];
        for mut contest in contests {
            let Some(standings) = options.standings(&mut contest) else {
                continue;
            };
            lineup.push(&standings.title, &standings, workers, None);
            let plain = standings.call(Rival::Paceline, workers) / standings.call(Rival::Plain, workers);
            floors.push(&standings.title, plain, Bound::AtMost(1.2), "x the plain nest's time");
        }
    }
    lineup.print();
    floors.conclude(&options)
}
