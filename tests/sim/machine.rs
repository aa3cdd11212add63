//! The machine itself: runs are exact, time is virtual, threads are many.

use crate::{completed, machines};
use paceline::ParallelMap;
use paceline::prelude::*;
use paceline::sim::{self, Condvar, Config, Mutex, Report, Schedule, run};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Some of all: threads outside of pools, a lock, joins, a loop, tasks, streams, and time.
fn small_program() {
    let sum = Arc::new(Mutex::new(0));
    let threads: Vec<_> = (0..3_u64)
        .map(|index| {
            let sum = Arc::clone(&sum);
            sim::spawn(move || {
                for round in 0..5 {
                    sim::work(100 * (index + 1));
                    *sum.lock().unwrap() += round;
                }
            })
        })
        .collect();
    let (a, b) = paceline::join(|| fib(9), || fib(10));
    assert_eq!((a, b), (34, 55));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(*sum.lock().unwrap(), 30);
    for _ in 0..3 {
        let tasks: Vec<_> = (0..30_u64).map(|n| paceline::spawn_task(move || fib(n % 4))).collect();
        let sums = tasks.into_iter().map(|task| task.join().unwrap()).sum::<u64>();
        let loops = (0..64_u64).into_par_iter().map(|n| fib(n % 4)).sum::<u64>();
        assert_eq!((sums, loops), (29, 64));
        let mapped = (0..20_u64).par_map_ordered(3, |n| fib(n % 4)).sum::<u64>();
        assert_eq!(mapped, 20);
    }
}

fn fib(n: u64) -> u64 {
    sim::work(50);
    if n < 2 {
        return n;
    }
    let (a, b) = paceline::join(|| fib(n - 1), || fib(n - 2));
    a + b
}

fn traced(config: Config) -> Report {
    completed(config.trace(true), small_program)
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for config in machines(0..10) {
        let first = traced(config.clone());
        // What lies in memory, and where, must not matter.
        let mut memory: Vec<Box<[u8]>> = (1..200).map(|size| vec![0_u8; size * 8].into_boxed_slice()).collect();
        memory.retain(|block| block.len() % 3 != 0);
        assert_eq!(first, traced(config));
    }
}

#[test]
fn other_seeds_give_other_traces() {
    let hashes: std::collections::BTreeSet<u64> = (0..50).map(|seed| traced(Config::new(seed, 2)).trace_hash).collect();
    assert_eq!(hashes.len(), 50);
}

/// Set in a child that is to print its traces' hashes and no more.
const CHILD: &str = "PACELINE_SIM_TEST_CHILD";

#[test]
fn another_process_gives_the_same_trace() {
    let hashes: Vec<String> = machines(0..3).map(|config| format!("{:016x}", traced(config).trace_hash)).collect();
    let hashes = hashes.join(" ");
    if std::env::var_os(CHILD).is_some() {
        println!("hashes: {hashes};");
        return;
    }
    let program = std::env::current_exe().unwrap();
    let mut child = Command::new(program);
    child.args(["--exact", "machine::another_process_gives_the_same_trace", "--nocapture"]).env(CHILD, "1");
    let output = String::from_utf8(child.output().unwrap().stdout).unwrap();
    assert!(output.contains(&format!("hashes: {hashes};")), "{output}");
}

/// The program of the next test uses the machine alone: what the library does changes with the library.
fn fixed_program() {
    let shared = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
    let threads: Vec<_> = (0..4)
        .map(|index| {
            let shared = Arc::clone(&shared);
            sim::spawn(move || {
                sim::work(1_000 * (index + 1));
                shared.0.lock().unwrap().push(index);
                shared.1.notify_one();
            })
        })
        .collect();
    let mut list = shared.0.lock().unwrap();
    while list.len() < 4 {
        list = shared.1.wait_timeout(list, Duration::from_micros(3)).unwrap().0;
    }
    drop(list);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn any_machine_gives_this_trace() {
    let schedules = [Schedule::Uniform, Schedule::Pct { depth: 3, length: 100 }, Schedule::Discrete];
    let hashes = schedules.map(|schedule| completed(Config::new(7, 2).schedule(schedule), fixed_program).trace_hash);
    assert_eq!(hashes.map(|hash| format!("{hash:016x}")), ["2d666d1f53637739", "fe73029b5ddd9ba2", "ecfa10db02761b75"]);
}

#[test]
fn time_passes_by_work_and_jumps_over_sleep() {
    let report = completed(Config::new(1, 4).schedule(Schedule::Discrete), || {
        let begun = sim::now();
        let threads: Vec<_> = (0..4).map(|_| sim::spawn(|| sim::work(1_000_000))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let worked = sim::now() - begun;
        // Three of the four at once, and one after the program has gone to sleep; and what it takes to start them.
        assert!((1_000_000..1_300_000).contains(&worked), "{worked}");
        sim::sleep(3_000_000_000);
        assert!(sim::now() - begun >= 3_000_000_000);
    });
    assert!(report.busy_ns < 5_000_000, "{report:?}");
}

#[test]
fn more_threads_than_cores_take_turns() {
    let report = completed(Config::new(1, 2).schedule(Schedule::Discrete), || {
        let threads: Vec<_> = (0..6).map(|_| sim::spawn(|| sim::work(10_000_000))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    assert!((30_000_000..31_000_000).contains(&report.virtual_ns), "{report:?}");
    assert!(report.switches > 15, "{report:?}");
}

#[test]
fn there_can_be_256_threads() {
    for schedule in [Schedule::Uniform, Schedule::Discrete] {
        let report = completed(Config::new(3, 256).schedule(schedule), || {
            let pool = paceline::ThreadPoolBuilder::new().num_threads(255).build().unwrap();
            let sum: u64 = pool.install(|| tree(1 << 12));
            assert_eq!(sum, 1 << 12);
            pool.shutdown();
        });
        assert_eq!(report.left_over, [""; 0]);
        assert!(report.threads >= 256, "{report:?}");
    }
}

/// Adds up ones, each of which is work.
fn tree(n: u64) -> u64 {
    if n == 1 {
        sim::work(1_000);
        return 1;
    }
    let (a, b) = paceline::join(|| tree(n / 2), || tree(n - n / 2));
    a + b
}

#[test]
fn a_run_leaves_nothing_to_the_next() {
    for seed in 0..300 {
        let report = completed(Config::new(seed, 2), || {
            assert_eq!(paceline::join(|| 1, || 2), (1, 2));
        });
        assert_eq!(report.left_over, [""; 0]);
    }
}

#[test]
fn a_panic_of_a_thread_reaches_who_joins_it() {
    for config in machines(0..3) {
        completed(config, || {
            let thread = sim::spawn(|| -> u32 { std::panic::resume_unwind(Box::new("thrown")) });
            assert_eq!(*thread.join().unwrap_err().downcast::<&str>().unwrap(), "thrown");
            assert!(!std::thread::panicking());
        });
    }
}

#[test]
fn a_panic_of_the_program_is_a_fault() {
    let fault = run(Config::new(5, 2), || std::panic::resume_unwind(Box::new("over"))).unwrap_err();
    assert_eq!(fault.kind, sim::FaultKind::Panic("over".to_owned()));
    assert_eq!(fault.seed, 5);
}
