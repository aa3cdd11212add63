//! A captured vector is pushed to by the closure of `for_each`.

use paceline::prelude::*;

fn main() {
    let mut squares = Vec::new();
    (0..100).into_par_iter().for_each(|n| squares.push(n * n)); //~ E0596
}
