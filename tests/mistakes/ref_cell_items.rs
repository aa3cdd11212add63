//! Items that are `RefCell`, by reference.

// The compiler says: is not a collection of items that threads may share

use paceline::prelude::*;
use std::cell::RefCell;

fn main() {
    let counts = [RefCell::new(1_u32), RefCell::new(2)];
    counts.par_iter().for_each(|count| *count.borrow_mut() += 1); //~ E0599
}
