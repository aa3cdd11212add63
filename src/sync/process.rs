//! Which process this is, to notice a fork.

/// The process's number; 0 where there are no processes, and so no forks.
pub(crate) fn id() -> u32 {
    if cfg!(target_family = "wasm") { 0 } else { std::process::id() }
}
