//! The pool and the fork API, exercised through public names alone, a module per feature.

mod meeting;
mod pools;
mod tally;

mod broadcast;
mod broadcast_spawned;
mod builder;
mod builder_handlers;
mod builder_threads;
mod drop_counts;
mod iter;
mod iter_collect;
mod iter_drops;
mod iter_folds;
mod iter_laws;
mod iter_positions;
mod iter_search;
mod iter_sources;
mod iter_splits;
mod iter_stages;
mod join;
mod join_depth;
mod panics_detached;
mod panics_join;
mod panics_scope;
mod pool;
mod pool_install;
mod pool_yield;
mod scope;
mod scope_in_place;
mod scope_order;
mod shutdown;
mod spawn;
mod trees;
