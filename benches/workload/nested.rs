//! Parallel sums inside of loops, serial ones and parallel ones.

use std::hint::black_box;

use super::busy;
use super::pools::Pools;
use super::site::Site;
use crate::harness::{Contest, Rival, repeat};

/// The bounds of the two serial loops and of the parallel one within.
const ROWS: u64 = 512;
const COLUMNS: u64 = 512;
const TERMS: u64 = 16;

/// The edge of the cube that is summed by three parallel iterators, one inside the other.
const EDGE: usize = 16;

fn plain_row(x: u64) -> u64 {
    (0..COLUMNS).map(|y| (0..TERMS).map(|z| black_box(x * y * z)).sum::<u64>()).sum()
}

fn plain_cube(cube: &[u64]) -> u64 {
    let row = |row: &[u64]| row.iter().map(|x| x * x).sum::<u64>();
    cube.chunks(EDGE * EDGE).map(|plane| plane.chunks(EDGE).map(row).sum::<u64>()).sum()
}

/// The same on a library that has rayon's iterators.
macro_rules! nested {
    ($library:ident, $row:ident, $cube:ident) => {
        fn $row(x: u64) -> u64 {
            use ::$library::prelude::*;
            (0..COLUMNS).map(|y| (0..TERMS).into_par_iter().map(|z| black_box(x * y * z)).sum::<u64>()).sum()
        }

        fn $cube(cube: &[u64]) -> u64 {
            use ::$library::prelude::*;
            let row = |row: &[u64]| row.par_iter().map(|x| x * x).sum::<u64>();
            cube.par_chunks(EDGE * EDGE).map(|plane| plane.par_chunks(EDGE).map(row).sum::<u64>()).sum()
        }
    };
}

nested!(paceline, paceline_row, paceline_cube);
nested!(rayon, rayon_row, rayon_cube);

/// Calls `row` for one row after the other, from the first again after the last; a call of the contest is one row.
fn rows(times: u64, row: fn(u64) -> u64) -> u64 {
    (0..times).map(|call| row(black_box(call % ROWS))).sum()
}

/// The cube's numbers, small enough for the sum of their squares to fit.
pub(crate) fn cube() -> Vec<u64> {
    (0..EDGE.pow(3) as u64).collect()
}

/// A parallel sum of 16 terms inside two serial loops, from the main thread, or where the other workers are all busy.
pub(crate) fn loops<'a>(title: String, site: Site<'a>) -> Contest<'a> {
    let mut contest = Contest::new(title, "sum", COLUMNS);
    enter(
        &mut contest,
        site,
        |times| rows(times, plain_row),
        |times| rows(times, paceline_row),
        |times| rows(times, rayon_row),
    );
    contest
}

/// Three parallel iterators, one inside the other, from the main thread, or where the other workers are all busy.
pub(crate) fn cubes<'a>(title: String, cube: &'a [u64], site: Site<'a>) -> Contest<'a> {
    let mut contest = Contest::new(title, "call", 1);
    enter(
        &mut contest,
        site,
        move |times| repeat(times, || plain_cube(black_box(cube))),
        move |times| repeat(times, || paceline_cube(black_box(cube))),
        move |times| repeat(times, || rayon_cube(black_box(cube))),
    );
    contest
}

/// Enters the three; within pools, each of them among as many busy threads.
fn enter<'a>(
    contest: &mut Contest<'a>,
    site: Site<'a>,
    plain: impl Fn(u64) -> u64 + 'a,
    paceline: impl Fn(u64) -> u64 + Sync + 'a,
    rayon: impl Fn(u64) -> u64 + Sync + 'a,
) {
    let workers = site.workers();
    match site {
        Site::Main => {
            contest.enter(Rival::Plain, 1, plain);
            contest.enter(Rival::Paceline, workers, paceline);
            contest.enter(Rival::Rayon, workers, rayon);
        }
        Site::Within(Pools { paceline: ours, rayon: theirs, .. }) => {
            contest.enter_prepared(Rival::Plain, 1, move |times, watch| busy::plain(workers, watch, || plain(times)));
            contest.enter_prepared(Rival::Paceline, workers, move |times, watch| {
                busy::paceline(ours, watch, || paceline(times))
            });
            contest
                .enter_prepared(Rival::Rayon, workers, move |times, watch| busy::rayon(theirs, watch, || rayon(times)));
        }
    }
}
