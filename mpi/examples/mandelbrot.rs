//! A picture of the Mandelbrot set. Its rows weigh very differently, so the ranks draw them from a counter; rank 0 puts the
//! rows in order and compares the picture byte by byte with one that it makes alone.
//!
//! ```text
//! mpirun -n 2 target/release/examples/mandelbrot [WIDTH [FILE]]
//! ```
//!
//! FILE becomes the picture, in the format PGM.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use std::{env, fs};

use paceline::prelude::*;
use paceline_mpi::AcrossRanks;

/// Steps after which a point counts as one of the set.
const STEPS: u32 = 1000;

/// Rows that are drawn at a time for each thread.
const ROWS: usize = 2;

/// Row `y` of a picture with as many rows as columns, a byte for each point.
fn row(y: usize, width: usize) -> Vec<u8> {
    let scale = 3.0 / width as f64;
    let imaginary = y as f64 * scale - 1.5;
    (0..width).map(|x| (steps(x as f64 * scale - 2.2, imaginary) * 255 / STEPS) as u8).collect()
}

/// The number of steps in which a point leaves the circle, or all.
fn steps(real: f64, imaginary: f64) -> u32 {
    let (mut x, mut y) = (0.0_f64, 0.0_f64);
    for step in 0..STEPS {
        if x * x + y * y > 4.0 {
            return step;
        }
        (x, y) = (x * x - y * y + real, 2.0 * x * y + imaginary);
    }
    STEPS
}

fn main() -> Result<(), Box<dyn Error>> {
    let world = paceline_mpi::init()?;
    let mut arguments = env::args().skip(1);
    let width: usize = arguments.next().map_or(Ok(600), |width| width.parse())?;
    let threads = paceline::current_num_threads();

    let busy = AtomicU64::new(0);
    let drawn = AtomicU64::new(0);
    world.barrier();
    let begun = Instant::now();
    let rows = world
        .dynamic(0..width, ROWS * threads)
        .map(|y| {
            let begun = Instant::now();
            let row = row(y, width);
            busy.fetch_add(begun.elapsed().as_nanos() as u64, Ordering::Relaxed);
            drawn.fetch_add(1, Ordering::Relaxed);
            (y, row)
        })
        .collect_at(&world, 0);
    let taken = begun.elapsed();
    let of_ranks = (vec![(drawn.into_inner(), threads)], busy.into_inner());
    let (of_ranks, busy) = world.combine_all(of_ranks, |left, right| ([left.0, right.0].concat(), left.1 + right.1));

    let Some(mut rows) = rows else { return Ok(()) };
    let all_threads: usize = of_ranks.iter().map(|(_, threads)| threads).sum();
    for (rank, (rows, threads)) in of_ranks.into_iter().enumerate() {
        println!("rank {rank}, {threads} threads: {rows} rows");
    }
    let share = busy as f64 / taken.as_nanos() as f64 / all_threads as f64;
    println!("{} ms, and the threads were at rows for {:.1} % of it", taken.as_millis(), 100.0 * share);

    rows.sort_unstable();
    let picture: Vec<u8> = rows.into_iter().flat_map(|(_, row)| row).collect();
    let alone: Vec<u8> = (0..width).flat_map(|y| row(y, width)).collect();
    if picture != alone {
        return Err("the picture is not that of one rank".into());
    }
    println!("{} points, equal to the picture of one thread", picture.len());
    if let Some(path) = arguments.next() {
        let head = format!("P5 {width} {width} 255\n");
        fs::write(path, [head.as_bytes(), &picture].concat())?;
    }
    Ok(())
}
