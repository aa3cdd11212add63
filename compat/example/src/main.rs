//! Two published crates that use rayon, ndarray and indexmap, and the program's own loops: all of them run on one pool, and
//! it is paceline's.
//!
//! Each loop notes on which threads it runs. The program asserts that all of them are threads of the pool that it has
//! built, and that the answers are those of the plain loops.
//!
//! `cargo run --manifest-path compat/example/Cargo.toml`

use indexmap::IndexMap;
use ndarray::{Array2, Axis, Zip};
use rayon::prelude::*;
use std::any::type_name;
use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Mutex;
use std::thread;

const THREADS: usize = 3;

/// The names of the threads that a loop ran on.
#[derive(Default)]
struct Seen(Mutex<BTreeSet<String>>);

impl Seen {
    /// Notes the calling thread, and the size of the pool that it takes itself to be in.
    fn note(&self) {
        assert_eq!(rayon::current_num_threads(), THREADS, "this loop runs in another pool");
        let name = thread::current().name().unwrap_or("a thread without a name").to_owned();
        self.0.lock().unwrap().insert(name);
    }

    /// Prints the threads. Fails unless there is at least one, and all of them belong to the pool.
    fn report(self, who: &str) {
        let names = self.0.into_inner().unwrap();
        println!("{who}: {}", names.iter().cloned().collect::<Vec<_>>().join(", "));
        assert!(!names.is_empty(), "{who} has run nothing");
        assert!(names.iter().all(|name| name.starts_with("one-pool-")), "{who} runs on threads of another pool");
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(THREADS)
        .thread_name(|index| format!("one-pool-{index}"))
        .build()?;

    let (mine, of_ndarray, of_indexmap) = (Seen::default(), Seen::default(), Seen::default());
    pool.install(|| {
        // ndarray: the sum of each row, then a loop over two matrices.
        let matrix = Array2::from_shape_fn((400, 300), |(row, column)| (row * 300 + column) as f64);
        let rows: Vec<f64> = matrix
            .axis_iter(Axis(0))
            .into_par_iter()
            .map(|row| {
                of_ndarray.note();
                row.sum()
            })
            .collect();
        assert!(rows.iter().zip(matrix.rows()).all(|(sum, row)| *sum == row.sum()));
        let mut doubled = Array2::zeros(matrix.dim());
        Zip::from(&mut doubled).and(&matrix).par_for_each(|to, from| *to = 2.0 * from);
        assert_eq!(doubled, &matrix * 2.0);

        // indexmap: a map that is made and read in parallel, with the rows of the matrix for its values.
        let sums: IndexMap<usize, f64> = rows.into_par_iter().enumerate().collect();
        let heavy = sums
            .par_iter()
            .filter(|(_, sum)| {
                of_indexmap.note();
                **sum > 9e6
            })
            .count();
        assert_eq!(heavy, sums.values().filter(|sum| **sum > 9e6).count());

        // The program's own.
        (0..1_000).into_par_iter().for_each(|_| mine.note());
    });
    of_ndarray.report("ndarray");
    of_indexmap.report("indexmap");
    mine.report("the program");

    // The pool is paceline's, and so is what rayon does not have: a task with a result.
    assert!(type_name::<rayon::ThreadPool>().starts_with("paceline::"), "this is rayon's own pool");
    assert_eq!(pool.spawn_task(rayon::current_num_threads).join().unwrap(), THREADS);
    println!("one pool of {THREADS} threads, and it is paceline's");
    Ok(())
}
