//! A task with a result that is not `Send`.

use std::rc::Rc;

fn main() {
    let task = paceline::spawn_task(|| Rc::new(1)); //~ E0277
    println!("{}", task.join().unwrap());
}
