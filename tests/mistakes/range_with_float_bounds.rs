//! A range of floats.

use paceline::prelude::*;

fn main() {
    (0.0..1.0).into_par_iter().for_each(|n| println!("{n}")); //~ E0599
}
