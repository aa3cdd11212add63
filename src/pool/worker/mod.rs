//! Layer 2: a thread's work in a pool, as the methods of its own record there, the worker.
//!
//! | file            | concept                                                             |
//! |-----------------|---------------------------------------------------------------------|
//! | `current`       | which worker the calling thread is                                  |
//! | `run`           | begins, makes jobs public, and runs jobs from queues                |
//! | `head`          | the data that a thread touches at every fork                        |
//! | `join_stack`    | the private stack of forks                                          |
//! | `steal_request` | how idle workers ask a busy one to publish                          |
//! | `publish`       | from the private stack to the public deque, and back                |
//! | `hold_off`      | for how long thieves leave a fork alone that was offered unasked    |
//! | `own_jobs`      | a worker's next job among those close at hand                       |
//! | `steal`         | looking for work elsewhere                                          |
//! | `policy`        | which jobs may run on top of a frame that waits                     |
//! | `wait`          | the one loop in which a worker waits for a latch                    |
//! | `gaps`          | how long a worker searches between two regions of work              |
//! | `idle`          | the steps of that loop, for either policy                           |
//! | `suspend`       | giving a slot up, and coming back to it                             |
//! | `fifo`          | spawns that run in the order they were made                         |
//! | `sentinel`      | the sleeper that looks for forks by itself                          |
//! | `stack_depth`   | how much of the thread's stack is used                              |
//!
//! The states of a fork and the argument for the orderings are in `README.md`.

pub(crate) mod current;
pub(crate) mod fifo;
pub(crate) mod gaps;
pub(crate) mod head;
pub(crate) mod hold_off;
mod idle;
mod join_stack;
mod own_jobs;
pub(crate) mod policy;
pub(crate) mod publish;
mod run;
mod sentinel;
pub(crate) mod stack_depth;
pub(crate) mod steal;
pub(crate) mod steal_request;
pub(crate) mod suspend;
mod wait;

#[cfg(all(test, loom))]
mod loom;
#[cfg(all(test, not(loom)))]
mod tests;
