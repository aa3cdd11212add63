//! Both closures of a `join` change one variable.

fn main() {
    let mut words = vec!["to", "be"];
    paceline::join(|| words.push("or"), || words.push("not")); //~ E0499
}
