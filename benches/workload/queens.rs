//! In how many ways n queens stand on a board of n by n without threatening each other: each row's places are a vector, and
//! the search below each of them is an item of a loop.

use std::hint::black_box;

use super::halves;
use super::pools::Pools;
use crate::harness::Contest;

/// The widest board.
const WIDEST: usize = 16;

/// A board whose first rows have a queen each.
#[derive(Clone, Copy)]
struct Board {
    columns: [u8; WIDEST],
    rows: usize,
    width: usize,
}

impl Board {
    fn empty(width: usize) -> Self {
        assert!((1..=WIDEST).contains(&width), "a board is 1 to {WIDEST} wide");
        Self { columns: [0; WIDEST], rows: 0, width }
    }

    fn is_full(&self) -> bool {
        self.rows == self.width
    }

    /// Whether a queen in that column of the next row is threatened by none.
    fn is_free(&self, column: usize) -> bool {
        let queens = self.columns[..self.rows].iter().rev();
        queens.zip(1..).all(|(&queen, distance)| {
            let aside = usize::from(queen).abs_diff(column);
            aside != 0 && aside != distance
        })
    }

    /// The board with each free place of the next row taken in turn.
    fn places(&self) -> Vec<Self> {
        (0..self.width).filter(|&column| self.is_free(column)).map(|column| self.with(column)).collect()
    }

    fn with(mut self, column: usize) -> Self {
        self.columns[self.rows] = column as u8;
        self.rows += 1;
        self
    }
}

fn plain(board: Board) -> u64 {
    if board.is_full() { 1 } else { board.places().into_iter().map(plain).sum() }
}

/// The search on a library that has rayon's iterators.
macro_rules! searched {
    ($library:ident) => {
        fn $library(board: Board) -> u64 {
            use ::$library::prelude::*;
            if board.is_full() { 1 } else { board.places().into_par_iter().map($library).sum() }
        }
    };
}

searched!(paceline);
searched!(rayon);

fn chili(scope: &mut ::chili::Scope<'_>, board: Board) -> u64 {
    if board.is_full() {
        return 1;
    }
    let places = board.places();
    if places.is_empty() { 0 } else { halves::sum(scope, 0..places.len(), &|scope, at| chili(scope, places[at])) }
}

/// The search on a board of that width, in each of the pools; its unit is the whole call.
pub(crate) fn contest(width: usize, pools: &[Pools]) -> Contest<'_> {
    let mut contest = Contest::new(format!("{width} queens"), "call", 1);
    Pools::enter_each(
        pools,
        &mut contest,
        move || plain(Board::empty(black_box(width))),
        move || paceline(Board::empty(black_box(width))),
        move || rayon(Board::empty(black_box(width))),
        move |scope| chili(scope, Board::empty(black_box(width))),
    );
    contest
}
