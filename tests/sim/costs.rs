//! The model of costs: lines come from afar, and go to one writer after another.

use crate::completed;
use paceline::sim::{self, AtomicUsize, Config, Schedule, Topology};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

fn measuring(cores: usize, clusters: usize, sockets: usize) -> Config {
    Config::new(1, cores).schedule(Schedule::Discrete).topology(Topology::of(cores, clusters, sockets))
}

/// What it costs to read on the second core what the first has written.
fn reading_from_the_other_core(clusters: usize, sockets: usize) -> u64 {
    let taken = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&taken);
    completed(measuring(2, clusters, sockets), move || {
        let word = Arc::new(AtomicUsize::new(0));
        word.store(1, Ordering::Release);
        let reader = sim::spawn(move || {
            assert_eq!(sim::core(), 1);
            let begun = sim::now();
            assert_eq!(word.load(Ordering::Acquire), 1);
            sim::now() - begun
        });
        // The thread gets the second core while this one is busy.
        sim::work(100_000);
        told.store(reader.join().unwrap(), Ordering::Relaxed);
    });
    taken.load(Ordering::Relaxed)
}

#[test]
fn a_line_costs_what_its_way_is_long() {
    let hit = Config::new(1, 1).costs.hit;
    let Topology { within_cluster, within_socket, between_sockets, .. } = Topology::default();
    assert_eq!(reading_from_the_other_core(1, 1), hit + within_cluster);
    assert_eq!(reading_from_the_other_core(2, 1), hit + within_socket);
    assert_eq!(reading_from_the_other_core(2, 2), hit + between_sockets);
}

#[test]
fn a_word_to_which_all_write_goes_from_one_to_the_next() {
    const CORES: usize = 8;
    const WRITES: usize = 200;
    let report = completed(measuring(CORES, 1, 1), || {
        let word = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..CORES)
            .map(|_| {
                let word = Arc::clone(&word);
                sim::spawn(move || {
                    // All have begun by then.
                    sim::work(500_000 - sim::now());
                    for _ in 0..WRITES {
                        word.fetch_add(1, Ordering::Relaxed);
                    }
                    sim::now()
                })
            })
            .collect();
        let last = writers.into_iter().map(|writer| writer.join().unwrap()).max().unwrap();
        assert_eq!(word.load(Ordering::Relaxed), CORES * WRITES);
        let moves = sim::counts().lines_moved;
        assert!(moves > 500, "{moves} moves");
        assert!(last - 500_000 >= moves * 9 / 10 * Topology::default().within_cluster, "{last} ns, {moves} moves");
    });
    assert!(
        report.counts.line_ns > report.counts.lines_moved * Topology::default().within_cluster,
        "nobody waited in turn"
    );
}
