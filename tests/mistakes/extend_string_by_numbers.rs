//! A string that is extended by numbers.

// The compiler says: a value of type `String` cannot be extended by a parallel iterator over items of type

use paceline::prelude::*;

fn main() {
    let mut text = String::new();
    text.par_extend([1, 2, 3]); //~ E0277
}
