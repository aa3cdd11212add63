//! Layer 4: terminals, which run a parallel iterator and return its result.

pub(super) mod compare;
pub(super) mod count;
pub(super) mod extreme;
pub(super) mod find;
pub(super) mod for_each;
pub(super) mod reduce;
pub(super) mod reduction;
pub(super) mod sum;
pub(super) mod try_reduce;
