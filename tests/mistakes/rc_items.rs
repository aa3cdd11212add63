//! Items that are `Rc`, by value.

use paceline::prelude::*;
use std::rc::Rc;

fn main() {
    let names = vec![Rc::new(String::from("Ada"))];
    names.into_par_iter().for_each(|name| println!("{name}")); //~ E0599
}
