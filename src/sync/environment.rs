//! The environment of the process; empty on the simulated machine.

/// The value of a variable, if it is set and is text.
pub(crate) fn variable(name: &str) -> Option<String> {
    if cfg!(sim) { None } else { std::env::var(name).ok() }
}
