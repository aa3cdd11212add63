//! The identity of a piece of code: its address, or a number on the simulated machine, where addresses decide nothing.

/// A number for the code at that address.
#[inline(always)]
pub(crate) fn number(address: usize) -> usize {
    #[cfg(sim)]
    let address = crate::sync::sim::number_of_code(address);
    address
}
