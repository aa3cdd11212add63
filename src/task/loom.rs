//! Loom models of a task: the queue, the handle, wakers and a claimer at every moment against each other.
//!
//! They run the real records and handles; a [`simulated_pool::SimulatedPool`] stands in for the pool. The folder's
//! README lists the weakenings, and how the models failed.

mod closures;
mod futures;
mod signals;
mod simulated_pool;
