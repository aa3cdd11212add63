//! Layer 3: tasks: spawned jobs with a result, futures that the pool polls, the handles by which a program waits for
//! them or cancels them, and the tokens that stop work.
//!
//! | file             | concept                                                        |
//! |------------------|----------------------------------------------------------------|
//! | `state`          | the word that decides which thread may touch which part of a task |
//! | `record`         | a task's memory                                                |
//! | `body`           | the closure or the future of a task                            |
//! | `home`           | the pool or the scope that a task belongs to                   |
//! | `life`           | what the thread does that made a transition of the state       |
//! | `in_place`       | running a task where it is joined                              |
//! | `sleeper`        | the thread or the future that waits for a task                 |
//! | `waker`          | the waker of a pool's future                                   |
//! | `handle`         | what all handles have in common                                |
//! | `join_handle`    | the handle of a detached task                                  |
//! | `scoped_task`    | tasks in scopes, and their handle                              |
//! | `cancel`         | tokens that stop loops and scopes                              |
//! | `by_token`       | cancelling a task by a token                                   |
//! | `scoped`         | jobs of scopes that a token keeps from beginning               |
//! | `cancel_on_drop` | a handle that cancels in place of detaching                    |
//! | `cancelled`      | the payload of a cancelled task                                |
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
