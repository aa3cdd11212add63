//! Detached spawns from a thread outside the pool, through one face for all contenders.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::pools::Pools;
use crate::harness::Rival;

/// What is spawned; one box more than a library needs, and the same for each.
pub(crate) type Task = Box<dyn FnOnce() + Send>;

/// Something that takes tasks from an outside thread.
pub(crate) struct Spawner<'a> {
    pub(crate) rival: Rival,
    pub(crate) workers: usize,
    pub(crate) spawn: Box<dyn Fn(Task) + 'a>,
}

/// The plain way, a thread that waits on a channel, then paceline's and rayon's pools.
pub(crate) fn spawners(pools: &Pools) -> [Spawner<'_>; 3] {
    let plain = channel_thread();
    [
        Spawner {
            rival: Rival::Plain,
            workers: 1,
            spawn: Box::new(move |task| plain.send(task).expect("the thread lives")),
        },
        Spawner { rival: Rival::Paceline, workers: pools.workers, spawn: Box::new(|task| pools.paceline.spawn(task)) },
        Spawner { rival: Rival::Rayon, workers: pools.workers, spawn: Box::new(|task| pools.rayon.spawn(task)) },
    ]
}

/// A thread that runs what it receives, and ends when the sender is dropped.
pub(crate) fn channel_thread() -> Sender<Task> {
    let (sender, receiver) = channel::<Task>();
    thread::spawn(move || receiver.into_iter().for_each(|task| task()));
    sender
}
