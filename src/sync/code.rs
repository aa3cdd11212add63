//! What a piece of code is known by: its address, or on the simulated machine, where addresses decide nothing, a number.

/// A number for the code at that address.
#[inline(always)]
pub(crate) fn number(address: usize) -> usize {
    #[cfg(sim)]
    let address = crate::sync::sim::number_of_code(address);
    address
}
