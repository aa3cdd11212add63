//! What this crate has beyond rayon, a few lines for each. Every answer is checked.
//!
//! ```text
//! cargo run --release --example beyond_rayon
//! ```

use paceline::extra::prelude::*;
use paceline::prelude::*;
use paceline::workers::WorkerPool;
use paceline::{CancelToken, Cancelled, Priority, ProgressCounter, WorkerLocal};
use std::error::Error;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    tasks()?;
    cancellation();
    progress();
    streams();
    sums_and_scans();
    locks();
    blocking()?;
    values_of_workers();
    worker_pool()?;
    println!("All answers are right.");
    Ok(())
}

/// A task has a result, which a thread joins or a future awaits.
fn tasks() -> Result<(), Box<dyn Error>> {
    let answer = paceline::spawn_task(|| 6 * 7);
    let report = paceline::spawn_task_with(Priority::Low, || "when there is nothing else to do");
    assert_eq!(answer.join()?, 42);
    println!("A task of low priority: {}.", report.join()?);

    let error = paceline::spawn_task(|| std::panic::resume_unwind(Box::new("no such luck"))).join().unwrap_err();
    println!("A task's error: {error}.");
    Ok(())
}

/// A token stops loops, jobs of scopes, tasks and futures, by hand or at a given time.
fn cancellation() {
    let request = CancelToken::new();
    let in_time = request.with_timeout(Duration::from_millis(5));
    let endless = (0..u64::MAX).into_par_iter().map(|n| n ^ 1).with_cancel(&in_time);
    println!("A search without an end, after 5 ms: {:?}.", endless.find_any(|&n| n == u64::MAX));

    let squares: Result<Vec<u32>, Cancelled> =
        (0..100).into_par_iter().map(|n| n * n).collect_unless_cancelled(&request);
    assert_eq!(squares.expect("the request was not cancelled").len(), 100);
}

/// A counter, or a bar, is told how much of a loop, a scope or a stream is done; another thread can show it meanwhile.
fn progress() {
    let done = ProgressCounter::new();
    let primes = (2..2_000_u32).into_par_iter().with_progress(&done).filter(|&n| (2..n).all(|d| n % d != 0)).count();
    assert_eq!((primes, done.done(), done.total()), (303, 1_998, Some(1_998)));
}

/// The items of any iterator, worked on in parallel within a window, come out in their order; and the other way round.
fn streams() {
    let lengths = ["one", "two", "three"].into_iter().par_map_ordered(64, str::len);
    assert_eq!(lengths.collect::<Vec<_>>(), [3, 3, 5]);

    // A parallel iterator that feeds a plain loop, at most 64 items ahead of it.
    let evens = (0..1000_u32).into_par_iter().filter(|n| n % 2 == 0).into_seq_iter(64);
    assert!(evens.take(3).eq([0, 2, 4]));
}

/// A sum of floats that is the same to the last bit on any number of threads, and prefix sums in place.
fn sums_and_scans() {
    let terms: Vec<f64> = (1..=100_000).map(|n| 1.0 / f64::from(n)).collect();
    let sum_on = |threads| {
        let pool = paceline::ThreadPoolBuilder::new().num_threads(threads).build().expect("the system has threads");
        pool.install(|| terms.par_iter().deterministic().sum::<f64>())
    };
    assert_eq!(sum_on(1).to_bits(), sum_on(3).to_bits());

    let mut ends = [2, 7, 1, 8];
    ends.par_inclusive_scan(|a, b| a + b);
    assert_eq!(ends, [2, 9, 10, 18]);
}

/// Within `isolate` no other job, which might ask for the lock, runs on top of the loop's wait.
fn locks() {
    let table = Mutex::new(vec![0_u64; 100]);
    let mut rows = table.lock().unwrap();
    paceline::isolate(|| rows.par_iter_mut().enumerate().for_each(|(row, value)| *value = row as u64));
    assert_eq!(rows[99], 99);
}

/// While a job waits for a file, a connection or another job, another thread takes its place in the pool.
fn blocking() -> Result<(), Box<dyn Error>> {
    let (tell, told) = channel();
    paceline::spawn(move || tell.send(paceline::blocking(|| "read from somewhere")).expect("main waits for it"));
    assert_eq!(told.recv()?, "read from somewhere");
    Ok(())
}

/// A value for each worker, without a lock around it.
fn values_of_workers() {
    let sums = WorkerLocal::new(|| 0);
    (1..=100).into_par_iter().for_each(|n| sums.with_mut(|sum| *sum += n));
    assert_eq!(sums.into_iter().sum::<i32>(), 5050);
}

/// Threads that keep a state from one item to the next, behind a queue of at most 8 items.
fn worker_pool() -> Result<(), Box<dyn Error>> {
    let pool = WorkerPool::builder().threads(2).capacity(8).init(|_| String::new()).build_with_handles(
        |line: &mut String, word: &str| {
            line.push_str(word);
            line.len()
        },
    )?;
    let handle = pool.submit_with_handle("hello")?;
    assert_eq!(handle.join()?, 5);
    pool.shutdown()?;
    Ok(())
}
