//! Layer 5: the sorts, the selection, and the check whether a slice is sorted.
//!
//! A single thread sorts by std's own sorts, wide items by their indices (`indirect`); the other modules share the
//! work. Both sorts first look for long runs (`segments`). The stable sort divides the rest into leaves, sorts each,
//! and merges neighbours in parallel (`by_runs`). The unstable one does so too if most items lie in long runs.
//! Otherwise it divides the slice into smaller and greater items, with several threads for one division, and goes on
//! with both parts in parallel.
//!
//! Items need not be [`Sync`], so at no time do two threads compare the same item. Threads that divide one slice
//! therefore use different pivots, which lie close together (`divide`).
//!
//! A comparison may not be a total order. std's sorts may panic if they notice that; the panic is caught at the leaves
//! (`leaf`), and the items end up in some order. To avoid the panic altogether, this crate would need sorts of its own
//! that are as fast as std's. As it is, the panic hook runs, and a program that is built to abort on panics aborts, as
//! with std.

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
