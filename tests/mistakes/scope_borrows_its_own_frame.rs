//! A job of a scope that borrows from the scope's closure.

fn main() {
    paceline::scope(|scope| {
        let words = vec!["to", "be"];
        scope.spawn(|_| println!("{}", words.len())); //~ E0373
    });
}
