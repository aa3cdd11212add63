//! Items that are `Rc`, by reference.

// The compiler says: is not a collection of items that threads may share
// The compiler says: items with an `Rc`, a `Cell` or a `RefCell` in them are not `Sync`

use paceline::prelude::*;
use std::rc::Rc;

fn main() {
    let names = vec![Rc::new(String::from("Ada"))];
    names.par_iter().for_each(|name| println!("{name}")); //~ E0599
}
