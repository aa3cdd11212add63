//! What a recording costs: loops whose parts take 10 us each, and forks with halves of 10 us, with a recording and
//! without, in turn. The recording's end counts, with the last writes to its file.
//!
//! `cargo bench --bench tracing`. It prints the processor time of the whole process for each part, as medians, and the
//! ratio. The bound of 1 % is for loops of 10 us parts and longer.

mod harness;
mod workload;

use std::env;
use std::hint::black_box;
use std::path::Path;
use std::process::{self, ExitCode};

use harness::{Bound, Floors, Options, Quartiles, Stopwatch};
use paceline::prelude::*;
use paceline::{ThreadPool, ThreadPoolBuilder, trace};
use workload::grind::{grind, steps_in};

const WORKERS: usize = 2;

/// A loop of that many parts, all of them forked and run as a leaf of its own.
fn parts(parts: usize, steps: u32) -> u64 {
    (0..parts).into_par_iter().with_max_len(1).map(|part| grind(part as u64, steps)).sum()
}

/// A tree of forks with that many leaves, few of them public.
fn tree(leaves: usize, steps: u32) -> u64 {
    if leaves <= 1 {
        return grind(black_box(leaves as u64), steps);
    }
    let (left, right) = paceline::join(|| tree(leaves / 2, steps), || tree(leaves - leaves / 2, steps));
    left + right
}

/// The nanoseconds of processor time for each leaf, in a recording to `path` if there is one.
fn cost(pool: &ThreadPool, path: Option<&Path>, leaves: usize, run: impl Fn() -> u64 + Sync) -> f64 {
    let recording = path.map(|path| trace::start(path).expect("the file can be made"));
    let watch = Stopwatch::start();
    black_box(pool.install(&run));
    if let Some(recording) = recording {
        recording.finish().expect("the file can be written");
    }
    let (wall, processor) = watch.read();
    processor.unwrap_or(wall).as_nanos() as f64 / leaves as f64
}

fn main() -> ExitCode {
    let options = Options::from_args();
    let mut floors = Floors::watch();
    let pool = ThreadPoolBuilder::new().num_threads(WORKERS).build().expect("the system starts the pool's threads");
    // A recording with this extension gets no report.
    let path = env::temp_dir().join(format!("paceline_tracing_{}.html", process::id()));
    let rounds = options.sized(60, 20, 1);
    for micros in [1, 10, 100] {
        let leaves = options.sized(200_000, 40_000, 100) / micros;
        let steps = steps_in(micros as f64 * 1e3);
        type Run = fn(usize, u32) -> u64;
        for (what, run) in [("a loop", parts as Run), ("forks", tree)] {
            let (mut off, mut on) = (Vec::new(), Vec::new());
            for _ in 0..rounds {
                off.push(cost(&pool, None, leaves, || run(leaves, steps)));
                on.push(cost(&pool, Some(&path), leaves, || run(leaves, steps)));
            }
            let (off, on) = (Quartiles::of(&mut off), Quartiles::of(&mut on));
            let what = format!("{what} with leaves of {micros} us");
            println!(
                "{what}: {:.0} ns each, with a recording {:.0} ns, {:+.0} ns",
                off.median,
                on.median,
                on.median - off.median
            );
            if micros >= 10 {
                floors.push(&what, on.median / off.median, Bound::AtMost(1.01), "x the time without a recording");
            }
        }
    }
    _ = std::fs::remove_file(path);
    floors.conclude(&options)
}
