//! Scans in place, and what removes repeated neighbours: sharing pays or costs nothing.
//!
//! `cargo bench --bench scan` calls from the main thread; `-- --workers 2,4` within pools of those sizes, by `install`. A
//! scan that is shared combines nearly every item twice, but for the first worker's, so w workers can be at most
//! w / (2 - 1 / w) times as fast as one, where the operation is what takes time: it is of this that the efficiency is a
//! share. With `--strict` a missed bound is an exit code of 1.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Lineup, Options, Rival};
use workload::pools::Pools;
use workload::scanned::{self, Heavy, Item, Work};
use workload::site::Site;

/// Numbers of items.
const ITEMS: [usize; 6] = [100, 1000, 10_000, 100_000, 1_000_000, 8_000_000];

/// Where the operation takes a hundred nanoseconds, no more than this.
const MOST_HEAVY: usize = 100_000;

fn main() -> ExitCode {
    let options = Options::from_args();
    let pools = Pools::each(&options.workers_or([]));
    let mut floors = Floors::watch();
    for site in Site::each(&pools) {
        let mut bench = Bench { options: &options, floors: &mut floors, site };
        bench.scans("u64, added", |place| place as u64, usize::MAX);
        bench.scans("f64, added", |place| (place % 1000) as f64, usize::MAX);
        bench.scans("100 ns each", |place| Heavy(place as u64), MOST_HEAVY);
        bench.dedups();
    }
    floors.conclude(&options)
}

struct Bench<'b> {
    options: &'b Options,
    floors: &'b mut Floors,
    site: Site<'b>,
}

impl Bench<'_> {
    fn scans<T: Item>(&mut self, what: &str, item: fn(usize) -> T, most: usize) {
        let inclusive: [Work<T>; 3] = [scanned::inclusive, scanned::paceline::inclusive, scanned::rayon::inclusive];
        let exclusive: [Work<T>; 3] = [scanned::exclusive, scanned::paceline::exclusive, scanned::rayon::exclusive];
        for (name, works) in [("inclusive", inclusive), ("exclusive", exclusive)] {
            let mut lineup = Lineup::new(format!("{name} scan of {what}, {}", self.site), "items");
            for len in self.lens().filter(|&len| len <= most) {
                let items: Vec<T> = (0..len).map(item).collect();
                let title = format!("{name} scan of {len} {what}, {}", self.site);
                let mut contest = scanned::contest(title, &items, works, self.site);
                if let Some(standings) = self.options.standings_within(Duration::from_secs(1), &mut contest) {
                    let workers = self.site.workers();
                    let attainable = (len >= MOST_HEAVY).then_some(1.0 / (2.0 - 1.0 / workers as f64));
                    lineup.push(len.to_string(), &standings, workers, attainable);
                    let call = |rival| standings.call(rival, workers);
                    let most = Bound::AtMost(1.15 * call(Rival::Plain) + 300.0);
                    let what = format!("{}, against 1.15 plain loops and 300 ns", standings.title);
                    self.floors.push(what, call(Rival::Paceline), most, "ns");
                }
            }
            lineup.print();
        }
    }

    fn dedups(&mut self) {
        let mut lineup = Lineup::new(format!("par_dedup of u64, runs of four, {}", self.site), "items");
        for len in self.lens() {
            let items = scanned::runs(len);
            let title = format!("par_dedup of {len} u64, {}", self.site);
            let mut contest = scanned::dedup_contest(title, &items, self.site);
            if let Some(standings) = self.options.standings_within(Duration::from_secs(1), &mut contest) {
                lineup.push(len.to_string(), &standings, self.site.workers(), None);
            }
        }
        lineup.print();
    }

    fn lens(&self) -> impl Iterator<Item = usize> + use<> {
        let most = self.options.sized(usize::MAX, 1_000_000, 1000);
        ITEMS.into_iter().filter(move |&len| len <= most)
    }
}
