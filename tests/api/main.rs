//! The pool, the fork API, iterators and slices, exercised through public names alone, a module per feature.
//!
//! Under `--cfg asan`, as `ci/asan.sh` builds them, those are left out beneath which there is no unsafe code that others
//! do not run as well.

#[path = "../support/meeting.rs"]
mod meeting;
#[path = "../support/pools.rs"]
mod pools;
#[path = "../support/sharing.rs"]
mod sharing;
#[path = "../support/tally.rs"]
#[expect(dead_code, reason = "not all of it is of use here")]
mod tally;

mod bridges;
mod broadcast;
mod broadcast_spawned;
#[cfg(not(asan))]
mod builder;
mod builder_handlers;
mod builder_threads;
mod collect_more;
mod collect_targets;
mod collect_targets_drops;
mod collect_targets_text;
mod collections;
mod collections_drops;
mod dedup;
#[cfg(not(asan))]
mod deterministic_ends;
mod drop_counts;
#[path = "../support/gate.rs"]
mod gate;
mod iter;
mod iter_collect;
#[cfg(not(asan))]
mod iter_deterministic;
mod iter_drops;
mod iter_folds;
mod iter_laws;
mod iter_on_demand;
#[cfg(not(asan))]
mod iter_positions;
mod iter_search;
mod iter_sources;
#[cfg(not(asan))]
mod iter_splits;
mod iter_stages;
mod join;
mod join_depth;
#[cfg(not(asan))]
mod metrics;
#[cfg(not(asan))]
mod own_traits;
mod panics_detached;
mod panics_join;
mod panics_scope;
mod pool;
mod pool_install;
mod pool_yield;
#[cfg(not(asan))]
mod progress;
mod scans;
mod scope;
mod scope_in_place;
mod scope_order;
mod shutdown;
#[cfg(not(asan))]
mod slice_chunk_by;
mod slice_order;
#[cfg(not(asan))]
mod slice_parts;
#[cfg(not(asan))]
mod slice_pieces;
mod slice_sort_panics;
mod slice_sorts;
mod spawn;
#[cfg(not(asan))]
mod text;
#[cfg(not(asan))]
mod text_laws;
mod trees;
