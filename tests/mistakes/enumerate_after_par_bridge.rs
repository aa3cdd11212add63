//! Positions are asked for behind `par_bridge`.

// The compiler says: does not know the positions of its items
// The compiler says: before `filter` and the like

use paceline::prelude::*;

fn main() {
    "to be\nor not".lines().par_bridge().enumerate().for_each(|(i, line)| println!("{i} {line}")); //~ E0277
}
