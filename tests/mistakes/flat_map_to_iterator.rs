//! A plain iterator is returned to `flat_map`.

// The compiler says: cannot be turned into a parallel iterator
// The compiler says: `flat_map_iter` and `flatten_iter` take it as it is

use paceline::prelude::*;

fn main() {
    let texts = ["to be", "or not"];
    let letters = texts.par_iter().flat_map(|text| text.chars()).count(); //~ E0277
    println!("{letters}");
}
