//! A map that is collected from items that are not pairs.

// The compiler says: `HashMap<&str, usize>` cannot be collected from items of type `usize`

use paceline::prelude::*;
use std::collections::HashMap;

fn main() {
    let lengths: HashMap<&str, usize> = ["Ada", "Grace"].into_par_iter().map(|name| name.len()).collect(); //~ E0277
    println!("{lengths:?}");
}
