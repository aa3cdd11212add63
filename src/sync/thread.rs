//! Threads: std's, or loom's under the model checker.

#[cfg(not(loom))]
pub(crate) use std::thread::{Thread, current, park};

#[cfg(loom)]
pub(crate) use loom::thread::{Thread, current, park};

// Threads with a name and a stack size are made only outside models.
pub(crate) use std::thread::{Builder, JoinHandle, available_parallelism, scope};
