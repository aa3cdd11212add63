//! Layer 3: tasks: spawned jobs with a result, futures that the pool polls, the handles by which a program waits for
//! them or cancels them, and the tokens that stop work.
//!
//! | file             | concept                                                        |
//! |------------------|----------------------------------------------------------------|
//! | `state`          | the word that decides which thread may touch which part of a task |
//! | `error`          | why a task gave no result                                      |
//! | `sleeper`        | the thread or the future that waits for a task                 |
//! | `head`           | the part of a task's memory that is the same for all types of task |
//! | `life`           | what the thread does that made a transition of the state       |
//! | `waker`          | the waker of a pool's future                                   |
//! | `body`           | the closure or the future of a task                            |
//! | `home`           | the pool or the scope that a task belongs to                   |
//! | `record`         | a task's memory                                                |
//! | `in_place`       | running a task where it is joined                              |
//! | `cancelled`      | the error of work that was cancelled                           |
//! | `handle`         | what all handles have in common                                |
//! | `timer`          | calls that are made at a given time                            |
//! | `cancel`         | tokens that stop loops and scopes                              |
//! | `deadline`       | tokens that are cancelled at a given time                      |
//! | `drop_guard`     | cancelling a token at the end of a block                       |
//! | `cancellation`   | a future that waits for a token                                |
//! | `reference`      | what cancels a task beside its handle                          |
//! | `signal`         | how a waker reaches the thread that waits in `block_on`        |
//! | `block_on`       | waiting for a future in a thread                               |
//! | `join_handle`    | the handle of a detached task                                  |
//! | `abort_handle`   | a handle that can only cancel                                  |
//! | `cancel_on_drop` | a handle that cancels in place of detaching                    |
//! | `spawn`          | the functions that make detached tasks                         |
//! | `scoped_task`    | tasks in scopes, and their handle                              |
//! | `scoped`         | jobs of scopes that a token keeps from beginning               |
//!
//! A file uses only files above it in this table; `tests/layers` fails where two or more use each other.
//!
//! The states of a task and the argument for the orderings are in `README.md`.

pub(crate) mod abort_handle;
pub(crate) mod block_on;
mod body;
pub(crate) mod cancel;
pub(crate) mod cancel_on_drop;
pub(crate) mod cancellation;
pub(crate) mod cancelled;
mod deadline;
pub(crate) mod drop_guard;
pub(crate) mod error;
mod handle;
mod head;
mod home;
mod in_place;
pub(crate) mod join_handle;
mod life;
mod record;
mod reference;
mod scoped;
pub(crate) mod scoped_task;
mod shutdown;
mod signal;
mod sleeper;
pub(crate) mod spawn;
mod state;
mod timer;
mod waker;

#[cfg(all(test, loom))]
mod loom;
