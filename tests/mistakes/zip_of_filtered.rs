//! `zip` on a filtered iterator.

// The compiler says: does not know the positions of its items

use paceline::prelude::*;

fn main() {
    let even = (0..100).into_par_iter().filter(|n| n % 2 == 0);
    even.zip(0..50).for_each(|(i, n)| println!("{i} {n}")); //~ E0277
}
