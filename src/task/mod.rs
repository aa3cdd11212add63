//! Layer 3: what a program holds of work that it has handed out, to follow it and to stop it: tasks, which are spawned
//! jobs with a result, futures that the pool polls, the handles of both, and tokens.
//!
//! | file             | concept                                                        |
//! |------------------|----------------------------------------------------------------|
//! | `state`          | the word that says who may touch what of a task                |
//! | `record`         | a task's memory                                                |
//! | `body`           | what a task does: a closure to be called, a future to be polled |
//! | `home`           | what a task belongs to: a pool, or a scope                     |
//! | `life`           | what is done at each transition of the state                      |
//! | `in_place`       | running a task where it is joined                              |
//! | `sleeper`        | who waits for a task, and how it is woken                      |
//! | `waker`          | what wakes a future of the pool                                |
//! | `handle`         | what all handles do                                            |
//! | `join_handle`    | the handle of a detached task                                  |
//! | `scoped_task`    | tasks in scopes, and their handle                              |
//! | `cancel`         | tokens that stop loops and scopes                              |
//! | `by_token`       | cancelling a task by a token                                   |
//! | `scoped`         | jobs of scopes that a token keeps from beginning               |
//! | `cancel_on_drop` | a handle that cancels in place of detaching                    |
//! | `cancelled`      | what a cancelled task gives                                    |
//! | `spawn`          | the functions that make detached tasks                         |
//! | `block_on`       | waiting for a future in a thread                               |
//! | `signal`         | how the waker of such a future reaches the thread              |
//!
//! The states of a task and the argument for the orderings are in `README.md`.

pub(crate) mod block_on;
mod body;
mod by_token;
pub(crate) mod cancel;
pub(crate) mod cancel_on_drop;
pub(crate) mod cancelled;
mod handle;
mod home;
mod in_place;
pub(crate) mod join_handle;
mod life;
mod record;
mod scoped;
pub(crate) mod scoped_task;
mod signal;
mod sleeper;
pub(crate) mod spawn;
mod state;
mod waker;

#[cfg(all(test, loom))]
mod loom;
