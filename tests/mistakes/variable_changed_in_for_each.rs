//! A captured variable is changed by the closure of `for_each`.

use paceline::prelude::*;

fn main() {
    let mut sum = 0;
    (0..100).into_par_iter().for_each(|n| sum += n); //~ E0594
    println!("{sum}");
}
