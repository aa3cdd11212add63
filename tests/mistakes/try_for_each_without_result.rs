//! A closure of `try_for_each` that returns nothing.

// The compiler says: expected an `Option`, a `Result` or a `ControlFlow`, found `()`

use paceline::prelude::*;

fn main() {
    ["1", "x"].par_iter().try_for_each(|text| println!("{text}")); //~ E0277
}
