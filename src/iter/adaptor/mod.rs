//! Layer 4: adaptors, which make one parallel iterator from another.
//!
//! Those that work item by item are stages (see [`stage`]): each says only what it does to a sequential
//! iterator. The others change positions or lengths, and bring producers of their own.

#[macro_use]
pub(crate) mod stage;

pub(crate) mod chunked;
pub(crate) mod chunks;
pub(crate) mod enumerate;
pub(crate) mod filter;
pub(crate) mod len_bounds;
pub(crate) mod map;
pub(crate) mod zip;
