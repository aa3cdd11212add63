//! The efficiencies as pictures.

use super::grid::Measured;

/// Draws the efficiencies of all programs, by the first word of their names.
pub(crate) fn draw(_folder: &str, _lines: &[(&str, Vec<Measured>)]) -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}
