//! The regions of jobs, which the API does not show.

use crate::fork::join::join;
use crate::fork::loops::LoopContext;
use crate::fork::scope::scope;
use crate::fork::spawn::spawn;
use crate::job::Region;
use crate::pool::builder::ThreadPoolBuilder;
use crate::pool::registry::Worker;
use std::sync::mpsc;

fn region() -> Region {
    Worker::with_current(|worker| worker.expect("called on a worker").region())
}

#[test]
fn jobs_carry_the_region_of_the_call_they_descend_from() {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    for _ in 0..if cfg!(miri) { 5 } else { 100 } {
        let (outer, forked, spawned) = pool.install(|| {
            let mut spawned = None;
            let (forked, ()) = join(region, || scope(|s| s.spawn(|_| spawned = Some(region()))));
            (region(), forked, spawned)
        });
        assert_eq!((outer, Some(outer)), (forked, spawned));
        assert_ne!(outer, pool.install(region));
    }
}

#[test]
fn a_loop_that_is_held_up_gets_help() {
    let pool = ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    for _ in 0..if cfg!(miri) { 2 } else { 20 } {
        let (tell, told) = mpsc::channel();
        let held_up = move || told.recv().unwrap();
        let help = move || tell.send(7).unwrap();
        assert_eq!(pool.install(|| LoopContext::on_worker(|context| context.with_help(held_up, help))), Some(7));
    }
}

#[test]
fn a_detached_spawn_is_a_region_of_its_own() {
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (tell, told) = mpsc::channel();
    let outer = pool.install(|| {
        let tell = tell.clone();
        spawn(move || tell.send(region()).unwrap());
        region()
    });
    assert_ne!(told.recv().unwrap(), outer);
}
