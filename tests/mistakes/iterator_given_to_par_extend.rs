//! A plain iterator is given to `par_extend`.

// The compiler says: cannot be turned into a parallel iterator
// The compiler says: any `Iterator` becomes parallel by `par_bridge`

use paceline::prelude::*;

fn main() {
    let mut numbers = vec![0];
    numbers.par_extend((1..100).map(|n| n * n)); //~ E0277
}
