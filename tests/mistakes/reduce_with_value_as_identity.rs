//! A value where `reduce` wants a closure that makes it.

use paceline::prelude::*;

fn main() {
    let sum = (0..100).into_par_iter().reduce(0, |a, b| a + b); //~ E0277
    println!("{sum}");
}
