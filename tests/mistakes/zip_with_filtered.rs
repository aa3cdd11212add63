//! `zip` with a filtered iterator.

// The compiler says: does not know the positions of its items
// The compiler says: filter later

use paceline::prelude::*;

fn main() {
    let even = (0..100).into_par_iter().filter(|n| n % 2 == 0);
    (0..50).into_par_iter().zip(even).for_each(|(i, n)| println!("{i} {n}")); //~ E0277
}
