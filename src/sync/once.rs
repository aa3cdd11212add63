//! A value that is made once, by a thread that others wait for: std's, or the simulated machine's.

#[cfg(not(sim))]
pub(crate) use std::sync::OnceLock;

#[cfg(sim)]
pub(crate) use crate::sync::sim::once::OnceLock;
