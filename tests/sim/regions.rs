//! Regions one after the other, with serial work between them, in virtual time.

use crate::completed;
use paceline::prelude::*;
use paceline::sim::{self, Config, Counts, Schedule};
use std::sync::{Arc, Mutex};

const US: u64 = 1_000;

/// Items of that length in a region: one for each core, and as many again.
const ITEM: u64 = 20 * US;

/// The ideal time of a region.
const IDEAL: u64 = 2 * ITEM;

/// What regions with a gap before each took.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    /// The longest of the last ten, in nanoseconds.
    longest: u64,
    /// The counts of those ten and their gaps.
    counts: Counts,
    /// The counts of ten milliseconds that begin a millisecond after the last.
    at_rest: Counts,
}

fn regions(cores: usize, gap: u64, is_in_phase: bool) -> Found {
    regions_of(cores, cores, gap, is_in_phase)
}

/// By a pool of so many workers.
fn regions_of(cores: usize, workers: usize, gap: u64, is_in_phase: bool) -> Found {
    let found = Arc::new(Mutex::new(Found::default()));
    let finds = Arc::clone(&found);
    completed(Config::new(1, cores).schedule(Schedule::Discrete), move || {
        paceline::ThreadPoolBuilder::new().num_threads(workers).build_global().unwrap();
        let phase = is_in_phase.then(paceline::phase);
        let region = || {
            sim::work(gap);
            let begun = sim::now();
            (0..2 * workers).into_par_iter().for_each(|_| sim::work(ITEM));
            sim::now() - begun
        };
        (0..10).for_each(|_| _ = region());
        let before = sim::counts();
        let longest = (0..10).map(|_| region()).max().expect("there are ten");
        let counts = sim::counts() - before;
        drop(phase);
        sim::work(1_000 * US);
        let before = sim::counts();
        sim::work(10_000 * US);
        *finds.lock().unwrap() = Found { longest, counts, at_rest: sim::counts() - before };
    });
    *found.lock().unwrap()
}

/// A worker that has found work after a short gap is there when the next region begins. On more cores half of the workers
/// are, and wake the others.
#[test]
fn workers_search_through_short_gaps() {
    for gap in [5, 20, 50, 100, 200] {
        let found = regions(2, gap * US, false);
        assert!(found.longest < IDEAL + 3 * US, "gap {gap} us: {found:?}");
        assert_eq!(found.counts.wake_ups, 0, "gap {gap} us: {found:?}");
    }
}

/// On a single core a search would only delay the gap.
#[test]
fn on_one_core_no_worker_searches_for_long() {
    let of = |is_in_phase| regions_of(1, 2, 100 * US, is_in_phase).counts;
    for counts in [of(false), of(true)] {
        assert!(counts.now < 10 * (100 * US + 4 * ITEM + 30 * US), "{counts:?}");
    }
}

/// In longer gaps they sleep, and use no processor.
#[test]
fn workers_sleep_in_long_gaps() {
    let found = regions(2, 2_000 * US, false);
    assert!(found.longest > IDEAL + 3 * US, "{found:?}");
    assert!(found.counts.busy_ns < 10 * (2_000 * US + 4 * ITEM) * 21 / 20, "{found:?}");
}

/// In a phase all are there, also after gaps in which they would sleep else. On more cores the items do not always come
/// out even, and then a thread may sleep until the last is done.
#[test]
fn in_a_phase_workers_search_through_longer_gaps() {
    let found = regions(2, 900 * US, true);
    assert!(found.longest < IDEAL + 3 * US, "{found:?}");
    assert_eq!(found.counts.wake_ups, 0, "{found:?}");

    let found = regions(8, 900 * US, true);
    assert!(found.longest < 2 * IDEAL, "{found:?}");
    assert!(found.counts.wake_ups < 10, "{found:?}");
    let without = regions(8, 900 * US, false);
    assert!(without.longest > found.longest && without.counts.wake_ups >= 10, "{without:?}");
}

/// A millisecond after the last region only the program's own thread uses a processor.
#[test]
fn workers_are_at_rest_a_millisecond_after_the_last_region() {
    for is_in_phase in [false, true] {
        for cores in [2, 8] {
            let Counts { busy_ns, work_ns, wake_ups, .. } = regions(cores, 50 * US, is_in_phase).at_rest;
            assert_eq!((busy_ns - work_ns, wake_ups), (0, 0), "{cores} cores, phase: {is_in_phase}");
        }
    }
}
