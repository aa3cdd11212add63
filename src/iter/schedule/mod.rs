//! Layer 4: how a loop runs: into what parts it is split, in what blocks a part is folded, and what is offered to others.
//!
//! The bridges in `plumbing` come here, with a producer and a consumer of any types. What decides is not generic: it works on
//! [`part::Part`] and its kin, a few functions behind a table, and so it is compiled once, in this crate. For each producer
//! and consumer only those functions are compiled, and the one loop of [`indexed::run`] for runs that are too small for
//! anything else.
//!
//! | Module | Holds |
//! |---|---|
//! | `part` | the functions that a part has, whatever its types |
//! | `indexed`, `unindexed` | parts of known and of unknown length |
//! | `split` | into how many parts a loop is cut before they run |
//! | `leaf` | a part that runs, block by block, and is split between blocks when other workers ask |
//! | `results` | the results of parts of unknown length, in their order |
//! | `bounds` | the lengths that parts were asked to have |
//! | `grain` | what items cost within a run, and so how long blocks are |
//! | `history` | what the runs of a loop have cost |
//! | `tuning` | all times by which loops are scheduled |
//! | `fixed_tree` | loops that are cut by a tree that their length alone decides |
//! | `in_order` | loops whose parts are begun in their order |

mod bounds;
mod fixed_tree;
pub(crate) mod grain;
mod history;
pub(crate) mod in_order;
mod indexed;
mod leaf;
mod part;
mod results;
mod split;
pub(crate) mod tuning;
mod unindexed;

pub(in crate::iter) use self::fixed_tree::{bridge_fixed, is_announced};
pub(in crate::iter) use self::in_order::is_in_order;
pub(in crate::iter) use self::indexed::run as run_indexed;
pub(in crate::iter) use self::split::{both, both_loops, thread_count};
pub(in crate::iter) use self::unindexed::run as run_unindexed;

#[cfg(all(test, not(loom)))]
mod tests;
