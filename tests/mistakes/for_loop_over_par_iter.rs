//! A `for` loop over a parallel iterator.

// The compiler says: is not an iterator

use paceline::prelude::*;

fn main() {
    let names = vec!["Ada", "Grace"];
    for _name in names.par_iter() {} //~ E0277
}
