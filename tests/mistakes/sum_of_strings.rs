//! A sum of strings.

use paceline::prelude::*;

fn main() {
    let text: String = ["to", "be"].par_iter().map(|word| word.to_uppercase()).sum(); //~ E0277
    println!("{text}");
}
