//! Layer 4: adaptors, which make one parallel iterator from another.
//!
//! Adaptors that work item by item are stages (see [`stage`]): each defines only how it changes a sequential iterator.
//! The other adaptors change positions or lengths, and have producers of their own.

#[macro_use]
pub(crate) mod stage;
#[macro_use]
pub(crate) mod bridged;

#[macro_use]
pub(crate) mod each;

pub(crate) mod any_count;
pub(crate) mod any_while;
pub(crate) mod blocks;
pub(crate) mod chain;
pub(crate) mod chunked;
pub(crate) mod chunks;
pub(crate) mod cloned;
pub(crate) mod deterministic;
pub(crate) mod enumerate;
pub(crate) mod filter;
pub(crate) mod filter_map;
pub(crate) mod flat_map;
pub(crate) mod flat_map_iter;
pub(crate) mod fold;
pub(crate) mod fold_chunks;
pub(crate) mod inspect;
pub(crate) mod interleave;
pub(crate) mod intersperse;
pub(crate) mod len_bounds;
pub(crate) mod map;
pub(crate) mod map_with;
pub(crate) mod map_worker_init;
mod pair;
pub(crate) mod panic_fuse;
pub(crate) mod positions;
pub(crate) mod rev;
pub(crate) mod step_by;
pub(crate) mod take_skip;
pub(crate) mod update;
pub(crate) mod while_some;
pub(crate) mod with_cancel;
pub(crate) mod with_progress;
pub(crate) mod zip;
pub(crate) mod zip_eq;
