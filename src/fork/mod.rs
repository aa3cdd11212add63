//! Layer 3: `join`, scopes, spawns and broadcasts, and how a pool is entered.

pub(crate) mod blocking;
pub(crate) mod broadcast;
pub(crate) mod context;
pub(crate) mod install;
pub(crate) mod isolate;
pub(crate) mod join;
pub(crate) mod loops;
pub(crate) mod priority;
pub(crate) mod progress;
pub(crate) mod scalability;
pub(crate) mod scope;
pub(crate) mod slot_values;
pub(crate) mod spawn;
pub(crate) mod worker_local;
pub(crate) mod yielding;

#[cfg(all(test, not(loom)))]
mod tests;

// Everything that the iterator layer uses of this one.
pub(crate) use self::blocking::{Pinned, for_shared_iter};
pub(crate) use self::join::join_context;
pub(crate) use self::loops::{LoopContext, Rest, Served, Worth, nesting};
pub(crate) use self::progress::{Progress, report};
pub(crate) use self::slot_values::SlotValues;
pub(crate) use self::yielding::current_num_threads;
pub(crate) use crate::pool::lease::SlotLease;
/// For the tests of the modules that use this one.
#[cfg(all(test, unix, not(loom), not(miri)))]
pub(crate) use crate::sync::process::tests::fork as fork_process;
pub(crate) use crate::sync::ticks::Ticks;
