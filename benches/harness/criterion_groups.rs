//! A contest as a criterion group with one benchmark for each contender.
//!
//! Criterion finishes one contender before it begins the next, so its numbers are for following one contender over time;
//! to compare contenders, read the table of ratios.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};

use super::clock::Stopwatch;
use super::contest::Contest;
use super::options::Options;

/// Runs the contest's contenders through criterion.
pub(super) fn register(options: &Options, contest: &mut Contest<'_>) {
    assert!(options.runs_criterion(), "criterion was not asked for");
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(20)
        .configure_from_args();
    let mut group = criterion.benchmark_group(&contest.title);
    group.throughput(Throughput::Elements(contest.units));
    for contender in &mut contest.contenders {
        let id = BenchmarkId::new(contender.rival.to_string(), contender.workers);
        group.bench_function(id, |bencher| {
            bencher.iter_custom(|iterations| {
                let mut watch = Stopwatch::start();
                (contender.sample)(iterations, &mut watch);
                watch.read().0
            });
        });
    }
    group.finish();
}
