//! Layer 2: the pool, its slots and workers, and how threads sleep and wake.
//!
//! - [`registry`]: the pool's data: what its threads share, its slots, and the threads' own records, the workers.
//! - [`lifecycle`]: the pool's life from first thread to last. [`discard`]: what ends unrun when it is shut down at once.
//! - [`entry`], [`lease`]: how jobs and callers get in from outside.
//! - [`worker`]: what a thread does: forks, publishes, steals, waits, gives its slot up and comes back.
//! - [`sleep`]: which threads search and sleep, which to wake, and which has which slot. Its README argues that no
//!   wake-up is lost.
//! - [`phase`]: times in which the threads stay awake between regions of work.
//! - [`standby`], [`records`]: threads that take the slots of waiting ones; the workers of those threads and of
//!   callers.
//! - [`queues`], [`job_list`]: the queues of the pool that belong to no slot, by class of jobs.
//! - [`metrics`]: what users can learn of a pool in numbers. [`watchdog`]: reports of who waits for whom.
//! - [`tuning`]: the times and counts that the scheduler was tuned by.
//! - [`builder`], [`size`], [`thread_pool`], [`global`]: making pools, and their size.

pub(crate) mod builder;
pub(crate) mod configuration;
pub(crate) mod discard;
pub(crate) mod entry;
pub(crate) mod error;
pub(crate) mod global;
pub(crate) mod handlers;
pub(crate) mod job_list;
pub(crate) mod lease;
pub(crate) mod lifecycle;
pub(crate) mod metrics;
pub(crate) mod phase;
pub(crate) mod queues;
pub(crate) mod records;
pub(crate) mod registry;
pub(crate) mod size;
pub(crate) mod sleep;
pub(crate) mod standby;
pub(crate) mod thread_builder;
pub(crate) mod thread_pool;
mod tuning;
pub(crate) mod waiter;
pub(crate) mod watchdog;
pub(crate) mod worker;
