//! `par_iter_mut` on a variable that is not `mut`.

use paceline::prelude::*;

fn main() {
    let numbers = vec![1, 2, 3];
    numbers.par_iter_mut().for_each(|n| *n += 1); //~ E0596
}
