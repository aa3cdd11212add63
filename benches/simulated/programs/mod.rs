//! The programs.

use super::program::Program;

mod forks;
mod loops;
mod others;
mod outside;
mod same;
mod shapes;

/// All of them, in the order of the tables.
pub(crate) fn all() -> Vec<Program> {
    [forks::all(), loops::all(), shapes::all(), outside::all(), others::all(), same::all()]
        .into_iter()
        .flatten()
        .collect()
}
