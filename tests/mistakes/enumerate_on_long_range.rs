//! Positions in a range that may be longer than a `usize` counts.

// The compiler says: a range of `u64` can have more items than a `usize` counts
// The compiler says: use a range of `usize`

use paceline::prelude::*;

fn main() {
    (0..100u64).into_par_iter().enumerate().for_each(|(i, n)| println!("{i} {n}")); //~ E0277
}
