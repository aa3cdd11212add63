//! A sort of floats, which have no total order.

use paceline::prelude::*;

fn main() {
    let mut heights = vec![1.8, 1.6];
    heights.par_sort(); //~ E0277
}
