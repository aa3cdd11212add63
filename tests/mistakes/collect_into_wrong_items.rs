//! A vector that is collected from items of another type.

// The compiler says: `Vec<u32>` cannot be collected from items of type `usize`

use paceline::prelude::*;

fn main() {
    let lengths: Vec<u32> = ["Ada", "Grace"].par_iter().map(|name| name.len()).collect(); //~ E0277
    println!("{lengths:?}");
}
