//! `par_iter` on a plain iterator.

// The compiler says: CollectionOfSync

use paceline::prelude::*;

fn main() {
    let squares = (0..100).map(|n| n * n);
    squares.par_iter().for_each(|n| println!("{n}")); //~ E0599
}
