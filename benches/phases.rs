//! Regions of some tens of microseconds, one after the other, with a serial gap before each: whether the pool's threads
//! are still awake when the next region comes, and what that costs.
//!
//! `cargo bench --bench phases`; with `--strict` a missed bound is an exit code of 1. The times are of a region without its
//! gap. Processor time is that of the whole process without the gaps of the thread that calls; a thread that searches in
//! them is counted. The bounds are those of regions of 4 items of 20 us on two workers, where searches in the gaps count
//! as the gaps' own. OpenMP and `fork_union` are built when the bench begins, where gcc and g++ are.

mod harness;
mod workload;

use std::process::ExitCode;
use std::time::Duration;

use harness::{Bound, Floors, Options, Rival, Standings, Table};
use workload::pools::Pools;
use workload::regions::Regions;
use workload::site::Site;
use workload::spinning::Spinning;

/// The numbers of items of a region, and how long each takes.
const KINDS: [(usize, Duration); 4] = [
    (4, Duration::from_micros(5)),
    (4, Duration::from_micros(20)),
    (4, Duration::from_micros(50)),
    (8, Duration::from_micros(100)),
];

/// The gaps, in microseconds.
const GAPS: [u64; 7] = [0, 5, 20, 50, 100, 200, 500];

/// How long each contest takes.
const BUDGET: Duration = Duration::from_millis(1500);

fn main() -> ExitCode {
    let options = Options::from_args();
    let pools = Pools::each(&options.workers_or([]));
    // To check values, neither a C nor a C++ compiler is started.
    let spinning = if options.measures() { Spinning::all() } else { Vec::new() };
    let mut floors = Floors::watch();
    for site in Site::each(&pools) {
        for (items, each) in KINDS {
            compare(&options, &mut floors, site, &spinning, Regions { items, each, gap: Duration::ZERO });
        }
    }
    rest(&options, &mut floors);
    floors.conclude(&options)
}

/// Prints the table of one kind of region: a row for each gap.
fn compare(options: &Options, floors: &mut Floors, site: Site<'_>, spinning: &[Spinning], regions: Regions) {
    let workers = site.workers();
    let Regions { items, each, .. } = regions;
    let title = format!("regions of {items} items of {each:?}, {site}, {workers} workers");
    let mut rivals = vec![Rival::Plain, Rival::Paceline, Rival::Phased, Rival::Rayon];
    rivals.extend(spinning.iter().map(|library| library.rival));
    let heads = rivals.iter().flat_map(|rival| [format!("{rival}"), "cpu".to_owned()]);
    let heads = ["gap".to_owned()].into_iter().chain(heads);
    let mut table = Table::new(format!("{title}; us a region without its gap"), heads);
    let weights = regions.weights();
    for gap in GAPS.map(Duration::from_micros) {
        let regions = Regions { gap, ..regions };
        let name = format!("{title}, gaps of {gap:?}");
        let mut contest = regions.contest(name, &weights, site, spinning);
        let Some(standings) = options.standings_within(BUDGET, &mut contest) else { continue };
        let of = |rival| Times::of(&standings, rival, workers, gap);
        let cells = rivals.iter().flat_map(|&rival| {
            let Times { wall, processor } = of(rival);
            [format!("{wall:.1}"), processor.map_or_else(|| "–".to_owned(), |time| format!("{time:.1}"))]
        });
        table.push([format!("{gap:?}")].into_iter().chain(cells));
        if workers == 2 && items == 4 && each == Duration::from_micros(20) && gap <= Duration::from_micros(200) {
            for rival in [Rival::Paceline, Rival::Phased] {
                let what = format!("{rival}: {}", standings.title);
                floors.push(&what, of(rival).wall, Bound::AtMost(50.0), "us a region");
                if let (Some(ours), Some(plain)) = (of(rival).processor, of(Rival::Plain).processor) {
                    let beside_gap = ours - gap.as_nanos() as f64 / 1000.0;
                    floors.push(what, beside_gap / plain, Bound::AtMost(1.3), "x plain's processor time");
                }
            }
        }
        table.annotate(standings.note);
    }
    if !table.is_empty() {
        println!("{table}");
    }
}

/// A millisecond after the last region no thread makes a system call.
fn rest(options: &Options, floors: &mut Floors) {
    let title = "a millisecond after the last region";
    if !options.wants(title) {
        return;
    }
    let regions = Regions { items: 4, each: Duration::from_micros(20), gap: Duration::from_micros(50) };
    if let Some(switches) = regions.switches_at_rest(&regions.weights()) {
        floors.push(title, switches as f64, Bound::AtMost(0.0), "times that a thread blocked");
    }
}

/// What a region takes, without the gap before it, in microseconds.
struct Times {
    wall: f64,
    processor: Option<f64>,
}

impl Times {
    fn of(standings: &Standings, rival: Rival, workers: usize, gap: Duration) -> Self {
        let row = standings.row(rival, workers).expect("the contender took part");
        let without_gap = |time: f64| (time - gap.as_nanos() as f64) / 1000.0;
        Times { wall: without_gap(row.wall.median), processor: row.processor.map(without_gap) }
    }
}
