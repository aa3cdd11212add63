//! Layer 5: the sorts, and what else has to do with order.
//!
//! Single threads sort by std's own sorts, wide items by way of their indices (`indirect`); what else is here is how
//! the work is shared. Both sorts look first which long runs there are (`segments`). The stable sort cuts the rest into
//! leaves, sorts each, and merges neighbours in parallel (`by_runs`). The unstable one does so too if most items lie in
//! long runs. Else it divides the slice into smaller and greater items, several threads working on one division, and
//! goes on with both parts in parallel.
//!
//! Items need not be [`Sync`], so at no time do two threads compare the same item. Threads that divide one slice
//! therefore use different pivots, which lie close together (`divide`).
//!
//! A comparison may be no total order. std's sorts may panic where they notice that; this is caught at the leaves
//! (`leaf`), and the items come to lie in some order. Sorts of our own that never notice would have to be as fast as
//! std's; instead, the panic hook runs, and a program that is built to abort on panics is aborted, as it is by std.

mod by_runs;
pub(super) mod cached_key;
mod divide;
mod halves;
mod indirect;
mod kernels;
mod leaf;
mod merge;
mod parallel_partition;
mod partition;
mod permute;
mod run;
mod segments;
pub(super) mod select;
pub(super) mod sorted;
pub(super) mod stable;
pub(super) mod unstable;

#[cfg(all(test, not(loom)))]
mod tests;
