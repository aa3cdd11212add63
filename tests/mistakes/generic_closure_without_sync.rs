//! A generic closure without the bounds `Sync` and `Send`.

use paceline::prelude::*;

fn apply<F: Fn(u32)>(f: F) {
    (0..10u32).into_par_iter().for_each(f); //~ E0277
}

fn main() {
    apply(|_| ());
}
