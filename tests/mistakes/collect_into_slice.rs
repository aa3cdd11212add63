//! An array as the target of `collect`.

// The compiler says: a value of type `[u32; 3]` cannot be collected from a parallel iterator over items of type `u32`

use paceline::prelude::*;

fn main() {
    let squares: [u32; 3] = (0..3u32).into_par_iter().map(|n| n * n).collect(); //~ E0277
    println!("{squares:?}");
}
