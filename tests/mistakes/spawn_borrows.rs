//! `spawn` with a closure that borrows a local variable.

fn main() {
    let words = vec!["to", "be"];
    paceline::spawn(|| println!("{}", words.len())); //~ E0373
}
