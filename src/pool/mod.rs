//! Layer 2: the pool, its slots and workers, and how threads sleep and wake.
//!
//! - [`slot`]: a place at which a thread is active, with the deque that thieves look into; leases to threads from outside.
//! - [`worker`]: a thread's own record: join stack, steal request; how it waits, gives its slot up and comes back.
//! - [`sleep`]: who searches, who sleeps, whom to wake, who has which slot. Its README argues that no wake-up is lost.
//! - [`registry`]: what the workers of one pool share. [`lifecycle`]: its life from first thread to last.
//! - [`standby`], [`records`]: threads that take the slots of those that wait, and the workers of these and of callers.
//! - [`queues`], [`job_list`]: the queues of the pool that belong to no slot, by class of jobs.
//! - [`tuning`]: the times and counts that all this was tuned by.
//! - [`builder`], [`size`], [`thread_pool`], [`global`]: making pools, and how large.

pub(crate) mod builder;
pub(crate) mod configuration;
pub(crate) mod error;
pub(crate) mod global;
pub(crate) mod handlers;
pub(crate) mod job_list;
pub(crate) mod lifecycle;
pub(crate) mod queues;
pub(crate) mod records;
pub(crate) mod registry;
pub(crate) mod size;
pub(crate) mod sleep;
pub(crate) mod slot;
pub(crate) mod standby;
pub(crate) mod thread_builder;
pub(crate) mod thread_pool;
mod tuning;
pub(crate) mod waiter;
pub(crate) mod worker;
