//! The simulated machine: the third backend of `crate::sync`, under `--cfg sim`.
//!
//! The unchanged library runs on virtual cores in virtual time, and a seed decides which thread goes on. The README
//! beside this file describes the simulation, and its differences from a real machine.

pub(crate) mod atomic;
pub(crate) mod channel;
pub(crate) mod clock;
mod config;
mod cost;
mod counts;
pub(crate) mod local;
pub(crate) mod lock;
mod machine;
#[cfg(unix)]
mod memory;
pub(crate) mod once;
mod program;
pub(crate) mod queues;
mod report;
mod schedule;
mod stack;
mod state;
pub(crate) mod statics;
pub(crate) mod thread;
mod trace;
mod unwind;

pub use self::atomic::{AtomicUsize, fence};
pub use self::config::{Config, Schedule};
pub use self::cost::{Costs, Topology};
pub use self::counts::{Counts, PlaceCost};
pub use self::lock::{Condvar, Mutex, MutexGuard};
#[cfg(unix)]
pub use self::memory::Allocator;
pub use self::program::{
    core, counts, now, progress, run, seed, sleep, spawn, thread_id, work, yield_now, yield_point,
};
pub use self::report::{Fault, FaultKind, Report, ThreadReport};
pub use self::thread::JoinHandle;
pub use self::unwind::{catch_unwind, resume_unwind};

pub(crate) use self::machine::{after_run, at_end_of_run, number_of_code, say_seed};
