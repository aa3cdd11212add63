//! Layer 4: terminals, which run a parallel iterator and return what it comes to.

pub(super) mod count;
pub(super) mod digest;
pub(super) mod extreme;
pub(super) mod for_each;
pub(super) mod reduce;
pub(super) mod sum;
