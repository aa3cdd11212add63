//! Layer 0: the only way to atomics, parking and threads.
//!
//! Every other module takes these names from here, so that one `cfg` decides whether they mean the standard library's
//! or the model checker's. Under `--cfg loom` the protocols above this layer run on loom's atomics and threads, and the
//! stand-in of [`deque`] replaces crossbeam's queues, into which loom cannot see. Under `--cfg sim` the names mean
//! those of a simulated machine, on which the whole library runs.

#[cfg(all(target_os = "linux", not(sim)))]
mod affinity;
pub(crate) mod asymmetric;
pub(crate) mod atomic;
pub(crate) mod backoff;
pub(crate) mod cell;
#[cfg(all(target_os = "linux", not(sim)))]
mod cgroup;
pub(crate) mod channel;
pub(crate) mod clock;
pub(crate) mod code;
pub(crate) mod deque;
pub(crate) mod environment;
pub(crate) mod event_count;
pub(crate) mod local;
pub(crate) mod lock;
pub(crate) mod once;
pub(crate) mod once_call;
pub(crate) mod os_thread;
pub(crate) mod owned_count;
pub(crate) mod parker;
pub(crate) mod process;
pub(crate) mod processors;
pub(crate) mod quiet;
pub(crate) mod rng;
#[cfg(sim)]
pub mod sim;
pub(crate) mod stack;
pub(crate) mod thread;
pub(crate) mod ticks;
pub(crate) mod unwind;
