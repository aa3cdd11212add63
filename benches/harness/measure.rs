//! Measuring in turn: A B C A B C …, a burst of each.
//!
//! A processor that has rested needs up to milliseconds to come back, and a pool that comes after another meets the other's
//! threads on their way to sleep. So every contender runs in bursts whose first sample is dropped, and a contender's
//! bursts are spread over the whole time so that a slow phase of the machine falls on all.

use std::time::Duration;

use super::clock::Stopwatch;
use super::contest::{Contender, Contest, Rival};
use super::neighbours::Neighbours;
use super::quantile::Quartiles;

/// How long a sample should take: much longer than a handover to a pool, short enough to take turns often.
const SAMPLE: Duration = Duration::from_millis(12);

/// Samples of a burst that count, where a single call is no longer than a sample.
const KEPT: usize = 2;

/// How long a contest takes unless told otherwise, within the limits on its rounds.
pub(super) const BUDGET: Duration = Duration::from_secs(5);

/// The fewest and the most rounds.
const ROUNDS: (usize, usize) = (5, 25);

/// How a contender's burst looks.
struct Pace {
    iterations: u64,
    kept: usize,
    burst: Duration,
}

/// What was measured of one contender, in nanoseconds per unit.
pub(crate) struct Measured {
    pub(crate) rival: Rival,
    pub(crate) workers: usize,
    pub(crate) wall: Quartiles,
    pub(crate) processor: Option<f64>,
}

/// What was measured in one contest.
pub(crate) struct Standings {
    pub(crate) title: String,
    pub(crate) unit: &'static str,
    pub(crate) units: u64,
    pub(crate) rows: Vec<Measured>,
    /// What else ran meanwhile, if it was much.
    pub(crate) note: Option<String>,
}

impl Standings {
    /// What was measured of a contender, if it took part. The plain one counts for every number of workers.
    pub(crate) fn row(&self, rival: Rival, workers: usize) -> Option<&Measured> {
        self.rows.iter().find(|row| row.rival == rival && (row.workers == workers || rival == Rival::Plain))
    }

    /// The median time per unit of a contender, if it took part. The plain one counts for every number of workers.
    pub(crate) fn median(&self, rival: Rival, workers: usize) -> Option<f64> {
        Some(self.row(rival, workers)?.wall.median)
    }

    /// The median time of a whole call of a contender, in nanoseconds.
    pub(crate) fn call(&self, rival: Rival, workers: usize) -> f64 {
        self.median(rival, workers).expect("the contender took part") * self.units as f64
    }
}

/// The samples of one contender so far, in nanoseconds per unit.
#[derive(Default)]
struct Samples {
    wall: Vec<f64>,
    processor: Vec<f64>,
}

impl Contest<'_> {
    /// Checks the contenders' values, then measures them in turn.
    pub(crate) fn measure(&mut self) -> Standings {
        self.measure_within(BUDGET)
    }

    /// The same in about that time; a few rounds take place however short it is.
    pub(crate) fn measure_within(&mut self, budget: Duration) -> Standings {
        self.agree();
        let paces: Vec<Pace> = self.contenders.iter_mut().map(calibrate).collect();
        let round: Duration = paces.iter().map(|pace| pace.burst).sum();
        let fitting = budget.as_nanos() / round.as_nanos().max(1);
        let rounds = usize::try_from(fitting).map_or(ROUNDS.1, |n| n.clamp(ROUNDS.0, ROUNDS.1));
        let neighbours = Neighbours::watch();
        let mut samples: Vec<Samples> = paces.iter().map(|_| Samples::default()).collect();
        for _ in 0..rounds {
            for ((contender, pace), samples) in self.contenders.iter_mut().zip(&paces).zip(&mut samples) {
                burst(contender, pace, self.units, samples);
            }
        }
        let rows = self.contenders.iter().zip(samples).map(measured).collect();
        Standings { title: self.title.clone(), unit: self.unit, units: self.units, rows, note: neighbours.note() }
    }
}

/// Wall and processor time of a sample, less its preparations.
fn timed(contender: &mut Contender<'_>, iterations: u64) -> (Duration, Option<Duration>) {
    let mut watch = Stopwatch::start();
    (contender.sample)(iterations, &mut watch);
    watch.read()
}

/// Runs one burst of a contender and keeps all but its first sample.
fn burst(contender: &mut Contender<'_>, pace: &Pace, units: u64, samples: &mut Samples) {
    timed(contender, pace.iterations);
    let units = (pace.iterations * units) as f64;
    for _ in 0..pace.kept {
        let (wall, processor) = timed(contender, pace.iterations);
        samples.wall.push(wall.as_nanos() as f64 / units);
        let per_unit = processor.map(|time| time.as_nanos() as f64 / units);
        samples.processor.extend(per_unit);
    }
}

/// Finds out how many calls make a sample.
fn calibrate(contender: &mut Contender<'_>) -> Pace {
    if contender.singly {
        let watch = Stopwatch::start();
        timed(contender, 1);
        return Pace { iterations: 1, kept: KEPT, burst: watch.read().0.mul_f64(1.0 + KEPT as f64) };
    }
    let mut iterations = 1;
    loop {
        let elapsed = quicker_of_two(contender, iterations);
        if elapsed * 4 >= SAMPLE {
            let scale = SAMPLE.as_secs_f64() / elapsed.as_secs_f64();
            let scaled = (iterations as f64 * scale).round().max(1.0);
            let sample = elapsed.mul_f64(scaled / iterations as f64);
            let kept = if sample > 2 * SAMPLE { 1 } else { KEPT };
            return Pace { iterations: scaled as u64, kept, burst: sample.mul_f64(1.0 + kept as f64) };
        }
        iterations *= 2;
    }
}

/// A single timing may have met a rested processor.
fn quicker_of_two(contender: &mut Contender<'_>, iterations: u64) -> Duration {
    let first = timed(contender, iterations).0;
    first.min(timed(contender, iterations).0)
}

fn measured((contender, mut samples): (&Contender<'_>, Samples)) -> Measured {
    let processor = (!samples.processor.is_empty()).then(|| Quartiles::of(&mut samples.processor).median);
    Measured { rival: contender.rival, workers: contender.workers, wall: Quartiles::of(&mut samples.wall), processor }
}
