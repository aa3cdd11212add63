//! `par_iter` on a type that has no such method.

// The compiler says: is implemented for `&Library`

use paceline::prelude::*;

struct Library {
    books: Vec<&'static str>,
}

fn main() {
    let library = Library { books: vec!["Emma"] };
    library.par_iter().for_each(|book| println!("{book}")); //~ E0599
}
