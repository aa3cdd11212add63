//! A lock's guard that moves into `join`.

use std::sync::Mutex;

fn main() {
    let sum = Mutex::new(0);
    let mut guard = sum.lock().unwrap();
    paceline::join(move || *guard += 1, || ()); //~ E0277
}
