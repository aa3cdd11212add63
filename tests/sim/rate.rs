//! How fast the machine is: printed, and not asserted.

use crate::completed;
use paceline::sim::{self, Config, Schedule};
use std::time::Instant;

#[test]
fn points_per_second() {
    for (cores, schedule) in [
        (1, Schedule::Uniform),
        (8, Schedule::Uniform),
        (8, Schedule::Pct { depth: 3, length: 100_000 }),
        (8, Schedule::Discrete),
        (256, Schedule::Discrete),
    ] {
        let begun = Instant::now();
        let (mut steps, mut switches) = (0, 0);
        for seed in 0..if cfg!(debug_assertions) { 1 } else { 5 } {
            let report = completed(Config::new(seed, cores).schedule(schedule), || {
                let sum = (0..500_u64).map(|n| paceline::join(|| fib(6), || n).1).sum::<u64>();
                assert_eq!(sum, 124_750);
            });
            steps += report.steps;
            switches += report.switches;
        }
        let rate = steps as f64 / begun.elapsed().as_secs_f64() / 1e6;
        println!("{cores:3} cores, {schedule:?}: {rate:.1} million points a second ({switches} switches in {steps})");
    }
}

fn fib(n: u64) -> u64 {
    if n < 2 {
        sim::work(100);
        return n;
    }
    let (a, b) = paceline::join(|| fib(n - 1), || fib(n - 2));
    a + b
}
