//! The handle of a scoped task that outlives the data that the task borrows.

fn main() {
    let handle = {
        let words = vec!["to", "be"];
        paceline::scope(|scope| scope.spawn_task(|_| words.len())) //~ E0597
    };
    println!("{}", handle.join().unwrap());
}
