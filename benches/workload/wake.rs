//! From a spawn by an outside thread to the first instruction of the task, in a pool that sleeps.

use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use super::outside::{Spawner, spawners};
use super::pools::Pools;
use crate::harness::{Neighbours, Rival, Table, quantile, time};

/// How long a pool rests before each try: far longer than any pool keeps looking for work.
const REST: Duration = Duration::from_millis(20);

/// A spawn that takes longer than this to begin is lost.
const LOST: Duration = Duration::from_secs(60);

/// The latencies of one contender, in nanoseconds.
pub(crate) struct Latency {
    pub(crate) rival: Rival,
    pub(crate) workers: usize,
    pub(crate) median: f64,
    pub(crate) ninetieth: f64,
}

/// Wakes each contender that many times, in turn.
pub(crate) fn latencies(pools: &Pools, tries: usize) -> Vec<Latency> {
    let spawners = spawners(pools);
    let mut samples = spawners.each_ref().map(|_| Vec::with_capacity(tries));
    for _ in 0..tries {
        for (spawner, samples) in spawners.iter().zip(&mut samples) {
            samples.push(wake(spawner).as_nanos() as f64);
        }
    }
    let latency = |(spawner, mut samples): (&Spawner<'_>, Vec<f64>)| Latency {
        rival: spawner.rival,
        workers: spawner.workers,
        median: quantile(&mut samples, 0.5),
        ninetieth: quantile(&mut samples, 0.9),
    };
    spawners.iter().zip(samples).map(latency).collect()
}

/// Lets the pool rest, then measures one spawn.
fn wake(spawner: &Spawner<'_>) -> Duration {
    thread::sleep(REST);
    let (sender, receiver) = channel();
    let spawned = Instant::now();
    (spawner.spawn)(Box::new(move || {
        sender.send(Instant::now()).expect("the spawner waits");
    }));
    let begun = receiver.recv_timeout(LOST).expect("the task begins");
    begun.duration_since(spawned)
}

/// The table of the latencies in pools of each size.
pub(crate) fn table(pools: &[Pools], tries: usize) -> Table {
    let title = format!("from a spawn outside to its start in a sleeping pool, {tries} tries");
    let neighbours = Neighbours::watch();
    let heads = ["contender", "workers", "median ns", "90th percentile ns"];
    let mut table = Table::new(title, heads);
    for latency in pools.iter().flat_map(|pools| latencies(pools, tries)) {
        table.push([
            latency.rival.to_string(),
            latency.workers.to_string(),
            time(latency.median),
            time(latency.ninetieth),
        ]);
    }
    table.annotate(neighbours.note());
    table
}
