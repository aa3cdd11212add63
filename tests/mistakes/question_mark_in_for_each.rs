//! `?` in the closure of `for_each`.

use paceline::prelude::*;

fn main() -> Result<(), std::num::ParseIntError> {
    ["1", "x"].par_iter().for_each(|text| {
        let number: u32 = text.parse()?; //~ E0277
        println!("{number}");
    });
    Ok(())
}
