//! `par_iter_mut` on a set, where the order would be lost.

// The compiler says: is not a collection of items that threads may change

use paceline::prelude::*;
use std::collections::BTreeSet;

fn main() {
    let mut numbers = BTreeSet::from([1_u32, 2, 3]);
    numbers.par_iter_mut().for_each(|n| *n += 1); //~ E0599
}
