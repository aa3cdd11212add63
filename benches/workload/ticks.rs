//! Ticks, as in a game or a server: a dozen bursts of short jobs between serial stretches, then a pause.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use super::grind::grind;
use crate::harness::processor_time;

/// Bursts in a tick.
const BURSTS: usize = 12;

/// Jobs in a burst, each of some two microseconds.
const JOBS: [u32; 36] = [1200; 36];

/// Steps of the serial stretch after each burst: some 200 microseconds.
const STRETCH: u32 = 120_000;

/// The pause after each tick.
const PAUSE: Duration = Duration::from_millis(3);

/// What a number of ticks took.
pub(crate) struct Cost {
    /// Wall time within the bursts.
    pub(crate) bursts: Duration,
    /// Processor time of everything, pauses included.
    pub(crate) processor: Option<Duration>,
}

/// Runs that many ticks after a first one that does not count; `map` does the jobs of a burst.
pub(crate) fn run(ticks: usize, map: fn(&[u32]) -> u64) -> Cost {
    tick(map);
    let start = processor_time();
    let bursts = (0..ticks).map(|_| tick(map)).sum();
    let processor = processor_time().zip(start).map(|(end, start)| end.saturating_sub(start));
    Cost { bursts, processor }
}

/// The bursts of `ticks` ticks.
pub(crate) fn bursts(ticks: usize) -> usize {
    ticks * BURSTS
}

/// The wall time within the bursts of one tick.
fn tick(map: fn(&[u32]) -> u64) -> Duration {
    let mut bursts = Duration::ZERO;
    for _ in 0..BURSTS {
        let start = Instant::now();
        black_box(map(black_box(&JOBS)));
        bursts += start.elapsed();
        black_box(grind(black_box(1), STRETCH));
    }
    thread::sleep(PAUSE);
    bursts
}
