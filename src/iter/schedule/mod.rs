//! Layer 4: how a loop runs: the parts that it is split into, the blocks in which a part is folded, and the parts that
//! are offered to other workers.
//!
//! The bridges in `plumbing` call this module, with a producer and a consumer of any types. The decisions are not
//! generic: they work on `dyn` [`part::Part`] and the other traits of that module, a few functions behind a vtable, and
//! so are compiled once, in this crate. For each producer and consumer only those functions are compiled, and the one
//! loop of [`indexed::run`] for runs that are too small for anything else.
//!
//! | Module | Holds |
//! |---|---|
//! | `part` | the functions that a part has, whatever its types |
//! | `indexed`, `unindexed` | parts of known and of unknown length |
//! | `split` | the number of parts that a loop is split into before they run |
//! | `leaf` | a part that runs, block by block, and is split between blocks when other workers ask |
//! | `results` | the results of parts of unknown length, in their order |
//! | `bounds` | the bounds for the lengths of parts |
//! | `grain` | the cost of items within a run, which determines the length of blocks |
//! | `history` | the costs of the runs of a loop |
//! | `tuning` | all times by which loops are scheduled |
//! | `fixed_tree` | loops that are split by a tree that depends on their length alone |
//! | `in_order` | loops that begin their parts in order |

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
