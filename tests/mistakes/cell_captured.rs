//! A `Cell` that a closure of a loop has captured.

use paceline::prelude::*;
use std::cell::Cell;

fn main() {
    let sum = Cell::new(0);
    (0..100).into_par_iter().for_each(|n| sum.set(sum.get() + n)); //~ E0277
}
