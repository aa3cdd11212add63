//! An `Rc` that a closure of a loop has captured.

use paceline::prelude::*;
use std::rc::Rc;

fn main() {
    let offset = Rc::new(1);
    let sum: i32 = (0..100).into_par_iter().map(|n| n + *offset).sum(); //~ E0277
    println!("{sum}");
}
