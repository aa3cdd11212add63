//! Positions are asked for behind `filter`.

// The compiler says: does not know the positions of its items
// The compiler says: before `filter` and the like

use paceline::prelude::*;

fn main() {
    let names = ["Ada", "Grace"];
    names.par_iter().filter(|name| name.len() > 3).enumerate().for_each(|(i, name)| println!("{i} {name}")); //~ E0277
}
