//! Processor time of pools that have nothing to do, or an empty task now and then.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::fib;
use super::outside::{Spawner, spawners};
use super::pools::Pools;
use crate::harness::{Rival, processor_time};

/// How long a pool works before it rests.
const BURST: Duration = Duration::from_millis(50);

/// How long a pool gets to fall asleep before it is measured again.
const SETTLE: Duration = Duration::from_millis(20);

/// The turns that the spaced spawns are cut into, so that a noisy phase of the machine falls on all contenders.
const TURNS: usize = 4;

/// Processor time that one contender used, where the system tells.
pub(crate) struct Rest {
    pub(crate) rival: Rival,
    /// While it fell asleep after work and for the rest of the time given.
    pub(crate) after_work: Option<Duration>,
    /// For as long again.
    pub(crate) asleep: Option<Duration>,
}

/// Lets each pool work for a moment, then measures it at rest; the plain contender has no pool at all.
pub(crate) fn at_rest(pools: &Pools, span: Duration) -> Vec<Rest> {
    let burst = |rival| match rival {
        Rival::Plain => fib::plain(20),
        Rival::Paceline => pools.paceline.install(|| fib::paceline(20)),
        Rival::Rayon => pools.rayon.install(|| fib::rayon(20)),
        Rival::Chili => fib::chili(&mut pools.chili.scope(), 20),
    };
    let measure = |rival| {
        let start = Instant::now();
        while start.elapsed() < BURST {
            assert_eq!(burst(rival), 6765);
        }
        let rest = || processor_time_of(|| thread::sleep(span));
        Rest { rival, after_work: rest(), asleep: rest() }
    };
    [Rival::Plain, Rival::Paceline, Rival::Rayon, Rival::Chili].map(measure).into()
}

/// The processor time of that many empty spawns a millisecond apart, for each contender.
pub(crate) fn spaced_spawns(pools: &Pools, spawns: usize) -> Vec<(Rival, Option<Duration>)> {
    let spawners = spawners(pools);
    let mut used = spawners.each_ref().map(|_| Some(Duration::ZERO));
    for _ in 0..TURNS {
        for (spawner, used) in spawners.iter().zip(&mut used) {
            let turn = spawn_spaced(spawner, spawns / TURNS);
            *used = used.zip(turn).map(|(used, turn)| used + turn);
        }
    }
    spawners.iter().map(|spawner| spawner.rival).zip(used).collect()
}

/// One turn, its falling asleep included.
fn spawn_spaced(spawner: &Spawner<'_>, spawns: usize) -> Option<Duration> {
    let run = Arc::new(AtomicUsize::new(0));
    let used = processor_time_of(|| {
        for _ in 0..spawns {
            let run = Arc::clone(&run);
            (spawner.spawn)(Box::new(move || {
                run.fetch_add(1, Ordering::Relaxed);
            }));
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(SETTLE);
    });
    while run.load(Ordering::Relaxed) < spawns {
        thread::yield_now();
    }
    used
}

/// Processor time of the whole process while `span` runs.
fn processor_time_of(span: impl FnOnce()) -> Option<Duration> {
    let start = processor_time();
    span();
    let end = processor_time();
    Some(end?.saturating_sub(start?))
}
