//! The environment of the process; empty on the simulated machine.

use std::ffi::OsString;

/// The value of a variable, if it is set.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    if cfg!(sim) { None } else { std::env::var_os(name) }
}
