//! A value that one thread makes once, while others wait for it: std's, or the simulated machine's.

#[cfg(not(any(sim, all(feature = "web_spin_lock", target_family = "wasm", target_os = "unknown"))))]
pub(crate) use std::sync::OnceLock;

/// The main thread of a web page may not block: it spins.
#[cfg(all(feature = "web_spin_lock", target_family = "wasm", target_os = "unknown"))]
pub(crate) use wasm_sync::OnceLock;

#[cfg(sim)]
pub(crate) use crate::sync::sim::once::OnceLock;

/// For statics that belong to the process and not to a run of the simulated machine. Only values that are set once and for
/// all are in them, and no thread waits for one.
pub(crate) use std::sync::OnceLock as ProcessOnceLock;
