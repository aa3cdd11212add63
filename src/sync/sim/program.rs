//! The functions for programs that run on the machine.

use super::config::Config;
use super::counts::Counts;
use super::machine::{self, point_alone};
use super::report::{Fault, Report};
use super::thread::{self, Builder, JoinHandle};
use super::trace::Access;
use std::time::Duration;

/// Runs a program on a machine of its own, from its first point until all of its threads have ended or sleep for ever.
///
/// # Errors
///
/// When the run is given up, with the state of each thread: see [`FaultKind`](super::FaultKind). The contents of the
/// threads' frames are leaked.
///
/// # Panics
///
/// Within a run.
#[track_caller]
pub fn run(config: Config, program: impl FnOnce() + 'static) -> Result<Report, Fault> {
    machine::run(config, Box::new(program))
}

/// Starts a thread that belongs to no pool.
///
/// # Panics
///
/// Outside of runs, and when there are [`Config::most_threads`](super::Config::most_threads) threads.
#[track_caller]
pub fn spawn<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    Builder::new().name("spawned".to_owned()).spawn(f).expect("the system starts the thread")
}

/// Works for `ns` nanoseconds. The work is divided into pieces of at most 10 us. Other threads may go on between two
/// pieces, and each piece counts as progress.
#[track_caller]
pub fn work(ns: u64) {
    const PIECE: u64 = 10_000;
    let mut left = ns;
    while left > 0 {
        let piece = left.min(PIECE);
        left -= piece;
        machine::with_run("work is done", |machine| machine.with_state(|state| state.pass_work(piece)));
        point_alone(Access::Work);
    }
}

/// The time since the run began, in virtual nanoseconds.
pub fn now() -> u64 {
    super::clock::nanoseconds()
}

/// A point: other threads may go on first.
#[track_caller]
pub fn yield_point() {
    point_alone(Access::Point);
}

/// Gives the core up for now, also in a thread that panics, which else goes on until it blocks.
#[track_caller]
pub fn yield_now() {
    thread::yield_now();
}

/// Sleeps for `ns` virtual nanoseconds.
///
/// # Panics
///
/// Outside of runs.
#[track_caller]
pub fn sleep(ns: u64) {
    thread::sleep(Duration::from_nanos(ns));
}

/// The counters since the beginning of the run. Reading them takes no time. In the discrete schedule other cores may be
/// a little ahead.
pub fn counts() -> Counts {
    machine::with_run("counts are read", |machine| machine.with_state(|state| state.counts_now()))
}

/// Reports progress, so that the run is not given up for lack of it.
pub fn progress() {
    machine::with_run("progress is made", |machine| machine.with_state(|state| state.progress()));
}

/// The seed of the run; 0 outside of runs.
pub fn seed() -> u64 {
    machine::with(|machine| machine.map_or(0, |machine| machine.config(|config| config.seed)))
}

/// The number of the calling thread in the run, in the order in which threads were started; the program's is 0.
pub fn thread_id() -> usize {
    machine::with_run("a thread is asked for", |machine| machine.with_state(|state| state.running))
}

/// The core that the calling thread runs on.
pub fn core() -> usize {
    machine::with_run("a core is asked for", |machine| machine.with_state(|state| state.core()))
}
