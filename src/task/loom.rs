//! Loom models of a task: the queue, the handle, wakers and a claimer at every moment against each other.
//!
//! They run the real records and handles; in the place of a pool is a [`simulated_pool::SimulatedPool`]. What was weakened, and how the models
//! failed, is in the folder's README.

mod closures;
mod futures;
mod signals;
mod simulated_pool;
