//! The first items are asked for behind `filter`.

// The compiler says: does not know the positions of its items
// The compiler says: `take_any` and `skip_any` work everywhere

use paceline::prelude::*;

fn main() {
    let even: Vec<i32> = (0..100).into_par_iter().filter(|n| n % 2 == 0).take(3).collect(); //~ E0277
    println!("{even:?}");
}
