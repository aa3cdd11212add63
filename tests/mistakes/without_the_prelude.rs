//! `par_iter` without the prelude.

fn main() {
    vec![1, 2, 3].par_iter().for_each(|n| println!("{n}")); //~ E0599
}
