//! Layer 5: work that comes and goes item by item: worker pools that a queue feeds.

pub mod workers;
