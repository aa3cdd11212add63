//! `into_par_iter` on a plain iterator.

// The compiler says: is not a parallel iterator
// The compiler says: `par_bridge` of any `Iterator`

use paceline::prelude::*;

fn main() {
    let lines = "to be\nor not".lines();
    lines.into_par_iter().for_each(|line| println!("{line}")); //~ E0599
}
