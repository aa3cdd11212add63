//! Thread-locals: std's, or those of the simulated machine's threads.

#[cfg(not(sim))]
pub(crate) use std::thread_local;

#[cfg(sim)]
pub(crate) use crate::sync::sim::local::declare_thread_local as thread_local;
