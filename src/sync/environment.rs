//! The environment of the process; empty on the simulated machine.

/// The value of a variable, if it is set and is text.
pub(crate) fn variable(name: &str) -> Option<String> {
    if cfg!(sim) { None } else { std::env::var(name).ok() }
}

/// The number of physical cores.
pub(crate) fn physical_cores() -> usize {
    if cfg!(sim) { usize::MAX } else { num_cpus::get_physical() }
}
