//! A method that rayon does not have, without the prelude that brings it in.

// The compiler says: use paceline::extra::IntoParallelIteratorExt

use paceline::prelude::*;

fn main() {
    let lengths = ["Ada", "Grace"].par_map(|name| name.len()); //~ E0599
    println!("{lengths:?}");
}
