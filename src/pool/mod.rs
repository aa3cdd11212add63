//! Layer 2: the pool, its workers with their two queues each, and how they sleep and wake.
//!
//! - [`worker`]: one worker's state: join stack, doorbell, public deque; how it waits.
//! - [`registry`]: what the workers of one pool share; its life from first thread to last.
//! - [`slot`]: a thread from outside works in the place of a sleeping worker.
//! - [`standby_threads`]: threads that stand in for those of the pool that are in blocking calls.
//! - [`job_list`], [`priority_queues`]: the queues of the pool for what only some threads may run, and for high and low priority.
//! - [`sleep`]: who searches, who sleeps, whom to wake. Its README argues that no wake-up is lost.
//! - [`builder`], [`size`], [`thread_pool`], [`global`]: making pools, and how large.

pub(crate) mod builder;
pub(crate) mod configuration;
pub(crate) mod error;
pub(crate) mod global;
pub(crate) mod handlers;
pub(crate) mod job_list;
pub(crate) mod priority_queues;
pub(crate) mod records;
pub(crate) mod registry;
pub(crate) mod size;
pub(crate) mod sleep;
pub(crate) mod slot;
pub(crate) mod standby;
pub(crate) mod thread_builder;
pub(crate) mod thread_pool;
pub(crate) mod waiter;
pub(crate) mod worker;
