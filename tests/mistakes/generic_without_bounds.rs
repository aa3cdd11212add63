//! A generic function without the bound `Sync` on the items.

// The compiler says: CollectionOfSync

use paceline::prelude::*;

fn count<T>(items: &[T]) -> usize {
    items.par_iter().filter(|_| true).count() //~ E0599
}

fn main() {
    println!("{}", count(&[1]));
}
