//! A `RefCell` that a closure of a loop has captured.

use paceline::prelude::*;
use std::cell::RefCell;

fn main() {
    let seen = RefCell::new(Vec::new());
    (0..100).into_par_iter().for_each(|n| seen.borrow_mut().push(n)); //~ E0277
}
