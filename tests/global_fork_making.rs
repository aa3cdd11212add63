//! A child that is forked off while its parent makes the global pool makes one of its own.
#![cfg(unix)]

#[path = "support/forked.rs"]
mod forked;

use forked::in_child;
use std::sync::mpsc::channel;
use std::thread;

#[test]
fn a_child_does_not_wait_for_the_parents_making() {
    let (tell, told) = channel();
    let (open, gate) = channel::<()>();
    let making = thread::spawn(move || {
        let name = move |index| {
            tell.send(index).unwrap();
            let _ = gate.recv();
            format!("made-{index}")
        };
        paceline::ThreadPoolBuilder::new().num_threads(2).thread_name(name).build_global().unwrap();
    });
    assert_eq!(told.recv(), Ok(0), "it is being made");
    let joins = || i32::from(paceline::join(|| 1, || 2) != (1, 2));
    assert_eq!(in_child(joins), Ok(0));
    assert_eq!(in_child(|| in_child(joins).unwrap_or(9)), Ok(0), "and in the child's child");
    let builds = || i32::from(paceline::ThreadPoolBuilder::new().num_threads(3).build_global().is_err()) + joins();
    assert_eq!(in_child(builds), Ok(0));
    drop(open);
    making.join().unwrap();
    assert_eq!(paceline::current_num_threads(), 2, "the parent is as before");
}
