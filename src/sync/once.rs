//! A value that one thread makes once, while others wait for it: std's, or the simulated machine's.

#[cfg(not(sim))]
pub(crate) use std::sync::OnceLock;

#[cfg(sim)]
pub(crate) use crate::sync::sim::once::OnceLock;
