//! `spawn_task` with a closure that borrows a local variable.

fn main() {
    let words = vec!["to", "be"];
    let task = paceline::spawn_task(|| words.len()); //~ E0373
    println!("{}", task.join().unwrap());
}
